/* The real model behind the methods' seam. A file of its own, so that only what runs models links them. */
#include "methods/method.h"

const struct model_ops model_ops_real = {
    .embed = model_embed,
    .forward = model_forward,
    .forward_free = forward_free,
    .logits = forward_logits,
    .gradient = forward_gradient,
    .gradient_bytes = forward_gradient_bytes,
    .forward_bytes = model_forward_bytes,
    .attentions = forward_attentions,
};
