#include "backend/architectures/head.h"

enum err_code head_logits(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                          const struct parameters *p, const tn_tensor *hidden, struct err *e) {
    const struct weight *w = &p->head;
    return tn->linear(out, s, hidden, w->matrix, w->bias, NULL, w->transposed, e);
}

enum err_code head_vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                       const struct parameters *p, const tn_tensor *d_logits, struct err *e) {
    return tn->linear_vjp(out, s, d_logits, p->head.matrix, p->head.transposed, NULL, e);
}

enum err_code head_lens(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                        const struct parameters *p, const tn_tensor *states, struct err *e) {
    const struct stack *decoder = &p->stacks[STACK_DECODER];
    const struct norm *w = &decoder->final_norm;
    const double epsilon = decoder->sizes->norm_epsilon;
    tn_tensor *hidden = NULL, *statistics;
    enum err_code code = ERR_OK;
    if (!decoder->plan->final_norm)
        return head_logits(out, s, tn, p, states, e);
    if (decoder->plan->norm == NORM_RMS)
        code = tn->rms_norm(&hidden, &statistics, s, states, w->scale, epsilon, e);
    else
        code = tn->layer_norm(&hidden, &statistics, s, states, w->scale, w->bias, epsilon, e);
    return code ? code : head_logits(out, s, tn, p, hidden, e);
}
