#include "app/cli/options.h"

#include "aggregators/plugin.h"
#include "app/cli/print.h"
#include "backend/base/text.h"
#include "methods/own/method_plugin.h"
#include "methods/step_functions/plugin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct cli_option options[] = {
#define GROUP(title)
#define OPTION(id, option_names, option_kind, option_commands, value_name, help_text)              \
    [CLI_OPT_##id] = {.names = option_names,                                                       \
                      .kind = CLI_##option_kind,                                                   \
                      .commands = option_commands,                                                 \
                      .value = value_name,                                                         \
                      .help = help_text},
#include "app/cli/options.def"
};

#define MAX_OPTION_NAMES (3 * CLI_OPTION_COUNT)
#define HELP_COLUMN 30

bool cli_takes_many(const struct cli_option *o) {
    return o->kind == CLI_TEXTS || o->kind == CLI_INTEGERS;
}

const char *cli_next_name(char name[CLI_MAX_NAME], const char *names) {
    while (*names == ' ')
        names++;
    size_t n = strcspn(names, " ");
    if (n == 0 || n >= CLI_MAX_NAME)
        return NULL;
    memcpy(name, names, n);
    name[n] = '\0';
    return names + n;
}

/* "--save-path" is "--save_path". `n` bytes of `word`. */
static void normalise_name(char name[CLI_MAX_NAME], const char *word, size_t n) {
    n = n < CLI_MAX_NAME ? n : CLI_MAX_NAME - 1;
    memcpy(name, word, n);
    name[n] = '\0';
    for (size_t i = 2; i < n; i++)
        if (name[i] == '-' && word[0] == '-' && word[1] == '-')
            name[i] = '_';
}

static int find_option(const char *wanted) {
    char name[CLI_MAX_NAME];
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        for (const char *at = options[i].names; (at = cli_next_name(name, at));)
            if (strcmp(name, wanted) == 0)
                return i;
    return -1;
}

const struct cli_option *cli_option_named(const char *word) {
    char name[CLI_MAX_NAME];
    normalise_name(name, word, strcspn(word, "="));
    const int id = find_option(name);
    return id < 0 ? NULL : &options[id];
}

static enum err_code unknown_option(enum cli_command command, const char *word, struct err *e) {
    char wanted[CLI_MAX_NAME], names[MAX_OPTION_NAMES][CLI_MAX_NAME];
    const char *list[MAX_OPTION_NAMES];
    size_t n = 0;
    normalise_name(wanted, word, strcspn(word, "="));
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        for (const char *at = options[i].names;
             (options[i].commands & command) && n < MAX_OPTION_NAMES &&
             (at = cli_next_name(names[n], at));
             n++)
            list[n] = names[n];
    const char *near = text_nearest(wanted, list, n);
    char *shown = text_sanitise(word, strcspn(word, "="), false);
    if (near)
        (void)err_set(e, ERR_USAGE, "unknown option %s; did you mean %s?", shown, near);
    else
        (void)err_set(e, ERR_USAGE, "unknown option %s; see tinseq --help", shown);
    free(shown);
    return ERR_USAGE;
}

/* A number, or the range "-1:1". */
static bool is_number(const char *word) {
    char *end;
    (void)strtod(word, &end);
    return end > word && (*end == '\0' || *end == ':');
}

/* A word that starts with '-' is an option unless it is a number (but -0 is one) or a lone '-'. As
 * argparse decides, the name before the first '=' counts where the word has blanks: a name with a
 * blank is a text's beginning, and so is an unknown "-x=1 and 2". Not as there, an unknown
 * "--name=a b" is an option: a slip in a name must not make a prompt of its value. */
