#include "backend/model/real.h"

const struct model_ops real_model_ops = {
    .embed = real_embed,
    .neighbours = real_neighbours,
    .forward = real_forward,
    .forward_bytes = real_forward_bytes,
};

const struct forward_ops real_forward_ops = {
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
