/* tinseq merge FILE…: several saved results in one file. */
#include "app/cli/subcommand.h"

#include "app/cli/merge_parts.h"
#include "app/cli/several.h"

static const char help[] =
    "Usage: tinseq merge FILE [FILE ...] -o OUT [options]\n"
    "\n"
    "Writes the texts of all files, in their order, into one. The ending of OUT says the format, "
    "as "
    "in 'tinseq convert'. A JSON\n"
    "has one description of how its results were made: those that were made otherwise are refused "
    "there, and fit into rows\n"
    "(.jsonl). Files that --split_sequences (Inseq's or Tinseq's) wrote become the one they were; "
    "so "
    "do the parts of a data set\n"
    "(attribute-dataset --shard, Slurm, mpirun) in any order, unless rows are in none or in two of "
    "them.\n"
    "\n"
    "Examples\n"
    "  tinseq merge manager.json nurse.json -o both.json\n"
    "  tinseq merge part_*.json -o manager.json.gz\n"
    "  tinseq merge monday.jsonl tuesday.jsonl.gz -o week.jsonl.gz\n"
    "  tinseq merge facts.*-of-*.jsonl -o facts.jsonl\n";

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    const char *out = cli_text(a, CLI_OPT_SAVE);
    bool parts;
    if (!a->n_words)
        return err_set(e, ERR_USAGE, "tinseq merge takes the files to merge");
    if (!out)
        return err_set(e, ERR_USAGE, "to which file? give one with -o");
    enum err_code code = cli_are_parts(&parts, a, e);
    if (code)
        return code;
    return parts ? cli_merge_parts(a, e) : cli_several(a, a->words, a->n_words, out, e);
}

const struct subcommand cli_merge = {
    .id = CLI_MERGE,
    .name = "merge",
    .synopsis = "FILE ... -o OUT",
    .title = "several saved results in one file",
    .help = help,
    .word = "FILE",
    .run = run,
};
