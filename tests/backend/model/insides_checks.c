#include "tests/backend/model/insides_checks.h"

#include "backend/base/mem.h"
#include "backend/insides.h"
#include "tests/backend/tiny.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define BOUND 1e-4 /* of the largest */

struct subject {
    const char *folder;
    struct model *m;
    const struct model_config *c;
    struct tiny_text text;
    struct forward_input in;
};

static void open_subject(struct subject *s, const char *folder, const struct changed_plan *as) {
    s->folder = folder;
    s->m = changed_open(folder, as);
    s->c = model_config(s->m);
    s->text = tiny_text_of(s->c);
    s->in = (struct forward_input){.n_batch = 1,
                                   .source_ids = s->text.source,
                                   .n_source = s->text.n_source,
                                   .target_ids = s->text.target,
                                   .n_target = s->text.n_target,
                                   .keep_states = true};
}

static struct forward *forward(const struct subject *s, const struct forward_input *in) {
    struct forward *f = NULL;
    struct err e = {0};
    cr_assert_eq(model_forward(&f, s->m, in, NULL, &e), ERR_OK, "%s: %s", s->folder, e.message);
    return f;
}

/* A row through a norm, whose statistics are its own. */
static void norm(float *row, const struct row_norm *w, int64_t d) {
    double mean = 0, square = 0;
    for (int64_t k = 0; k < d && w->centred; k++)
        mean += row[k] / (double)d;
    for (int64_t k = 0; k < d; k++)
        square += (row[k] - mean) * (row[k] - mean) / (double)d;
    for (int64_t k = 0; k < d && w->scale; k++)
        row[k] = (float)((row[k] - mean) / sqrt(square + w->epsilon) * w->scale[k] +
                         (w->shift ? w->shift[k] : 0));
}

/* [Tq, D], owned by the caller. */
static float *add_up(const struct attention_parts *p) {
    const int64_t d = p->width, n = p->n_query * d;
    float *sums = mem_alloc((size_t)n * sizeof *sums);
    for (int64_t i = 0; i < n && p->input; i++)
        sums[i] = fmaxf(p->state[i], 0);
    for (int64_t i = 0; i < n && !p->input; i++) {
        const int64_t row = i / d, k = i % d;
        double sum = p->bias[k];
        for (int64_t h = 0; h < p->n_heads; h++)
            for (int64_t j = 0; j < p->n_key; j++)
                sum += (double)p->weights[(h * p->n_query + row) * p->n_key + j] *
                       p->moved[(h * p->n_key + j) * d + k];
        sums[i] = (float)sum;
    }
    for (int64_t i = 0; i < p->n_query; i++)
        norm(sums + i * d, &p->branch, d);
    for (int64_t i = 0; i < n; i++)
        sums[i] += p->residual[i];
    return sums;
}

static void expect_near(const struct subject *s, const char *what, int64_t layer, const float *got,
                        const float *want, int64_t n) {
    const struct stack_plan *plan = &s->c->decoder;
    double worst = 0, largest = 0;
    for (int64_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(want[i]));
        worst = fabs(got[i] - want[i]) <= worst ? worst : fabs(got[i] - want[i]);
    }
    cr_expect(largest > 0 && worst <= BOUND * largest,
              "%s (norms %d, join %d): %s of layer %d: %g of %g", s->folder, plan->norm_place,
              plan->join, what, (int)layer, worst, largest);
}

/* After the sums with the last attention: where blocks norm what they yield the shift of that norm
 * is in neither term. */
static void check_terms(const struct subject *s, struct forward *f, enum attention_kind last,
                        int64_t layer, const int64_t *rows, const float *sums, int64_t n) {
    const enum model_stack stack = last == ATTENTION_ENCODER_SELF ? STACK_ENCODER : STACK_DECODER;
    const struct stack_plan *plan = stack == STACK_ENCODER ? &s->c->encoder : &s->c->decoder;
    const int64_t size = n * s->c->n_width;
    float *rooms = mem_alloc((size_t)(4 * size) * sizeof *rooms), *residual = rooms,
          *feed_forward = rooms + size, *out = rooms + 2 * size, *want = rooms + 3 * size;
    struct err e = {0};
    cr_assert_eq(
        forward_rest_terms(f, stack, layer, rows, sums, n, residual, feed_forward, out, &e), ERR_OK,
        "%s", e.message);
    cr_assert_eq(forward_block_rest(f, last, layer, rows, sums, n, false, want, &e), ERR_OK, "%s",
                 e.message);
    expect_near(s, "output", layer, out, want, size);
    for (int64_t i = 0; i < size; i++)
        residual[i] += feed_forward[i];
    if (plan->norm_place != NORM_AFTER_SUM)
        expect_near(s, "terms", layer, residual, want, size);
    free(rooms);
}

