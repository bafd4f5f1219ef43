/* tinseq evaluate: how faithful saved results are, or fresh ones. */
#include "app/cli/cli.h"

#include "app/cli/progress.h"
#include "app/files/evaluation_text.h"
#include "app/files/result_file.h"
#include "app/jobs/engine.h"
#include "backend/base/file.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_METHODS 32

struct evaluator {
    const struct cli_arguments *a;
    struct engine *engine;
    const struct engine_ops *ops;
    struct faithfulness_spec spec;
    struct cli_progress progress;
    struct run_ctl ctl;
    bool quiet;
    struct attribution *results[MOST_METHODS];
    size_t n_results;
    char *text;  /* the generated text that all methods are to explain */
    cJSON *json; /* the evaluations */
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

static enum err_code whole_number(int64_t *out, const struct cli_arguments *a,
                                  enum cli_option_id id, const char *name, int64_t least,
                                  int64_t most, struct err *e) {
    *out = cli_integer(a, id, *out);
    return *out >= least && *out <= most
               ? ERR_OK
               : err_set(e, ERR_USAGE, "%s takes a number from %lld to %lld", name,
                         (long long)least, (long long)most);
}

static enum err_code number(double *out, const char *text, const char *name, double least,
                            double most, struct err *e) {
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end || !(*out >= least && *out <= most))
        return err_set(e, ERR_USAGE, "%s takes a number from %g to %g, not \"%.40s\"", name, least,
                       most, text);
    return ERR_OK;
}

static enum err_code fill_parts(struct faithfulness_spec *s, const struct cli_arguments *a,
                                struct err *e) {
    const struct cli_value *parts = &a->values[CLI_OPT_PARTS];
    s->counts = cli_flag(a, CLI_OPT_COUNTS);
    if (s->counts && !parts->n)
        return err_set(e, ERR_USAGE, "--counts needs numbers of tokens: --parts 1 2 5 --counts");
    if (parts->n > FAITHFULNESS_MAX_PARTS)
        return err_set(e, ERR_USAGE, "--parts takes at most %d numbers", FAITHFULNESS_MAX_PARTS);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < parts->n && code == ERR_OK; i++)
        code = number(&s->parts[i], parts->texts[i], "--parts", 0, s->counts ? 1e6 : 100, e);
    for (size_t i = 0; i < parts->n && code == ERR_OK && s->counts; i++)
        if (s->parts[i] != floor(s->parts[i]))
            code =
                err_set(e, ERR_USAGE, "with --counts, --parts takes whole numbers, not \"%.40s\"",
                        parts->texts[i]);
    s->n_parts = parts->n ? parts->n : s->n_parts;
    return code;
}

static enum err_code fill_spec(struct faithfulness_spec *s, const struct cli_arguments *a,
                               struct err *e) {
    *s = faithfulness_defaults();
    int64_t seed = 0;
    enum err_code code = fill_parts(s, a, e);
    if (code == ERR_OK)
        code = whole_number(&s->n_points, a, CLI_OPT_POINTS, "--points", 1, 1000, e);
    if (code == ERR_OK)
        code = whole_number(&s->n_random, a, CLI_OPT_RANDOM, "--random", 0, 1000, e);
    if (code == ERR_OK)
        code = whole_number(&s->n_top, a, CLI_OPT_TOP, "--top", 1, 1000, e);
    if (code == ERR_OK)
        code = whole_number(&s->n_noise, a, CLI_OPT_NOISE_SAMPLES, "--noise_samples", 0, 1000, e);
    if (code == ERR_OK)
        code = whole_number(&seed, a, CLI_OPT_SEED, "--seed", 0, INT64_MAX, e);
    if (code == ERR_OK && cli_text(a, CLI_OPT_NOISE))
        code = number(&s->noise, cli_text(a, CLI_OPT_NOISE), "--noise", 0, 10, e);
    s->seed = (uint64_t)seed;
    return code;
}

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
    if (code != ERR_OK)
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
    int64_t threads = cli_integer(a, CLI_OPT_THREADS, 0);
    if (threads < 0 || threads > 4096)
        return err_set(e, ERR_USAGE, "--threads takes 1 to 4096, or 0 for the machine's cores");
    enum err_code code = cli_check_output(a, files ? "attention" : method_at(a, 0), e);
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && code == ERR_OK; i++)
        for (size_t k = 0; k < n_methods(a) && code == ERR_OK; k++) {
            struct attribute_request request;
            code = request_of(&request, a, i, k, e);
            request_dispose(&request);
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

static enum err_code load_files(struct evaluator *v, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < v->a->n_words && code == ERR_OK; i++) {
        code = result_file_load(&v->results[v->n_results], v->a->words[i], e);
        v->n_results += code == ERR_OK;
        if (code == ERR_OK && v->results[i]->n_sequences != v->results[0]->n_sequences)
            code = err_set(e, ERR_USAGE,
                           "%.200s is of another number of texts: only methods on the same text "
                           "can be compared",
                           v->a->words[i]);
    }
    return code;
}

