#include "backend/architectures/head.h"

#include "backend/architectures/norm.h"

static const struct model_config *config_of(const struct parameters *p) {
    return p->stacks[STACK_DECODER].config;
}

struct value *head_reads(const struct parameters *p, struct tape *t, struct value *hidden) {
    const struct stack *decoder = &p->stacks[STACK_DECODER];
    if (decoder->plan->head_map == HEAD_MAP_NONE)
        return hidden;
    struct value *x = tape_linear(t, hidden, &p->head_map);
    if (decoder->plan->head_map == HEAD_MAP_ALONE)
        return x;
    x = tape_activation(t, x, decoder->sizes->activation);
    return norm_apply(decoder, t, &p->head_norm, x);
}

/* Logits before their cap. */
static enum err_code straight_logits(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                                     const struct parameters *p, const tn_tensor *hidden,
                                     struct err *e) {
    const struct weight *w = &p->head;
    const double scale = config_of(p)->logit_scale;
    enum err_code code = tn->linear(out, s, hidden, w->matrix, w->bias, NULL, w->transposed, e);
    return code || scale == 0 ? code : tn->multiply(out, s, *out, scale, e);
}

enum err_code head_logits(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                          const struct parameters *p, const tn_tensor *hidden, struct err *e) {
    const double cap = config_of(p)->logit_cap;
    enum err_code code = straight_logits(out, s, tn, p, hidden, e);
    return code || cap == 0 ? code : tn->bend(out, s, *out, cap, e);
}

static enum err_code apply_norm(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                                const struct parameters *p, const struct norm *w,
                                const tn_tensor *states, struct err *e) {
    const struct stack *decoder = &p->stacks[STACK_DECODER];
    const double epsilon = decoder->sizes->norm_epsilon;
    tn_tensor *statistics;
    if (norm_centres(decoder->plan->norm))
        return tn->layer_norm(out, &statistics, s, states, w->scale, w->bias, 0, epsilon, e);
    return tn->rms_norm(out, &statistics, s, states, w->scale, 0, epsilon, e);
}

static enum err_code vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                         const struct parameters *p, const tn_tensor *d, const tn_tensor *hidden,
                         bool from_zero, struct err *e) {
    const struct model_config *c = config_of(p);
    tn_tensor *straight = NULL, *bent = NULL, *scaled = NULL;
    enum err_code code = ERR_OK;
    if (c->logit_cap > 0)
        code = straight_logits(&straight, s, tn, p, hidden, e);
    if (code)
        return code;
    if (straight)
        code = tn->bend_vjp(&bent, s, d, straight, c->logit_cap, from_zero, e);
    if (code)
        return code;
    d = bent ? bent : d;
    if (c->logit_scale != 0)
        code = tn->multiply(&scaled, s, d, c->logit_scale, e);
    if (code)
        return code;
    return tn->linear_vjp(out, s, scaled ? scaled : d, p->head.matrix, p->head.transposed, NULL, e);
}

enum err_code head_vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                       const struct parameters *p, const tn_tensor *d_logits,
                       const tn_tensor *hidden, struct err *e) {
    return vjp(out, s, tn, p, d_logits, hidden, false, e);
}

/* The last block's output after the final norm; as it is, where there is none. */
static enum err_code finish(const tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                            const struct parameters *p, const tn_tensor *states, struct err *e) {
    const struct stack *decoder = &p->stacks[STACK_DECODER];
    tn_tensor *x = NULL;
    enum err_code code = ERR_OK;
    if (decoder->plan->final_norm)
        code = apply_norm(&x, s, tn, p, &decoder->final_norm, states, e);
    *out = x ? x : states;
    return code;
}

/* head_reads without a tape. */
static enum err_code reads(const tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                           const struct parameters *p, const tn_tensor *hidden, struct err *e) {
    const struct weight *map = &p->head_map;
    const struct stack *decoder = &p->stacks[STACK_DECODER];
    tn_tensor *x = NULL;
    *out = hidden;
    if (decoder->plan->head_map == HEAD_MAP_NONE)
        return ERR_OK;
    enum err_code code =
        tn->linear(&x, s, hidden, map->matrix, map->bias, NULL, map->transposed, e);
    *out = x;
    if (code || decoder->plan->head_map == HEAD_MAP_ALONE)
        return code;
    code = tn->activation(&x, s, decoder->sizes->activation, x, e);
    if (code)
        return code;
    code = apply_norm(&x, s, tn, p, &p->head_norm, x, e);
    *out = x;
    return code;
}

/* What the head reads of the last block's output. */
static enum err_code read_states(const tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                                 const struct parameters *p, const tn_tensor *states,
                                 struct err *e) {
    enum err_code code = finish(out, s, tn, p, states, e);
    return code ? code : reads(out, s, tn, p, *out, e);
}

enum err_code head_directions(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                              const struct parameters *p, const tn_tensor *d_logits,
                              const tn_tensor *states, struct err *e) {
    const enum head_map kind = p->stacks[STACK_DECODER].plan->head_map;
    const tn_tensor *hidden = NULL;
    if (kind == HEAD_MAP_BENT)
        return err_set(e, ERR_UNSUPPORTED,
                       "this model's head bends what it reads: shares of that do not add up to "
                       "logits");
    enum err_code code = ERR_OK;
    if (config_of(p)->logit_cap > 0)
        code = read_states(&hidden, s, tn, p, states, e);
    if (code)
        return code;
    code = vjp(out, s, tn, p, d_logits, hidden, true, e);
    if (code || kind == HEAD_MAP_NONE)
        return code;
    return tn->linear_vjp(out, s, *out, p->head_map.matrix, p->head_map.transposed, NULL, e);
}

enum err_code head_lens(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                        const struct parameters *p, const tn_tensor *states, struct err *e) {
    const tn_tensor *x;
    enum err_code code = read_states(&x, s, tn, p, states, e);
    return code ? code : head_logits(out, s, tn, p, x, e);
}
