/* tinseq evaluate: how faithful saved results are, or fresh ones. */
#include "app/cli/subcommand.h"

#include "aggregators/pipeline.h"
#include "app/cli/engine.h"
#include "app/cli/evaluate_dataset.h"
#include "app/cli/evaluate_groups.h"
#include "app/cli/evaluate_keep.h"
#include "app/cli/evaluate_marks.h"
#include "app/cli/evaluate_picture.h"
#include "app/cli/evaluate_rationale.h"
#include "app/cli/evaluate_spec.h"
#include "app/cli/inputs.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/cli/progress.h"
#include "app/cli/request.h"
#include "app/files/evaluation_text.h"
#include "app/files/over_texts.h"
#include "app/files/result_file.h"
#include "app/files/result_model.h"
#include "backend/base/file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_METHODS 512 /* and files */

static const char help[] =
    "Usage: tinseq evaluate FILE [FILE ...] [-m MODEL] [options]\n"
    "       tinseq evaluate -m MODEL -i TEXT [TEXT ...] [--methods METHOD ...] [options]\n"
    "       tinseq evaluate -m MODEL -d FILE -i FIELD|TEMPLATE [--methods METHOD ...] [options]\n"
    "\n"
    "Takes tokens away in the order of their scores and watches what is explained: deletion and "
    "insertion curves beside random orders,\n"
    "comprehensiveness and sufficiency (drawn on a terminal, with a verdict against random "
    "orders), sensitivity to small noise,\n"
    "and how far methods agree. "
    "Several files are of one text, or of several texts with the same methods each.\n"
    "Of several texts, as of a data set's rows (-d), a last table says which method is best on "
    "them, "
    "with intervals.\n"
    "With --rationale scores are also held against what a person marked: area under precision over "
    "recall, F1 and IoU of tokens.\n"
    "That says whether they are plausible, not whether they are faithful.\n"
    "Without -m the model is the one that made the first file: by its name, at its path, or beside "
    "the file.\n"
    "\n"
    "Examples\n"
    "  tinseq evaluate manager.json --keep manager.html   # the page draws the curves\n"
    "  tinseq evaluate -m smollm2 -i \"The capital of Italy is\" --methods saliency "
    "input_x_gradient attention --noise_samples 0 \\\n"
    "      --generation_kwargs '{\"max_new_tokens\": 4}' --rationale Italy\n"
    "  tinseq evaluate -m smollm2 -d facts.csv -i prompt -g '{prompt} {target_true}' --methods "
    "saliency attention --rationale_column subject\n";

struct evaluator {
    struct cli_arguments own; /* what was given, with the marks of a file */
    const struct cli_arguments *a;
    struct evaluate_marks marks;
    struct evaluate_dataset rows; /* the texts, where they are those of a data set */
    struct engine *engine;
    const struct engine_ops *ops;
    struct faithfulness_spec spec;
    struct cli_progress progress;
    struct run_ctl ctl;
    bool quiet;
    struct attribution *results[MOST_METHODS];
    size_t n_results, n_failed; /* of several inputs */
    size_t per_text, i_text;    /* files of each text; texts before these results */
    struct attribution *kept;   /* the results with their curves; NULL: none yet */
    char *text;                 /* the generated text that all methods are to explain */
    cJSON *json;                /* the evaluations */
    struct text_buffer table;
};

/* --- what is watched --------------------------------------------------------------------- */

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    struct evaluator *v = user;
    cli_progress_update(&v->progress, phase, done, total);
}

static void on_notice(void *user, const char *text) {
    struct evaluator *v = user;
    if (v->quiet)
        return;
    cli_progress_clear(&v->progress);
    cli_note(text);
}

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    struct evaluator *v = user;
    (void)target, (void)n_prompt;
    free(v->text);
    v->text = mem_text(text);
}

static enum err_code reduce(void *user, struct attribution_sequence *out,
                            const struct attribution_sequence *in, struct err *e) {
    return cli_aggregate(out, in, user, e);
}

/* --- what is asked for ------------------------------------------------------------------- */

static size_t n_methods(const struct cli_arguments *a) {
    return a->values[CLI_OPT_METHODS].n ? a->values[CLI_OPT_METHODS].n : 1;
}

static const char *method_at(const struct cli_arguments *a, size_t i) {
    return i < a->values[CLI_OPT_METHODS].n ? a->values[CLI_OPT_METHODS].texts[i]
                                            : cli_text(a, CLI_OPT_METHOD);
}

/* A request for the i-th input and the k-th method. */
static enum err_code request_of(struct attribute_request *out, const struct cli_arguments *a,
                                size_t i, size_t k, struct err *e) {
    enum err_code code = cli_request(out, a, (int64_t)i, e);
    if (code)
        return code;
    free((char *)out->method);
    out->method = mem_text(method_at(a, k));
    return attribute_check(out, e);
}

