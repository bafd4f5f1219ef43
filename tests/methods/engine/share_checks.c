#include "tests/methods/engine/share_checks.h"

#include "backend/base/mem.h"
#include "methods/engine/mixing.h"
#include "tests/backend/tiny.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BOUND 2e-4 /* of the largest */

struct subject {
    const char *folder;
    struct model *m;
    const struct model_config *c;
    struct tiny_text text;
    struct method_input in;
    struct method_run g;
    struct forward *f;
};

static void open_subject(struct subject *s, const char *folder, const struct changed_plan *as) {
    *s = (struct subject){.folder = folder, .m = changed_open(folder, as)};
    changed_drop_biases(s->m);
    s->c = model_config(s->m);
    s->text = tiny_text_of(s->c);
    s->in = (struct method_input){
        .model = s->m, .config = s->c, .n_source = s->text.n_source, .end = s->text.n_target + 1};
    s->g.in = &s->in;
    const struct forward_input forward = {.n_batch = 1,
                                          .source_ids = s->text.source,
                                          .n_source = s->text.n_source,
                                          .target_ids = s->text.target,
                                          .n_target = s->text.n_target,
                                          .keep_states = true};
    struct err e = {0};
    cr_assert_eq(model_forward(&s->f, s->m, &forward, NULL, &e), ERR_OK, "%s", e.message);
}

static void add_rows(float *sum, const float *rows, int64_t n, int64_t d) {
    for (int64_t j = 0; j < n; j++)
        for (int64_t k = 0; k < d; k++)
            sum[k] += rows[j * d + k];
}

static void expect_near(const struct subject *s, const char *what, int64_t layer, int64_t row,
                        const float *got, const float *want) {
    double worst = 0, largest = 0;
    for (int64_t k = 0; k < s->c->n_width; k++) {
        largest = fmax(largest, fabs(want[k]));
        worst = fabs(got[k] - want[k]) <= worst ? worst : fabs(got[k] - want[k]);
    }
    cr_expect(largest > 0 && worst <= BOUND * largest,
              "%s (norms %d, join %d): %s, layer %d, row %d: %g of %g", s->folder,
              s->c->decoder.norm_place, s->c->decoder.join, what, (int)layer, (int)row, worst,
              largest);
}

/* rooms [5, D] and shares [T + S, D]. */
static void check_row(const struct subject *s, const struct rollout_view *v, int64_t i,
                      float *shares, float *rooms) {
    const struct attention_parts *last = v->cross ? v->cross : v->self;
    const int64_t d = last->width, n_own = v->self->n_key, n_source = v->cross ? last->n_key : 0;
    float *sum = rooms, *residual = rooms + d, *feed_forward = rooms + 2 * d, *out = rooms + 3 * d,
          *added = rooms + 4 * d;
    struct err e = {0};
    parts_sum(last, i, sum);
    cr_assert_eq(
        forward_rest_terms(s->f, v->stack, v->layer, &i, sum, 1, residual, feed_forward, out, &e),
        ERR_OK, "%s", e.message);
    for (int whole = 0; whole < 2; whole++) {
        memset(added, 0, (size_t)d * sizeof *added);
        memset(shares, 0, (size_t)((n_own + n_source) * d) * sizeof *shares);
        cr_assert_eq(
            mixing_block_shares(v, i, whole, shares, n_source ? shares + n_own * d : NULL, &e),
            ERR_OK, "%s", e.message);
        add_rows(added, shares, n_own + n_source, d);
        expect_near(s, whole ? "whole block" : "residual", v->layer, i, added,
                    whole ? out : residual);
    }
}

static void check_stack(const struct subject *s, enum model_stack stack, int64_t n_layers) {
    const struct rollout_method whole_parts = {0};
    const int64_t d = s->c->n_width, n = s->text.n_target + s->text.n_source;
    float *rooms = mem_alloc((size_t)((n + 5) * d) * sizeof *rooms);
    for (int64_t layer = 0; layer < n_layers; layer++) {
        struct attention_parts parts[2];
        struct rollout_view v;
        struct err e = {0};
        cr_assert_eq(rollout_open(&v, &whole_parts, (struct method_run *)(uintptr_t)&s->g, s->f,
                                  stack, layer, parts, &e),
                     ERR_OK, "%s", e.message);
        for (int64_t i = 0; i < v.self->n_query; i++)
            check_row(s, &v, i, rooms + 5 * d, rooms);
        rollout_close(parts);
    }
    free(rooms);
}

void share_checks(const char *folder, const struct changed_plan *as) {
    struct subject s;
    open_subject(&s, folder, as);
    check_stack(&s, STACK_DECODER, s.c->n_layers);
    check_stack(&s, STACK_ENCODER, s.c->encoder_sizes.n_layers);
    forward_free(s.f);
    model_free(s.m);
}
