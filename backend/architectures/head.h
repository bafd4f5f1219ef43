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
/* Gradient of logits [n, V] → that of final hidden states [n, D]. hidden: those states; looked at
 * only where logits are capped. */
enum err_code head_vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                       const struct parameters *p, const tn_tensor *d_logits,
                       const tn_tensor *hidden, struct err *e) ERR_CHECKED;
/* The same of the last block's output [n, D] in place of final states, along which shares of those
 * add up to logits: where these are capped, a cap's slope is the mean one from zero. */
enum err_code head_directions(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                              const struct parameters *p, const tn_tensor *d_logits,
                              const tn_tensor *states, struct err *e) ERR_CHECKED;
/* What the model does to its last block's output: states [n, D] of any block, through the final
 * norm where there is one, to logits [n, V]. */
enum err_code head_lens(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                        const struct parameters *p, const tn_tensor *states,
                        struct err *e) ERR_CHECKED;

#endif
