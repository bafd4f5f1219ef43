/*
 * A loaded model: run it forward, differentiate it, take its insides out, and continue a text with
 * it. All arrays that cross this header are plain host arrays; tensors stay inside backend/. Built
 * on the tensor module (backend/tn.h); the worker thread that opened a model is the only one that
 * may use it. A model and a forward are objects (backend/model_ops.h): another can stand in their
 * place for the calls that methods make.
 *
 * What is differentiated are the attributed inputs: token embeddings times the architecture's
 * embedding scale, before positions are added (Inseq's convention). Row r of the target is the
 * embedding of target token r; in an encoder-decoder the target begins with the decoder start
 * token.
 *
 * Because decoders are causal (self-attention or recurrence), one forward over the whole target
 * under teacher forcing serves every step: the logits at position p − 1 are those that generated
 * the token at p.
 */
#ifndef TINSEQ_BACKEND_MODEL_H
#define TINSEQ_BACKEND_MODEL_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "backend/config.h"
#include "backend/places.h"
#include "backend/tokenizer.h"

#include <stdbool.h>
#include <stdint.h>

struct model;

/* bfloat16: the factors of products with weights are rounded to it and summed in float32; norms,
 * attention, sums and logits stay float32. Scores of gradient methods then lie within a few
 * hundredths of a column's largest. */
enum model_dtype { MODEL_FLOAT32, MODEL_FLOAT64, MODEL_BFLOAT16 };

struct model_options {
    enum model_dtype dtype;
    const char *device;    /* NULL or "cpu", "cuda", "cuda:1" */
    int n_threads;         /* at most, fewer while others use the cores too; 0: cores_threads() */
    const char *tokenizer; /* another path to read it from; NULL: the model's own */
    const char *tokenizer_kwargs; /* as in model_files; NULL: none */
    const char *name; /* that it has in a list of models; NULL: it is asked for by its path */
};

/* Loads what `path` names (model_resolve turns names into paths first): locates files, reads
 * configuration, tokenizer and weights, decodes weights on several threads while libtorch is being
 * opened, and builds the architecture. Progress phase "loading". Errors: any; a message names the
 * file. */
enum err_code model_open(struct model **out, const char *path, const struct model_options *options,
                         const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
void model_free(struct model *m);

/* ERR_IO when a mapped file of its weights was cut short since: what was computed with them is not
 * to be trusted, and the model must be opened again. Forward passes and decoder steps ask by
 * themselves. */
enum err_code model_whole(const struct model *m, struct err *e) ERR_CHECKED;

const struct model_config *model_config(const struct model *m); /* borrowed until model_free */
const struct tokenizer *model_tokenizer(const struct model *m); /* borrowed until model_free */
/* Makes languages those of a translator's texts, until others are asked for: the source's, and the
 * target's, which the decoder begins with then; NULL: as the model's files and options say. Other
 * models have none. ERR_USAGE: there is no such language. */
enum err_code model_speak(struct model *m, const char *source, const char *target,
                          struct err *e) ERR_CHECKED;
/* The path that its tokenizer was taken from instead of its own, and the options that a person gave
 * for it, a JSON object; NULL, or "": none. Borrowed until model_free. */
const char *model_tokenizer_path(const struct model *m);
const char *model_tokenizer_kwargs(const struct model *m);
/* The name asked for, or the last part of its path; borrowed until model_free. */
const char *model_name(const struct model *m);
/* Its path from the root, where it was asked for by a path; else NULL. Borrowed likewise. */
const char *model_path(const struct model *m);
/* "fnv1a64:" and 16 digits that tell its files from others: see model/model_hash.c. Borrowed
 * likewise. */
const char *model_hash(const struct model *m);
const char *
model_libtorch(const struct model *m); /* the version that computes it, "2.6.0"; static */
int64_t model_weight_bytes(const struct model *m);
const char *model_dtype_name(const struct model *m); /* "bfloat16"; static */
/* Whether bfloat16 was asked for of a processor without an instruction for its products: it saves
 * memory then, but no time. */
bool model_bfloat16_slow(const struct model *m);

/* The attributed embeddings of ids: table × scale. out [n, E]. With zero_start the decoder's
 * start has the zero vector. Errors: FORMAT for an id out of range. */
enum err_code model_embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                          float *out, struct err *e) ERR_CHECKED;

