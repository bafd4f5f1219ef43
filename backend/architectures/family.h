/*
 * A family of models: one const table in families/, which says what its blocks are made of, what
 * its files set and under which names its tensors lie in them. families.def lists them. Internal to
 * backend/. Any thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_FAMILY_H
#define TINSEQ_BACKEND_ARCHITECTURES_FAMILY_H

#include "backend/config.h"

struct settings;

/* Where a tensor goes: maps (a matrix, perhaps with a bias), norms (a scale, perhaps with a shift)
 * and tables. Those from SLOT_POSITIONS on are of a stack, those from SLOT_SELF_NORM on of every
 * block that has such a part. */
enum slot {
    SLOT_IGNORED,   /* may be there; the name may have * for any text */
    SLOT_EMBEDDING, /* of the encoder, and of the decoder where it has none of its own */
    SLOT_DECODER_EMBEDDING,
    SLOT_WORDS,    /* the encoder's embedding where it stays in the file, and is read by rows */
    SLOT_SEGMENTS, /* so is this: the first row is added to every word's */
    SLOT_HEAD,     /* where embeddings are tied the decoder's are taken, whatever else is there */
    SLOT_HEAD_BIAS,
    SLOT_HEAD_MAP, /* see enum head_map */
    SLOT_HEAD_NORM,
    SLOT_ROPE_DIVISORS, /* may be missing */
    SLOT_ROPE_LONG_DIVISORS,
    SLOT_POSITIONS,
    SLOT_TOKEN_TYPES,
    SLOT_BUCKETS,
    SLOT_EMBEDDING_MAP,
    SLOT_EMBEDDING_NORM,
    SLOT_FINAL_NORM,
    SLOT_SELF_NORM,
    SLOT_QUERY,
    SLOT_KEY,
    SLOT_VALUE,
    SLOT_QKV, /* see enum fuse */
    SLOT_OWN_BUCKETS,
    SLOT_QUERY_NORM,
    SLOT_KEY_NORM,
    SLOT_OUTPUT,
    SLOT_SELF_AFTER, /* the second norm of NORM_AROUND_BRANCH */
    SLOT_RECURRENT_NORM,
    SLOT_RECURRENT_INPUT,
    SLOT_RECURRENT_GATE,
    SLOT_CROSS_NORM,
    SLOT_CROSS_QUERY,
    SLOT_CROSS_KEY,
    SLOT_CROSS_VALUE,
    SLOT_CROSS_KEY_VALUE, /* both in one tensor, one below the other */
    SLOT_CROSS_OUTPUT,
    SLOT_FFN_NORM,
    SLOT_GATE,
    SLOT_UP,
    SLOT_GATE_UP, /* gate and up in one tensor, one below the other */
    SLOT_DOWN,
    SLOT_FFN_AFTER,
    SLOT_ROUTER, /* in layers with experts these in place of gate, up and down */
    SLOT_EXPERT_GATE,
    SLOT_EXPERT_UP,
    SLOT_EXPERT_DOWN,
    SLOT_SHARED_ROUTER,
    SLOT_SHARED_GATE,
    SLOT_SHARED_UP,
    SLOT_SHARED_DOWN
};
#define SLOT_LAST SLOT_SHARED_DOWN

/* In a name, {layer} stands for a block's number, {head} for a head's, {expert} for an expert's
 * (where no name has one, one tensor holds all of them), {a/b} for a in an encoder and b in a
 * decoder, and {stack} for {encoder/decoder}; {a|b} is a in the name of a matrix or scale and b in
 * that of its bias, which maps of attention and of the feed-forward layer have where the
 * configuration says so, norms where they are layer norms, and all others always. A name without
 * has no bias. Rows of one slot are alternatives: the first that is there is taken. A name after a
 * ? may be missing, and its slot stays empty. */
struct tensor_row {
    enum slot slot;
    const char *name;
};

/* GGUF's names, which are the same for all families. */
#define GGUF_TENSORS 27
extern const struct tensor_row gguf_tensors[GGUF_TENSORS];

/* Rows that several families share. */
struct tensor_rows {
    const struct tensor_row *rows; /* [n] */
    size_t n;
};
/* GGUF's again, for families with some of their own; and the names of Transformers' decoders like
 * Llama, but for those of norms. */
extern const struct tensor_rows gguf_rows, llama_rows;
/* The names of Transformers' translators and summarisers, which come of fairseq. */
extern const struct tensor_rows bart_rows;

/* What a file calls its kind of model, and what else it says then. */
struct family_class {
    const char *name;      /* Transformers' class */
    const char *type;      /* "model_type", "general.architecture" or "type" */
    const char *tokenizer; /* the class of its tokenizer, where no file says another */
    const struct settings *settings, *generation;
};

#define FAMILY_CLASSES 3

/* What one tensor holds that the program has apart. SLOT_QKV, in place of query, key and value: one
 * below the other; for every key-value head its query heads, its key and its value; or queries,
 * values and keys of a quarter of the heads in each of four blocks. */
enum fuse { FUSE_NONE, FUSE_QKV, FUSE_QKV_BY_GROUP, FUSE_QKV_IN_BLOCKS };
#define FUSE_BLOCKS 4

/* How the family comes in one kind of files. */
struct family_layout {
    struct family_class classes[FAMILY_CLASSES]; /* those after the last have no name */
    const struct tensor_row *rows;               /* [n_rows] */
    size_t n_rows;
    const struct tensor_rows *more; /* rows that are looked at after these; NULL: none */
    const char *prefix;             /* of names, which files may leave out from all; or NULL */
    int first_layer;                /* what the first block is numbered */
    enum fuse fuse;
    bool fused_gate; /* SLOT_GATE_UP is there instead of gate and up */
    bool
        fused_memory; /* SLOT_CROSS_KEY_VALUE is there instead of cross-attention's key and value */
    bool ones_added;  /* of norms that add one: the stored scales have it */
    bool transposed;  /* maps of blocks are [I, O] */
    bool rope_in_pairs; /* of queries and keys, rows that are rotated together are adjacent */
};

#define TENSOR_ROWS(table) .rows = (table), .n_rows = sizeof(table) / sizeof *(table)

/* Row i of a layout, those that it shares after its own; NULL: there are not so many. */
static inline const struct tensor_row *family_row(const struct family_layout *l, size_t i) {
    if (i < l->n_rows)
        return &l->rows[i];
    return l->more && i - l->n_rows < l->more->n ? &l->more->rows[i - l->n_rows] : NULL;
}

/* One side of a pair of models, whose files are Transformers': a family by its type (the layout's
 * only class), as that side needs it. Its names have "encoder." or "decoder." before them, and an
 * encoder's, which has no head, lack the layout's prefix. */
struct family_side {
    struct stack_plan plan;      /* without parts: it is no such side */
    struct family_layout layout; /* SLOT_EMBEDDING: its own */
};

struct family {
    struct stack_plan encoder, decoder; /* a decoder without parts: an encoder alone */
    bool pair;                          /* of what its configuration says, each with its own plan */
    bool zero_start;                    /* see model_config */
    struct family_layout layouts[3];    /* by enum model_layout; without classes: none such */
    struct family_side sides[2];        /* by enum model_stack */
};

#endif
