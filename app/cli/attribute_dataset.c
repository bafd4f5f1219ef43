/* tinseq attribute-dataset: the rows of a file, each explained as `attribute` does. */
#include "app/cli/subcommand.h"

#include "app/cli/alignments.h"
#include "app/cli/dataset_pages.h"
#include "app/cli/dataset_request.h"
#include "app/cli/dataset_rows.h"
#include "app/cli/dataset_source.h"
#include "app/cli/engine.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"

#include <stdlib.h>

static const char help[] =
    "Usage: tinseq attribute-dataset -m MODEL -d FILE -i FIELD|TEMPLATE [-o OUT] [options]\n"
    "\n"
    "Explains every row of a file of CSV, TSV or JSON lines as 'tinseq attribute' explains a text; "
    "all options of that are options\n"
    "here. A value with braces is a template of the row's fields, {field|filter:argument}, else a "
    "field's name: -i, -g,\n"
    "--contrast_targets and --contrast_sources; --foil, --span, -s and -e are values unless they "
    "have braces. {prompt} is what\n"
    "the input was made into. Filters: fill:FIELD (puts that field in the place of {}), trim, "
    "lower, upper, json, default:TEXT;\n"
    "{{ and }} are braces themselves.\n"
    "\n"
    "A row that is bad or fails is told with file and line, goes to OUT's .failed.jsonl with its "
    "reason, and the others go on.\n"
    "\n"
    "Rows are kept as they come, in OUT.part: stopped or killed, the same command goes on. --shard "
    "K/N does one part of several, as\n"
    "Slurm's tasks do of themselves, and 'tinseq merge' puts them together; mpirun's processes "
    "write one file.\n"
    "\n"
    "Examples\n"
    "  tinseq attribute-dataset -m smollm2 -d facts.csv -i '{relation|fill:subject}' "
    "-g '{prompt} {target_true}' \\\n"
    "      --contrast_targets '{prompt} {target_false}' -fn contrast_prob_diff -o facts.jsonl\n"
    "  tinseq attribute-dataset -m en-pt --dataset_name csv --dataset_files a.csv b.csv "
    "--dataset_split 'train[10:20]' \\\n"
    "      --input_text_field source --generated_text_field target -o pairs.json --hide\n";

/* What is wrong before a model is loaded, in the files too. */
static enum err_code check(const struct dataset_source *s, const struct dataset_request *r,
                           struct err *e) {
    struct data_column *columns;
    const size_t n = dataset_request_columns(r, &columns);
    enum err_code code =
        dataset_check((const char *const *)s->files, s->n, &s->form, columns, n, e);
    free(columns);
    return code;
}

static enum err_code check_words(const struct cli_arguments *a, struct err *e) {
    if (a->n_words)
        return err_set(e, ERR_USAGE, "what is \"%.100s\"? files are given with -d", a->words[0]);
    if (!cli_text(a, CLI_OPT_MODEL))
        return err_set(
            e, ERR_USAGE,
            "which model? give one with -m; 'tinseq list models' shows those on this machine");
    enum err_code code = dataset_pages_check(a, e);
    return code ? code : cli_check_output(a, cli_text(a, CLI_OPT_METHOD), e);
}

static enum err_code compute(const struct dataset_source *s, struct dataset_request *r,
                             const struct cli_arguments *a, struct err *e) {
    struct dataset_run x = {.source = s, .request = r, .a = a, .cancel = cli_catch_interrupts()};
    enum err_code code = cli_engine(&x.engine, &x.ops, a, e);
    if (code)
        return code;
    code = dataset_rows_run(&x, e);
    x.ops->free(x.engine);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct dataset_source s = {0};
    struct dataset_request r = {0};
    enum err_code code = check_words(a, e);
    if (code)
        goto out;
    code = dataset_source_read(&s, a, e);
    if (code)
        goto out;
    code = dataset_request_init(&r, a, e);
    if (code)
        goto out;
    code = check(&s, &r, e);
    if (code)
        goto out;
    code = compute(&s, &r, a, e);
out:
    dataset_request_dispose(&r);
    dataset_source_dispose(&s);
    return code;
}

const struct subcommand cli_attribute_dataset = {
    .id = CLI_DATASET,
    .name = "attribute-dataset",
    .synopsis = "-m MODEL -d FILE -i FIELD",
    .title = "explain every row of a file",
    .help = help,
    .run = run,
};
