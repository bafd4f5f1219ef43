/* tinseq list KIND: what there is to choose from. */
#include "app/cli/subcommand.h"

#include "app/cli/print.h"
#include "app/kinds/kinds.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: tinseq list [KIND]\n"
    "\n"
    "Lists what there is of a kind, a name and a line each; without a kind, the kinds. 'tinseq "
    "explain NAME' says all about one.\n"
    "\n"
    "Examples\n"
    "  tinseq list\n"
    "  tinseq list methods\n"
    "  tinseq list models\n"
    "  tinseq list aggregators --json\n";

#define MOST_KINDS 32
#define WIDEST 44 /* columns of names: a longer one stands on a line of its own */

/* The kinds themselves, as things of a list. */
static void list_kinds(struct kind_items *out) {
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s", all[i]->summary);
}

static const struct kind the_kinds = {
    .id = "kinds",
    .note = "'tinseq list methods' lists one; 'tinseq explain saliency' explains what is in it.",
    .list = list_kinds,
};

/* Where the texts of a list begin. */
static int column_of(const struct kind_items *items) {
    int column = 12;
    for (size_t i = 0; i < items->n; i++) {
        const int wanted =
            text_columns(items->items[i].id) + 2 + 2 * (items->items[i].group != NULL);
        if (wanted > column && wanted <= WIDEST)
            column = wanted;
    }
    return column;
}

static void write_text(struct text_buffer *b, const struct kind *k,
                       const struct kind_items *items) {
    const int column = column_of(items);
    const char *group = NULL;
    for (size_t i = 0; i < items->n; i++) {
        const struct kind_item *item = &items->items[i];
        if (item->group && !text_same(item->group, group))
            text_buffer_format(b, "%s%s\n", i ? "\n" : "", item->group);
        group = item->group;
        char *name = mem_format("%s%s", group ? "  " : "", item->id);
        cli_write_row(b, name, column, item->text);
        free(name);
    }
    if (!items->n)
        text_buffer_puts(b, "There is none.\n");
    if (k->note) {
        text_buffer_puts(b, "\n");
        cli_write_row(b, "", 0, k->note);
    }
}

static void write_json(struct text_buffer *b, const struct kind_items *items) {
    struct text_buffer members = {0};
    for (size_t i = 0; i < items->n; i++) {
        json_put_string(&members, "id", items->items[i].id);
        json_put_string(&members, "group", items->items[i].group);
        json_put_string(&members, "summary", items->items[i].text);
        char *object = json_take_object(&members);
        text_buffer_format(b, "%s%s", i ? ",\n" : "[", object);
        free(object);
    }
    text_buffer_puts(b, items->n ? "]\n" : "[]\n");
}

/* "-" and "_" are the same. */
static bool same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_'))
            return false;
    return *a == *b;
}

static enum err_code find_kind(const struct kind **out, const char *word, struct err *e) {
    const char *names[MOST_KINDS];
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t i = 0; i < n && i < MOST_KINDS; i++) {
        *out = all[i];
        names[i] = all[i]->id;
        if (same_name(word, all[i]->id))
            return ERR_OK;
    }
    return cli_unknown("there is no list of", word, names, n < MOST_KINDS ? n : MOST_KINDS,
                       "'tinseq list' shows what there is", e);
}

static enum err_code print_list(const struct kind *k, bool json, struct err *e) {
    struct text_buffer b = {0};
    struct kind_items items = {0};
    k->list(&items);
    if (json)
        write_json(&b, &items);
    else
        write_text(&b, k, &items);
    enum err_code code = cli_print(b.text, b.n, e);
    kind_items_dispose(&items);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    const struct kind *k = &the_kinds;
    if (a->n_words > 1)
        return err_set(e, ERR_USAGE, "tinseq list takes one kind, not %zu", a->n_words);
    if (a->n_words) {
        enum err_code code = find_kind(&k, a->words[0], e);
        if (code)
            return code;
    }
    return print_list(k, cli_flag(a, CLI_OPT_JSON), e);
}

const struct subcommand cli_list = {
    .id = CLI_LIST,
    .name = "list",
    .synopsis = "[KIND]",
    .title = "what there is to choose from: methods, models, exports ...",
    .help = help,
    .word = "KIND",
    .run = run,
};
