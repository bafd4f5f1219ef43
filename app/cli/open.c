/* tinseq open FILE: a saved result in the terminal program. */
#include "app/cli/subcommand.h"

#include "app/cli/terminal.h"
#include "app/files/result_file.h"

static const char help[] = "Usage: tinseq open FILE [options]\n"
                           "\n"
                           "Opens a saved result in the terminal program.\n";

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct tui_options options = {0};
    enum err_code code = cli_one_file(&options.open_path, a, "open", e);
    if (code)
        return code;
    code = result_file_load_named(&options.opened, options.open_path, e);
    if (code)
        return code;
    code = cli_terminal(&options, a, e);
    attribution_release(options.opened);
    return code;
}

const struct subcommand cli_open = {
    .id = CLI_OPEN,
    .name = "open",
    .synopsis = "FILE",
    .title = "a saved result in the terminal program",
    .help = help,
    .run = run,
};
