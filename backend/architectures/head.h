/*
 * From hidden states to logits: the only place that does it, forwards and backwards. Internal to
 * backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_HEAD_H
#define TINSEQ_BACKEND_ARCHITECTURES_HEAD_H

#include "backend/architectures/parameters.h"

/* What the head multiplies, [R, E], of final hidden states [R, D]: they themselves, or by the
 * decoder's plan a map of them (Zhang et al. 2022; reference: transformers 4.57,
 * models/opt/modeling_opt.py, project_out), or the norm of an activation of it (Devlin et al. 2019;
 * models/bert/modeling_bert.py, BertPredictionHeadTransform). It is on the tape, so that all that
 * follows maps, activations and norms follows these. */
struct value *head_reads(const struct parameters *p, struct tape *t, struct value *hidden);
/* What head_reads yields [n, E] → logits [n, V]. */
enum err_code head_logits(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                          const struct parameters *p, const tn_tensor *hidden,
                          struct err *e) ERR_CHECKED;
/* Gradient of logits [n, V] → that of what head_reads yields [n, E]. hidden: just that; looked at
 * only where logits are capped. */
enum err_code head_vjp(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                       const struct parameters *p, const tn_tensor *d_logits,
                       const tn_tensor *hidden, struct err *e) ERR_CHECKED;
/* The same of final states [n, D], from the last block's output [n, D], along which shares of those
 * add up to logits: where these are capped, a cap's slope is the mean one from zero. UNSUPPORTED
 * where head_reads bends them. */
enum err_code head_directions(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                              const struct parameters *p, const tn_tensor *d_logits,
                              const tn_tensor *states, struct err *e) ERR_CHECKED;
/* What the model does to its last block's output: states [n, D] of any block, through the final
 * norm and what head_reads does, to logits [n, V]. */
enum err_code head_lens(tn_tensor **out, tn_scope *s, const struct tn_api *tn,
                        const struct parameters *p, const tn_tensor *states,
                        struct err *e) ERR_CHECKED;

#endif
