/*
 * The inside of blocks, for a finished forward of one sequence with keep_states: how an attention
 * moves information, as host arrays; what the rest of a block makes of changed sums; how it passes
 * shares of a sum on. What the decomposing methods and value zeroing are made of. Layers count from
 * 0. The worker thread only.
 */
#ifndef TINSEQ_BACKEND_INSIDES_H
#define TINSEQ_BACKEND_INSIDES_H

#include "backend/model.h"

/* A norm whose row's statistics are held is linear: x ↦ (x − mean(x)) · scale / deviation, without
 * the means where it is not centred. scale NULL: no norm, rows stay as they are. */
struct row_norm {
    float *scale, *shift; /* [D]; owned by who has them */
    bool centred;
    double epsilon;
};
/* Rows [n, D], in place, with the statistics of `of` [D]; the shift is left out. */
void row_norm_hold(const struct row_norm *norm, const float *of, float *rows, int64_t n,
                   int64_t width);
/* One row, in place, as the model norms it. */
void row_norm_apply(const struct row_norm *norm, float *row, int64_t width);

/* Row i of an attention's sum is residual[i] + branch(made[i]), made[i] = Σ_h Σ_j weights[h, i, j]
 * · moved[h, j] + bias: what is made passes a norm where blocks have one there (Gemma 2, OLMo 2).
 * Where sums are normed before anything is added to them (post-norm, and BLOOM's residuals) the sum
 * then passes `after`. Held at the row's statistics both are linear, so that each key's term goes
 * through alone, and shifts, like the output map's bias, are nobody's. A recurrence in place of
 * attention (weights and moved are NULL): made[i] = relu(state[i]), state[i] = forget[i] ∘ state[i
 * − 1] + (1 − forget[i]) ∘ input[i]. */
struct attention_parts {
    int64_t n_heads, n_query, n_key, width; /* H, Tq, Tk, D */
    bool causal, cross;
    float *weights; /* [H, Tq, Tk] */
    float *moved; /* [H, Tk, D]: the value of key j, its bias included, through head h's part of the
                     output map */
    float *residual;               /* [Tq, D] */
    float *bias;                   /* [D], of the output map; zeros without one */
    float *input, *forget, *state; /* [Tq, D]; NULL: attention */
    struct row_norm branch, after;
};

/* Errors: UNSUPPORTED where the model has no such attention, NOMEM, BACKEND. */
enum err_code forward_attention_parts(struct forward *f, enum attention_kind kind, int64_t layer,
                                      struct attention_parts *out, struct err *e) ERR_CHECKED;
void attention_parts_dispose(struct attention_parts *p);

/* --- the rest of a block ---
 * Parts in turn read the sum before them. Side by side (GPT-J, GPT-NeoX, Falcon, Phi-2, Cohere) all
 * read the block's input: what follows the attention reads row rows[k] of that, whatever stands in
 * sum k, and a change of the sum passes it by. */

/* What the rest of a block makes of sums [n, D] that stand after its self-attention or
 * cross-attention: out [n, D], the block's output. Sum k is one of row rows[k], and treated alone;
 * a cross-attention that follows reads the forward's encoder output. final_norm: as hidden states
 * are numbered, the last block's output after the final norm. */
enum err_code forward_block_rest(struct forward *f, enum attention_kind after, int64_t layer,
                                 const int64_t *rows, const float *sums, int64_t n, bool final_norm,
                                 float *out, struct err *e) ERR_CHECKED;

/* Passes shares [n, D] of one row's sum on to the block's output (before a final norm): out [n, D].
 * `sum` [D] is the whole sum after the last attention, shares and biases; shares[row] is that of
 * the row's own token, to which belongs what reads the block's input. Norms are linear with the
 * row's statistics. Element-wise functions share by integrated gradients from zero, which for a
 * function of one variable is share · (g(z) − g(0)) / z. feed_forward false: shares skip the
 * feed-forward layer and only pass its residual and norm. */
enum err_code forward_share_rest(struct forward *f, enum model_stack stack, int64_t layer,
                                 int64_t row, const float *sum, const float *shares, int64_t n,
                                 bool feed_forward, float *out, struct err *e) ERR_CHECKED;

/* The last part of a block, for sums [n, D] that stand after its last attention, as two terms: what
 * the residual and what the feed-forward layer, its bias and the norm on its branch included, give
 * to the block's output before a final norm. Where a block norms what it yields the terms are those
 * of that norm with each row's statistics held, and its shift is in neither; else they add up to
 * the output. Sum k is one of row rows[k]; residual, feed_forward and out [n, D]. */
enum err_code forward_rest_terms(struct forward *f, enum model_stack stack, int64_t layer,
                                 const int64_t *rows, const float *sums, int64_t n, float *residual,
                                 float *feed_forward, float *out, struct err *e) ERR_CHECKED;

/* Gradients of Σ_v d_logits[i, v] · logits[v] with respect to the last block's output states[i],
 * with the final norm's statistics held: d_logits [n, V], states and out [n, D]. */
enum err_code forward_logit_directions(struct forward *f, const float *states,
                                       const float *d_logits, int64_t n, float *out,
                                       struct err *e) ERR_CHECKED;

/* Bytes that forward_block_rest needs for a row beyond its arguments. */
int64_t forward_block_rest_bytes(const struct forward *f);

#endif
