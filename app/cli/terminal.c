#include "app/cli/terminal.h"

#include "app/cli/engine.h"
#include "app/cli/kwargs.h"
#include "app/cli/output.h"
#include "app/tui/tui.h"
#include "themes/theme.h"

#include <string.h>

/* −1, when none is given: found out. */
static enum err_code parse_depth(int *out, const char *name, struct err *e) {
    static const struct {
        const char *name;
        enum colour_depth depth;
    } names[] = {{"direct", COLOUR_DIRECT},
                 {"256", COLOUR_256},
                 {"16", COLOUR_16},
                 {"8", COLOUR_8},
                 {"mono", COLOUR_MONO}};
    *out = -1;
    if (!name)
        return ERR_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0) {
            *out = (int)names[i].depth;
            return ERR_OK;
        }
    return err_set(e, ERR_USAGE, "--colour_depth is direct, 256, 16, 8 or mono, not \"%s\"", name);
}

enum err_code cli_terminal(struct tui_options *options, const struct cli_arguments *a,
                           struct err *e) {
    enum err_code code = cli_check_output(a, cli_text(a, CLI_OPT_METHOD), e);
    if (code)
        return code;
    code = parse_depth(&options->colour_depth, cli_text(a, CLI_OPT_DEPTH), e);
    if (code)
        return code;
    options->theme = cli_text(a, CLI_OPT_THEME);
    options->colour_map = cli_text(a, CLI_OPT_COLOUR_MAP);
    options->ascii = cli_flag(a, CLI_OPT_ASCII);
    options->no_mouse = cli_flag(a, CLI_OPT_NO_MOUSE);
    code = cli_engine(&options->engine, &options->ops, a, e);
    if (code)
        return code;
    struct cli_kwargs kwargs;
    code = cli_kwargs_read(&kwargs, a, false, e);
    options->engine_options =
        (struct engine_options){.device = kwargs.device,
                                .dtype = kwargs.dtype,
                                .tokenizer = cli_text(a, CLI_OPT_TOKENIZER),
                                .tokenizer_kwargs = kwargs.tokenizer_kwargs,
                                .n_threads = cli_integer(a, CLI_OPT_THREADS, 0)};
    if (!code)
        code = tui_main(options, e);
    else
        options->ops->free(options->engine);
    cli_kwargs_dispose(&kwargs);
    return code;
}
