/*
 * From hidden states to logits: the only place that does it, forwards and backwards. Internal to
 * backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_HEAD_H
#define TINSEQ_BACKEND_ARCHITECTURES_HEAD_H

#include "backend/architectures/parameters.h"

/* Final hidden states [n, D] → logits [n, V]. */
enum err_code head_logits(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                          const struct parameters *p, const tn_tensor *hidden,
                          struct err *e) ERR_CHECKED;
/* Gradient of logits [n, V] → that of final hidden states [n, D]. */
enum err_code head_vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                       const struct parameters *p, const tn_tensor *d_logits,
                       struct err *e) ERR_CHECKED;
/* What the model does to its last block's output: states [n, D] of any block, through the final
 * norm where there is one, to logits [n, V]. */
enum err_code head_lens(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                        const struct parameters *p, const tn_tensor *states,
                        struct err *e) ERR_CHECKED;

#endif
