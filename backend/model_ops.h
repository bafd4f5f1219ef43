/*
 * For who makes models: the calls of backend/model.h and backend/insides.h that a model or a
 * forward answers through a table of its own. Loaded models are such objects, toys of the tests
 * are, and wrappers that look further or add noise stand in front of another object: what a
 * wrapper's table leaves out is answered by the object behind it. The thread of the model.
 */
#ifndef TINSEQ_BACKEND_MODEL_OPS_H
#define TINSEQ_BACKEND_MODEL_OPS_H

#include "backend/insides.h"

/* Each member is as the function of the longer name: model_embed, model_forward, … */
struct model_ops {
    enum err_code (*embed)(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                           float *out, struct err *e);
    enum err_code (*neighbours)(struct model *m, enum model_stack stack, const int32_t *ids,
                                int64_t n, int64_t k, int32_t *out, struct err *e);
    enum err_code (*forward)(struct forward **out, struct model *m, const struct forward_input *in,
                             const struct run_ctl *ctl, struct err *e);
    int64_t (*forward_bytes)(const struct model *m, int64_t n_batch, int64_t n_source,
                             int64_t n_target, bool keep_gradient);
};

/* forward_free, forward_logits, … */
struct forward_ops {
    void (*free)(struct forward *f); /* what stands behind f is f's to free */
    enum err_code (*logits)(struct forward *f, const struct position *at, int64_t n, float *out,
                            struct err *e);
    enum err_code (*states)(struct forward *f, bool all, const struct position *at, int64_t n,
                            float *out, struct err *e);
    enum err_code (*vjp)(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                         struct err *e);
    int64_t (*vjp_bytes)(const struct forward *f, const struct position *at, int64_t n);
    enum err_code (*attentions)(struct forward *f, enum attention_kind kind, int64_t layer,
                                int64_t first, int64_t n, float *out, struct err *e);
    enum err_code (*hidden)(struct forward *f, enum model_stack stack, int64_t layer, float *out,
                            struct err *e);
    enum err_code (*activation)(struct forward *f, int64_t site, float *out, struct err *e);
    enum err_code (*lens)(struct forward *f, int64_t site, const struct position *at, int64_t n,
                          float *out, struct err *e);
    enum err_code (*attention_parts)(struct forward *f, enum attention_kind kind, int64_t layer,
                                     struct attention_parts *out, struct err *e);
    enum err_code (*block_rest)(struct forward *f, enum attention_kind after, int64_t layer,
                                const int64_t *rows, const float *sums, int64_t n, bool final_norm,
                                float *out, struct err *e);
    int64_t (*block_rest_bytes)(const struct forward *f);
    enum err_code (*share_rest)(struct forward *f, enum model_stack stack, int64_t layer,
                                int64_t row, const float *sum, const float *shares, int64_t n,
                                bool feed_forward, float *out, struct err *e);
    enum err_code (*rest_terms)(struct forward *f, enum model_stack stack, int64_t layer,
                                const int64_t *rows, const float *sums, int64_t n, float *residual,
                                float *feed_forward, float *out, struct err *e);
    enum err_code (*logit_directions)(struct forward *f, const float *states, const float *d_logits,
                                      int64_t n, float *out, struct err *e);
};

/* How every struct model and every struct forward begins. */
struct model_head {
    const struct model_ops *ops;
    struct model *behind; /* what answers where ops does not; NULL: this is the model itself */
};
struct forward_head {
    const struct forward_ops *ops;
    struct forward *behind;
};

#endif
