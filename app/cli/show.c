/* tinseq show FILE: the tables of a saved result; and tinseq open FILE or tinseq alone: the
 * terminal program. */
#include "app/cli/cli.h"

#include "app/files/result_file.h"
#include "app/jobs/engine.h"
#include "app/tui/tui.h"
#include "themes/theme.h"

#include <stdlib.h>
#include <string.h>

static int print_help(struct cli_arguments *a, enum cli_command command) {
    struct text_buffer b = {0};
    struct err e = {0};
    cli_write_help(&b, command);
    enum err_code code = cli_print(b.text, b.n, &e);
    text_buffer_dispose(&b);
    cli_arguments_dispose(a);
    return cli_exit(code, &e);
}

static enum err_code one_file(const char **path, const struct cli_arguments *a, const char *command,
                              struct err *e) {
    if (a->n_words != 1)
        return err_set(e, ERR_USAGE, "tinseq %s takes one file, not %zu", command, a->n_words);
    *path = a->words[0];
    return ERR_OK;
}

static void print_notices(const struct attribution *result) {
    char *all = attribution_notices(result, "\n"), *rest = all, *line;
    while ((line = strsep(&rest, "\n")))
        cli_note(line);
    free(all);
}

int cli_show(int n, char *const *argv) {
    struct err e = {0};
    struct cli_arguments a;
    const char *path = NULL;
    struct attribution *result = NULL;
    enum err_code code = cli_parse(&a, CLI_SHOW, n, argv, &e);
    if (code != ERR_OK)
        return cli_exit(code, &e);
    if (cli_flag(&a, CLI_OPT_HELP))
        return print_help(&a, CLI_SHOW);
    code = one_file(&path, &a, "show", &e);
    if (code == ERR_OK)
        code = cli_check_output(&a, NULL, &e);
    if (code == ERR_OK)
        code = result_file_load(&result, path, &e);
    if (code == ERR_OK)
        code = cli_deliver(result, &a, &e);
    if (code == ERR_OK && !cli_flag(&a, CLI_OPT_QUIET))
        print_notices(result);
    attribution_release(result);
    cli_arguments_dispose(&a);
    return cli_exit(code, &e);
}

static enum err_code parse_depth(int *out, const char *name, struct err *e) {
    static const struct {
        const char *name;
        enum colour_depth depth;
    } names[] = {{"direct", COLOUR_DIRECT},
                 {"256", COLOUR_256},
                 {"16", COLOUR_16},
                 {"8", COLOUR_8},
                 {"mono", COLOUR_MONO}};
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *out = (int)names[i].depth;
            return ERR_OK;
        }
    return name ? err_set(e, ERR_USAGE, "--colour_depth is direct, 256, 16, 8 or mono, not \"%s\"",
                          name)
                : ERR_OK;
}

static enum err_code fill_options(struct tui_options *out, const struct cli_arguments *a,
                                  enum cli_command command, struct err *e) {
    enum err_code code = ERR_OK;
    if (command == CLI_OPEN)
        code = one_file(&out->open_path, a, "open", e);
    else if (a->n_words)
        code = err_set(e, ERR_USAGE, "unknown command \"%.100s\"; see tinseq --help", a->words[0]);
    if (code == ERR_OK)
        code = cli_check_output(a, cli_text(a, CLI_OPT_METHOD), e);
    if (code == ERR_OK)
        code = parse_depth(&out->colour_depth, cli_text(a, CLI_OPT_DEPTH), e);
    if (code == ERR_OK && a->values[CLI_OPT_INPUT].n > 1)
        code = err_set(e, ERR_USAGE,
                       "the terminal program takes one text; 'tinseq attribute' takes several");
    if (code == ERR_OK)
        code = cli_request(&out->request, a, -1, e);
    if (code != ERR_OK)
        return code;
    out->model = cli_text(a, CLI_OPT_MODEL);
    out->run = command == CLI_START && cli_text(a, CLI_OPT_INPUT);
    out->theme = cli_text(a, CLI_OPT_THEME);
    out->colour_map = cli_text(a, CLI_OPT_COLOUR_MAP);
    out->ascii = cli_flag(a, CLI_OPT_ASCII);
    out->no_mouse = cli_flag(a, CLI_OPT_NO_MOUSE);
    int64_t threads = cli_integer(a, CLI_OPT_THREADS, 0);
    const struct engine_options engine = {.device = cli_text(a, CLI_OPT_DEVICE),
                                          .dtype = cli_text(a, CLI_OPT_DTYPE),
                                          .n_threads =
                                              threads < 0 || threads > 4096 ? -1 : (int)threads};
    return engine_real_new(&out->engine, &out->ops, &engine, e);
}

int cli_start(enum cli_command command, int n, char *const *argv) {
    struct err e = {0};
    struct cli_arguments a;
    struct tui_options options = tui_options_defaults();
    enum err_code code = cli_parse(&a, command, n, argv, &e);
    if (code != ERR_OK)
        return cli_exit(code, &e);
    if (cli_flag(&a, CLI_OPT_HELP))
        return print_help(&a, command);
    code = fill_options(&options, &a, command, &e);
    int status = code == ERR_OK ? tui_main(&options) : cli_exit(code, &e);
    request_dispose(&options.request);
    cli_arguments_dispose(&a);
    return status;
}
