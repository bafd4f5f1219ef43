/* Each call goes to the first object in the line that answers it. */
#include "backend/model_ops.h"

#define MODEL(m) ((const struct model_head *)(m))
#define FORWARD(f) ((const struct forward_head *)(f))
/* From m or f to the object whose table has this member. */
#define TO_MODEL(m, member)                                                                        \
    while (!MODEL(m)->ops->member)                                                                 \
    m = MODEL(m)->behind
#define TO_FORWARD(f, member)                                                                      \
    while (!FORWARD(f)->ops->member)                                                               \
    f = FORWARD(f)->behind

void forward_free(struct forward *f) {
    if (f)
        FORWARD(f)->ops->free(f);
}

enum err_code model_embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                          float *out, struct err *e) {
    TO_MODEL(m, embed);
    return MODEL(m)->ops->embed(m, stack, ids, n, out, e);
}

enum err_code model_neighbours(struct model *m, enum model_stack stack, const int32_t *ids,
                               int64_t n, int64_t k, int32_t *out, struct err *e) {
    TO_MODEL(m, neighbours);
    return MODEL(m)->ops->neighbours(m, stack, ids, n, k, out, e);
}

enum err_code model_forward(struct forward **out, struct model *m, const struct forward_input *in,
                            const struct run_ctl *ctl, struct err *e) {
    TO_MODEL(m, forward);
    return MODEL(m)->ops->forward(out, m, in, ctl, e);
}

int64_t model_forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                            int64_t n_target, bool keep_gradient) {
    TO_MODEL(m, forward_bytes);
    return MODEL(m)->ops->forward_bytes(m, n_batch, n_source, n_target, keep_gradient);
}

enum err_code forward_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                             struct err *e) {
    TO_FORWARD(f, logits);
    return FORWARD(f)->ops->logits(f, at, n, out, e);
}

enum err_code forward_states(struct forward *f, bool all, const struct position *at, int64_t n,
                             float *out, struct err *e) {
    TO_FORWARD(f, states);
    return FORWARD(f)->ops->states(f, all, at, n, out, e);
}

enum err_code forward_vjp(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                          struct err *e) {
    TO_FORWARD(f, vjp);
    return FORWARD(f)->ops->vjp(f, r, ctl, e);
}

int64_t forward_vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    TO_FORWARD(f, vjp_bytes);
    return FORWARD(f)->ops->vjp_bytes(f, at, n);
}

enum err_code forward_attentions(struct forward *f, enum attention_kind kind, int64_t layer,
                                 int64_t first, int64_t n, float *out, struct err *e) {
    TO_FORWARD(f, attentions);
    return FORWARD(f)->ops->attentions(f, kind, layer, first, n, out, e);
}

enum err_code forward_hidden(struct forward *f, enum model_stack stack, int64_t layer, float *out,
                             struct err *e) {
    TO_FORWARD(f, hidden);
    return FORWARD(f)->ops->hidden(f, stack, layer, out, e);
}

enum err_code forward_activation(struct forward *f, int64_t site, float *out, struct err *e) {
    TO_FORWARD(f, activation);
    return FORWARD(f)->ops->activation(f, site, out, e);
}

enum err_code forward_lens(struct forward *f, int64_t site, const struct position *at, int64_t n,
                           float *out, struct err *e) {
    TO_FORWARD(f, lens);
    return FORWARD(f)->ops->lens(f, site, at, n, out, e);
}

enum err_code forward_attention_parts(struct forward *f, enum attention_kind kind, int64_t layer,
                                      struct attention_parts *out, struct err *e) {
    TO_FORWARD(f, attention_parts);
    return FORWARD(f)->ops->attention_parts(f, kind, layer, out, e);
}

enum err_code forward_block_rest(struct forward *f, enum attention_kind after, int64_t layer,
                                 const int64_t *rows, const float *sums, int64_t n, bool final_norm,
                                 float *out, struct err *e) {
    TO_FORWARD(f, block_rest);
    return FORWARD(f)->ops->block_rest(f, after, layer, rows, sums, n, final_norm, out, e);
}

int64_t forward_block_rest_bytes(const struct forward *f) {
    TO_FORWARD(f, block_rest_bytes);
    return FORWARD(f)->ops->block_rest_bytes(f);
}

enum err_code forward_share_rest(struct forward *f, enum model_stack stack, int64_t layer,
                                 int64_t row, const float *sum, const float *shares, int64_t n,
                                 bool feed_forward, float *out, struct err *e) {
    TO_FORWARD(f, share_rest);
    return FORWARD(f)->ops->share_rest(f, stack, layer, row, sum, shares, n, feed_forward, out, e);
}

enum err_code forward_rest_terms(struct forward *f, enum model_stack stack, int64_t layer,
                                 const int64_t *rows, const float *sums, int64_t n, float *residual,
                                 float *feed_forward, float *out, struct err *e) {
    TO_FORWARD(f, rest_terms);
    return FORWARD(f)->ops->rest_terms(f, stack, layer, rows, sums, n, residual, feed_forward, out,
                                       e);
}

enum err_code forward_logit_directions(struct forward *f, const float *states,
                                       const float *d_logits, int64_t n, float *out,
                                       struct err *e) {
    TO_FORWARD(f, logit_directions);
    return FORWARD(f)->ops->logit_directions(f, states, d_logits, n, out, e);
}
