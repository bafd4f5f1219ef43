/* tinseq open FILE…: saved results in the terminal program. */
#include "app/cli/subcommand.h"

#include "app/cli/terminal.h"
#include "app/files/result_rows.h"
#include "backend/base/mem.h"

#include <stdlib.h>

static const char help[] = "Usage: tinseq open FILE [FILE ...] [options]\n"
                           "\n"
                           "Opens saved results (JSON of Tinseq's or Inseq's, rows, either packed "
                           "by gzip) in the terminal "
                           "program: \"(\" and \")\" go from\n"
                           "one file to another. A file of several texts is a list, which is "
                           "filtered, searched and sorted by\n"
                           "any score or column; Enter shows a text's map, Esc comes back, \"J\" "
                           "and \"K\" go from one to\n"
                           "the next. Only the text that is shown is in memory.\n"
                           "\n"
                           "Examples\n"
                           "  tinseq open manager.json\n"
                           "  tinseq open monday.jsonl tuesday.jsonl.gz\n";

/* Large ones are opened when something is on the screen. */
static enum err_code open_all(struct tui_options *options, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < options->n_opened && !code; i++)
        if (result_rows_quick(options->open_paths[i]))
            code = result_rows_open(&options->opened[i], options->open_paths[i], e);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct tui_options options = {.open_paths = a->words, .n_opened = a->n_words};
    if (!a->n_words)
        return err_set(e, ERR_USAGE, "tinseq open takes at least one file");
    options.opened = mem_alloc(a->n_words * sizeof *options.opened);
    enum err_code code = open_all(&options, e);
    if (!code)
        code = cli_terminal(&options, a, e);
    for (size_t i = 0; i < options.n_opened; i++)
        result_rows_close(options.opened[i]);
    free(options.opened);
    return code;
}

const struct subcommand cli_open = {
    .id = CLI_OPEN,
    .name = "open",
    .synopsis = "FILE ...",
    .title = "saved results in the terminal program",
    .help = help,
    .word = "FILE",
    .run = run,
};
