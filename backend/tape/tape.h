/*
 * One forward pass, written down so that it can be walked backwards. An architecture states its
 * forward with the operations below, each of which computes at once; where gradients are wanted it
 * also notes its derivative and keeps exactly what that needs. `tape_backward` then carries the
 * gradients of many targets through all of it together.
 *
 * Errors are sticky: after one, every operation returns NULL and does nothing, so an architecture
 * need not check each line; the caller asks tape->code once. Values live as long as the tape, their
 * tensors only until the layer ends unless something kept them.
 */
#ifndef TINSEQ_BACKEND_TAPE_H
#define TINSEQ_BACKEND_TAPE_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "backend/config.h"
#include "backend/places.h"
#include "backend/tn.h"

/* The rows of a stack: B sequences of `length`, the first at position `first` (what a cache already
 * holds). */
struct space {
    enum model_stack stack;
    int64_t n_batch, length, first;
};

struct tape;
struct experts;  /* see experts.h */
struct block;    /* a gradient of many targets */
struct backward; /* one walk backwards */

struct weight;

struct value {
    tn_tensor *tensor;    /* [B·T, width] */
    struct value *mapped; /* what it is a linear map of, and that map: `mapped` · mapᵀ + bias; */
    const struct weight *map; /* NULL: it is not, or more was added */
    int64_t width;            /* also once the tensor is gone */
    const struct space *space;
    unsigned inputs; /* bit 1 << stack: depends on that stack's embeddings, and gradients are kept;
                        SITE_BIT: on a site */
    int64_t site;    /* 1 + its number among the tape's sites; 0: none */
    struct block *gradient; /* while walking backwards */
};

#define SITE_BIT 4u

/* A linear map as stored: [O, I], or [I, O] where `transposed`; bias NULL: none. */
struct weight {
    tn_tensor *matrix, *bias;
    bool transposed;
};
/* See tn.h: NULL and 0 stand for what they stand for there. */
struct norm {
    tn_tensor *scale, *bias;
    int64_t width;
};

/* What generation keeps of the past, one per decoder layer. Keys and values [rows, capacity, K·d];
 * of cross-attention [S, H·d], the same for all rows; state [rows, D] of a recurrence. */
struct cache_layer {
    tn_tensor *keys, *values, *cross_keys, *cross_values, *state;
};
struct cache {
    tn_scope *scope;       /* of keys, values, states: replaced when they grow or are reordered */
    tn_scope *cross_scope; /* of what never changes */
    int64_t n_rows, length, capacity;
    struct cache_layer *layers;
    int64_t n_layers;
};

/* Something that can be computed again from its input: a block. */
struct replay {
    struct value *(*run)(const struct replay *r, struct tape *t, struct value *x,
                         struct value *memory);
    const void *user; /* outlives the tape */
    enum model_stack stack;
    int64_t layer;
};

struct node {
    void (*vjp)(struct backward *b, struct node *n);
    struct value *out, *in[3];
    tn_tensor *saved[4];
    const struct weight *weight;
    const struct norm *norm;
    const tn_tensor *constant;
    struct tn_attention attention;
    enum attention_kind kind;
    enum activation activation;
    const struct experts *experts;
    int64_t layer, width;
    double factor;
    struct replay replay;
};

/* Noise to add: rates, and what a tensor made on the host must become. */
struct dropout {
    struct dropout_rates rates;
    enum tn_dtype dtype;
    int device;
};

struct tape {
    const struct tn_api *tn;
    const struct run_ctl *ctl;
    tn_scope *keep, *work;  /* until the tape is freed; until the layer ends */
    struct space spaces[2]; /* by enum model_stack */
    bool keep_gradient, keep_states, keep_attentions;
    bool keep_hidden;     /* the decoder's states of every layer as values, to be read and
                             differentiated */
    bool recompute;       /* see forward_input: only blocks' inputs are kept */
    enum rescale rescale; /* see forward_input */
    /* NULL: none, as always but in passes that ask for it; then no gradient is kept */
    const struct dropout *dropout;
    uint64_t dropout_seed, n_draws; /* of entry 0; how many tensors had noise so far */
    /* The decoder's rotations in a run of this length; NULL: the stack's own table. */
    const tn_tensor *rotations;
    struct cache *cache; /* NULL: a whole sequence at once */
    struct node *nodes;
    size_t n_nodes, capacity_nodes;
    struct value **values;
    size_t n_values, capacity_values;
    tn_tensor **hidden[2]; /* [n_hidden[stack]]: see forward_hidden; NULL where not kept */
    int64_t n_hidden[2];
    /* [n_hidden_values]: the same states of the decoder, with keep_hidden */
    struct value **hidden_values;
    int64_t n_hidden_values;
    struct {
        struct tn_attention shape;
        tn_tensor *q, *k;
    } * attentions[3]; /* by enum attention_kind and layer */
    int64_t n_attentions[3];
    const struct model_site *sites; /* [n_sites], of the forward's caller while it runs */
    struct value **site_values;     /* [n_sites] */
    int64_t n_sites;
    struct given {
        struct model_site site;
        tn_tensor *tensor;
    } * given; /* [n_given] */
    int64_t n_given;
    enum err_code code;
    struct err error;
};

