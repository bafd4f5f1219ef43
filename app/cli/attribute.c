/* tinseq attribute: generate, explain, print and save, without the terminal program. */
#include "app/cli/subcommand.h"

#include "app/cli/alignments.h"
#include "app/cli/engine.h"
#include "app/cli/files.h"
#include "app/cli/inputs.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/cli/progress.h"
#include "app/cli/request.h"
#include "app/cli/timings.h"
#include "backend/base/clock.h"
#include "methods/result/join.h"
#include "views/export/exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: tinseq attribute -m MODEL -i TEXT [TEXT ...] [options]\n"
    "\n"
    "Generates from each text (or takes the given output), computes how much every token of the "
    "input counted for every\n"
    "token of the output, and prints one table for each side. Options are Inseq's; \"-\" and "
    "\"_\" in their names are the\n"
    "same, and a flag may be followed by true or false. Interrupted (Ctrl-C), it keeps the columns "
    "that are finished.\n"
    "\n"
    "Examples\n"
    "  tinseq attribute -m smollm2 -i \"The Eiffel Tower is located in the city of\" "
    "--step_scores probability entropy\n"
    "  tinseq attribute -m en-pt -i \"I said hi to the manager\" -g \"Eu disse oi para o "
    "gerente\" -fn contrast_logits_diff \\\n"
    "      --contrast_targets \"Eu disse oi para a gerente\" --attribute_target -o manager.json "
    "--viz_path manager.html\n"
    "  tinseq attribute -m smollm2 -i \"The capital of Italy is\" -a integrated_gradients "
    "--attribution_kwargs '{\"n_steps\": 20}'\n"
    "  tinseq attribute -m smollm2 -i \"The capital of Italy is\" -a attention --json --quiet\n"
    "  tinseq attribute -m smollm2 --input_file - -q -o two.json <<<$'The sky is\\nThe sea is'\n";

/* What one run measures and shows, passed through the engine's callbacks. */
struct watch {
    struct cli_progress progress;
    bool quiet, forced;            /* forced: the output was given */
    double attribute_started;      /* of the input under way */
    double load, attribute;        /* seconds */
    double generate, first_column; /* of the first input; negative: did not happen */
    struct model_spent spent;
    size_t n_failed; /* of several inputs */
};

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct watch *w = user;
    cli_progress_update(&w->progress, phase, done, total);
}

static void on_notice(void *user, const char *text) {
    struct watch *w = user;
    if (w->quiet)
        return;
    cli_progress_clear(&w->progress);
    cli_note(text);
}

static void on_cost(void *user, const struct cost_estimate *c) {
    struct watch *w = user;
    w->progress.at_worst = c->cost.worst > c->cost.least;
    if (w->quiet)
        return;
    cli_progress_clear(&w->progress);
    char *text = cost_text(c);
    fprintf(stderr, "tinseq: %s, %.0f pass%s through the model\n", text, c->cost.passes,
            c->cost.passes == 1 ? "" : "es");
    free(text);
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    struct watch *w = user;
    (void)text, (void)target, (void)n_prompt;
    if (w->progress.i_input == 0 && !w->forced)
        w->generate = clock_seconds() - w->attribute_started;
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct watch *w = user;
    (void)s, (void)g;
    if (w->first_column < 0)
        w->first_column = clock_seconds() - w->attribute_started;
}

static void print_seconds(const char *name, double seconds) {
    if (seconds < 0)
        fprintf(stderr, "\"%s\": null, ", name);
    else
        fprintf(stderr, "\"%s\": %.6f, ", name, seconds);
}

/* What the attributions' time went to, beside the program's own: seconds, and the products'
 * operations. */
static void print_spent(const struct model_spent *s) {
    fprintf(stderr,
            "\"spent\": {\"products\": %.6f, \"vocabulary\": %.6f, \"attention\": %.6f, \"rows\": "
            "%.6f, \"other\": %.6f, \"operations\": %.0f}, ",
            s->products, s->vocabulary, s->attention, s->rows, s->other, s->operations);
}

