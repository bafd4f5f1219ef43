/*
 * tinseq complete -- WORD...: what the last of some words of a command line may become, for the
 * completion of shells (app/cli/shell/). A line each: the word, a tab, what it is. A line ":files"
 * says that names of files may stand there, too. What an option takes is told by its value's name
 * in options.def:
 *   a kind's ("METHOD"); FILE, PATH; FILE.ENDING: a file of one of the exports' endings
 *   "a|b|c": words, of which those in capitals are for people
 *   "ONE[:OTHER]", "ONE=OTHER": two names with that between; "[a=|b=]ONE": something before it
 */
#include "app/cli/subcommand.h"

#include "app/cli/print.h"
#include "app/cli/subcommands.h"
#include "app/kinds/kinds.h"
#include "views/export/exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: tinseq complete -- [WORD ...]\n"
    "\n"
    "Prints what the last word of a command line (without its \"tinseq\") may become: for the "
    "completion of shells.\n"
    "\n"
    "Examples\n"
    "  tinseq complete -- attribute -a integr\n"
    "  tinseq complete -- list ''\n";

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

struct completion {
    struct text_buffer out;
    const char *before; /* what stands before that which is completed, in the same word */
    int n_before;
    const char *partial;
    bool dashes; /* options are written "--like-this" */
    bool files;
};

static bool begins(const char *word, const char *with) {
    return strncmp(word, with, strlen(with)) == 0;
}

/* A word that it may become: `name`, then `after`. */
static void add(struct completion *c, const char *name, const char *after, const char *what) {
    if (begins(name, c->partial))
        text_buffer_format(&c->out, "%.*s%s%s%s%s\n", c->n_before, c->before, name, after,
                           what ? "\t" : "", what ? what : "");
}

/* --- values ------------------------------------------------------------------------------- */

static void add_items(struct completion *c, const struct kind *k, const char *after) {
    struct kind_items items = {0};
    k->list(&items);
    for (size_t i = 0; i < items.n; i++)
        add(c, items.items[i].id, after, items.items[i].text);
    kind_items_dispose(&items);
}

static void add_kinds(struct completion *c) {
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t i = 0; i < n; i++)
        add(c, all[i]->id, "", all[i]->summary);
}

static void add_commands(struct completion *c) {
    size_t n;
    const struct subcommand *const *all = cli_subcommands(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->name && !all[i]->hidden)
            add(c, all[i]->name, "", all[i]->title);
    add(c, "help", "", "the help of a command");
}

/* "map." may become "map.html", "map.svg" and so on: what stands before the first dot of a name. */
static void add_endings(struct completion *c) {
    const char *name = strrchr(c->partial, '/');
    name = name ? name + 1 : c->partial;
    const int stem = (int)(strcspn(name, ".") + (size_t)(name - c->partial));
    size_t n;
    const struct export *const *all = export_list(&n);
    for (size_t i = 0; i < n && *name && *name != '.'; i++)
        for (size_t k = 0; k < EXPORT_MAX_ENDINGS && all[i]->endings[k]; k++) {
            char *whole = mem_format("%.*s%s", stem, c->partial, all[i]->endings[k]);
            add(c, whole, "", all[i]->title);
            free(whole);
        }
}

/* Things of a name in capitals, n characters of `word`. */
static void add_named(struct completion *c, const char *word, size_t n, const char *after) {
    char name[CLI_MAX_NAME];
    size_t n_kinds;
    const struct kind *const *all = kinds(&n_kinds);
    snprintf(name, sizeof name, "%.*s", (int)n, word);
    c->files |=
        strcmp(name, "FILE") == 0 || strcmp(name, "PATH") == 0 || strcmp(name, "MODEL") == 0;
    for (size_t i = 0; i < n_kinds; i++)
        if (strcmp(name, "NAME") == 0 || (all[i]->value && strcmp(name, all[i]->value) == 0))
            add_items(c, all[i], after);
    if (strcmp(name, "KIND") == 0)
        add_kinds(c);
    if (strcmp(name, "COMMAND") == 0)
        add_commands(c);
}

/* The words of "a|b|C", n characters: but for those in capitals, of which FILE is files. */
static void add_words(struct completion *c, const char *words, size_t n) {
    for (const char *at = words; at < words + n; at += strcspn(at, "|]") + 1) {
        char *word = mem_text_n(at, strcspn(at, "|]"));
        if (word[strcspn(word, CAPITALS)] == '\0')
            add(c, word, "", NULL);
        c->files |= strcmp(word, "FILE") == 0;
        free(word);
    }
}

/* What is completed begins n characters later. */
static void skip(struct completion *c, size_t n) {
    c->n_before += (int)n;
    c->partial += n;
}

