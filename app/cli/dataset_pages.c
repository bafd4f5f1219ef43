#include "app/cli/dataset_pages.h"

#include "app/cli/aggregation.h"
#include "app/cli/several.h"
#include "app/dataset/shard.h"
#include "backend/base/text.h"

static const struct {
    enum cli_option_id id;
    const char *name;
} pages[] = {{CLI_OPT_VIZ, "--viz_path"}, {CLI_OPT_EXPORT, "--export"}};
#define N_PAGES (sizeof pages / sizeof *pages)

enum err_code dataset_pages_check(const struct cli_arguments *a, struct err *e) {
    struct shard shard;
    for (size_t i = 0; i < N_PAGES; i++) {
        if (!a->values[pages[i].id].given)
            continue;
        if (!cli_text(a, CLI_OPT_SAVE))
            return err_set(e, ERR_USAGE, "%s is made of the file of all rows: name one with -o",
                           pages[i].name);
        enum err_code code = shard_read(&shard, cli_text(a, CLI_OPT_SHARD), e);
        if (code)
            return code;
        if (shard_is_part(&shard))
            return err_set(e, ERR_USAGE,
                           "%s is made of all rows, and this is one part of them (%s): tinseq "
                           "merge joins the parts, tinseq show makes it",
                           pages[i].name, shard.from);
    }
    return ERR_OK;
}

/* Whether the file has scores as they are shown: what options ask for is done to them already. */
static bool is_aggregated(const struct cli_arguments *a) {
    const struct cli_value *aggregate = &a->values[CLI_OPT_AGGREGATE_OUTPUT];
    const char *path = cli_text(a, CLI_OPT_SAVE);
    if (text_ends_with(path, ".jsonl") || text_ends_with(path, ".jsonl.gz"))
        return !aggregate->given || aggregate->flag;
    return aggregate->flag || cli_aggregates(a);
}

static void leave_out(struct cli_arguments *a, const enum cli_option_id *ids, size_t n) {
    for (size_t i = 0; i < n; i++)
        a->values[ids[i]] = (struct cli_value){0};
}

enum err_code dataset_pages_write(const struct cli_arguments *a, const char *path, struct err *e) {
    static const enum cli_option_id of_file[] = {CLI_OPT_SAVE,       CLI_OPT_VIZ,
                                                 CLI_OPT_EXPORT,     CLI_OPT_PRECISION,
                                                 CLI_OPT_COMPRESS,   CLI_OPT_SPLIT,
                                                 CLI_OPT_PRIMITIVES, CLI_OPT_COMPACT,
                                                 CLI_OPT_JSON,       CLI_OPT_WORD_ALIGNMENTS};
    static const enum cli_option_id done[] = {CLI_OPT_AGGREGATORS, CLI_OPT_AGGREGATION_KWARGS,
                                              CLI_OPT_SELECTORS,   CLI_OPT_NORMALIZE,
                                              CLI_OPT_RESCALE,     CLI_OPT_WEIGHT,
                                              CLI_OPT_UNIT,        CLI_OPT_PUNCTUATION,
                                              CLI_OPT_SPAN_RULE,   CLI_OPT_AGGREGATE_OUTPUT};
    struct cli_arguments own = *a; /* borrows all of it */
    enum err_code code = ERR_OK;
    leave_out(&own, of_file, sizeof of_file / sizeof *of_file);
    if (is_aggregated(a))
        leave_out(&own, done, sizeof done / sizeof *done);
    for (size_t i = 0; i < N_PAGES; i++) {
        const struct cli_value *v = &a->values[pages[i].id];
        for (size_t k = 0; k < v->n && !code; k++)
            code = cli_several(&own, &path, 1, v->texts[k], e);
    }
    return code;
}