static enum err_code check(const struct cli_arguments *a, struct err *e) {
    bool files = a->n_words > 0;
    if (!files && (!cli_text(a, CLI_OPT_MODEL) || !cli_text(a, CLI_OPT_INPUT)))
        return err_set(e, ERR_USAGE,
                       "evaluate what? give a saved result, or a model with -m and a text with -i");
    if (files &&
        (cli_text(a, CLI_OPT_INPUT) || cli_text(a, CLI_OPT_METHODS) || cli_text(a, CLI_OPT_METHOD)))
        return err_set(
            e, ERR_USAGE,
            "a saved result has its text and method already: give files, or -i and methods");
    if (a->n_words > MOST_METHODS || n_methods(a) > MOST_METHODS)
        return err_set(e, ERR_USAGE, "at most %d results can be compared", MOST_METHODS);
    /* Of a file's scores nothing is known yet: as many dimensions as attention's. */
    enum err_code code = cli_check_output(a, files ? "attention" : method_at(a, 0), e);
    if (code)
        return code;
    code = evaluate_keep_check(a, n_methods(a), e);
    if (!code)
        code = evaluate_rationale_check(a, a->values[CLI_OPT_INPUT].n, e);
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && !code; i++)
        for (size_t k = 0; k < n_methods(a) && !code; k++) {
            struct attribute_request request;
            code = request_of(&request, a, i, k, e);
            request_dispose(&request);
            if (code == ERR_FORMAT && a->values[CLI_OPT_INPUT].n > 1)
                code = ERR_OK; /* this text: it is told in its turn */
        }
    return code;
}

/* --- results ----------------------------------------------------------------------------- */

static void drop_results(struct evaluator *v) {
    for (size_t i = 0; i < v->n_results; i++)
        attribution_release(v->results[i]);
    v->n_results = 0;
    free(v->text);
    v->text = NULL;
}

/* A file of merged tokens: what there is to take away is no longer known. */
static enum err_code check_tokens(const struct attribution *r, const char *path, struct err *e) {
    const struct info_texts *stages = &r->info.pipeline;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < stages->n && !code; i++) {
        struct pipeline p = {0};
        struct err unknown;
        if (stages->items[i] && pipeline_add(&p, stages->items[i], &unknown) == ERR_OK &&
            p.stages[0].aggregator->changes_tokens)
            code = err_set(e, ERR_USAGE,
                           "%.200s: its tokens are not the model's any more (%.80s): evaluate the "
                           "scores of tokens, with --unit and the like here",
                           path, stages->items[i]);
        pipeline_dispose(&p);
    }
    return code;
}

/* Marks that the results' own fields have. */
static enum err_code take_fields(struct evaluator *v, struct err *e) {
    const char *column = cli_text(v->a, CLI_OPT_RATIONALE_COLUMN);
    enum err_code code = ERR_OK;
    if (!column || cli_text(v->a, CLI_OPT_RATIONALE_FILE))
        return ERR_OK;
    for (size_t i = 0; i < v->n_results && !code; i += v->per_text)
        code = evaluate_marks_of_result(&v->marks, v->results[i], column, e);
    evaluate_marks_give(&v->own, &v->marks);
    return code;
}

static enum err_code check_rationales(const struct evaluator *v, struct err *e) {
    size_t n = 0;
    for (size_t i = 0; i < v->n_results; i += v->per_text)
        n += v->results[i]->n_sequences;
    enum err_code code = evaluate_rationale_check(v->a, n, e);
    n = 0;
    for (size_t i = 0; i < v->n_results && !code; i += v->per_text) {
        code = evaluate_rationale_fits(v->a, v->results[i], n, e);
        n += v->results[i]->n_sequences;
    }
    return code;
}

static enum err_code load_files(struct evaluator *v, struct err *e) {
    for (size_t i = 0; i < v->a->n_words; i++) {
        enum err_code code = result_file_load(&v->results[i], v->a->words[i], e);
        if (code)
            return code;
        v->n_results++;
        code = check_tokens(v->results[i], v->a->words[i], e);
        if (code)
            return code;
    }
    if (!v->n_results)
        return ERR_OK;
    enum err_code code = evaluate_groups(&v->per_text, v->results, v->a->words, v->n_results, e);
    if (code)
        return code;
    code = take_fields(v, e);
    if (code)
        return code;
    return check_rationales(v, e);
}