/* "[a=|b=]": what may stand before a name. */
static void take_before(struct completion *c, const char *value) {
    const size_t n = strcspn(value, "]");
    for (const char *at = value + 1; at < value + n; at += strcspn(at, "|]") + 1)
        if (strncmp(c->partial, at, strcspn(at, "|]")) == 0) {
            skip(c, strcspn(at, "|]"));
            return;
        }
    add_words(c, value + 1, n - 1);
}

static void add_values(struct completion *c, const char *value) {
    if (*value == '[') {
        take_before(c, value);
        value += strcspn(value, "]") + 1;
    }
    const size_t n = strspn(value, CAPITALS);
    const bool optional = value[n] == '[';
    const char between = value[n + optional], *at = between ? strchr(c->partial, between) : NULL;
    if (strcmp(value, "FILE.ENDING") == 0) {
        add_endings(c);
        c->files = true;
    } else if (n == 0 || between == '|') {
        add_words(c, value, strlen(value));
    } else if (at && (between == ':' || between == '=')) {
        skip(c, (size_t)(at + 1 - c->partial));
        value += n + optional + 1;
        add_named(c, value, strspn(value, CAPITALS), "");
    } else {
        add_named(c, value, n, between == '=' ? "=" : "");
    }
}

/* --- words -------------------------------------------------------------------------------- */

static void see_option(void *user, const char *group, const struct cli_option *o) {
    struct completion *c = user;
    char name[CLI_MAX_NAME];
    (void)group;
    const char *at = cli_next_name(name, o->names);
    /* Of an option's names the usual one, unless another was begun. */
    while (at && !begins(name, c->partial))
        at = cli_next_name(name, at);
    if (at && c->dashes)
        for (char *p = name + 2; *p; p++)
            *p = *p == '_' ? '-' : *p;
    if (at)
        text_buffer_format(&c->out, "%s\t%s\n", name, o->help);
}

/* Options of the command that begin as the last word does. */
static void add_options(struct completion *c, const struct subcommand *command, const char *word) {
    char *partial = mem_text(word);
    c->dashes = strlen(word) > 2 && strchr(word + 2, '-') && !strchr(word, '_');
    for (char *p = partial + 2; c->dashes && *p; p++)
        *p = *p == '-' ? '_' : *p;
    c->partial = partial;
    cli_each_option(command->id, see_option, c);
    free(partial);
}

/* The option that waits for a value at the last of n words; NULL: none. *words_only: all others
 * are no options. */
static const struct cli_option *waiting(bool *words_only, const char *const *words, size_t n) {
    const struct cli_option *o = NULL;
    for (size_t i = 0; i + 1 < n && !*words_only; i++) {
        const struct cli_option *named = words[i][0] == '-' ? cli_option_named(words[i]) : NULL;
        *words_only = strcmp(words[i], "--") == 0;
        if (named)
            o = named->kind == CLI_FLAG || strchr(words[i], '=') ? NULL : named;
        else if (o && !cli_takes_many(o))
            o = NULL;
    }
    return *words_only ? NULL : o;
}

/* n words after the command, the last of which is completed. */
static void complete(struct completion *c, const struct subcommand *command,
                     const char *const *words, size_t n) {
    bool words_only = false;
    const char *last = words[n - 1], *equals = strchr(last, '=');
    const struct cli_option *o = waiting(&words_only, words, n);
    *c = (struct completion){.before = last, .partial = last};
    if (!words_only && last[0] == '-' && equals && cli_option_named(last)) {
        skip(c, (size_t)(equals + 1 - last));
        o = cli_option_named(last);
    } else if (!words_only && last[0] == '-' && (!o || cli_takes_many(o))) {
        add_options(c, command, last);
        return;
    }
    const char *value = o ? o->value : command->word;
    if (value)
        add_values(c, value);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    static const struct subcommand help_command = {.word = "COMMAND"};
    const char *const nothing[] = {""}, *const *words = a->n_words ? a->words : nothing;
    size_t n = a->n_words ? a->n_words : 1, n_commands;
    struct completion c = {.before = words[0], .partial = words[0]};
    const struct subcommand *command = n > 1 ? cli_subcommand_find(words[0]) : NULL;
    if (n > 1 && !command && strcmp(words[0], "help") == 0)
        command = &help_command;
    if (command)
        complete(&c, command, words + 1, n - 1);
    else if (n == 1 && words[0][0] != '-')
        add_commands(&c);
    else
        complete(&c, cli_subcommands(&n_commands)[CLI_BIT_START], words, n);
    if (n == 1 && words[0][0] == '-' && begins("--version", words[0]))
        text_buffer_puts(&c.out, "--version\tthe program's version\n");
    if (c.files)
        text_buffer_puts(&c.out, ":files\n");
    enum err_code code = cli_print(c.out.text, c.out.n, e);
    text_buffer_dispose(&c.out);
    return code;
}

const struct subcommand cli_complete = {
    .id = CLI_COMPLETE,
    .name = "complete",
    .synopsis = "-- [WORD ...]",
    .title = "what the last word may become, for shells",
    .help = help,
    .hidden = true,
    .run = run,
};