/* The i-th input by every method; the first one's text is forced on the others. */
static enum err_code attribute_input(struct evaluator *v, size_t i, struct err *e) {
    const struct attribute_events events = {
        .user = v, .notice = on_notice, .generated = on_generated};
    enum err_code code = ERR_OK;
    drop_results(v);
    for (size_t k = 0; k < n_methods(v->a) && code == ERR_OK; k++) {
        struct attribute_request request;
        code = request_of(&request, v->a, i, k, e);
        if (code == ERR_OK && !request.generated_text)
            request.generated_text = mem_text(v->text);
        if (code == ERR_OK)
            code = v->ops->attribute(v->engine, &v->results[k], &request, &events, &v->ctl, e);
        v->n_results += code == ERR_OK;
        request_dispose(&request);
    }
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

static enum err_code evaluate_results(struct evaluator *v, const char *model, struct err *e) {
    const struct faithfulness_reducer reducer = {(void *)(uintptr_t)v->a, reduce};
    enum err_code code = ERR_OK;
    tell_of_functions(v);
    for (size_t i = 0; i < v->results[0]->n_sequences && code == ERR_OK; i++) {
        struct faithfulness *f = NULL;
        code = v->ops->evaluate(v->engine, &f, (const struct attribution *const *)v->results,
                                v->n_results, i, &v->spec, &reducer, NULL, &v->ctl, e);
        if (code == ERR_OK) {
            const struct evaluated about = {model, function_of(v->results[0]),
                                            &v->results[0]->sequences[i]};
            if (v->table.n)
                text_buffer_puts(&v->table, "\n");
            evaluation_table(&v->table, f, &about);
            cJSON_AddItemToArray(v->json, evaluation_json(f, &about));
        }
        faithfulness_free(f);
    }
    return code;
}

/* What needs no model first: files, and which model made them. */
static enum err_code run(struct evaluator *v, struct err *e) {
    struct engine_model about;
    enum err_code code = load_files(v, e);
    if (code != ERR_OK)
        return code;
    const char *model = cli_text(v->a, CLI_OPT_MODEL);
    if (!model)
        model = v->results[0]->info.model_name;
    if (!model)
        code =
            err_set(e, ERR_USAGE, "the result does not say which model made it: give one with -m");
    if (code == ERR_OK)
        code = v->ops->load(v->engine, model, &about, &v->ctl, e);
    if (code == ERR_OK && v->n_results)
        code = evaluate_results(v, about.name, e);
    for (size_t i = 0; i < v->a->values[CLI_OPT_INPUT].n && code == ERR_OK; i++) {
        v->progress.i_input = i;
        code = attribute_input(v, i, e);
        if (code == ERR_OK)
            code = evaluate_results(v, about.name, e);
    }
    return code;
}

static enum err_code deliver(const struct evaluator *v, struct err *e) {
    char *text = cJSON_Print(v->json), *lines = mem_format("%s\n", text ? text : "");
    const char *path = cli_text(v->a, CLI_OPT_SAVE);
    enum err_code code = path ? file_write(path, lines, strlen(lines), e) : ERR_OK;
    if (code == ERR_OK && cli_flag(v->a, CLI_OPT_JSON))
        code = cli_print(lines, strlen(lines), e);
    else if (code == ERR_OK && !v->quiet)
        code = cli_print(v->table.text, v->table.n, e);
    cJSON_free(text);
    free(lines);
    return code;
}

static enum err_code compute(const struct cli_arguments *a, struct err *e) {
    struct evaluator v = {.a = a, .quiet = cli_flag(a, CLI_OPT_QUIET)};
    const struct engine_options options = {.device = cli_text(a, CLI_OPT_DEVICE),
                                           .dtype = cli_text(a, CLI_OPT_DTYPE),
                                           .n_threads = (int)cli_integer(a, CLI_OPT_THREADS, 0)};
    enum err_code code = fill_spec(&v.spec, a, e);
    if (code == ERR_OK)
        code = check(a, e);
    if (code == ERR_OK)
        code = engine_real_new(&v.engine, &v.ops, &options, e);
    if (code != ERR_OK)
        return code;
    v.progress.shown = !v.quiet && isatty(STDERR_FILENO);
    v.progress.n_inputs = a->values[CLI_OPT_INPUT].n;
    v.ctl = (struct run_ctl){.cancel = cli_catch_interrupts(), .progress = on_progress, .user = &v};
    v.json = cJSON_CreateArray();
    code = run(&v, e);
    cli_progress_clear(&v.progress);
    if (code == ERR_OK)
        code = deliver(&v, e);
    drop_results(&v);
    text_buffer_dispose(&v.table);
    cJSON_Delete(v.json);
    v.ops->free(v.engine);
    return code;
}

int cli_evaluate(int n, char *const *argv) {
    struct err e = {0};
    struct cli_arguments a;
    enum err_code code = cli_parse(&a, CLI_EVALUATE, n, argv, &e);
    if (code != ERR_OK)
        return cli_exit(code, &e);
    if (cli_flag(&a, CLI_OPT_HELP)) {
        struct text_buffer b = {0};
        cli_write_help(&b, CLI_EVALUATE);
        code = cli_print(b.text, b.n, &e);
        text_buffer_dispose(&b);
    } else {
        code = compute(&a, &e);
    }
    cli_arguments_dispose(&a);
    return cli_exit(code, &e);
}