static void check_layer(const struct subject *s, struct forward *f, enum attention_kind kind,
                        int64_t layer, bool is_last) {
    const enum model_stack stack = kind == ATTENTION_ENCODER_SELF ? STACK_ENCODER : STACK_DECODER;
    struct attention_parts parts;
    struct err e = {0};
    cr_assert_eq(forward_attention_parts(f, kind, layer, &parts, &e), ERR_OK, "%s", e.message);
    const int64_t n = parts.n_query * parts.width;
    float *sums = add_up(&parts), *got = mem_alloc((size_t)n * sizeof *got),
          *want = mem_alloc((size_t)n * sizeof *want);
    int64_t *rows = mem_alloc((size_t)parts.n_query * sizeof *rows);
    for (int64_t i = 0; i < parts.n_query; i++)
        rows[i] = i;
    cr_assert_eq(forward_block_rest(f, kind, layer, rows, sums, parts.n_query, true, got, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(forward_hidden(f, stack, layer + 1, want, &e), ERR_OK, "%s", e.message);
    expect_near(s, parts.cross ? "cross-attention" : "self-attention", layer, got, want, n);
    if (is_last)
        check_terms(s, f, kind, layer, rows, sums, parts.n_query);
    attention_parts_dispose(&parts);
    free(rows);
    free(sums);
    free(got);
    free(want);
}

void insides_check_sums(const char *folder, const struct changed_plan *as) {
    struct subject s;
    open_subject(&s, folder, as);
    struct forward *f = forward(&s, &s.in);
    for (int64_t layer = 0; layer < s.c->n_layers; layer++) {
        check_layer(&s, f, ATTENTION_DECODER_SELF, layer, !s.c->encoder_decoder);
        if (s.c->encoder_decoder)
            check_layer(&s, f, ATTENTION_CROSS, layer, true);
    }
    for (int64_t layer = 0; layer < s.c->encoder_sizes.n_layers; layer++)
        check_layer(&s, f, ATTENTION_ENCODER_SELF, layer, true);
    forward_free(f);
    model_free(s.m);
}

static void expect_no_parts(const struct subject *s, struct forward *f, enum attention_kind kind,
                            int64_t layer) {
    struct attention_parts parts;
    struct err e = {0};
    cr_expect_eq(forward_attention_parts(f, kind, layer, &parts, &e), ERR_UNSUPPORTED, "%s: %d, %d",
                 s->folder, kind, (int)layer);
    cr_expect_str_eq(e.message, "this model has no such attention");
}

static void expect_refused(const struct subject *s, const struct forward_input *in,
                           enum err_code code) {
    struct forward *f = NULL;
    struct err e = {0};
    cr_expect_eq(model_forward(&f, s->m, in, NULL, &e), code, "%s: %s", s->folder, e.message);
    cr_expect_null(f);
}

void insides_check_refusals(const char *folder) {
    struct subject s;
    struct err e = {0};
    open_subject(&s, folder, NULL);
    struct forward *f = forward(&s, &s.in);
    const bool attends = plan_has(&s.c->decoder, PART_ATTENTION);
    float *weights = mem_alloc(1 << 16);
    expect_no_parts(&s, f, ATTENTION_DECODER_SELF, s.c->n_layers);
    expect_no_parts(&s, f, ATTENTION_DECODER_SELF, -1);
    if (!s.c->encoder_decoder) {
        expect_no_parts(&s, f, ATTENTION_CROSS, 0);
        expect_no_parts(&s, f, ATTENTION_ENCODER_SELF, 0);
    }
    cr_expect_eq(forward_attentions(f, ATTENTION_DECODER_SELF, 0, 0, 1, weights, &e),
                 attends ? ERR_OK : ERR_UNSUPPORTED);
    forward_free(f);
    struct forward_input in = s.in;
    in.keep_states = false;
    in.keep_past = true;
    if (attends)
        forward_free(forward(&s, &in));
    else
        expect_refused(&s, &in, ERR_UNSUPPORTED);
    in = s.in;
    int32_t *many = mem_alloc((size_t)(s.c->n_positions + 1) * sizeof *many);
    in.target_ids = many;
    in.n_target = s.c->n_positions + 1;
    if (s.c->decoder.positions == POSITION_LEARNED)
        expect_refused(&s, &in, ERR_USAGE);
    many[0] = (int32_t)s.c->n_vocab;
    in.n_target = 1;
    expect_refused(&s, &in, ERR_FORMAT);
    free(many);
    free(weights);
    model_free(s.m);
}
