/* The engine that the program really uses: what it passes on to attribute_run and back. */
#include "app/jobs/engine.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct seen {
    int n_begun, n_costs, n_columns;
    int64_t n_steps;
    double seconds;
};

static void on_generated(void *user, const char *text, const struct token_list *target,
                         int64_t n_prompt) {
    (void)user, (void)text, (void)target, (void)n_prompt;
}

static void on_begin(void *user, const struct attribution_sequence *skeleton,
                     const struct result_info *info) {
    (void)info;
    struct seen *s = user;
    (void)skeleton;
    s->n_begun++;
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    struct seen *seen = user;
    (void)s, (void)g;
    seen->n_columns++;
}

static void on_cost(void *user, const struct cost_estimate *c) {
    struct seen *s = user;
    s->n_costs++;
    s->seconds = c->seconds;
}

static struct seen run(bool watched) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    char *path = mem_format("%s/tiny/llama", fixtures ? fixtures : "tests/fixtures");
    struct engine *engine = NULL;
    const struct engine_ops *ops;
    struct engine_model model;
    struct err e = {0};
    struct seen seen = {0};
    struct attribution *out = NULL;
    const struct engine_options options = {0};
    setenv("XDG_STATE_HOME", "/nonexistent", 1); /* no rates of other runs */
    cr_assert_eq(engine_real_new(&engine, &ops, &options, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(ops->load(engine, path, &model, NULL, &e), ERR_OK, "%s", e.message);
    struct attribute_request r = {0};
    r.input_text = "The nurse said";
    r.generation_kwargs = "{\"max_new_tokens\": 3, \"min_length\": 20}";
    const struct attribute_events events = {.user = &seen,
                                            .generated = on_generated,
                                            .begin = on_begin,
                                            .column = on_column,
                                            .cost = on_cost,
                                            .watched = watched};
    cr_assert_eq(ops->attribute(engine, &out, &r, &events, NULL, &e), ERR_OK, "%s", e.message);
    seen.n_steps = attribution_steps(&out->sequences[0]);
    attribution_release(out);
    ops->free(engine);
    free(path);
    return seen;
}

/* The first column alone is computed for a person who looks on, and only then. */
Test(engine_real, the_first_column_comes_early_when_a_person_watches) {
    struct seen seen = run(true);
    cr_expect_eq(seen.n_begun, 2);
    cr_expect(seen.n_steps > 1 && seen.n_columns == seen.n_steps + 1, "%d columns for %d steps",
              seen.n_columns, (int)seen.n_steps);
    cr_expect(seen.n_costs == 1 && seen.seconds > 0, "%d, %g", seen.n_costs, seen.seconds);
    seen = run(false);
    cr_expect_eq(seen.n_begun, 1);
    cr_expect_eq(seen.n_columns, seen.n_steps);
}
