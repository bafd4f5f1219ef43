/* tinseq show FILE: the tables of a saved result, or another file of it. */
#include "app/cli/subcommand.h"

#include "app/cli/files.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/files/result_rows.h"

#include <stdlib.h>

static const char help[] =
    "Usage: tinseq show FILE [options]\n"
    "\n"
    "Prints the tables of a result that 'tinseq attribute -o' or Inseq saved (JSON or rows, also "
    "packed by gzip), or turns it into a\n"
    "page or another file. Of many texts one after the other is read, so that the file may be "
    "larger than the memory.\n"
    "\n"
    "Examples\n"
    "  tinseq show manager.json\n"
    "  tinseq show manager.json --unit word\n"
    "  tinseq show manager.json --alignments pharaoh --alignment_symmetrize grow-diag\n"
    "  tinseq show manager.json --attribution_aggregators subwords:sum vnorm "
    "--viz_path manager.html --quiet\n"
    "  tinseq show manager.json --export manager.csv --export manager.svg --export manager.pdf "
    "--quiet\n"
    "  tinseq show manager.json --summary\n"
    "  tinseq show manager.json --sequence 1 --csv | cut -d, -f4-\n"
    "  tinseq show manager.json --scale 0:0.4 --viz_path manager.html\n";

/* What a person should know of the results, once each. */
static void tell(struct info_texts *told, const struct attribution *result,
                 const struct cli_arguments *a) {
    const struct info_texts *notices = &result->info.notices;
    for (size_t i = 0; i < notices->n && !cli_flag(a, CLI_OPT_QUIET); i++)
        if (notices->items[i] && !info_texts_hold(told, notices->items[i]))
            info_texts_add(told, notices->items[i]);
}

static enum err_code check_sequence(const struct cli_arguments *a, size_t n, struct err *e) {
    const int64_t i = cli_integer(a, CLI_OPT_SEQUENCE, 1);
    if (i >= 1 && i <= (int64_t)n)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "--sequence %lld: the file has %zu text%s, counted from 1",
                   (long long)i, n, n == 1 ? "" : "s");
}

/* Whether something is made of all texts together, rather than a table of each. */
static bool is_of_all(const struct cli_arguments *a) {
    static const enum cli_option_id options[] = {CLI_OPT_SAVE, CLI_OPT_VIZ, CLI_OPT_EXPORT,
                                                 CLI_OPT_JSON, CLI_OPT_CSV, CLI_OPT_SUMMARY,
                                                 CLI_OPT_PAIR};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (a->values[options[i]].given)
            return true;
    return false;
}

static enum err_code show_all(struct info_texts *told, struct result_rows *rows,
                              const struct cli_arguments *a, struct err *e) {
    struct attribution *all;
    enum err_code code = result_rows_load_all(&all, rows, e);
    if (code)
        return code;
    code = cli_deliver(all, a, e);
    tell(told, all, a);
    attribution_release(all);
    return code;
}

static enum err_code show_one(struct info_texts *told, char **above, struct result_rows *rows,
                              size_t i, const struct cli_arguments *a, struct err *e) {
    struct attribution *one;
    enum err_code code = result_rows_load(&one, rows, i, e);
    if (code)
        return code;
    code = cli_deliver_below(one, above, a, e);
    tell(told, one, a);
    attribution_release(one);
    return code;
}

/* What is as wrong with the others: the command, or where it is printed. */
static bool ends_all(enum err_code code) {
    return code == ERR_USAGE || code == ERR_IO;
}

/* One after the other, so that only one is in memory. A damaged one does not keep those behind it
 * from being shown; the first error is returned. */
static enum err_code show_each(struct info_texts *told, struct result_rows *rows,
                               const struct cli_arguments *a, struct err *e) {
    enum err_code first = ERR_OK;
    char *above = NULL;
    for (size_t i = 0; i < result_rows_count(rows) && !ends_all(first); i++) {
        struct err latest;
        enum err_code code = show_one(told, &above, rows, i, a, &latest);
        if (code && first)
            cli_say(latest.message);
        cli_keep_error(&first, e, code, &latest);
    }
    free(above);
    return first;
}

/* Only what a file holds: of rows that were made otherwise than the others, each for itself. */
static bool is_summary(const struct cli_arguments *a) {
    return cli_flag(a, CLI_OPT_SUMMARY) && !a->values[CLI_OPT_SAVE].given &&
           !a->values[CLI_OPT_VIZ].given && !a->values[CLI_OPT_EXPORT].given &&
           !a->values[CLI_OPT_PAIR].given;
}

static enum err_code show(struct info_texts *told, struct result_rows *rows,
                          const struct cli_arguments *a, struct err *e) {
    if (is_of_all(a) && !a->values[CLI_OPT_SEQUENCE].given) {
        enum err_code code = show_all(told, rows, a, e);
        return code == ERR_UNSUPPORTED && is_summary(a) ? show_each(told, rows, a, e) : code;
    }
    if (!a->values[CLI_OPT_SEQUENCE].given)
        return show_each(told, rows, a, e);
    enum err_code code = check_sequence(a, result_rows_count(rows), e);
    if (code)
        return code;
    return show_one(told, NULL, rows, (size_t)cli_integer(a, CLI_OPT_SEQUENCE, 1) - 1, a, e);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    const char *path;
    struct result_rows *rows = NULL;
    struct info_texts told = {0};
    enum err_code code = cli_one_file(&path, a, "show", e);
    if (code)
        goto out;
    code = cli_check_output(a, NULL, e);
    if (code)
        goto out;
    code = result_rows_open(&rows, path, e);
    if (code)
        goto out;
    code = show(&told, rows, a, e);
    cli_output_tell(&told);
out:
    info_texts_dispose(&told);
    result_rows_close(rows);
    return code;
}

const struct subcommand cli_show = {
    .id = CLI_SHOW,
    .name = "show",
    .synopsis = "FILE",
    .title = "the table of a saved result",
    .help = help,
    .word = "FILE",
    .run = run,
};
