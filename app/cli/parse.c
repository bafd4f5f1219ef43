#include "app/cli/cli.h"

#include "backend/base/text.h"
#include "methods/step_functions/plugin.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct option {
    const char *names; /* separated by spaces */
    enum cli_kind kind;
    int commands;
    const char *value, *help;
};

static const struct option options[] = {
#define X(id, option_names, option_kind, option_commands, value_name, help_text)                   \
    [CLI_OPT_##id] = {.names = option_names,                                                       \
                      .kind = CLI_##option_kind,                                                   \
                      .commands = option_commands,                                                 \
                      .value = value_name,                                                         \
                      .help = help_text},
#define G(title)
    CLI_OPTIONS(X, G)
#undef X
#undef G
};

#define MAX_NAME 64

/* Copies the next of some names to `name`; returns where the one after it starts, or NULL at the
 * end. */
static const char *next_name(char name[MAX_NAME], const char *names) {
    while (*names == ' ')
        names++;
    size_t n = strcspn(names, " ");
    if (n == 0 || n >= MAX_NAME)
        return NULL;
    memcpy(name, names, n);
    name[n] = '\0';
    return names + n;
}

/* "--save-path" is "--save_path". `n` bytes of `word`. */
static void normalise_name(char name[MAX_NAME], const char *word, size_t n) {
    n = n < MAX_NAME ? n : MAX_NAME - 1;
    memcpy(name, word, n);
    name[n] = '\0';
    for (size_t i = 2; i < n; i++)
        if (name[i] == '-' && word[0] == '-' && word[1] == '-')
            name[i] = '_';
}

static int find_option(const char *wanted) {
    char name[MAX_NAME];
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        for (const char *at = options[i].names; (at = next_name(name, at));)
            if (strcmp(name, wanted) == 0)
                return i;
    return -1;
}

static enum err_code unknown_option(enum cli_command command, const char *word, struct err *e) {
    char wanted[MAX_NAME], names[CLI_OPTION_COUNT * 3][MAX_NAME];
    const char *list[CLI_OPTION_COUNT * 3];
    size_t n = 0;
    normalise_name(wanted, word, strcspn(word, "="));
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        for (const char *at = options[i].names;
             (options[i].commands & command) && n < CLI_OPTION_COUNT * 3 &&
             (at = next_name(names[n], at));
             n++)
            list[n] = names[n];
    const char *near = text_nearest(wanted, list, n);
    char *shown = text_sanitise(word, strcspn(word, "="), false);
    enum err_code code =
        near ? err_set(e, ERR_USAGE, "unknown option %s; did you mean %s?", shown, near)
             : err_set(e, ERR_USAGE, "unknown option %s; see tinseq --help", shown);
    free(shown);
    return code;
}

static bool is_number(const char *word) {
    char *end;
    (void)strtod(word, &end);
    return end > word && *end == '\0';
}

/* As argparse decides: a word that starts with '-' is an option unless it is a number, a lone '-',
 * or has a space in it. */
static bool looks_like_option(const char *word) {
    return word[0] == '-' && word[1] && !is_number(word) && !strchr(word, ' ');
}

static bool parse_flag(bool *out, const char *word) {
    static const char *const yes[] = {"true", "yes", "t", "y", "1"}, *const no[] = {"false", "no",
                                                                                    "f", "n", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(word, yes[i]) == 0 || strcasecmp(word, no[i]) == 0) {
            *out = strcasecmp(word, yes[i]) == 0;
            return true;
        }
    return false;
}

static enum err_code add_value(struct cli_value *v, const struct option *o, const char *name,
                               const char *word, struct err *e) {
    v->texts = mem_resize(v->texts, (v->n + 1) * sizeof *v->texts);
    v->texts[v->n] = word;
    if (o->kind == CLI_INTEGER || o->kind == CLI_INTEGERS) {
        char *end;
        errno = 0;
        long long value = strtoll(word, &end, 10);
        if (end == word || *end || errno) {
            char *shown = text_sanitise(word, strlen(word), false);
            (void)err_set(e, ERR_USAGE, "%s takes a whole number, not \"%s\"", name, shown);
            free(shown);
            return ERR_USAGE;
        }
        v->integers = mem_resize(v->integers, (v->n + 1) * sizeof *v->integers);
        v->integers[v->n] = value;
    }
    v->n++;
    return ERR_OK;
}

