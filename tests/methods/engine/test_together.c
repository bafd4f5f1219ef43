/* Runs that take turns, on a toy: what they ask for at the same time reaches the model at once, and
 * each gets what it would get alone. */
#include "methods/engine/together.h"

#include "backend/base/mem.h"
#include "backend/model_ops.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 2
#define VOCABULARY 3

static int n_forwards, n_logits, n_gradients; /* that reached the model */

/* A token's embedding is (id, 1); logit v at a row is Σ over the rows up to it of (v + 1) x₀ + x₁².
 */
struct toy_forward {
    struct forward_head head;
    int64_t n_batch, n_target;
    float *x;
};

static enum err_code toy_embed(struct model *m, enum model_stack stack, const int32_t *ids,
                               int64_t n, float *out, struct err *e) {
    (void)m, (void)stack;
    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0)
            return err_set(e, ERR_FORMAT, "no such id");
        out[i * WIDTH] = (float)ids[i];
        out[i * WIDTH + 1] = 1;
    }
    return ERR_OK;
}

static void toy_free(struct forward *f) {
    free(((struct toy_forward *)f)->x);
    free(f);
}

static const float *row_of(const struct toy_forward *f, struct position at, int64_t row) {
    cr_assert(at.batch >= 0 && at.batch < f->n_batch && at.row >= 0 && at.row < f->n_target);
    return f->x + (at.batch * f->n_target + row) * WIDTH;
}

static enum err_code toy_logits(struct forward *forward, const struct position *at, int64_t n,
                                float *out, struct err *e) {
    const struct toy_forward *f = (const struct toy_forward *)forward;
    (void)e;
    n_logits++;
    for (int64_t i = 0; i < n; i++)
        for (int64_t v = 0; v < VOCABULARY; v++) {
            float sum = 0;
            for (int64_t r = 0; r <= at[i].row; r++)
                sum += (float)(v + 1) * row_of(f, at[i], r)[0] +
                       row_of(f, at[i], r)[1] * row_of(f, at[i], r)[1];
            out[i * VOCABULARY + v] = sum;
        }
    return ERR_OK;
}

static enum err_code toy_vjp(struct forward *forward, const struct vjp_request *r,
                             const struct run_ctl *ctl, struct err *e) {
    const struct toy_forward *f = (const struct toy_forward *)forward;
    (void)ctl, (void)e;
    n_gradients++;
    memset(r->target, 0, (size_t)(r->n * f->n_target * WIDTH) * sizeof *r->target);
    for (int64_t i = 0; i < r->n; i++)
        for (int64_t row = r->first ? r->first[i] : 0; row <= r->at[i].row; row++)
            for (int64_t v = 0; v < VOCABULARY; v++) {
                float *to = r->target + (i * f->n_target + row) * WIDTH;
                const float d = r->d_logits[i * VOCABULARY + v];
                to[0] += d * (float)(v + 1);
                to[1] += d * 2 * row_of(f, r->at[i], row)[1];
            }
    return ERR_OK;
}

static int64_t toy_vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    (void)f, (void)at;
    return n;
}

static const struct forward_ops toy_forward_ops = {
    .free = toy_free, .logits = toy_logits, .vjp = toy_vjp, .vjp_bytes = toy_vjp_bytes};

static enum err_code toy_forward(struct forward **out, struct model *m,
                                 const struct forward_input *in, const struct run_ctl *ctl,
                                 struct err *e) {
    struct toy_forward *f = mem_alloc(sizeof *f);
    const size_t size = (size_t)(in->n_target * WIDTH);
    enum err_code code = ERR_OK;
    (void)ctl;
    n_forwards++;
    *f = (struct toy_forward){{&toy_forward_ops, NULL}, in->n_batch, in->n_target, NULL};
    f->x = mem_alloc((size_t)in->n_batch * size * sizeof *f->x);
    for (size_t b = 0; b < (size_t)in->n_batch && !code; b++) {
        if (in->target_embeddings)
            memcpy(f->x + b * size, in->target_embeddings + b * size, size * sizeof *f->x);
        else
            code = toy_embed(m, STACK_DECODER, in->target_ids, in->n_target, f->x + b * size, e);
    }
    *out = (struct forward *)f;
    if (code) {
        toy_free(*out);
        *out = NULL;
    }
    return code;
}

static int64_t toy_bytes(const struct model *m, int64_t n_batch, int64_t n_source, int64_t n_target,
                         bool keep_gradient) {
    (void)m, (void)n_source, (void)keep_gradient;
    return n_batch * n_target;
}

static const struct model_ops toy_ops = {
    .embed = toy_embed, .forward = toy_forward, .forward_bytes = toy_bytes};
static struct model_head toy = {&toy_ops, NULL};
static const struct model_config config = {
    .n_vocab = VOCABULARY, .n_width = WIDTH, .n_positions = 0};