/* The i-th input by the k-th method. */
static enum err_code attribute_method(struct evaluator *v, size_t i, size_t k, struct err *e) {
    const struct attribute_events events = {
        .user = v, .notice = on_notice, .generated = on_generated};
    struct attribute_request request;
    enum err_code code = request_of(&request, v->a, i, k, e);
    if (code)
        goto out;
    /* Own ids are those of a text that is generated: it comes out the same each time. */
    if ((!request.generated_text || request.from_target_prefix) && !request.generated_ids &&
        v->text) {
        free((char *)request.generated_text);
        request.generated_text = mem_text(v->text);
        request.from_target_prefix = false;
    }
    code = v->ops->attribute(v->engine, &v->results[k], &request, &events, &v->ctl, e);
    v->n_results += v->results[k] != NULL;
out:
    request_dispose(&request);
    return code;
}

/* The i-th input by every method; the first one's text is forced on the others. */
static enum err_code attribute_input(struct evaluator *v, size_t i, struct err *e) {
    enum err_code code = ERR_OK;
    drop_results(v);
    for (size_t k = 0; k < n_methods(v->a) && !code; k++)
        code = attribute_method(v, i, k, e);
    return code;
}

/* The function that a result explains; "" where it does not say. */
static const char *function_of(const struct attribution *r) {
    return r->info.function.id ? r->info.function.id : "";
}

/* --- evaluation -------------------------------------------------------------------------- */

static void tell_of_functions(struct evaluator *v) {
    bool same = true;
    for (size_t i = 1; i < v->n_results; i++)
        same = same && strcmp(function_of(v->results[0]), function_of(v->results[i])) == 0;
    if (!same)
        on_notice(v, "The results explain different functions; all orders are judged by the "
                     "first one's.");
}

/* The n-th text of the results. */
static enum err_code evaluate_text(struct evaluator *v, const char *model, size_t i,
                                   struct err *e) {
    const struct faithfulness_reducer reducer = {(void *)(uintptr_t)v->a, reduce};
    struct faithfulness *f = NULL;
    enum err_code code =
        v->ops->evaluate(v->engine, &f, (const struct attribution *const *)v->results, v->n_results,
                         i, &v->spec, &reducer, NULL, &v->ctl, e);
    if (code)
        goto out;
    const char *function = function_of(v->results[0]);
    char *picture =
        isatty(STDOUT_FILENO) ? evaluate_picture(f, function, cli_output_columns()) : NULL;
    const struct evaluated about = {model, function, &v->results[0]->sequences[i], picture};
    if (v->table.n)
        text_buffer_puts(&v->table, "\n");
    evaluation_table(&v->table, f, &about);
    cJSON *json = evaluation_json(f, &about);
    cJSON_AddItemToArray(v->json, json);
    const struct evaluate_marked marked = {v->a, v->results, i, v->i_text + i, f};
    code = evaluate_rationale_add(&v->table, json, &marked, e);
    evaluate_keep_curves(v->results[0], i, f, function);
    free(picture);
out:
    faithfulness_free(f);
    return code;
}

static enum err_code evaluate_results(struct evaluator *v, const char *model, struct err *e) {
    enum err_code code = ERR_OK;
    tell_of_functions(v);
    for (size_t i = 0; i < v->results[0]->n_sequences && !code; i++)
        code = evaluate_text(v, model, i, e);
    if (!code && cli_text(v->a, CLI_OPT_KEEP)) { /* of one method: it is the only one */
        evaluate_keep_take(&v->kept, v->results[0]);
        v->n_results = 0;
    }
    return code;
}

/* The files of each text by themselves. */
static enum err_code evaluate_files(struct evaluator *v, const char *model, struct err *e) {
    struct attribution *all[MOST_METHODS];
    const size_t n = v->n_results;
    enum err_code code = ERR_OK;
    if (n == v->per_text)
        return evaluate_results(v, model, e);
    memcpy(all, v->results, n * sizeof *all);
    v->n_results = v->per_text;
    for (size_t i = 0; i < n && !code; i += v->per_text) {
        memcpy(v->results, all + i, v->per_text * sizeof *all);
        code = evaluate_results(v, model, e);
        v->i_text += v->results[0]->n_sequences;
    }
    memcpy(v->results, all, n * sizeof *all);
    v->n_results = n;
    return code;
}

static enum err_code evaluate_input(struct evaluator *v, const char *model, size_t i,
                                    struct err *e) {
    enum err_code code = attribute_input(v, i, e);
    if (code)
        return code;
    code = evaluate_rationale_fits(v->a, v->results[0], i, e);
    if (code)
        return code;
    return evaluate_results(v, model, e);
}

