/*
 * The options of the command line: one table of them, options.def, and its parser. Any thread, but
 * for cli_parse, which loads the libraries that it is given: from the main thread.
 */
#ifndef TINSEQ_APP_CLI_OPTIONS_H
#define TINSEQ_APP_CLI_OPTIONS_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Commands as bits: which of them take an option. */
enum cli_command {
#define X(ID, name) CLI_BIT_##ID,
#include "app/cli/commands.def"
#undef X
#define X(ID, name) CLI_##ID = 1 << CLI_BIT_##ID,
#include "app/cli/commands.def"
#undef X
};
#define CLI_RUN (CLI_START | CLI_ATTRIBUTE | CLI_DATASET | CLI_EVALUATE)
#define CLI_MODELS (CLI_RUN | CLI_CONTEXT)
#define CLI_TABLES (CLI_ATTRIBUTE | CLI_DATASET | CLI_SHOW)
#define CLI_OUT (CLI_TABLES | CLI_CONVERT | CLI_MERGE)
#define CLI_SCORES (CLI_OUT | CLI_EVALUATE | CLI_CONTEXT | CLI_STATS)
#define CLI_MAPS (CLI_TABLES | CLI_CONTEXT | CLI_STATS)
#define CLI_ROWS (CLI_DATASET | CLI_EVALUATE)
#define CLI_TERMINAL (CLI_START | CLI_OPEN)

enum cli_kind {
    CLI_TEXT,    /* one value */
    CLI_TEXTS,   /* one or more */
    CLI_EACH,    /* one value, and the option again for each other one */
    CLI_FLAG,    /* none, or true / false */
    CLI_INTEGER, /* one whole number */
    CLI_INTEGERS
};

enum cli_option_id {
#define GROUP(title)
#define OPTION(id, names, kind, commands, value, help) CLI_OPT_##id,
#include "app/cli/options.def"
    CLI_OPTION_COUNT
};

/* An option as its row says it; all static. */
struct cli_option {
    const char *names; /* separated by spaces */
    enum cli_kind kind;
    int commands;      /* bits of those that take it */
    const char *value; /* what it takes, as the help calls it: see complete.c; NULL: nothing */
    const char *help;
};
/* Calls `see` with each option of a command, in the help's order; `group` is the title of those
 * that begin with it, else NULL. */
void cli_each_option(enum cli_command command,
                     void (*see)(void *user, const char *group, const struct cli_option *o),
                     void *user);
/* The one that a word names, "-" and "_" being the same, whatever follows a "="; NULL: none. */
const struct cli_option *cli_option_named(const char *word);
/* Copies the next of some names to `name`; where the one after it starts, or NULL at the end. */
#define CLI_MAX_NAME 64
const char *cli_next_name(char name[CLI_MAX_NAME], const char *names);
/* Whether it takes several values. */
bool cli_takes_many(const struct cli_option *o);

struct cli_value {
    bool given;
    bool flag;          /* FLAG */
    const char **texts; /* TEXT, TEXTS: borrowed from argv or `read`; numbers as written */
    int64_t *integers;  /* INTEGER, INTEGERS: [n] */
    size_t n;
};

struct cli_arguments {
    struct cli_value values[CLI_OPTION_COUNT];
    const char **words; /* what is neither option nor value */
    size_t n_words;
    char **read; /* owned, [n_read]: files whose texts are among the values; app/cli/inputs.h */
    size_t n_read;
};

/* Parses argv [n] (without the program's and the command's names). ERR_USAGE names the nearest
 * known option; nothing is left to dispose then. */
enum err_code cli_parse(struct cli_arguments *out, enum cli_command command, int n,
                        char *const *argv, struct err *e) ERR_CHECKED;
void cli_arguments_dispose(struct cli_arguments *a);

/* The last value, or NULL. */
const char *cli_text(const struct cli_arguments *a, enum cli_option_id id);
/* False when not given. */
bool cli_flag(const struct cli_arguments *a, enum cli_option_id id);
int64_t cli_integer(const struct cli_arguments *a, enum cli_option_id id, int64_t otherwise);
/* The one word of a command that takes a file, borrowed; else ERR_USAGE. */
enum err_code cli_one_file(const char **path, const struct cli_arguments *a, const char *command,
                           struct err *e) ERR_CHECKED;

/* The options of a command as help text. */
void cli_write_options(struct text_buffer *b, enum cli_command command);

#endif
