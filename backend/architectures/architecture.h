/*
 * What the architectures share: the parameters of one block by the names of the papers, and what
 * each architecture is: its forward pass. Internal to backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_ARCHITECTURE_H
#define TINSEQ_BACKEND_ARCHITECTURES_ARCHITECTURE_H

#include "backend/tape/tape.h"

/* One layer of a stack; an architecture uses what it has. */
struct block_weights {
    struct norm self_norm, cross_norm, ffn_norm;
    struct weight query, key, value, output;
    struct weight cross_query, cross_key, cross_value, cross_output;
    struct weight gate, up, down;
    struct weight recurrent_input, recurrent_gate;
};

struct parameters {
    struct weight
        embedding; /* [V, D] of the encoder, and of the decoder where it has none of its own */
    struct weight decoder_embedding;
    struct weight head;                      /* hidden → logits; the embedding where tied */
    tn_tensor *positions;                    /* [P, D], or RoPE's table [P, d] */
    float *rope_divisors;                    /* [d/2] of RoPE's frequencies; NULL: none */
    struct block_weights *encoder, *decoder; /* [layers] */
    struct norm final_norm;
};

struct architecture_ops {
    /* The position table on the host, row-major, owned by the caller: n_positions rows of *width.
     * NULL: it came with the checkpoint. */
    double *(*positions)(const struct parameters *p, const struct model_config *c,
                         int64_t n_positions, int64_t *width);
    /* A block is three parts, so that each can be run alone. What passes between them is a sum with
     * its residual, before any norm that follows it. Block input → sum after self-attention, or
     * after the recurrence that stands for it. */
    struct value *(*self)(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x);
    /* That sum → sum after cross-attention. NULL: no encoder. */
    struct value *(*cross)(const struct parameters *p, const struct model_config *c, struct tape *t,
                           int64_t i, struct value *x, struct value *memory);
    /* The last sum → the block's output, row by row. */
    struct value *(*rest)(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x);
    bool adds_positions; /* to the embeddings */
    bool pre_norm;       /* parts norm what they read, not what they yield */
    bool recurrent;      /* the decoder has a recurrence instead of self-attention */
};

/* Embeddings (scaled, without positions) to the states that enter block 0. */
struct value *stack_begin(const struct architecture_ops *a, const struct parameters *p,
                          struct tape *t, struct value *x);
/* A layer norm, or without a bias a root mean square norm. */
struct value *stack_norm(const struct model_config *c, struct tape *t, const struct norm *w,
                         struct value *x);
/* Output of block i as the next one reads it: of the decoder's last block after the final norm
 * where the model has one. */
struct value *stack_block_end(const struct parameters *p, const struct model_config *c,
                              struct tape *t, enum model_stack stack, int64_t i, struct value *x);
/* Blocks from `first` to the last: states that enter `first` to final hidden states. memory: the
 * encoder's output, for a decoder. */
struct value *stack_run(const struct architecture_ops *a, const struct parameters *p,
                        const struct model_config *c, struct tape *t, enum model_stack stack,
                        int64_t first, struct value *x, struct value *memory);

extern const struct architecture_ops architecture_llama, architecture_gpt2, architecture_marian_mt,
    architecture_marian_student;

/* Sinusoidal positions (Vaswani et al. 2017) as Marian lays them out, sines in the first half and
 * cosines in the second: frequency i of D/2 is exp(−i · ln 10000 / divisor). */
double *sinusoidal_positions(int64_t n, int64_t width, double divisor);

/* Their cross-attention, and norm(x + down(activation(up(x)))), as parts of a block. */
struct value *post_norm_cross(const struct parameters *p, const struct model_config *c,
                              struct tape *t, int64_t i, struct value *x, struct value *memory);
struct value *post_norm_rest(const struct parameters *p, const struct model_config *c,
                             struct tape *t, enum model_stack stack, int64_t i, struct value *x);

#endif
