/* The real model behind the methods' seam. A file of its own, so that only what runs models links
 * them. */
#include "methods/method.h"

const struct model_ops model_ops_real = {
    .embed = model_embed,
    .forward = model_forward,
    .forward_free = forward_free,
    .logits = forward_logits,
    .gradient = forward_gradient,
    .gradient_from = forward_gradient_from,
    .gradient_bytes = forward_gradient_bytes,
    .forward_bytes = model_forward_bytes,
    .attentions = forward_attentions,
    .activation = forward_activation,
    .site_gradient = forward_site_gradient,
    .states = forward_states,
    .gradient_of = forward_gradient_of,
    .site_gradient_of = forward_site_gradient_of,
    .lens = forward_lens,
    .hidden = forward_hidden,
    .attention_parts = forward_attention_parts,
    .block_rest = forward_block_rest,
    .block_rest_bytes = forward_block_rest_bytes,
    .share_rest = forward_share_rest,
    .rest_terms = forward_rest_terms,
    .logit_directions = forward_logit_directions,
    .neighbours = model_neighbours,
};