/* --- a run: a text, and what came out --- */

struct text {
    int32_t ids[8];
    int64_t n, n_batch;
    bool own; /* gives embeddings of its own, twice the ids' */
    enum err_code code;
    float logits[2][VOCABULARY], gradient[2][8][WIDTH];
    bool first; /* asks for the rows from 1 on alone */
};

static enum err_code run(struct text *t, struct model *m) {
    const struct position at[2] = {{t->n_batch - 1, t->n - 1}, {0, 0}};
    const float d[2][VOCABULARY] = {{1, 0, 0}, {0, 0, 2}};
    const int64_t first[2] = {1, 0};
    float embeddings[2 * 8 * WIDTH], gradient[2 * 8 * WIDTH];
    struct forward *f;
    struct err e;
    for (int64_t i = 0; i < t->n_batch * t->n * WIDTH; i++)
        embeddings[i] = (float)(i + 1);
    const struct forward_input in = {.n_batch = t->n_batch,
                                     .target_ids = t->ids,
                                     .n_target = t->n,
                                     .target_embeddings = t->own ? embeddings : NULL,
                                     .keep_gradient = true};
    enum err_code code = model_forward(&f, m, &in, NULL, &e);
    if (code)
        return code;
    code = forward_logits(f, at, 2, t->logits[0], &e);
    if (!code)
        code = forward_vjp(f,
                           &(struct vjp_request){.at = at,
                                                 .n = 2,
                                                 .d_logits = d[0],
                                                 .first = t->first ? first : NULL,
                                                 .target = gradient},
                           NULL, &e);
    for (int64_t i = 0; i < 2 && !code; i++)
        memcpy(t->gradient[i], gradient + i * t->n * WIDTH, (size_t)(t->n * WIDTH) * sizeof(float));
    forward_free(f);
    return code;
}

static void task(void *user, size_t i, struct model *m) {
    struct text *texts = user;
    texts[i].code = run(&texts[i], m);
}

static void expect_alone(const struct text *texts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct text alone = texts[i];
        memset(alone.logits, 0, sizeof alone.logits);
        memset(alone.gradient, 0, sizeof alone.gradient);
        alone.code = run(&alone, (struct model *)&toy);
        cr_expect_eq(alone.code, texts[i].code, "%zu", i);
        cr_expect_arr_eq(alone.logits, texts[i].logits, sizeof alone.logits, "%zu", i);
        cr_expect_arr_eq(alone.gradient, texts[i].gradient, sizeof alone.gradient, "%zu", i);
    }
}

static void together(struct text *texts, size_t n, int64_t room) {
    n_forwards = n_logits = n_gradients = 0;
    together_run((struct model *)&toy, &config, room, n, task, texts);
}

Test(together, texts_of_near_lengths_go_through_the_model_once) {
    struct text texts[] = {{.ids = {1, 2, 3, 4, 5}, .n = 5, .n_batch = 1},
                           {.ids = {7, 8, 9, 1, 2, 3}, .n = 6, .n_batch = 2, .own = true},
                           {.ids = {4, 4, 4, 4}, .n = 4, .n_batch = 2}};
    together(texts, 3, 1 << 20);
    cr_expect(n_forwards == 1 && n_logits == 1 && n_gradients == 1, "%d, %d, %d", n_forwards,
              n_logits, n_gradients);
    expect_alone(texts, 3);
}

Test(together, what_is_not_alike_goes_by_itself) {
    struct text texts[] = {{.ids = {1, 2, 3, 4, 5}, .n = 5, .n_batch = 1},
                           {.ids = {7, 8}, .n = 2, .n_batch = 1},
                           {.ids = {5, 4, 3, 2, 1}, .n = 5, .n_batch = 1, .first = true}};
    together(texts, 3, 1 << 20);
    cr_expect(n_forwards == 2 && n_logits == 2 && n_gradients == 3, "%d, %d, %d", n_forwards,
              n_logits, n_gradients);
    expect_alone(texts, 3);
}

Test(together, no_more_than_there_is_room_for) {
    struct text texts[4];
    for (int i = 0; i < 4; i++)
        texts[i] = (struct text){.ids = {i, 2, 3}, .n = 3, .n_batch = 1};
    together(texts, 4, 6);
    cr_expect(n_forwards == 2 && n_gradients == 2, "%d, %d", n_forwards, n_gradients);
    expect_alone(texts, 4);
}

Test(together, what_fails_leaves_the_others) {
    struct text texts[] = {{.ids = {1, 2, 3}, .n = 3, .n_batch = 1},
                           {.ids = {1, -1, 3}, .n = 3, .n_batch = 1},
                           {.ids = {3, 2, 1}, .n = 3, .n_batch = 1}};
    together(texts, 3, 1 << 20);
    cr_expect_eq(texts[1].code, ERR_FORMAT);
    expect_alone(texts, 3);
}