/* The k vocabulary entries whose embeddings are nearest to those of each of n ids (Euclidean
 * distance, nearest first, not the id itself): out [n, k]; k < V. Errors: USAGE, FORMAT for an id
 * out of range, NOMEM. */
enum err_code model_neighbours(struct model *m, enum model_stack stack, const int32_t *ids,
                               int64_t n, int64_t k, int32_t *out, struct err *e) ERR_CHECKED;

/* --- how long a text may be --- */

/* The longest text that runs: up to the end of a table of positions. 0: there is no bound;
 * rotations go on beyond n_positions. */
int64_t model_config_longest(const struct model_config *c);
/* Whether its rotations beyond n_positions are made for such texts (dynamic NTK, or LongRoPE that
 * begins there). */
bool model_config_reaches_further(const struct model_config *c);
/* The longest text, of n tokens at least, whose run rotates as one over n does; INT64_MAX: however
 * long. Up to there what a run says of its first n tokens is what a run over these alone says, and
 * one run serves all of their steps. Beyond the texts of its training a model with LongRoPE rotates
 * all by other frequencies, one with dynamic NTK every length by its own. */
int64_t model_config_alike_until(const struct model_config *c, int64_t n);
/* Of n_steps steps, the first of which reads n_prefix tokens and each other one more than that
 * before, how many one run serves: at least 1. */
int64_t model_config_steps_alike(const struct model_config *c, int64_t n_prefix, int64_t n_steps);
/* ERR_USAGE, naming the bound, for a text that is longer. */
enum err_code model_config_check_text(const struct model_config *c, int64_t n,
                                      struct err *e) ERR_CHECKED;
/* The same of what is to be continued or translated, which the model's positions bound of whatever
 * kind they are, but for those that reach further. */
enum err_code model_config_check_prompt(const struct model_config *c, int64_t n,
                                        struct err *e) ERR_CHECKED;

/* --- forward under teacher forcing --- */

struct forward; /* one finished forward pass with what was kept of it */

struct site_values {
    struct model_site site;
    const float *values; /* [B, rows, D] */
};

/* What a forward keeps for its gradients at most before it rather computes blocks twice: a long
 * prompt would take gigabytes. */
#define RECOMPUTE_BYTES ((int64_t)1 << 30)

/* What a forward runs on and what it keeps; all of it is read before model_forward returns, but for
 * `past`, which stays until the forward is freed. */
struct forward_input {
    /* --- the sequence --- */
    int64_t n_batch;           /* B ≥ 1: variants of the same sequence, all of one length */
    const int32_t *source_ids; /* [S]; encoder-decoder only */
    int64_t n_source;
    /* [B, S, E] instead of the ids' own; NULL: embed the ids. */
    const float *source_embeddings;
    /* [T]; decoder-only: prompt and generated text; encoder-decoder: starts with the decoder start.
     */
    const int32_t *target_ids;
    int64_t n_target;
    /* [B, T, E] instead of the ids' own; NULL: embed the ids. */
    const float *target_embeddings;

    /* --- what is kept --- */
    bool keep_gradient; /* what forward_vjp needs */
    /* With keep_gradient: only the input of every block, and the rest is computed again in the walk
     * backwards; done anyway where keeping would take more than RECOMPUTE_BYTES. Not with sites. */
    bool recompute;
    bool keep_attentions; /* what attention weights are recomputed from, of every layer */
    bool keep_states;     /* the same, and hidden states */
    /* The decoder's hidden states of every layer, for forward_states and for gradients through
     * them. Not with blocks that are given. */
    bool keep_hidden;
    /* [n_sites], distinct: what forward_activation and forward_vjp give. */
    const struct model_site *sites;
    int64_t n_sites;

