/* Texts in the input's place: every column that was asked for is seen once, in its order, whatever
 * goes together; gradients are those of the shortened text. */
#include "methods/engine/perturb_texts.h"
#include "methods/engine/shorter_texts.h"
#include "tests/methods/toy.h"

#include <criterion/criterion.h>
#include <math.h>

#define N_TEXTS 7
#define ROWS 5 /* of the toy's target that some column sees */

struct seen {
    struct perturb *p;
    int n;
    int64_t tags[2 * N_TEXTS], columns[2 * N_TEXTS];
};

/* A text of its own for every tag. */
static void text_of(int32_t ids[ROWS], int64_t tag) {
    for (int64_t i = 0; i < ROWS; i++)
        ids[i] = (int32_t)((tag + 2 * i) % TOY_VOCAB);
}

static enum err_code see(void *user, int64_t tag, int64_t c, const float *logits, struct err *e) {
    struct seen *s = user;
    int32_t ids[ROWS];
    double h[TOY_WIDTH] = {0}, expected[TOY_VOCAB];
    (void)e;
    text_of(ids, tag);
    toy_add_rows(h, STACK_DECODER, ids, engine_row(&s->p->engine, c) + 1);
    toy_logits(expected, h);
    for (int v = 0; v < TOY_VOCAB; v++)
        cr_expect(fabs(logits[v] - expected[v]) <= 1e-5, "text %d, column %d", (int)tag, (int)c);
    s->tags[s->n] = tag;
    s->columns[s->n++] = c;
    return ERR_OK;
}

Test(texts, are_seen_in_their_order_whatever_goes_together) {
    for (int64_t budget = 1; budget <= 1000000; budget *= 1000000) {
        struct session s;
        session_init(&s, false, "reagent", "probability");
        s.in.memory_budget = budget;
        struct perturb p;
        struct perturb_texts texts;
        struct seen seen = {.p = &p};
        struct attribution_sequence out = {.attr_pos_start = s.in.start, .attr_pos_end = s.in.end};
        cr_assert_eq(perturb_open(&p, &out, &s.in, NULL, &s.err), ERR_OK, "%s", s.err.message);
        cr_assert_eq(p.target.n, ROWS);
        cr_assert_eq(perturb_texts_open(&texts, &p, &s.err), ERR_OK);
        texts.visit = see;
        texts.user = &seen;
        for (int64_t tag = 0; tag < N_TEXTS; tag++) {
            int32_t ids[ROWS];
            const int64_t columns[2] = {tag % 3, 3};
            text_of(ids, tag);
            cr_assert_eq(perturb_texts_add(&texts, ids, tag, columns, 2, &s.err), ERR_OK);
        }
        cr_assert_eq(perturb_texts_flush(&texts, &s.err), ERR_OK);
        cr_assert_eq(seen.n, 2 * N_TEXTS);
        for (int i = 0; i < seen.n; i++) {
            cr_expect_eq(seen.tags[i], i / 2);
            cr_expect_eq(seen.columns[i], i % 2 ? 3 : i / 2 % 3);
        }
        cr_expect_eq(s.model.most_batch, budget == 1 ? 1 : N_TEXTS);
        perturb_texts_dispose(&texts);
        perturb_close(&p);
        attribution_sequence_dispose(&out);
        session_dispose(&s);
    }
}

/* Texts of a target of 5, 3 and 4 rows; the middle one wants no gradient. */
static const int64_t rows[3][ROWS] = {{0, 1, 2, 3, 4}, {0, 2, 4}, {1, 2, 3, 4}};
static const int64_t lengths[3] = {5, 3, 4};

struct shortened {
    const struct session *s;
    bool judged[3], taken[3];
};

static void state_of(const struct session *s, int64_t i, double h[TOY_WIDTH]) {
    int32_t ids[ROWS];
    for (int64_t k = 0; k < lengths[i]; k++)
        ids[k] = s->in.target_ids[rows[i][k]];
    toy_add_rows(h, STACK_DECODER, ids, lengths[i]);
}

static enum err_code judge(void *user, int64_t i, const float *logits, float *d_logits,
                           bool *wanted, struct err *e) {
    struct shortened *x = user;
    double h[TOY_WIDTH] = {0}, expected[TOY_VOCAB];
    (void)e;
    state_of(x->s, i, h);
    toy_logits(expected, h);
    for (int v = 0; v < TOY_VOCAB; v++) {
        cr_expect(fabs(logits[v] - expected[v]) <= 1e-5);
        d_logits[v] = v == 3;
    }
    x->judged[i] = true;
    *wanted = i != 1;
    return ERR_OK;
}

/* ∂ logits[3] / ∂ x_r = a_r (u + (w · h) w). */
static void take(void *user, int64_t i, const float *const gradients[2]) {
    struct shortened *x = user;
    double h[TOY_WIDTH] = {0}, u[TOY_WIDTH], w[TOY_WIDTH], along = 0;
    cr_assert_null(gradients[STACK_ENCODER]);
    state_of(x->s, i, h);
    toy_vectors(u, w, 3);
    for (int k = 0; k < TOY_WIDTH; k++)
        along += w[k] * h[k];
    for (int64_t r = 0; r < lengths[i]; r++)
        for (int k = 0; k < TOY_WIDTH; k++) {
            const double expected = toy_row_weight(STACK_DECODER, r) * (u[k] + along * w[k]);
            cr_expect(fabs(gradients[STACK_DECODER][r * TOY_WIDTH + k] - expected) <= 1e-5,
                      "text %d, row %d", (int)i, (int)r);
        }
    x->taken[i] = true;
}

Test(texts, that_are_shorter_have_gradients_of_their_own) {
    for (int64_t budget = 1; budget <= 1000000; budget *= 1000000) {
        struct session s;
        session_init(&s, false, "input_reduction", "probability");
        s.in.memory_budget = budget;
        struct perturb p;
        struct shortened x = {.s = &s};
        struct shorter_text texts[3];
        struct attribution_sequence out = {.attr_pos_start = s.in.start, .attr_pos_end = s.in.end};
        for (int i = 0; i < 3; i++)
            texts[i] = (struct shorter_text){{NULL, rows[i]}, {0, lengths[i]}};
        cr_assert_eq(perturb_open(&p, &out, &s.in, NULL, &s.err), ERR_OK, "%s", s.err.message);
        const struct shorter_texts engine = {&p, &x, judge, take};
        cr_assert_eq(shorter_texts_run(&engine, texts, 3, &s.err), ERR_OK, "%s", s.err.message);
        for (int i = 0; i < 3; i++) {
            cr_expect(x.judged[i]);
            cr_expect_eq(x.taken[i], i != 1);
        }
        cr_expect_eq(s.model.most_batch, budget == 1 ? 1 : 3);
        perturb_close(&p);
        attribution_sequence_dispose(&out);
        session_dispose(&s);
    }
}