static void add_spent(struct model_spent *to, const struct model_spent *now,
                      const struct model_spent *before) {
    to->products += now->products - before->products;
    to->vocabulary += now->vocabulary - before->vocabulary;
    to->attention += now->attention - before->attention;
    to->rows += now->rows - before->rows;
    to->other += now->other - before->other;
    to->operations += now->operations - before->operations;
}

static void print_timings(const struct watch *w, double total) {
    fputs("{", stderr);
    print_seconds("load", w->load);
    print_seconds("generate", w->generate);
    print_seconds("first_column", w->first_column);
    print_seconds("attribute", w->attribute);
    print_seconds("total", total);
    print_spent(&w->spent);
    fprintf(stderr, "\"peak_rss_bytes\": %lld}\n", cli_peak_bytes());
}

/* The i-th input, joined to what is there. */
static enum err_code run_input(struct attribution **out, struct engine *engine,
                               const struct engine_ops *ops, const struct cli_arguments *a,
                               size_t i, struct watch *w, const struct run_ctl *ctl,
                               struct err *e) {
    const struct attribute_events events = {.user = w,
                                            .notice = on_notice,
                                            .cost = on_cost,
                                            .generated = on_generated,
                                            .column = on_column};
    struct attribute_request request;
    struct attribution *one = NULL;
    struct model_spent before = {0}, after = {0};
    enum err_code code = cli_request(&request, a, (int64_t)i, e);
    if (code)
        goto out;
    w->progress.i_input = i;
    if (ops->spent)
        ops->spent(engine, &before);
    w->attribute_started = clock_seconds();
    code = ops->attribute(engine, &one, &request, &events, ctl, e);
    w->attribute += clock_seconds() - w->attribute_started;
    if (ops->spent)
        ops->spent(engine, &after);
    add_spent(&w->spent, &after, &before);
    if (one && *out)
        attribution_join_take(*out, one);
    else if (one)
        *out = one;
out:
    request_dispose(&request);
    return code;
}

/* One input after the other, joined into one result; NULL where all fail. When interrupted, what is
 * there. */
static enum err_code run_inputs(struct attribution **out, struct engine *engine,
                                const struct engine_ops *ops, const struct cli_arguments *a,
                                struct watch *w, const struct run_ctl *ctl, struct err *e) {
    enum err_code code = ERR_OK;
    *out = NULL;
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && !code; i++) {
        code = run_input(out, engine, ops, a, i, w, ctl, e);
        if (code)
            cli_progress_clear(&w->progress);
        code = cli_input_ended(&w->n_failed, a, i, code, e);
    }
    if (code && code != ERR_CANCELLED) {
        attribution_release(*out);
        *out = NULL;
    }
    return code;
}

static enum err_code compute(struct attribution **out, const struct cli_arguments *a,
                             struct watch *w, struct err *e) {
    const struct run_ctl ctl = {
        .cancel = cli_catch_interrupts(), .progress = on_progress, .user = w};
    struct engine *engine;
    const struct engine_ops *ops;
    struct engine_model about;
    enum err_code code = cli_engine(&engine, &ops, a, e);
    if (code)
        return code;
    double started = clock_seconds();
    code = ops->load(engine, cli_text(a, CLI_OPT_MODEL), &about, &ctl, e);
    w->load = clock_seconds() - started;
    if (code)
        goto out;
    code = cli_alignments_check_model(a, about.encoder_decoder, e);
    if (code)
        goto out;
    code = run_inputs(out, engine, ops, a, w, &ctl, e);
out:
    cli_progress_clear(&w->progress);
    ops->free(engine);
    return code;
}