/* The one given, or the one that made the first file; owned by the caller. */
static enum err_code find_model(char **out, const struct evaluator *v, struct err *e) {
    const char *given = cli_text(v->a, CLI_OPT_MODEL);
    *out = mem_text(given);
    if (given)
        return ERR_OK;
    const struct result_info *info = &v->results[0]->info;
    *out = result_model(info, v->a->words[0]);
    if (*out)
        return ERR_OK;
    if (!info->model_name)
        return err_set(e, ERR_USAGE,
                       "the result does not say which model made it: give one with -m");
    return err_set(e, ERR_IO,
                   "%s: %s, the model that made it, is no longer there, nor beside the file: give "
                   "it with -m",
                   v->a->words[0], info->model_path ? info->model_path : info->model_name);
}

static enum err_code load_model(struct engine_model *about, struct evaluator *v, struct err *e) {
    char *model;
    enum err_code code = find_model(&model, v, e);
    if (!code)
        code = v->ops->load(v->engine, model, about, &v->ctl, e);
    free(model);
    return code;
}

/* Files need no model first: they say which one made them. */
static enum err_code evaluate_all(struct evaluator *v, struct err *e) {
    struct engine_model about;
    enum err_code code = load_files(v, e);
    if (code)
        return code;
    code = load_model(&about, v, e);
    if (!code && v->n_results)
        code = evaluate_files(v, about.name, e);
    for (size_t i = 0; i < v->a->values[CLI_OPT_INPUT].n && !code; i++) {
        v->progress.i_input = v->i_text = i;
        code = evaluate_input(v, about.name, i, e);
        if (code)
            cli_progress_clear(&v->progress);
        code = cli_input_ended(&v->n_failed, v->a, i, code, e);
    }
    return code;
}

static enum err_code deliver(const struct evaluator *v, struct err *e) {
    char *text = cJSON_Print(v->json), *lines = mem_format("%s\n", text ? text : "");
    const char *path = cli_text(v->a, CLI_OPT_SAVE);
    enum err_code code = ERR_OK;
    if (path)
        code = file_write_named(path, lines, strlen(lines), e);
    if (code)
        goto out;
    code = evaluate_keep_write(v->kept, v->a, e);
    if (code)
        goto out;
    if (cli_flag(v->a, CLI_OPT_JSON))
        code = cli_print(lines, strlen(lines), e);
    else if (!v->quiet)
        code = cli_print(v->table.text, v->table.n, e);
out:
    cJSON_free(text);
    free(lines);
    return code;
}

static enum err_code compute(struct evaluator *v, struct err *e) {
    enum err_code code = cli_engine(&v->engine, &v->ops, v->a, e);
    if (code)
        return code;
    v->progress.shown = !v->quiet && isatty(STDERR_FILENO);
    v->progress.n_inputs = v->a->values[CLI_OPT_INPUT].n;
    v->ctl = (struct run_ctl){.cancel = cli_catch_interrupts(), .progress = on_progress, .user = v};
    code = evaluate_all(v, e);
    cli_progress_clear(&v->progress);
    drop_results(v);
    v->ops->free(v->engine);
    return code;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct evaluator v = {
        .own = *a, .quiet = cli_flag(a, CLI_OPT_QUIET), .json = cJSON_CreateArray()};
    struct over_texts_how how;
    v.a = &v.own;
    enum err_code code = evaluate_spec(&v.spec, a, e);
    if (code)
        goto out;
    code = evaluate_intervals(&how, a, e);
    if (code)
        goto out;
    code = evaluate_marks_read(&v.marks, a, e);
    if (code)
        goto out;
    if (cli_text(a, CLI_OPT_RATIONALE_FILE))
        evaluate_marks_give(&v.own, &v.marks);
    if (evaluate_has_dataset(a))
        code = evaluate_dataset_read(&v.rows, &v.own, &v.marks, a, e);
    if (code)
        goto out;
    code = check(v.a, e);
    if (code)
        goto out;
    code = compute(&v, e);
    if (code)
        goto out;
    over_texts_add(&v.table, v.json, &how);
    if (!v.n_failed || v.n_failed < v.a->values[CLI_OPT_INPUT].n)
        code = deliver(&v, e);
    if (code)
        goto out;
    code = cli_inputs_ended(v.n_failed, v.a, e);
    if (!code && v.rows.n_failed)
        code = err_set(e, ERR_FORMAT,
                       "%zu row%s of the data set could not be used; the others are "
                       "done",
                       v.rows.n_failed, v.rows.n_failed == 1 ? "" : "s");
out:
    text_buffer_dispose(&v.table);
    attribution_release(v.kept);
    evaluate_marks_dispose(&v.marks);
    evaluate_dataset_dispose(&v.rows);
    cJSON_Delete(v.json);
    return code;
}

const struct subcommand cli_evaluate = {
    .id = CLI_EVALUATE,
    .name = "evaluate",
    .synopsis = "FILE ...",
    .title = "how faithful saved results are, or fresh ones (-m, -i)",
    .help = help,
    .word = "FILE",
    .run = run,
};
