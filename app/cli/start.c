/* tinseq without a command: the terminal program, its form filled in. */
#include "app/cli/subcommand.h"

#include "app/cli/request.h"
#include "app/cli/terminal.h"

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct tui_options options = {.model = cli_text(a, CLI_OPT_MODEL),
                                  .run = cli_text(a, CLI_OPT_INPUT) != NULL};
    if (a->n_words)
        return err_set(e, ERR_USAGE, "unknown command \"%.100s\"; see tinseq --help", a->words[0]);
    if (a->values[CLI_OPT_INPUT].n > 1)
        return err_set(e, ERR_USAGE,
                       "the terminal program takes one text; 'tinseq attribute' takes several");
    enum err_code code = cli_request(&options.request, a, -1, e);
    if (code)
        goto out;
    code = cli_terminal(&options, a, e);
out:
    request_dispose(&options.request);
    return code;
}

const struct subcommand cli_start = {
    .id = CLI_START,
    .name = NULL,
    .synopsis = "[options of attribute]",
    .title = "the terminal program, its form filled in",
    .help = NULL,
    .run = run,
};
