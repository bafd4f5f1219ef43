/* tinseq explain NAME: what a thing of any kind is. */
#include "app/cli/subcommand.h"

#include "app/cli/print.h"
#include "app/kinds/kinds.h"
#include "backend/base/json.h"
#include "methods/describe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: tinseq explain NAME [NAME ...]\n"
    "\n"
    "Says all about a thing of any kind that 'tinseq list' knows: formula, options, needs, cost, "
    "paper. A name of several kinds is\n"
    "explained as each.\n"
    "\n"
    "Examples\n"
    "  tinseq explain integrated_gradients\n"
    "  tinseq explain contrast_logits_diff vnorm\n"
    "  tinseq explain aggregation\n"
    "  tinseq explain subwords --json\n";

static void write_options(struct text_buffer *b, const struct explanation *x) {
    if (x->n_options)
        text_buffer_format(b, "\nOptions (%s):\n", x->options_of);
    for (size_t i = 0; i < x->n_options; i++) {
        const struct option_decl *o = &x->options[i];
        char *range = describe_option(o), *text = mem_format("%s %s%s", o->help, range, "."),
             *name = mem_format("  %s", o->name);
        text[strlen(o->help) + 1] = (char)toupper((unsigned char)text[strlen(o->help) + 1]);
        cli_write_row(b, name, 22, text);
        free(range);
        free(text);
        free(name);
    }
}

/* "id: title, what it is", then what it does, line by line. */
static void write_text(struct text_buffer *b, const struct kind *k, const struct explanation *x) {
    if (x->rules) {
        text_buffer_puts(b, x->rules);
        return;
    }
    text_buffer_format(b, "%s%s%s, %s\n", x->id, x->title ? ": " : "", x->title ? x->title : "",
                       k->one);
    if (x->summary) {
        text_buffer_puts(b, "\n");
        cli_write_row(b, "", 0, x->summary);
    }
    text_buffer_puts(b, x->n_lines ? "\n" : "");
    for (size_t i = 0; i < x->n_lines; i++)
        cli_write_row(b, x->lines[i].name, 14, x->lines[i].text);
    write_options(b, x);
}

static void put_option(struct text_buffer *b, const struct option_decl *o) {
    struct text_buffer members = {0};
    char *range = describe_option(o);
    json_put_string(&members, "name", o->name);
    json_put_string(&members, "takes", range);
    json_put_string(&members, "help", o->help);
    char *object = json_take_object(&members);
    text_buffer_puts(b, object);
    free(range);
    free(object);
}

static void put_options(struct text_buffer *members, const struct explanation *x) {
    struct text_buffer list = {0};
    if (!x->n_options)
        return;
    for (size_t i = 0; i < x->n_options; i++) {
        text_buffer_puts(&list, i ? "," : "[");
        put_option(&list, &x->options[i]);
    }
    text_buffer_puts(&list, "]");
    json_put_string(members, "options_of", x->options_of);
    json_put_value(members, "options", list.text);
    text_buffer_dispose(&list);
}

static void write_json(struct text_buffer *b, const struct kind *k, const struct explanation *x) {
    struct text_buffer members = {0};
    json_put_string(&members, "kind", k->id);
    json_put_string(&members, "id", x->id);
    json_put_string(&members, "title", x->title);
    json_put_string(&members, "summary", x->summary);
    for (size_t i = 0; i < x->n_lines; i++)
        json_put_string(&members, x->lines[i].name, x->lines[i].text);
    put_options(&members, x);
    json_put_string(&members, "rules", x->rules);
    char *object = json_take_object(&members);
    text_buffer_puts(b, object);
    free(object);
}

/* As a thing of every kind that has one of that name; *n counts what was written. */
static void explain(struct text_buffer *b, size_t *n, const char *name, bool json) {
    size_t n_kinds;
    const struct kind *const *all = kinds(&n_kinds);
    for (size_t i = 0; i < n_kinds; i++) {
        struct explanation x = {0};
        if (!all[i]->explain(&x, name))
            continue;
        if ((*n)++)
            text_buffer_puts(b, json ? ",\n" : "\n");
        (json ? write_json : write_text)(b, all[i], &x);
        explanation_dispose(&x);
    }
}

static enum err_code unknown_subject(const char *word, struct err *e) {
    struct kind_items items = {0};
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t i = 0; i < n; i++)
        all[i]->list(&items);
    const char **names = mem_alloc(items.n * sizeof *names);
    for (size_t i = 0; i < items.n; i++)
        names[i] = items.items[i].id;
    enum err_code code =
        cli_unknown("nothing is called", word, names, items.n, "see 'tinseq list'", e);
    free(names);
    kind_items_dispose(&items);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct text_buffer b = {0};
    const bool json = cli_flag(a, CLI_OPT_JSON);
    enum err_code code = ERR_OK;
    size_t n = 0;
    if (a->n_words == 0)
        return err_set(e, ERR_USAGE, "explain what? a name of any kind that 'tinseq list' shows");
    text_buffer_puts(&b, json ? "[" : "");
    for (size_t i = 0; i < a->n_words; i++) {
        const size_t before = n;
        explain(&b, &n, a->words[i], json);
        if (n == before) {
            code = unknown_subject(a->words[i], e);
            goto out;
        }
    }
    text_buffer_puts(&b, json ? "]\n" : "");
    code = cli_print(b.text, b.n, e);
out:
    text_buffer_dispose(&b);
    return code;
}

const struct subcommand cli_explain = {
    .id = CLI_EXPLAIN,
    .name = "explain",
    .synopsis = "NAME ...",
    .title = "a thing of any kind: formula, options, needs, cost, paper",
    .help = help,
    .word = "NAME",
    .run = run,
};