/* --- life --- */

void tape_init(struct tape *t, const struct tn_api *tn, const struct run_ctl *ctl);
void tape_dispose(struct tape *t);
/* Embeddings [B·length, E] of a stack as a value that gradients reach. */
struct value *tape_input(struct tape *t, enum model_stack stack, tn_tensor *embeddings);
/* Ends a layer: notes its output as hidden state i of its stack, frees what nothing kept, polls for
 * cancelling. Returns x. */
struct value *tape_layer_end(struct tape *t, struct value *x, int64_t i);
/* Keeps x until the tape is freed (an encoder's output). Returns x. */
struct value *tape_keep(struct tape *t, struct value *x);

/* --- sites (tape_sites.c): they cost nothing where nobody asks for them --- */

/* x is the output of this module: notes it where it is asked for, replaces it where it is given.
 * Returns x, or what is given. */
struct value *tape_site(struct tape *t, enum model_module module, int64_t layer, struct value *x);
/* Where a stack begins: 0 with *x as it is, or the layer after the last block whose output is
 * given, with *x that output. */
int64_t tape_first_layer(struct tape *t, struct value **x);
/* tape_linear_add whose product is a module's output. */
struct value *tape_linear_site(struct tape *t, struct value *x, const struct weight *w,
                               struct value *residual, enum model_module module, int64_t layer);

/* --- operations: [R, I] → [R, O]; the shapes and formulas are those of tn.h --- */

struct value *tape_linear(struct tape *t, struct value *x, const struct weight *w);
struct value *tape_linear_add(struct tape *t, struct value *x, const struct weight *w,
                              struct value *residual);
struct value *tape_add(struct tape *t, struct value *a, struct value *b);
struct value *tape_multiply(struct tape *t, struct value *x, double factor);
struct value *tape_clamp(struct tape *t, struct value *x, double limit);
/* Elements of x dropped where the tape has dropout; else, or at rate 0, x itself. */
struct value *tape_dropout(struct tape *t, struct value *x, double rate);
struct value *tape_add_positions(struct tape *t, struct value *x, const tn_tensor *table);
struct value *tape_rms_norm(struct tape *t, struct value *x, const struct norm *w, double epsilon);
struct value *tape_layer_norm(struct tape *t, struct value *x, const struct norm *w,
                              double epsilon);
struct value *tape_activation(struct tape *t, struct value *x, enum activation kind);
struct value *tape_gated(struct tape *t, struct value *gate, struct value *up,
                         enum activation kind);
struct value *tape_rope(struct tape *t, struct value *x, const tn_tensor *table, int64_t width);
struct value *tape_recurrence(struct tape *t, struct value *x, struct value *gate, int64_t layer);

struct heads {
    int64_t n_heads, n_kv_heads, width;
    int64_t window;        /* of a decoder's self-attention: see struct tn_attention */
    double scale, cap;     /* scale 0: 1 / sqrt(width) */
    const tn_tensor *bias; /* see struct tn_attention; or NULL */
    int64_t bias_zero;
    bool bias_by_key;
};
/* Self-attention of a stack. Decoder self-attention is causal and appends to the cache where there
 * is one. */
struct value *tape_attention(struct tape *t, enum attention_kind kind, int64_t layer,
                             const struct heads *heads, struct value *q, struct value *k,
                             struct value *v);
/* Attention of a decoder's q to linear maps of the encoder's output; with a cache the maps are
 * computed once. */
struct value *tape_cross_attention(struct tape *t, int64_t layer, const struct heads *heads,
                                   struct value *q, struct value *memory, const struct weight *key,
                                   const struct weight *value);

/* r->run(x, memory); where the tape recomputes, nothing of its inside is kept and the walk
 * backwards runs it again. memory may be NULL. */
struct value *tape_replay(struct tape *t, const struct replay *r, struct value *x,
                          struct value *memory);

/* --- backwards --- */

/* A gradient with respect to some value: d [n, width], of target i with respect to row at[i].row of
 * entry at[i].batch. May be added to. */
struct push {
    struct value *value;
    tn_tensor *d;
};

/* Carries gradients with respect to n_pushes decoder values, the first of them the stack's output,
 * back to the inputs; `source` and `target` are the inputs' values. source_gradient [n, S, E] and
 * target_gradient [n, T, E] on the host; either may be NULL. first: see struct vjp_request;
 * NULL: all rows. */
enum err_code tape_backward(struct tape *t, const struct push *pushes, int64_t n_pushes,
                            const struct position *at, const int64_t *first, int64_t n,
                            struct value *source, struct value *target, float *source_gradient,
                            float *target_gradient, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;
/* The same with respect to the values at all sites: sites[s] [n, length of its stack, width of the
 * value]; NULL: not wanted. */
enum err_code tape_backward_sites(struct tape *t, const struct push *pushes, int64_t n_pushes,
                                  const struct position *at, int64_t n, float *const *sites,
                                  const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

#endif
