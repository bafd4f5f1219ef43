#include "app/cli/inputs.h"

#include "app/cli/print.h"
#include "backend/base/file.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_COLUMNS 40
#define MOST_INPUT (256u << 20)
#define STANDARD_INPUT "/dev/stdin"

/* --- texts from files --- */

static bool is_dash(const char *word) {
    return strcmp(word, "-") == 0;
}

static enum err_code read_whole(char **text, size_t *n, struct cli_arguments *a, const char *name,
                                struct err *e) {
    enum err_code code =
        file_read_named(text, n, is_dash(name) ? STANDARD_INPUT : name, MOST_INPUT, e);
    if (code)
        return code;
    a->read = mem_resize(a->read, (a->n_read + 1) * sizeof *a->read);
    a->read[a->n_read++] = *text;
    return ERR_OK;
}

static void add_text(struct cli_value *v, const char *text) {
    v->texts = mem_resize(v->texts, (v->n + 1) * sizeof *v->texts);
    v->texts[v->n++] = text;
    v->given = true;
}

/* Parts `text`, [n] and a NUL, at each separator; one at the end begins no other text. */
static void add_parts(struct cli_value *v, char *text, size_t n, char separator) {
    for (char *at = text, *stop = text + n; at < stop;) {
        char *end = memchr(at, separator, (size_t)(stop - at));
        end = end ? end : stop;
        *end = '\0';
        if (separator == '\n' && end > at && end[-1] == '\r')
            end[-1] = '\0';
        add_text(v, at);
        at = end + 1;
    }
}

/* Of the byte at `at`, from 1. */
static size_t line_of(const char *text, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    return line;
}

static enum err_code add_file(struct cli_arguments *a, const char *name, struct err *e) {
    struct cli_value *texts = &a->values[CLI_OPT_INPUT];
    const bool by_nul = cli_flag(a, CLI_OPT_NUL);
    const char *shown = is_dash(name) ? "standard input" : name;
    size_t n;
    char *text;
    enum err_code code = read_whole(&text, &n, a, name, e);
    if (code)
        return code;
    if (n == 0)
        return err_set(e, ERR_USAGE, "--input_file: %.200s holds no text", shown);
    if (!by_nul && memchr(text, '\0', n))
        return err_set(e, ERR_FORMAT,
                       "--input_file: %.200s has a NUL byte in line %zu; with -0 NUL bytes are "
                       "between the texts",
                       shown, line_of(text, strlen(text)));
    add_parts(texts, text, n, by_nul ? '\0' : '\n');
    return ERR_OK;
}

/* "-i -": one text, as it is but for a last line break. */
static enum err_code take_dash(struct cli_arguments *a, const char **place, struct err *e) {
    size_t n;
    char *text;
    enum err_code code = read_whole(&text, &n, a, *place, e);
    if (code)
        return code;
    if (n == 0)
        return err_set(e, ERR_USAGE, "-i -: standard input holds no text");
    if (memchr(text, '\0', n))
        return err_set(e, ERR_FORMAT,
                       "-i -: standard input has a NUL byte; --input_file - -0 takes texts with "
                       "NUL bytes between them");
    if (text[n - 1] == '\n')
        text[--n] = '\0';
    if (n && text[n - 1] == '\r')
        text[--n] = '\0';
    *place = text;
    return ERR_OK;
}

static size_t count_dashes(const struct cli_value *v) {
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += is_dash(v->texts[i]);
    return n;
}

static enum err_code check_dashes(const struct cli_arguments *a, enum cli_command command,
                                  struct err *e) {
    const size_t n =
        count_dashes(&a->values[CLI_OPT_INPUT]) + count_dashes(&a->values[CLI_OPT_INPUT_FILE]);
    if (n > 1)
        return err_set(e, ERR_USAGE,
                       "standard input can be read once, and \"-\" is given %zu times", n);
    if (n && command == CLI_START)
        return err_set(e, ERR_USAGE,
                       "-i -: standard input is the terminal program's keys; give the text itself, "
                       "for instance -i \"$(cat FILE)\"");
    if (cli_flag(a, CLI_OPT_NUL) && !a->values[CLI_OPT_INPUT_FILE].given)
        return err_set(e, ERR_USAGE, "-0 is about --input_file, which is not given");
    return ERR_OK;
}

enum err_code cli_inputs_read(struct cli_arguments *a, enum cli_command command, struct err *e) {
    struct cli_value *texts = &a->values[CLI_OPT_INPUT];
    const struct cli_value *files = &a->values[CLI_OPT_INPUT_FILE];
    enum err_code code = check_dashes(a, command, e);
    const bool texts_of_its_own = command == CLI_TOKENIZE || command == CLI_DATASET;
    for (size_t i = 0; !texts_of_its_own && i < texts->n && !code; i++)
        if (is_dash(texts->texts[i]))
            code = take_dash(a, &texts->texts[i], e);
    for (size_t i = 0; i < files->n && !code; i++)
        code = add_file(a, files->texts[i], e);
    return code;
}

/* --- how they ended --- */

enum err_code cli_input_ended(size_t *n_failed, const struct cli_arguments *a, size_t i,
                              enum err_code code, struct err *e) {
    const struct cli_value *texts = &a->values[CLI_OPT_INPUT];
    char shown[4 * SHOWN_COLUMNS + 1];
    if (!code || code == ERR_CANCELLED || texts->n < 2)
        return code;
    char *text = text_sanitise(texts->texts[i], strlen(texts->texts[i]), false);
    text_fit(shown, sizeof shown, text, SHOWN_COLUMNS, false);
    char *line = mem_format("text %zu of %zu (\"%s\"): %s", i + 1, texts->n, shown, e->message);
    cli_say(line);
    free(line);
    free(text);
    ++*n_failed;
    return ERR_OK;
}

enum err_code cli_inputs_ended(size_t n_failed, const struct cli_arguments *a, struct err *e) {
    const size_t n = a->values[CLI_OPT_INPUT].n;
    if (!n_failed)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "%zu of %zu texts failed%s", n_failed, n,
                   n_failed < n ? "; the others are done" : "");
}
