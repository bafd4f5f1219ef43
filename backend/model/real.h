/* The calls of a loaded model and of its forwards (backend/model_ops.h), each in the file of its
 * subject; real_ops.c makes tables of them. Internal to backend/model/. The worker thread. */
#ifndef TINSEQ_BACKEND_MODEL_REAL_H
#define TINSEQ_BACKEND_MODEL_REAL_H

#include "backend/model_ops.h"

enum err_code real_embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                         float *out, struct err *e) ERR_CHECKED;
enum err_code real_neighbours(struct model *m, enum model_stack stack, const int32_t *ids,
                              int64_t n, int64_t k, int32_t *out, struct err *e) ERR_CHECKED;
/* A forward without its calls: real_ops.c gives it those. */
enum err_code real_forward(struct forward **out, struct model *m, const struct forward_input *in,
                           const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
int64_t real_forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                           int64_t n_target, bool keep_gradient);
enum err_code real_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                          struct err *e) ERR_CHECKED;
enum err_code real_states(struct forward *f, bool all, const struct position *at, int64_t n,
                          float *out, struct err *e) ERR_CHECKED;
enum err_code real_vjp(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                       struct err *e) ERR_CHECKED;
int64_t real_vjp_bytes(const struct forward *f, const struct position *at, int64_t n);
enum err_code real_attentions(struct forward *f, enum attention_kind kind, int64_t layer,
                              int64_t first, int64_t n, float *out, struct err *e) ERR_CHECKED;
enum err_code real_hidden(struct forward *f, enum model_stack stack, int64_t layer, float *out,
                          struct err *e) ERR_CHECKED;
enum err_code real_activation(struct forward *f, int64_t site, float *out,
                              struct err *e) ERR_CHECKED;
enum err_code real_lens(struct forward *f, int64_t site, const struct position *at, int64_t n,
                        float *out, struct err *e) ERR_CHECKED;
enum err_code real_attention_parts(struct forward *f, enum attention_kind kind, int64_t layer,
                                   struct attention_parts *out, struct err *e) ERR_CHECKED;
enum err_code real_block_rest(struct forward *f, enum attention_kind after, int64_t layer,
                              const int64_t *rows, const float *sums, int64_t n, bool final_norm,
                              float *out, struct err *e) ERR_CHECKED;
int64_t real_block_rest_bytes(const struct forward *f);
enum err_code real_share_rest(struct forward *f, enum model_stack stack, int64_t layer, int64_t row,
                              const float *sum, const float *shares, int64_t n, bool feed_forward,
                              float *out, struct err *e) ERR_CHECKED;
enum err_code real_rest_terms(struct forward *f, enum model_stack stack, int64_t layer,
                              const int64_t *rows, const float *sums, int64_t n, float *residual,
                              float *feed_forward, float *out, struct err *e) ERR_CHECKED;
enum err_code real_logit_directions(struct forward *f, const float *states, const float *d_logits,
                                    int64_t n, float *out, struct err *e) ERR_CHECKED;
void real_free(struct forward *f);

#endif