static bool looks_like_option(const char *word) {
    if (word[0] != '-' || !word[1])
        return false;
    if (is_number(word))
        return find_option(word) >= 0;
    const size_t n = strcspn(word, "=");
    char name[CLI_MAX_NAME];
    if (memchr(word, ' ', n))
        return false;
    normalise_name(name, word, n);
    return !strchr(word, ' ') || word[1] == '-' || find_option(name) >= 0;
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

/* A position that each row of a data set may say by a template, which is read there. */
static bool may_be_of_rows(enum cli_command command, const struct cli_option *o) {
    const bool position = o == &options[CLI_OPT_START] || o == &options[CLI_OPT_END];
    return command == CLI_DATASET && position;
}

static enum err_code add_value(struct cli_value *v, const struct cli_option *o, const char *name,
                               const char *word, bool by_rows, struct err *e) {
    const bool of_rows = by_rows && strpbrk(word, "{}");
    v->texts = mem_resize(v->texts, (v->n + 1) * sizeof *v->texts);
    v->texts[v->n] = word;
    if (o->kind == CLI_INTEGER || o->kind == CLI_INTEGERS) {
        char *end = NULL;
        errno = 0;
        long long value = of_rows ? 0 : strtoll(word, &end, 10);
        if (!of_rows && (end == word || *end || errno)) {
            char *shown = text_sanitise(word, strlen(word), false);
            (void)err_set(e, ERR_USAGE, "%s takes a whole number%s, not \"%s\"", name,
                          by_rows ? " or a template like '{from}'" : "", shown);
            free(shown);
            return ERR_USAGE;
        }
        v->integers = mem_resize(v->integers, (v->n + 1) * sizeof *v->integers);
        v->integers[v->n] = value;
    }
    v->n++;
    return ERR_OK;
}

/* The flag that "--no_NAME" turns off; -1: there is none. */
static int find_negated(const char *name) {
    static const char no[] = "--no_";
    if (strncmp(name, no, strlen(no)) != 0)
        return -1;
    char *own = mem_format("--%s", name + strlen(no));
    const int id = find_option(own);
    free(own);
    return id >= 0 && options[id].kind == CLI_FLAG ? id : -1;
}

/* The value of a flag, which may be the next word. */
static enum err_code take_flag(bool *out, const char *name, const char *equals, int *at, int n,
                               char *const *argv, struct err *e) {
    *out = true;
    if (equals && !parse_flag(out, equals + 1))
        return err_set(e, ERR_USAGE, "%s is either true or false", name);
    if (!equals && *at < n && parse_flag(out, argv[*at]))
        (*at)++;
    return ERR_OK;
}

/* One option at argv[*at] with its values; *at moves behind them. */
static enum err_code take_option(struct cli_arguments *a, enum cli_command command, int *at, int n,
                                 char *const *argv, struct err *e) {
    const char *word = argv[(*at)++], *equals = strchr(word, '=');
    char name[CLI_MAX_NAME];
    normalise_name(name, word, equals ? (size_t)(equals - word) : strlen(word));
    int id = find_option(name);
    const bool negated = id < 0;
    if (negated)
        id = find_negated(name);
    if (id < 0)
        return unknown_option(command, word, e);
    const struct cli_option *o = &options[id];
    if (!(o->commands & command))
        return err_set(e, ERR_USAGE, "%s is no option of this command; see --help", name);
    struct cli_value *v = &a->values[id];
    v->given = true;
    if (negated && equals)
        return err_set(e, ERR_USAGE, "%s takes no value", name);
    v->flag = false;
    if (o->kind == CLI_FLAG && !negated)
        return take_flag(&v->flag, name, equals, at, n, argv, e);
    if (negated)
        return ERR_OK;
    const bool many = cli_takes_many(o);
    if (!many && o->kind != CLI_EACH)
        v->n = 0; /* the last one given counts */
    if (equals)
        return add_value(v, o, name, equals + 1, may_be_of_rows(command, o), e);
    if (*at >= n || looks_like_option(argv[*at]))
        return err_set(e, ERR_USAGE, "%s needs a value%s", name,
                       *at < n ? "; one that starts with '-' is given as NAME=VALUE" : "");
    enum err_code code;
    do {
        code = add_value(v, o, name, argv[*at], may_be_of_rows(command, o), e);
        (*at)++;
    } while (!code && many && *at < n && !looks_like_option(argv[*at]));
    return code;
}

static const struct {
    enum cli_option_id id;
    enum err_code (*load)(const char *path, struct err *e);
} plugins[] = {{CLI_OPT_STEP_FUNCTION, step_plugin_load},
               {CLI_OPT_OWN_METHOD, method_plugin_load},
               {CLI_OPT_OWN_AGGREGATOR, aggregator_plugin_load}};

static enum err_code load_plugins(const struct cli_value *files,
                                  enum err_code (*load)(const char *path, struct err *e),
                                  struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < files->n && !code; i++)
        code = load(files->texts[i], e);
    return code;
}