    /* --- a shared beginning --- */
    /* Keep the target's keys and values for forwards that share it; not of a recurrent decoder,
     * which has none. */
    bool keep_past;
    /* Of one entry, with keep_past and the same source: its first n_past < T target rows are not
     * computed again, and target_embeddings are those of the other rows, [B, T − n_past, E]; or
     * NULL. */
    const struct forward *past;
    int64_t n_past;

    /* --- what is changed --- */
    /* Dropout as in training, at the rates of the model's configuration; noise of its own for every
     * entry, that of entry b being entry 0's with dropout_seed + b. Not with keep_gradient, past or
     * rescale. */
    bool dropout;
    uint64_t dropout_seed;
    /* Above 0: of what enters the first block, of attention weights and of what parts add, in place
     * of the configuration's rates. */
    double dropout_rate;
    /* Not NONE: entry b + B/2 is the reference of entry b; gradients are of the first half, and an
     * activation's derivative there is (a(x) − a(r)) / (x − r), or the plain one where
     * |x − r| < 1e-10. Both sides' embeddings are given. */
    enum rescale rescale;
    /* [n_given]: outputs that are replaced; what only they depend on is not computed. Not of
     * embeddings. */
    const struct site_values *given;
    int64_t n_given;
};

/* Runs the model; the caller frees *out. Polls ctl between layers. Errors: USAGE for an empty or
 * too long sequence, FORMAT for an id out of range, UNSUPPORTED for sites that the model has not,
 * NOMEM, BACKEND, CANCELLED, INTERNAL for what does not go together. */
enum err_code model_forward(struct forward **out, struct model *m, const struct forward_input *in,
                            const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
void forward_free(struct forward *f);

/* Logits at n positions: out [n, V]. Errors: NOMEM, BACKEND. */
enum err_code forward_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                             struct err *e) ERR_CHECKED;
/* Hidden states of the decoder at n positions, numbered and normed as forward_hidden's: the last,
 * out [n, 1, D], or `all` of them, out [n, L + 1, D], which need keep_hidden. */
enum err_code forward_states(struct forward *f, bool all, const struct position *at, int64_t n,
                             float *out, struct err *e) ERR_CHECKED;
/* Logits, and states, in double, for tests of float64 models. */
enum err_code forward_states_f64(struct forward *f, bool all, const struct position *at, int64_t n,
                                 double *out, struct err *e) ERR_CHECKED;
enum err_code forward_logits_f64(struct forward *f, const struct position *at, int64_t n,
                                 double *out, struct err *e) ERR_CHECKED;

/* What goes back into a forward: a vector-Jacobian product of n places together, for each i < n the
 * gradient of Σ_v d_logits[i, v] · logits(at[i])[v], and of Σ d_states · states where those are
 * given. All n go through the layers together; the caller chunks. */
struct vjp_request {
    const struct position *at; /* [n] */
    int64_t n;
    const float *d_logits; /* [n, V], as long as the model's rows of logits */
    const float *d_states; /* of forward_states: [n, 1, D] or, with all_states, [n, L + 1, D]; or
                              NULL */
    bool all_states;
    const int64_t *first; /* [n] or NULL: the target's rows from first[i] ≤ at[i].row on alone are
                             wanted, earlier ones are zero. Nothing goes back through the rows
                             before, which halves the work where one row's gradient is wanted */
    float *source, *target; /* with respect to the embeddings of entry at[i].batch, [n, S, E] and
                               [n, T, E] (rows after at[i].row are zero); NULL: not wanted */
    float *const *sites;    /* or with respect to the outputs at all of forward_input.sites, in one
                               walk: sites[s] [n, rows of its stack, D or E]; NULL: not wanted. Then
                               source, target and first are not looked at. NULL: of the
                               embeddings */
};
/* Needs keep_gradient. Polls ctl between layers. Errors: NOMEM, BACKEND, CANCELLED. */
enum err_code forward_vjp(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                          struct err *e) ERR_CHECKED;

/* Bytes that forward_vjp needs at its peak for these positions, beyond what the forward keeps; and
 * bytes a forward of B sequences keeps. */
