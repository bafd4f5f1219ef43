/*
 * tinseq manual [COMMAND]: a manual page, of the help's own text and the table of options; the
 * build makes tinseq.1 and tinseq-COMMAND.1 of it. Paragraphs, and headings with what stands
 * indented below them, are told as cli_write_usage writes them.
 */
#include "app/cli/subcommand.h"

#include "app/cli/print.h"
#include "app/cli/subcommands.h"
#include "app/kinds/kinds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "Usage: tinseq manual [COMMAND]\n"
                           "\n"
                           "Prints the manual page of a command, or the program's, for man.\n"
                           "\n"
                           "Examples\n"
                           "  tinseq manual show | man -l -\n";

/* A line of text: no "." or "'" at its start, and no backslash, is a command. */
static void put_line(struct text_buffer *b, const char *text, size_t n) {
    text_buffer_puts(b, n && strchr(".'", *text) ? "\\&" : "");
    for (size_t i = 0; i < n; i++)
        switch (text[i]) {
        case '\\':
            text_buffer_puts(b, "\\e");
            break;
        case '-':
            text_buffer_puts(b, "\\-");
            break;
        case '\'':
            text_buffer_puts(b, "\\(aq");
            break;
        case '`':
            text_buffer_puts(b, "\\(ga");
            break;
        case '^':
            text_buffer_puts(b, "\\(ha");
            break;
        case '~':
            text_buffer_puts(b, "\\(ti");
            break;
        default:
            text_buffer_add(b, &text[i], 1);
        }
    text_buffer_puts(b, "\n");
}

static void put_heading(struct text_buffer *b, const char *text, size_t n) {
    text_buffer_puts(b, ".SH ");
    for (size_t i = 0; i < n; i++)
        text_buffer_format(b, "%c", toupper((unsigned char)text[i]));
    text_buffer_puts(b, "\n");
}

/* Lines that stay as they are, from one indented on; returns where the next begins. */
static const char *put_indented(struct text_buffer *b, const char *at) {
    text_buffer_puts(b, ".nf\n");
    for (; *at == ' '; at += strcspn(at, "\n"), at += *at == '\n')
        put_line(b, at + 2, strcspn(at + 2, "\n"));
    text_buffer_puts(b, ".fi\n");
    return at;
}

/* "Usage: …" and the lines that belong to it. */
static const char *put_synopsis(struct text_buffer *b, const char *at) {
    text_buffer_puts(b, ".SH SYNOPSIS\n.nf\n");
    for (size_t indent = 7; *at && *at != '\n'; at += strcspn(at, "\n"), at += *at == '\n')
        put_line(b, at + indent, strcspn(at, "\n") - indent);
    text_buffer_puts(b, ".fi\n.SH DESCRIPTION\n");
    return at + (*at == '\n');
}

static void put_usage(struct text_buffer *b, const char *text) {
    bool begins = false; /* a paragraph below another one */
    for (const char *at = text; *at;) {
        const size_t n = strcspn(at, "\n");
        if (strncmp(at, "Usage: ", 7) == 0) {
            at = put_synopsis(b, at);
            continue;
        }
        if (n && strncmp(at + n, "\n  ", 3) == 0) {
            put_heading(b, at, n);
            at = put_indented(b, at + n + 1);
            begins = true;
            continue;
        }
        if (n && strncmp(at, "Exit status: ", 13) != 0) { /* which every page has */
            text_buffer_puts(b, begins ? ".PP\n" : "");
            put_line(b, at, n);
        }
        begins = n == 0;
        at += n + (at[n] == '\n');
    }
}

static void see_option(void *user, const char *group, const struct cli_option *o) {
    struct text_buffer *b = user, names = {0};
    char name[CLI_MAX_NAME];
    if (group)
        text_buffer_format(b, ".SS %s\n", group);
    for (const char *at = o->names; (at = cli_next_name(name, at));)
        text_buffer_format(&names, "%s%s", names.n ? ", " : "", name);
    if (o->value)
        text_buffer_format(&names, " %s%s", o->value, cli_takes_many(o) ? " ..." : "");
    text_buffer_puts(b, ".TP\n.B ");
    put_line(b, names.text, names.n);
    put_line(b, o->help, strlen(o->help));
    text_buffer_dispose(&names);
}

/* What has names that can be given, in the program's own page. */
static void put_kinds(struct text_buffer *b) {
    size_t n;
    const struct kind *const *all = kinds(&n);
    text_buffer_puts(b, ".SH NAMES\nWhat there is of a kind is listed by tinseq list KIND.\n");
    for (size_t i = 0; i < n; i++) {
        text_buffer_puts(b, ".TP\n.B ");
        put_line(b, all[i]->id, strlen(all[i]->id));
        put_line(b, all[i]->summary, strlen(all[i]->summary));
    }
}

static void put_end(struct text_buffer *b, const struct subcommand *command) {
    size_t n;
    const struct subcommand *const *all = cli_subcommands(&n);
    text_buffer_puts(b, ".SH EXIT STATUS\n0 done, 1 something failed, 2 the command was wrong, 130 "
                        "interrupted.\n");
    text_buffer_puts(b, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours unless they are asked "
                        "for\n.TP\n.B TINSEQ_MODELS\nthe folder of models\n.SH SEE ALSO\n");
    text_buffer_puts(b, command->name ? ".BR tinseq (1)" : "");
    for (size_t i = 0; i < n; i++)
        if (all[i]->name && !all[i]->hidden && all[i] != command)
            text_buffer_format(b, "%s.BR tinseq\\-%s (1)", b->text[b->n - 1] == '\n' ? "" : ",\n",
                               all[i]->name);
    text_buffer_puts(b, "\n");
}

static void write_page(struct text_buffer *b, const struct subcommand *command) {
    struct text_buffer usage = {0};
    const char *name = command->name ? command->name : "";
    cli_write_usage(&usage, command);
    text_buffer_format(b, ".TH TINSEQ%s", *name ? "\\-" : "");
    for (const char *p = name; *p; p++)
        text_buffer_format(b, "%c", toupper((unsigned char)*p));
    text_buffer_format(b, " 1 \"\" \"tinseq %s\"\n.SH NAME\ntinseq%s%s \\- ", TINSEQ_VERSION,
                       *name ? "\\-" : "", name);
    const char *title = *name ? command->title : "which words made a language model say that";
    put_line(b, title, strlen(title));
    if (!command->name)
        text_buffer_puts(b, ".SH DESCRIPTION\n");
    put_usage(b, usage.text);
    text_buffer_puts(b, ".SH OPTIONS\n");
    cli_each_option(command->id, see_option, b);
    if (!command->name)
        put_kinds(b);
    put_end(b, command);
    text_buffer_dispose(&usage);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    size_t n;
    const struct subcommand *command =
        a->n_words ? cli_subcommand_find(a->words[0]) : cli_subcommands(&n)[CLI_BIT_START];
    struct text_buffer b = {0};
    if (!command || a->n_words > 1)
        return err_set(e, ERR_USAGE, "tinseq manual takes one command; see tinseq --help");
    write_page(&b, command);
    enum err_code code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

const struct subcommand cli_manual = {
    .id = CLI_MANUAL,
    .name = "manual",
    .synopsis = "[COMMAND]",
    .title = "the manual page of a command",
    .help = help,
    .word = "COMMAND",
    .hidden = true,
    .run = run,
};
