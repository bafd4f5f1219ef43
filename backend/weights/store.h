/*
 * What the readers of the single formats and weights.c share: the open checkpoint's inside, and a
 * cursor that cannot leave the bytes.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_STORE_H
#define TINSEQ_BACKEND_WEIGHTS_STORE_H

#include "backend/base/file.h"
#include "backend/weights.h"

#include <string.h>

/* What an adapter adds to a matrix [O, I], or [I, O] where transposed: scale · B·A. */
struct delta {
    float *a, *b; /* [rank, I] and [O, rank]; owned */
    int64_t rank, n_in;
    float scale;
    bool transposed;
};

struct stored_tensor {
    /* first, so that an info handed out leads back here; its name is owned */
    struct weight_info info;
    const unsigned char *data;
    size_t n_bytes;
    float multiplier; /* Marian int8 */
    bool transposed;  /* Marian int8: stored as [dims[1], dims[0]] */
    bool strided;     /* PyTorch: elements lie as strides say, not one behind the other */
    int64_t strides[WEIGHT_MAX_DIMS]; /* in elements */
    float *scales;                    /* FP8: one for each block of a matrix; owned; NULL: none */
    struct delta *delta;              /* owned; NULL: none */
    int64_t scaled[2];                /* rows and columns of a block */
};

enum meta_kind {
    META_TEXT,
    META_INT,
    META_FLOAT,
    META_BOOL,
    META_ARRAY_TEXT,
    META_ARRAY_INT,
    META_ARRAY_FLOAT, /* of 32 bits */
    META_ARRAY_OTHER
};

struct meta_entry {
    char *key; /* owned */
    enum meta_kind kind;
    int64_t integer;  /* META_INT, META_BOOL */
    double number;    /* META_FLOAT */
    const char *text; /* META_TEXT */
    char *owned_text; /* META_TEXT that does not lie in the file as it is, else NULL */
    size_t n;         /* bytes of the text, elements of the array */
    const unsigned char *array;
    int element;       /* META_ARRAY_INT: GGUF's type of an element */
    uint32_t *offsets; /* META_ARRAY_TEXT: where each element's length lies, from `array` */
};

struct weights {
    enum weight_format format;
    const char *file; /* being read, for messages; borrowed while the store is opened */
    struct file_map *maps;
    size_t n_maps;
    struct stored_tensor *tensors;
    size_t n_tensors, tensor_capacity;
    struct stored_tensor **by_name; /* sorted */
    struct meta_entry *meta;
    size_t n_meta, meta_capacity;
    struct weights *joined; /* an adapter's, in which some of the tensors lie; owned; NULL: none */
};

/* Appends a zeroed entry with a copy of the name; NULL with an error when memory is out or the name
 * is empty, too long or holds a NUL. */
struct stored_tensor *store_add_tensor(struct weights *w, const char *name, size_t n_name,
                                       struct err *e);
/* Frees what the entry owns. */
void store_dispose_tensor(struct stored_tensor *t);
struct meta_entry *store_add_meta(struct weights *w, const char *key, size_t n_key, struct err *e);

/* Makes the index by name again, for which there is room. FORMAT: a name is there twice. */
enum err_code store_index(struct weights *w, const char *file, struct err *e) ERR_CHECKED;

/* A whole number of the metadata from an entry on; `absent` where there is none. */
int64_t store_number(const struct weights *w, size_t from, const char *key, int64_t absent);

/* Sets n_elements and n_bytes from the type and the dims already in t->info; FORMAT when a product
 * overflows or rows are no whole blocks. */
enum err_code store_size_tensor(const struct weights *w, struct stored_tensor *t,
                                struct err *e) ERR_CHECKED;

/* The readers: append what lies in data[0 … n) to the store. */
enum err_code gguf_read(struct weights *w, const unsigned char *data, size_t n,
                        struct err *e) ERR_CHECKED;
enum err_code marian_read(struct weights *w, const unsigned char *data, size_t n,
                          struct err *e) ERR_CHECKED;
/* n > 0 */
enum err_code pytorch_read(struct weights *w, const unsigned char *data, size_t n,
                           struct err *e) ERR_CHECKED;
enum err_code safetensors_read(struct weights *w, const unsigned char *data, size_t n,
                               struct err *e) ERR_CHECKED;
/* The files that a sharded checkpoint's index names, each once, in its order; names[0 … *n) and
 * what they point to are owned by the caller. FORMAT: no index, or a name that leaves its folder.
 */
enum err_code index_read(char ***names, size_t *n_names, const unsigned char *data, size_t n,
                         const char *file, struct err *e) ERR_CHECKED;

/* Reads a checkpoint that lies in memory, which must outlive the store (tests and fuzzers; no index
 * of shards). */
enum err_code weights_open_bytes(struct weights **out, const unsigned char *data, size_t n,
                                 struct err *e) ERR_CHECKED;

/* GGUF's integer element types. False when `type` is none of them. */
bool gguf_integer(int64_t *value, const unsigned char *at, int type);

/* The last part of a path, for messages. Borrowed from it. */
const char *store_file_name(const char *path);

/* A cursor over bytes. Once it would leave them, `bad` is set, it stays where it is, and every
 * further read gives 0. */
struct reader {
    const unsigned char *data;
    size_t n, at;
    bool bad;
};

static inline const unsigned char *reader_take(struct reader *r, uint64_t n) {
    if (r->bad || n > r->n - r->at) {
        r->bad = true;
        return NULL;
    }
    const unsigned char *p = r->data + r->at;
    r->at += (size_t)n;
    return p;
}

static inline uint32_t reader_u32(struct reader *r) {
    uint32_t v = 0;
    const unsigned char *p = reader_take(r, sizeof v);
    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t reader_u64(struct reader *r) {
    uint64_t v = 0;
    const unsigned char *p = reader_take(r, sizeof v);
    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

/* A length and that many bytes; NULL when they leave the file or there are more than `limit`. */
static inline const char *reader_text(struct reader *r, size_t *n, uint64_t limit) {
    uint64_t length = reader_u64(r);
    if (length > limit)
        r->bad = true;
    const unsigned char *p = reader_take(r, length);
    *n = p ? (size_t)length : 0;
    return (const char *)p;
}

#endif