int64_t forward_vjp_bytes(const struct forward *f, const struct position *at, int64_t n);
int64_t model_forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                            int64_t n_target, bool keep_gradient);
/* The same from a configuration alone; element_bytes of a number: 4 or 8. */
int64_t model_config_forward_bytes(const struct model_config *c, int64_t element_bytes,
                                   int64_t n_batch, int64_t n_source, int64_t n_target,
                                   bool keep_gradient);
/* Whether a forward of B sequences that keeps its gradient is one that computes blocks twice
 * (RECOMPUTE_BYTES). */
bool model_config_recomputes(const struct model_config *c, int64_t element_bytes, int64_t n_batch,
                             int64_t n_source, int64_t n_target);
int64_t model_element_bytes(const struct model *m);
/* Seconds that the tensor module took so far, by what it did: products, those of the vocabulary
 * among them apart; attention; norms, activations and all else that treats every row alone; and the
 * rest. operations: of all products, a multiplication and an addition being two. */
struct model_spent {
    double products, vocabulary, attention, rows, other, operations;
};
void model_spent(struct model_spent *out, const struct model *m);
/* The model's long operations end with ERR_CANCELLED once ctl is cancelled; NULL before ctl
 * goes. */
void model_watch(const struct model *m, const struct run_ctl *ctl);

/* Floating-point operations a second of this model's own products, measured on first use (a few
 * milliseconds); 0: could not be measured. */
double model_product_rate(struct model *m);

/* Attention weights of one layer, for n query rows from `first` on: out [B, H, n, Tk], rows sum to
 * 1, zero where masked. Needs keep_states, keep_attentions or keep_gradient. ERR_UNSUPPORTED where
 * the model has none (a recurrence in the place of the decoder's self-attention). */
enum err_code forward_attentions(struct forward *f, enum attention_kind kind, int64_t layer,
                                 int64_t first, int64_t n, float *out, struct err *e) ERR_CHECKED;
/* Hidden states as Transformers numbers them: layer 0 is the embedding with positions, layer i the
 * output of block i, the last one after the final norm where the model has one, and before a map
 * that stands before its head (Transformers' last state of OPT-350m is behind that): out [B, T or
 * S, D]. Needs keep_states. */
enum err_code forward_hidden(struct forward *f, enum model_stack stack, int64_t layer, float *out,
                             struct err *e) ERR_CHECKED;

/* --- sites: outputs in the middle of a model --- */

/* The output at forward_input.sites[site]: out [B, rows of its stack, D or E]. */
enum err_code forward_activation(struct forward *f, int64_t site, float *out,
                                 struct err *e) ERR_CHECKED;
/* The logit lens (nostalgebraist 2020): final norm and map, where there are any, and head of a
 * decoder block's output at n positions: out [n, V]. */
enum err_code forward_lens(struct forward *f, int64_t site, const struct position *at, int64_t n,
                           float *out, struct err *e) ERR_CHECKED;

/* --- continuing a text, with a cache --- */

struct decoder; /* a cache of n_rows hypotheses of equal length */

/* Encodes the source (encoder-decoder; runs once) and prepares n_rows empty hypotheses. */
enum err_code decoder_open(struct decoder **out, struct model *m, const int32_t *source_ids,
                           int64_t n_source, int64_t n_rows, const struct run_ctl *ctl,
                           struct err *e) ERR_CHECKED;
/* Appends n_new tokens to every hypothesis, ids [n_rows, n_new], and yields the logits after the
 * last: out [n_rows, V]. */
enum err_code decoder_step(struct decoder *d, const int32_t *ids, int64_t n_new, float *logits,
                           struct err *e) ERR_CHECKED;
/* Hypothesis i becomes a copy of hypothesis from[i]; n_rows may change to n. (Beams; or one prompt
 * row fanned out to many.) */
enum err_code decoder_reorder(struct decoder *d, const int32_t *from, int64_t n,
                              struct err *e) ERR_CHECKED;
void decoder_close(struct decoder *d);

#endif
