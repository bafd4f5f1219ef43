/* tinseq attribute: generate, explain, print and save, without the terminal program. */
#include "app/cli/cli.h"

#include "app/cli/progress.h"
#include "app/jobs/engine.h"
#include "backend/base/clock.h"
#include "methods/result/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one run measures and shows, passed through the engine's callbacks. */
struct watch {
    struct cli_progress progress;
    bool quiet, forced;            /* forced: the output was given */
    double attribute_started;      /* of the input under way */
    double load, attribute;        /* seconds */
    double generate, first_column; /* of the first input; negative: did not happen */
    struct model_spent spent;
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

/* The most memory this program ever had resident. Not getrusage's: that remembers what was before
 * exec. */
static long long peak_bytes(void) {
    char line[256];
    long long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lld", &kilobytes) == 1)
            break;
    if (status)
        fclose(status);
    return kilobytes * 1024;
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
    fprintf(stderr, "\"peak_rss_bytes\": %lld}\n", peak_bytes());
}

/* One input after the other, joined into one result. */
static enum err_code run_inputs(struct attribution **out, struct engine *engine,
                                const struct engine_ops *ops, const struct cli_arguments *a,
                                struct watch *w, const struct run_ctl *ctl, struct err *e) {
    const struct attribute_events events = {.user = w,
                                            .notice = on_notice,
                                            .cost = on_cost,
                                            .generated = on_generated,
                                            .column = on_column};
    *out = NULL;
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && code == ERR_OK; i++) {
        struct attribute_request request;
        struct attribution *one = NULL;
        code = cli_request(&request, a, (int64_t)i, e);
        w->progress.i_input = i;
        struct model_spent before = {0}, after = {0};
        if (ops->spent)
            ops->spent(engine, &before);
        w->attribute_started = clock_seconds();
        if (code == ERR_OK)
            code = ops->attribute(engine, &one, &request, &events, ctl, e);
        w->attribute += clock_seconds() - w->attribute_started;
        if (ops->spent)
            ops->spent(engine, &after);
        add_spent(&w->spent, &after, &before);
        request_dispose(&request);
        if (code == ERR_OK && *out)
            attribution_join_take(*out, one);
        else if (code == ERR_OK)
            *out = one;
    }
    if (code != ERR_OK) {
        attribution_release(*out);
        *out = NULL;
    }
    return code;
}

static enum err_code compute(struct attribution **out, const struct cli_arguments *a,
                             struct watch *w, struct err *e) {
    const struct engine_options options = {.device = cli_text(a, CLI_OPT_DEVICE),
                                           .dtype = cli_text(a, CLI_OPT_DTYPE),
                                           .n_threads = (int)cli_integer(a, CLI_OPT_THREADS, 0)};
    const struct run_ctl ctl = {
        .cancel = cli_catch_interrupts(), .progress = on_progress, .user = w};
    struct engine *engine;
    const struct engine_ops *ops;
    enum err_code code = engine_real_new(&engine, &ops, &options, e);
    if (code != ERR_OK)
        return code;
    struct engine_model about;
    double started = clock_seconds();
    code = ops->load(engine, cli_text(a, CLI_OPT_MODEL), &about, &ctl, e);
    w->load = clock_seconds() - started;
    if (code == ERR_OK)
        code = run_inputs(out, engine, ops, a, w, &ctl, e);
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
        return err_set(e, ERR_USAGE, "which text? give one with -i");
    int64_t threads = cli_integer(a, CLI_OPT_THREADS, 0);
    if (threads < 0 || threads > 4096)
        return err_set(e, ERR_USAGE, "--threads takes 1 to 4096, or 0 for the machine's cores");
    enum err_code code = cli_check_output(a, cli_text(a, CLI_OPT_METHOD), e);
    for (size_t i = 0; i < a->values[CLI_OPT_INPUT].n && code == ERR_OK; i++) {
        struct attribute_request request;
        code = cli_request(&request, a, (int64_t)i, e);
        request_dispose(&request);
    }
    return code;
}

int cli_attribute(int n, char *const *argv) {
    double started = clock_seconds();
    struct err e = {0};
    struct cli_arguments a;
    enum err_code code = cli_parse(&a, CLI_ATTRIBUTE, n, argv, &e);
    if (code != ERR_OK)
        return cli_exit(code, &e);
    if (cli_flag(&a, CLI_OPT_HELP)) {
        struct text_buffer b = {0};
        cli_write_help(&b, CLI_ATTRIBUTE);
        code = cli_print(b.text, b.n, &e);
        text_buffer_dispose(&b);
        cli_arguments_dispose(&a);
        return cli_exit(code, &e);
    }
    struct attribution *result = NULL;
    struct watch w = {.quiet = cli_flag(&a, CLI_OPT_QUIET),
                      .forced = cli_text(&a, CLI_OPT_GENERATED),
                      .generate = -1,
                      .first_column = -1};
    w.progress.shown = !w.quiet && isatty(STDERR_FILENO);
    w.progress.n_inputs = a.values[CLI_OPT_INPUT].n;
    code = check(&a, &e);
    if (code == ERR_OK)
        code = compute(&result, &a, &w, &e);
    if (code == ERR_OK)
        code = cli_deliver(result, &a, &e);
    if (code == ERR_OK && cli_flag(&a, CLI_OPT_TIMINGS))
        print_timings(&w, clock_seconds() - started);
    attribution_release(result);
    cli_arguments_dispose(&a);
    return cli_exit(code, &e);
}
