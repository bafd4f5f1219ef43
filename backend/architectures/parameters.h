/* All parameters of a model, by stacks, blocks and parts, beside the plans that say what they are.
 * Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_PARAMETERS_H
#define TINSEQ_BACKEND_ARCHITECTURES_PARAMETERS_H

#include "backend/tape/experts.h"

struct weight_info;

/* Of one part of one block; a part uses what it has. */
struct part_weights {
    struct norm norm, after; /* after: the second of NORM_AROUND_BRANCH */
    struct weight query, key, value, output;
    struct norm query_norm, key_norm;
    float *buckets; /* [n_buckets, H]; NULL: none of its own */
    struct weight gate, up, down;
    struct weight recurrent_input, recurrent_gate;
    struct experts experts; /* n 0: gate, up and down */
};

struct block_weights {
    struct part_weights parts[PLAN_PARTS]; /* as in the plan */
};

struct stack {
    enum model_stack which;
    const struct stack_plan *plan;
    const struct model_config *config;
    const struct stack_sizes *sizes; /* its own, of that configuration */
    int64_t n_layers;
    struct block_weights *blocks; /* [n_layers] */
    tn_tensor *positions;         /* [P, D], or of rotations [P, d]; NULL: none */
    tn_tensor *local_positions;   /* of rotations, the local layers'; NULL: the same */
    float *token_types; /* [n_token_types, D]: the first row is in the positions; NULL: none */
    struct weight embedding_map;
    struct norm embedding_norm, final_norm;
    float *buckets;     /* [n_buckets, H] of all layers; or NULL */
    tn_tensor **biases; /* [n_layers], of self-attention's scores: see struct tn_attention; NULL:
                           none */
    int64_t bias_zero;
};

struct parameters {
    struct weight
        embedding; /* [V, E] of the encoder, and of the decoder where it has none of its own */
    struct weight decoder_embedding;
    const struct weight_info *words, *segments; /* see SLOT_WORDS */
    struct weight head;                         /* [V, E]; the embedding where tied */
    struct weight head_map;                     /* see enum head_map, as its norm */
    struct norm head_norm;
    float *rope_divisors;      /* [d/2] of RoPE's frequencies; NULL: none */
    float *rope_long_divisors; /* the same of runs beyond the configuration's rope_switch */
    struct stack stacks[2];    /* by enum model_stack */
};

/* Stacks of n_encoder and n_decoder layers without weights yet, as c plans them; c is borrowed. */
void parameters_init(struct parameters *p, const struct model_config *c, int64_t n_encoder,
                     int64_t n_decoder);
void parameters_dispose(struct parameters *p); /* tensors belong to their scope */

/* The decoder's embeddings, its own or the shared. */
const struct weight *parameters_embedding(const struct parameters *p, enum model_stack stack);

/* The weights of a block's part; NULL: it has none such. */
const struct part_weights *stack_part(const struct stack *s, int64_t layer, enum part part);

#endif
