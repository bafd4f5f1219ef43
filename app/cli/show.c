/* tinseq show FILE: the tables of a saved result, or another file of it. */
#include "app/cli/subcommand.h"

#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/files/result_file.h"
#include "methods/result/pick.h"

#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: tinseq show FILE [options]\n"
    "\n"
    "Prints the tables of a result that 'tinseq attribute -o' or Inseq saved (JSON, also "
    "gzip-compressed), or turns it into a page\n"
    "or another file.\n"
    "\n"
    "Examples\n"
    "  tinseq show manager.json\n"
    "  tinseq show manager.json --attribution_aggregators sum --viz_path manager.html --quiet\n"
    "  tinseq show manager.json --export manager.csv --export manager.tsv --quiet\n"
    "  tinseq show manager.json --summary\n"
    "  tinseq show manager.json --sequence 1 --csv | cut -d, -f4-\n"
    "  tinseq show manager.json --scale 0:0.4 --viz_path manager.html\n";

static void print_notices(const struct attribution *result) {
    char *all = attribution_notices(result, "\n"), *rest = all, *line;
    while ((line = strsep(&rest, "\n")))
        cli_note(line);
    free(all);
}

/* Leaves the one text that is asked for. */
static enum err_code pick_sequence(struct attribution **result, const struct cli_arguments *a,
                                   struct err *e) {
    const int64_t n = (int64_t)(*result)->n_sequences, i = cli_integer(a, CLI_OPT_SEQUENCE, 1);
    if (!a->values[CLI_OPT_SEQUENCE].given)
        return ERR_OK;
    if (i < 1 || i > n)
        return err_set(e, ERR_USAGE, "--sequence %lld: the file has %lld text%s, counted from 1",
                       (long long)i, (long long)n, n == 1 ? "" : "s");
    struct attribution *one = attribution_pick(*result, (size_t)i - 1);
    if (!one)
        return err_set(e, ERR_NOMEM, "no memory for a copy of text %lld", (long long)i);
    attribution_release(*result);
    *result = one;
    return ERR_OK;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    const char *path;
    struct attribution *result = NULL;
    enum err_code code = cli_one_file(&path, a, "show", e);
    if (code)
        goto out;
    code = cli_check_output(a, NULL, e);
    if (code)
        goto out;
    code = result_file_load_named(&result, path, e);
    if (code)
        goto out;
    code = pick_sequence(&result, a, e);
    if (code)
        goto out;
    code = cli_deliver(result, a, e);
    if (code)
        goto out;
    if (!cli_flag(a, CLI_OPT_QUIET))
        print_notices(result);
out:
    attribution_release(result);
    return code;
}

const struct subcommand cli_show = {
    .id = CLI_SHOW,
    .name = "show",
    .synopsis = "FILE",
    .title = "the table of a saved result",
    .help = help,
    .run = run,
};
