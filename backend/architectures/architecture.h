/*
 * What the architectures share: the parameters of one block by the names of the papers, and the two functions that each architecture is: which tensors it
 * takes from a checkpoint, and its forward pass. Internal to backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_ARCHITECTURE_H
#define TINSEQ_BACKEND_ARCHITECTURES_ARCHITECTURE_H

#include "backend/tape.h"

struct loader;

/* One layer of a stack; an architecture uses what it has. */
struct block_weights {
    struct norm self_norm, cross_norm, ffn_norm;
    struct weight query, key, value, output;
    struct weight cross_query, cross_key, cross_value, cross_output;
    struct weight gate, up, down;
    struct weight recurrent_input, recurrent_gate;
};

struct parameters {
    struct weight embedding;     /* [V, D] of the encoder, and of the decoder where it has none of its own */
    struct weight decoder_embedding;
    struct weight head;          /* hidden → logits; the embedding where tied */
    tn_tensor *positions;        /* [P, D], or RoPE's table [P, d] */
    float *rope_divisors;        /* [d/2] of RoPE's frequencies; NULL: none */
    struct block_weights *encoder, *decoder; /* [layers] */
    struct norm final_norm;
};

struct architecture_ops {
    enum err_code (*load)(struct parameters *p, struct loader *l, const struct model_config *c, struct err *e);
    /* The position table on the host, row-major, owned by the caller: n_positions rows of *width. NULL: it came with the checkpoint. */
    double *(*positions)(const struct parameters *p, const struct model_config *c, int64_t n_positions, int64_t *width);
    /* Embeddings (scaled, without positions) to final hidden states. memory: the encoder's output. */
    struct value *(*encode)(const struct parameters *p, const struct model_config *c, struct tape *t, struct value *x);
    struct value *(*decode)(const struct parameters *p, const struct model_config *c, struct tape *t, struct value *x, struct value *memory);
};

extern const struct architecture_ops architecture_llama, architecture_gpt2, architecture_marian_mt, architecture_marian_student;

/* Sinusoidal positions (Vaswani et al. 2017) as Marian lays them out, sines in the first half and cosines in the second: frequency i of D/2 is
 * exp(−i · ln 10000 / divisor). */
double *sinusoidal_positions(int64_t n, int64_t width, double divisor);

/* norm(x + down(activation(up(x)))): [R, D] → [R, D]. */
struct value *post_norm_feed_forward(const struct block_weights *b, const struct model_config *c, struct tape *t, struct value *x);

#endif
