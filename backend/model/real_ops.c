#include "backend/model/real_ops.h"

#include "backend/model/forward.h"
#include "backend/model/real.h"

static const struct forward_ops forward_ops = {
    .free = real_free,
    .logits = real_logits,
    .states = real_states,
    .vjp = real_vjp,
    .vjp_bytes = real_vjp_bytes,
    .attentions = real_attentions,
    .hidden = real_hidden,
    .activation = real_activation,
    .lens = real_lens,
    .attention_parts = real_attention_parts,
    .block_rest = real_block_rest,
    .block_rest_bytes = real_block_rest_bytes,
    .share_rest = real_share_rest,
    .rest_terms = real_rest_terms,
    .logit_directions = real_logit_directions,
};

static enum err_code forward_with_calls(struct forward **out, struct model *m,
                                        const struct forward_input *in, const struct run_ctl *ctl,
                                        struct err *e) {
    enum err_code code = real_forward(out, m, in, ctl, e);
    if (code)
        return code;
    (*out)->head.ops = &forward_ops;
    return code;
}

const struct model_ops real_model_ops = {
    .embed = real_embed,
    .neighbours = real_neighbours,
    .forward = forward_with_calls,
    .forward_bytes = real_forward_bytes,
};