enum err_code cli_parse(struct cli_arguments *out, enum cli_command command, int n,
                        char *const *argv, struct err *e) {
    *out = (struct cli_arguments){0};
    out->words = mem_alloc(((size_t)n + 1) * sizeof *out->words);
    enum err_code code = ERR_OK;
    for (int at = 0; at < n;) {
        if (strcmp(argv[at], "--") == 0) {
            for (at++; at < n; at++)
                out->words[out->n_words++] = argv[at];
        } else if (looks_like_option(argv[at])) {
            code = take_option(out, command, &at, n, argv, e);
            if (code)
                goto out;
        } else {
            out->words[out->n_words++] = argv[at++];
        }
    }
    /* Functions of the user's own must be known before any name is looked up, and before there is a
     * second thread. */
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins && !code; i++)
        code = load_plugins(&out->values[plugins[i].id], plugins[i].load, e);
out:
    if (code)
        cli_arguments_dispose(out);
    return code;
}

void cli_arguments_dispose(struct cli_arguments *a) {
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        free(a->values[i].texts);
        free(a->values[i].integers);
    }
    for (size_t i = 0; i < a->n_read; i++)
        free(a->read[i]);
    free(a->read);
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

enum err_code cli_one_file(const char **path, const struct cli_arguments *a, const char *command,
                           struct err *e) {
    if (a->n_words != 1)
        return err_set(e, ERR_USAGE, "tinseq %s takes one file, not %zu", command, a->n_words);
    *path = a->words[0];
    return ERR_OK;
}

/* --- help --- */

static void write_option(struct text_buffer *b, const struct cli_option *o) {
    char name[CLI_MAX_NAME];
    struct text_buffer names = {0};
    text_buffer_puts(&names, "  ");
    for (const char *at = o->names; (at = cli_next_name(name, at));)
        text_buffer_format(&names, "%s%s", names.n > 2 ? ", " : "", name);
    if (o->value)
        text_buffer_format(&names, " %s%s", o->value, cli_takes_many(o) ? " ..." : "");
    cli_write_row(b, names.text, HELP_COLUMN, o->help);
    text_buffer_dispose(&names);
}

void cli_each_option(enum cli_command command,
                     void (*see)(void *user, const char *group, const struct cli_option *o),
                     void *user) {
    static const struct {
        const char *group; /* or NULL: an option */
        enum cli_option_id id;
    } rows[] = {
#define GROUP(title) {title, CLI_OPTION_COUNT},
#define OPTION(id, names, kind, commands, value, help) {NULL, CLI_OPT_##id},
#include "app/cli/options.def"
    };
    const char *group = NULL; /* whose title is still to be told */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].group) {
            group = rows[i].group;
        } else if (options[rows[i].id].commands & command) {
            see(user, group, &options[rows[i].id]);
            group = NULL;
        }
    }
}

static void see_option(void *user, const char *group, const struct cli_option *o) {
    struct text_buffer *b = user;
    if (group)
        text_buffer_format(b, "\n%s\n", group);
    write_option(b, o);
}

void cli_write_options(struct text_buffer *b, enum cli_command command) {
    cli_each_option(command, see_option, b);
}
