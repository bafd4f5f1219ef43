/* tinseq convert IN OUT: a saved result in another format. */
#include "app/cli/subcommand.h"

#include "app/cli/files.h"
#include "app/cli/keep.h"
#include "app/cli/output.h"
#include "app/cli/several.h"
#include "views/export/exports.h"

#include <string.h>

static const char help[] =
    "Usage: tinseq convert IN OUT [options]\n"
    "\n"
    "Writes a saved result (JSON of Tinseq's or Inseq's, rows, either packed by gzip) in the "
    "format "
    "that the ending of OUT says:\n"
    "see 'tinseq list exports'. JSON keeps all that there is; rows (.jsonl) and all others have "
    "the "
    "scores as they are shown,\n"
    "rows the raw ones with --aggregate_output false. Rows go one by one, so that a file may be "
    "larger than the memory.\n"
    "\n"
    "Examples\n"
    "  tinseq convert manager.json manager.jsonl.gz\n"
    "  tinseq convert manager.json rows.jsonl --aggregate_output false --scores_precision float16\n"
    "  tinseq convert rows.jsonl manager.json.gz\n"
    "  tinseq convert manager.json manager.html\n"
    "  tinseq convert manager.json part.json --split_sequences    # part_0.json, part_1.json …\n";

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    if (a->n_words != 2)
        return err_set(e, ERR_USAGE,
                       "tinseq convert takes a file and the name of a new one, not %zu",
                       a->n_words);
    return cli_several(a, a->words, 1, a->words[1], e);
}

const struct subcommand cli_convert = {
    .id = CLI_CONVERT,
    .name = "convert",
    .synopsis = "IN OUT",
    .title = "a saved result in another format",
    .help = help,
    .word = "FILE",
    .run = run,
};