/* All that can be wrong before a model is loaded. */
static enum err_code check(const struct cli_arguments *a, struct err *e) {
    if (a->n_words)
        return err_set(e, ERR_USAGE, "what is \"%.100s\"? texts are given with -i", a->words[0]);
    if (!cli_text(a, CLI_OPT_MODEL))
        return err_set(
            e, ERR_USAGE,
            "which model? give one with -m; 'tinseq list models' shows those on this machine");
    if (!cli_text(a, CLI_OPT_INPUT))
        return err_set(e, ERR_USAGE, "which text? give one with -i, or several with --input_file");
    enum err_code code = cli_check_output(a, cli_text(a, CLI_OPT_METHOD), e);
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && !code; i++) {
        struct attribute_request request;
        code = cli_request(&request, a, (int64_t)i, e);
        request_dispose(&request);
        if (code == ERR_FORMAT && a->values[CLI_OPT_INPUT].n > 1)
            code = ERR_OK; /* this text: it is told in its turn */
    }
    return code;
}

/* Options that turn out not to fit the scores must not cost the run that made them. */
static void keep_raw(const struct attribution *result, const struct cli_arguments *a) {
    const char *path = cli_text(a, CLI_OPT_SAVE);
    const struct export_input in = {.result = result, .shown = result, .choices = result};
    struct err unsaved;
    if (!path || cli_file_write(a, path, export_find("json"), &in, &unsaved) != ERR_OK)
        return;
    char *line = mem_format("saved the scores as they were computed to %s: tinseq show takes other "
                            "options",
                            path);
    cli_say(line);
    free(line);
}

static enum err_code deliver(const struct attribution *result, const struct cli_arguments *a,
                             struct err *e) {
    enum err_code code = cli_deliver(result, a, e);
    if (code == ERR_USAGE || code == ERR_SHAPE)
        keep_raw(result, a);
    return code;
}

/* An interrupted run delivers what is finished of it like a whole one, and stays interrupted. */
static enum err_code deliver_cut_short(const struct attribution *result,
                                       const struct cli_arguments *a, struct err *e) {
    const size_t n = a->values[CLI_OPT_INPUT].n;
    enum err_code code = deliver(result, a, e);
    if (code)
        return code;
    const struct attribution_sequence *last = &result->sequences[result->n_sequences - 1];
    char *columns = mem_format("%lld of %lld columns", (long long)last->n_done,
                               (long long)attribution_steps(last));
    char *line = n > 1 ? mem_format("interrupted: %zu of %zu texts are kept, the last with %s",
                                    result->n_sequences, n, columns)
                       : mem_format("interrupted: %s are finished and kept", columns);
    cli_say(line);
    free(line);
    free(columns);
    return err_set(e, ERR_CANCELLED, "interrupted");
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    const double started = clock_seconds();
    struct attribution *result = NULL;
    struct watch w = {.quiet = cli_flag(a, CLI_OPT_QUIET),
                      .forced = cli_text(a, CLI_OPT_GENERATED),
                      .generate = -1,
                      .first_column = -1};
    w.progress.shown = !w.quiet && isatty(STDERR_FILENO);
    w.progress.n_inputs = a->values[CLI_OPT_INPUT].n;
    enum err_code code = check(a, e);
    if (code)
        goto out;
    code = compute(&result, a, &w, e);
    if (code == ERR_CANCELLED && result)
        code = deliver_cut_short(result, a, e);
    if (code)
        goto out;
    if (result)
        code = deliver(result, a, e);
    if (code)
        goto out;
    if (cli_flag(a, CLI_OPT_TIMINGS))
        print_timings(&w, clock_seconds() - started);
    code = cli_inputs_ended(w.n_failed, a, e);
out:
    attribution_release(result);
    return code;
}

const struct subcommand cli_attribute = {
    .id = CLI_ATTRIBUTE,
    .name = "attribute",
    .synopsis = "-m MODEL -i TEXT",
    .title = "explain, print a table, save",
    .help = help,
    .run = run,
};