/* One option at argv[*at] with its values; *at moves behind them. */
static enum err_code take_option(struct cli_arguments *a, enum cli_command command, int *at, int n,
                                 char *const *argv, struct err *e) {
    const char *word = argv[(*at)++], *equals = strchr(word, '=');
    char name[MAX_NAME];
    normalise_name(name, word, equals ? (size_t)(equals - word) : strlen(word));
    int id = find_option(name);
    if (id < 0)
        return unknown_option(command, word, e);
    const struct option *o = &options[id];
    if (!(o->commands & command))
        return err_set(e, ERR_USAGE, "%s is no option of this command; see --help", name);
    struct cli_value *v = &a->values[id];
    v->given = true;
    if (o->kind == CLI_FLAG) {
        v->flag = true;
        if (equals && !parse_flag(&v->flag, equals + 1))
            return err_set(e, ERR_USAGE, "%s is either true or false", name);
        if (!equals && *at < n && parse_flag(&v->flag, argv[*at]))
            (*at)++;
        return ERR_OK;
    }
    bool many = o->kind == CLI_TEXTS || o->kind == CLI_INTEGERS;
    if (!many && o->kind != CLI_EACH)
        v->n = 0; /* the last one given counts */
    if (equals)
        return add_value(v, o, name, equals + 1, e);
    if (*at >= n || looks_like_option(argv[*at]))
        return err_set(e, ERR_USAGE, "%s needs a value%s", name,
                       *at < n ? "; one that starts with '-' is given as NAME=VALUE" : "");
    enum err_code code;
    do
        code = add_value(v, o, name, argv[(*at)++], e);
    while (code == ERR_OK && many && *at < n && !looks_like_option(argv[*at]));
    return code;
}

enum err_code cli_parse(struct cli_arguments *out, enum cli_command command, int n,
                        char *const *argv, struct err *e) {
    *out = (struct cli_arguments){0};
    out->words = mem_alloc(((size_t)n + 1) * sizeof *out->words);
    enum err_code code = ERR_OK;
    for (int at = 0; at < n && code == ERR_OK;) {
        if (strcmp(argv[at], "--") == 0) {
            for (at++; at < n; at++)
                out->words[out->n_words++] = argv[at];
        } else if (looks_like_option(argv[at])) {
            code = take_option(out, command, &at, n, argv, e);
        } else {
            out->words[out->n_words++] = argv[at++];
        }
    }
    /* Functions of the user's own must be known before any name is looked up, and before there is a
     * second thread. */
    const struct cli_value *functions = &out->values[CLI_OPT_STEP_FUNCTION];
    for (size_t i = 0; i < functions->n && code == ERR_OK; i++)
        code = step_plugin_load(functions->texts[i], e);
    if (code != ERR_OK)
        cli_arguments_dispose(out);
    return code;
}

void cli_arguments_dispose(struct cli_arguments *a) {
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        free(a->values[i].texts);
        free(a->values[i].integers);
    }
    free(a->words);
    *a = (struct cli_arguments){0};
}

const char *cli_text(const struct cli_arguments *a, enum cli_option_id id) {
    const struct cli_value *v = &a->values[id];
    return v->n ? v->texts[v->n - 1] : NULL;
}

bool cli_flag(const struct cli_arguments *a, enum cli_option_id id) {
    return a->values[id].flag;
}

int64_t cli_integer(const struct cli_arguments *a, enum cli_option_id id, int64_t otherwise) {
    const struct cli_value *v = &a->values[id];
    return v->n ? v->integers[v->n - 1] : otherwise;
}

/* Help wrapped at 80 columns, its text starting in column 30. */
static void write_option(struct text_buffer *b, const struct option *o) {
    char name[MAX_NAME];
    size_t start = b->n;
    text_buffer_puts(b, "  ");
    for (const char *at = o->names; (at = next_name(name, at));)
        text_buffer_format(b, "%s%s", b->n > start + 2 ? ", " : "", name);
    if (o->value)
        text_buffer_format(b, " %s%s", o->value,
                           o->kind == CLI_TEXTS || o->kind == CLI_INTEGERS ? " ..." : "");
    const int column = 30, width = 88;
    int used = (int)(b->n - start);
    if (used > column - 2) {
        text_buffer_puts(b, "\n");
        used = 0;
    }
    const char *word = o->help;
    bool first = true;
    while (*word) {
        int n = (int)strcspn(word, " ");
        if (!first && used + 1 + n > width) {
            text_buffer_puts(b, "\n");
            used = 0;
            first = true;
        }
        for (; first && used < column; used++)
            text_buffer_puts(b, " ");
        text_buffer_format(b, "%s%.*s", first ? "" : " ", n, word);
        used += n + !first;
        first = false;
        word += n + (word[n] == ' ');
    }
    text_buffer_puts(b, "\n");
}

void cli_write_options(struct text_buffer *b, enum cli_command command) {
    const char *title = NULL;
    const struct option *o;
#define G(group_title) title = group_title;
#define X(id, n, k, c, v, h)                                                                       \
    o = &options[CLI_OPT_##id];                                                                    \
    if (o->commands & command) {                                                                   \
        if (title)                                                                                 \
            text_buffer_format(b, "\n%s\n", title);                                                \
        title = NULL;                                                                              \
        write_option(b, o);                                                                        \
    }
    CLI_OPTIONS(X, G)
#undef X
#undef G
}
