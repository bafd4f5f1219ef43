/* Another run of the model as a step function asks for it: what it may be made of, and what is
 * refused. */
#include "backend/base/mem.h"
#include "methods/engine/step_sight_internal.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <string.h>

static void (*change)(struct tinseq_step_run *run);
static const char *complaint;

static const char *make(const struct step_function *f, const struct option_set *options,
                        struct tinseq_step_texts *texts, struct tinseq_step_run *run) {
    (void)f, (void)options;
    cr_expect_eq(texts->n_steps, 4);
    cr_expect(texts->encode(texts, 0, "a", NULL, 0) == -1, "there is no tokenizer here");
    if (change)
        change(run);
    return complaint;
}

static const struct step_function function = {.decl = {.id = "f"}, .run = make};

static enum err_code made(struct other_run *out, bool encoder_decoder,
                          void (*by)(struct tinseq_step_run *), struct err *e) {
    struct session s;
    const struct step_request r = {.function = &function};
    session_init(&s, encoder_decoder, "saliency", "logit");
    change = by;
    enum err_code code = other_run_make(out, &s.in, &r, e);
    session_dispose(&s);
    return code;
}

static void drop_first(struct tinseq_step_run *run) {
    for (int64_t i = 0; i + 1 < run->n_target; i++)
        run->target_from[i] = i + 1;
    run->n_target--;
    for (int s = 0; s < 4; s++)
        run->rows[s]--;
}

static void replace_pointers(struct tinseq_step_run *run) {
    static int32_t ids[4] = {1, 1, 1, 1};
    run->target_ids = ids;
    run->rows = NULL;
    run->source_from = NULL;
}

Test(step_sight, another_run_is_the_input_until_it_is_changed) {
    struct session s;
    struct other_run r;
    struct err e = {0};
    session_init(&s, false, "saliency", "logit");
    cr_assert_eq(made(&r, false, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect(r.n_target == 5 && r.n_source == 0);
    for (int i = 0; i < 5; i++)
        cr_expect(r.target_ids[i] == s.in.target_ids[i] && r.target_from[i] == i);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(r.rows[i], s.in.start + i - 1);
    other_run_dispose(&r);
    cr_assert_eq(made(&r, false, drop_first, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(r.n_target, 4);
    for (int i = 0; i < 4; i++)
        cr_expect(r.target_ids[i] == s.in.target_ids[i + 1], "a copy has its original's id");
    other_run_dispose(&r);
    cr_assert_eq(made(&r, true, replace_pointers, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(r.rows[3], 3);
    other_run_dispose(&r);
    session_dispose(&s);
}

static void no_target(struct tinseq_step_run *run) {
    run->n_target = 0;
}
static void too_many(struct tinseq_step_run *run) {
    run->n_target = run->most + 1;
}
static void a_source(struct tinseq_step_run *run) {
    run->n_source = 2;
}
static void no_source(struct tinseq_step_run *run) {
    run->n_source = 0;
}
static void bad_copy(struct tinseq_step_run *run) {
    run->target_from[1] = 99;
}
static void worse_copy(struct tinseq_step_run *run) {
    run->target_from[1] = -2;
}
static void bad_id(struct tinseq_step_run *run) {
    run->target_from[1] = -1, run->target_ids[1] = TOY_VOCAB;
}
static void bad_row(struct tinseq_step_run *run) {
    run->rows[2] = run->n_target;
}
static void from_the_future(struct tinseq_step_run *run) {
    run->target_from[0] = 3;
}

Test(step_sight, what_cannot_be_run_is_refused_with_a_reason) {
    static const struct {
        void (*change)(struct tinseq_step_run *);
        bool two;
        const char *message;
    } wrong[] = {
        {no_target, false, "0 target tokens"},
        {too_many, false, "target tokens"},
        {a_source, false, "2 source"},
        {no_source, true, "0 source"},
        {bad_copy, false, "copies token 99"},
        {worse_copy, false, "copies token -2"},
        {bad_id, false, "outside the model's vocabulary"},
        {bad_row, false, "step 2 looks at row 5"},
        {from_the_future, false, "step 0 of the other run of f comes after a copy of token 3"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct other_run r;
        struct err e = {0};
        cr_expect_eq(made(&r, wrong[i].two, wrong[i].change, &e), ERR_USAGE, "%d", (int)i);
        cr_expect_not_null(strstr(e.message, wrong[i].message), "%s", e.message);
        cr_expect_null(r.rows);
    }
    struct other_run r;
    struct err e = {0};
    complaint = "there is no context";
    cr_expect_eq(made(&r, false, NULL, &e), ERR_USAGE);
    cr_expect_str_eq(e.message, "f: there is no context");
    complaint = NULL;
}
