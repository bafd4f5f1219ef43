/* A context attribution of the program's engine as a person watches it: the text as it is written,
 * then the tokens that the context changes, then each one's column as it is finished. */
#include "app/jobs/engine.h"
#include "backend/base/mem.h"
#include "methods/result/context_kept.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

struct seen {
    int n_written, n_begun, n_columns, n_costs;
    size_t n_changed;    /* as it began */
    bool measured;       /* every column had its measure then */
    atomic_bool *cancel; /* set as it begins; NULL: never */
};

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    struct seen *s = user;
    (void)text;
    s->n_written += (int64_t)target->n > n_prompt;
}

static void on_cost(void *user, const struct cost_estimate *c) {
    struct seen *s = user;
    s->n_costs += c->seconds > 0;
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    struct seen *s = user;
    struct context_kept kept;
    s->n_begun++;
    if (s->cancel)
        atomic_store(s->cancel, true);
    cr_assert(context_kept_read(&kept, info_text_of(&info->context, 0), skeleton));
    s->n_changed = kept.n_cues;
    const struct scores *scores = attribution_find_step_scores(skeleton, kept.metric);
    s->measured = scores != NULL;
    for (int64_t g = 0; scores && g < attribution_steps(skeleton); g++)
        s->measured &= scores->data[g] == scores->data[g];
    context_kept_dispose(&kept);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct seen *seen = user;
    (void)s, (void)g;
    cr_expect_eq(seen->n_begun, 1);
    seen->n_columns++;
}

static enum err_code run(struct seen *seen, const char *function, struct context_result **out) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    char *path = mem_format("%s/tiny/gpt2", fixtures ? fixtures : "tests/fixtures");
    struct engine *engine = NULL;
    const struct engine_ops *ops;
    struct engine_model model;
    struct err e = {0};
    const struct engine_options options = {0};
    const struct run_ctl ctl = {.cancel = seen->cancel};
    const struct attribute_request r = {.input_text = "They went there",
                                        .input_context = "The city was small.",
                                        .attributed_fn = function,
                                        .context_threshold = {true, 0},
                                        .generation_kwargs = "{\"max_new_tokens\": 6}"};
    const struct context_events events = {.base = {.user = seen,
                                                   .generated = on_generated,
                                                   .cost = on_cost,
                                                   .begin = on_begin,
                                                   .column = on_column}};
    struct context_request request;
    setenv("XDG_STATE_HOME", "/nonexistent", 1); /* no rates of other runs */
    cr_assert_eq(engine_real_new(&engine, &ops, &options, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(ops->load(engine, path, &model, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(context_request_of(&request, &r, &e), ERR_OK, "%s", e.message);
    enum err_code code = ops->context(engine, out, &request, &events, &ctl, &e);
    ops->free(engine);
    free(path);
    return code;
}

static void check_watched(const char *function) {
    struct seen seen = {0};
    struct context_result *r;
    cr_assert_eq(run(&seen, function, &r), ERR_OK);
    cr_assert_gt(r->n_cues, 1);
    cr_expect_eq(seen.n_begun, 1, "the method may run twice, but what is seen begins once");
    cr_expect_eq(seen.n_changed, r->n_cues);
    cr_expect_eq(seen.n_columns, (int)r->n_cues);
    cr_expect(seen.measured && seen.n_costs > 0);
    cr_expect_eq(seen.n_written, 6);
    context_result_free(r);
}

Test(context_watched, its_tokens_are_there_before_their_cues) {
    check_watched("contrast_prob_diff");
    check_watched("probability");
}

Test(context_watched, it_stops_at_once) {
    atomic_bool cancel = false;
    struct seen seen = {.cancel = &cancel};
    struct context_result *r;
    cr_expect_eq(run(&seen, "probability", &r), ERR_CANCELLED);
    cr_expect_null(r);
    cr_expect(seen.n_changed > 0 && seen.n_columns == 0, "%d of %zu", seen.n_columns,
              seen.n_changed);
}
