/*
 * GGUF, versions 2 and 3 (ggml/docs/gguf.md): magic, version, counts, key-values, tensor
 * descriptions, then aligned data. Little-endian files only.
 */
#include "backend/weights/store.h"

#include <stdlib.h>

#define MAX_KEY 65535u
#define MAX_TENSOR_NAME 1024u
#define MAX_DIMS 4
#define MAX_NESTING 4
#define MAX_KEYS 65536u
#define MAX_TENSORS 262144u

enum {
    GGUF_U8,
    GGUF_I8,
    GGUF_U16,
    GGUF_I16,
    GGUF_U32,
    GGUF_I32,
    GGUF_F32,
    GGUF_BOOL,
    GGUF_TEXT,
    GGUF_ARRAY,
    GGUF_U64,
    GGUF_I64,
    GGUF_F64,
    GGUF_N
};

static const unsigned char type_bytes[GGUF_N] = {
    [GGUF_U8] = 1,  [GGUF_I8] = 1,   [GGUF_U16] = 2, [GGUF_I16] = 2, [GGUF_U32] = 4, [GGUF_I32] = 4,
    [GGUF_F32] = 4, [GGUF_BOOL] = 1, [GGUF_U64] = 8, [GGUF_I64] = 8, [GGUF_F64] = 8,
};

static enum err_code damaged(struct err *e, const char *file, const struct reader *r,
                             const char *what) {
    return err_set(e, ERR_FORMAT, "%s: damaged or cut short: %s at byte %zu of %zu", file, what,
                   r->at, r->n);
}

bool gguf_integer(int64_t *value, const unsigned char *at, int type) {
#define CASE(id, c_type)                                                                           \
    case id: {                                                                                     \
        c_type v;                                                                                  \
        memcpy(&v, at, sizeof v);                                                                  \
        *value = (int64_t)v;                                                                       \
        return true;                                                                               \
    }
    switch (type) {
        CASE(GGUF_U8, uint8_t)
        CASE(GGUF_I8, int8_t)
        CASE(GGUF_U16, uint16_t)
        CASE(GGUF_I16, int16_t)
        CASE(GGUF_U32, uint32_t)
        CASE(GGUF_I32, int32_t)
        CASE(GGUF_I64, int64_t)
        CASE(GGUF_BOOL, uint8_t)
    case GGUF_U64: {
        uint64_t v;
        memcpy(&v, at, sizeof v);
        *value = v > INT64_MAX
                     ? INT64_MAX
                     : (int64_t)v; /* no size or id is that large: checks further up refuse it */
        return true;
    }
    default:
        return false;
    }
#undef CASE
}

/* Passes over an array whose elements no one asks for. */
static void skip_array(struct reader *r, int depth) {
    uint32_t element = reader_u32(r);
    uint64_t n = reader_u64(r);
    if (element >= GGUF_N || depth > MAX_NESTING) {
        r->bad = true;
        return;
    }
    if (type_bytes[element]) {
        if (n > r->n)
            r->bad = true;
        (void)reader_take(r, n * type_bytes[element]);
        return;
    }
    for (uint64_t i = 0; i < n && !r->bad; i++) {
        size_t length;
        if (element == GGUF_TEXT)
            (void)reader_text(r, &length, r->n);
        else
            skip_array(r, depth + 1);
    }
}

static enum err_code read_text_array(struct meta_entry *m, struct reader *r, const char *file,
                                     struct err *e) {
    m->kind = META_ARRAY_TEXT;
    m->array = r->data + r->at;
    /* Every element takes at least its length's eight bytes, which bounds what is allocated. */
    if (m->n > (r->n - r->at) / 8)
        return damaged(e, file, r, "an array is longer than the file");
    m->offsets = malloc((m->n ? m->n : 1) * sizeof *m->offsets);
    if (!m->offsets)
        return err_set(e, ERR_NOMEM, "%s: no memory for %zu strings", file, m->n);
    size_t start = r->at;
    for (size_t i = 0; i < m->n; i++) {
        size_t length;
        if (r->at - start > UINT32_MAX)
            return damaged(e, file, r, "more than 4 GiB of strings");
        m->offsets[i] = (uint32_t)(r->at - start);
        (void)reader_text(r, &length, r->n);
        if (r->bad)
            return damaged(e, file, r, "a string of an array");
    }
    return ERR_OK;
}

static enum err_code read_array(struct meta_entry *m, struct reader *r, const char *file,
                                struct err *e) {
    size_t start = r->at;
    uint32_t element = reader_u32(r);
    uint64_t n = reader_u64(r);
    if (r->bad || element >= GGUF_N || n > r->n)
        return damaged(e, file, r, "an array's description");
    m->n = (size_t)n;
    m->element = (int)element;
    if (element == GGUF_TEXT)
        return read_text_array(m, r, file, e);
    int64_t unused;
    static const unsigned char zero[8];
    m->kind = gguf_integer(&unused, zero, (int)element) ? META_ARRAY_INT : META_ARRAY_OTHER;
    if (element == GGUF_F32)
        m->kind = META_ARRAY_FLOAT;
    m->array = r->data + r->at;
    if (type_bytes[element]) {
        (void)reader_take(r, n * type_bytes[element]);
    } else {
        r->at = start;
        skip_array(r, 0);
    }
    return r->bad ? damaged(e, file, r, "an array") : ERR_OK;
}

static enum err_code read_scalar(struct meta_entry *m, struct reader *r, int type, const char *file,
                                 struct err *e) {
    const unsigned char *p = reader_take(r, type_bytes[type]);
    if (!p)
        return damaged(e, file, r, "a key's value");
    float f;
    switch (type) {
    case GGUF_F32:
        m->kind = META_FLOAT;
        memcpy(&f, p, sizeof f);
        m->number = (double)f;
        break;
    case GGUF_F64:
        m->kind = META_FLOAT;
        memcpy(&m->number, p, sizeof m->number);
        break;
    case GGUF_BOOL:
        m->kind = META_BOOL;
        m->integer = *p != 0;
        break;
    default:
        m->kind = META_INT;
        (void)gguf_integer(&m->integer, p, type);
    }
    return ERR_OK;
}

static enum err_code read_key_value(struct weights *w, struct reader *r, const char *file,
                                    struct err *e) {
    size_t n_key;
    const char *key = reader_text(r, &n_key, MAX_KEY);
    uint32_t type = reader_u32(r);
    if (r->bad || type >= GGUF_N)
        return damaged(e, file, r, "a key");
    struct meta_entry *m = store_add_meta(w, key, n_key, e);
    if (!m)
        return e->code;
    if (type == GGUF_ARRAY)
        return read_array(m, r, file, e);
    if (type != GGUF_TEXT)
        return read_scalar(m, r, (int)type, file, e);
    m->kind = META_TEXT;
    m->text = reader_text(r, &m->n, r->n);
    return r->bad ? damaged(e, file, r, "a key's text") : ERR_OK;
}

/* ggml's type numbers (ggml.h). False: *name says which it is, or NULL. */
static bool type_of(enum weight_type *type, const char **name, uint32_t number) {
    static const struct {
        const char *name;
        int type;
    } table[] = {
        [0] = {"F32", WEIGHT_F32},          [1] = {"F16", WEIGHT_F16},
        [2] = {"Q4_0", WEIGHT_Q4_0},        [3] = {"Q4_1", WEIGHT_Q4_1},
        [6] = {"Q5_0", WEIGHT_Q5_0},        [7] = {"Q5_1", WEIGHT_Q5_1},
        [8] = {"Q8_0", WEIGHT_Q8_0},        [9] = {"Q8_1", -1},
        [10] = {"Q2_K", WEIGHT_Q2_K},       [11] = {"Q3_K", WEIGHT_Q3_K},
        [12] = {"Q4_K", WEIGHT_Q4_K},       [13] = {"Q5_K", WEIGHT_Q5_K},
        [14] = {"Q6_K", WEIGHT_Q6_K},       [15] = {"Q8_K", -1},
        [16] = {"IQ2_XXS", WEIGHT_IQ2_XXS}, [17] = {"IQ2_XS", WEIGHT_IQ2_XS},
        [18] = {"IQ3_XXS", WEIGHT_IQ3_XXS}, [19] = {"IQ1_S", WEIGHT_IQ1_S},
        [20] = {"IQ4_NL", WEIGHT_IQ4_NL},   [21] = {"IQ3_S", WEIGHT_IQ3_S},
        [22] = {"IQ2_S", WEIGHT_IQ2_S},     [23] = {"IQ4_XS", WEIGHT_IQ4_XS},
        [24] = {"I8", WEIGHT_I8},           [25] = {"I16", WEIGHT_I16},
        [26] = {"I32", WEIGHT_I32},         [27] = {"I64", WEIGHT_I64},
        [28] = {"F64", WEIGHT_F64},         [29] = {"IQ1_M", WEIGHT_IQ1_M},
        [30] = {"BF16", WEIGHT_BF16},       [34] = {"TQ1_0", WEIGHT_TQ1_0},
        [35] = {"TQ2_0", WEIGHT_TQ2_0},     [39] = {"MXFP4", WEIGHT_MXFP4},
        [40] = {"NVFP4", WEIGHT_NVFP4},     [41] = {"Q1_0", -1},
    };
    *name = number < sizeof table / sizeof *table ? table[number].name : NULL;
    if (!*name || table[number].type < 0)
        return false;
    *type = (enum weight_type)table[number].type;
    return true;
}

static enum err_code read_tensor(struct weights *w, struct reader *r, uint64_t *offset,
                                 const char *file, struct err *e) {
    size_t n_name;
    const char *name = reader_text(r, &n_name, MAX_TENSOR_NAME);
    uint32_t n_dims = reader_u32(r);
    if (r->bad || n_dims > MAX_DIMS)
        return damaged(e, file, r, "a tensor's description");
    struct stored_tensor *t = store_add_tensor(w, name, n_name, e);
    if (!t)
        return e->code;
    t->info.n_dims = (int)n_dims;
    for (uint32_t i = 0; i < n_dims; i++) { /* fastest first in the file */
        uint64_t dim = reader_u64(r);
        if (dim > INT64_MAX)
            r->bad = true;
        t->info.dims[n_dims - 1 - i] = (int64_t)dim;
    }
    uint32_t number = reader_u32(r);
    *offset = reader_u64(r);
    if (r->bad)
        return damaged(e, file, r, "a tensor's description");
    const char *type_name;
    if (!type_of(&t->info.type, &type_name, number))
        return type_name ? err_set(e, ERR_UNSUPPORTED,
                                   "%s: tensor %s is stored as %s, which is not read here", file,
                                   t->info.name, type_name)
                         : err_set(e, ERR_UNSUPPORTED,
                                   "%s: tensor %s is stored as type %u, which is not known here",
                                   file, t->info.name, number);
    return store_size_tensor(w, t, e);
}

/* Tensors and metadata from the given ones on are this file's. */
static enum err_code place_tensors(struct weights *w, size_t first, size_t first_meta,
                                   const struct reader *r, const uint64_t *offsets,
                                   const char *file, struct err *e) {
    int64_t alignment = store_number(w, first_meta, "general.alignment", 32);
    if ((alignment < 1 || alignment > 1 << 20 || (alignment & (alignment - 1)) != 0))
        return err_set(e, ERR_FORMAT, "%s: general.alignment is %lld, not a power of two", file,
                       (long long)alignment);
    uint64_t mask = (uint64_t)alignment - 1, start = (r->at + mask) & ~mask;
    for (size_t i = 0; i < w->n_tensors - first; i++) {
        struct stored_tensor *t = &w->tensors[first + i];
        if ((offsets[i] & mask) != 0)
            return err_set(e, ERR_FORMAT, "%s: tensor %s is not aligned", file, t->info.name);
        if (start > r->n || offsets[i] > r->n - start || t->n_bytes > r->n - start - offsets[i])
            return err_set(e, ERR_FORMAT,
                           "%s: cut short: tensor %s reaches beyond byte %zu, the file's end", file,
                           t->info.name, r->n);
        t->data = r->data + start + offsets[i];
    }
    return ERR_OK;
}

enum err_code gguf_read(struct weights *w, const unsigned char *data, size_t n, struct err *e) {
    const char *file = w->file;
    const size_t first = w->n_tensors, first_meta = w->n_meta;
    struct reader r = {.data = data, .n = n, .at = 4};
    uint32_t version = reader_u32(&r);
    if (!r.bad && (version & 0xFFFF) == 0 && version != 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: a big-endian GGUF file", file);
    if (!r.bad && version != 2 && version != 3)
        return err_set(e, ERR_UNSUPPORTED, "%s: GGUF version %u; versions 2 and 3 are read here",
                       file, version);
    uint64_t n_tensors = reader_u64(&r), n_keys = reader_u64(&r);
    if (r.bad)
        return damaged(e, file, &r, "the header");
    /* The least bytes that a key (length, type, a one-byte value) and a tensor (length, dims, type,
     * offset) can take. */
    if (n_keys > n / 13 || n_tensors > n / 24 || n_keys > MAX_KEYS || n_tensors > MAX_TENSORS)
        return err_set(e, ERR_FORMAT,
                       "%s: damaged: %llu tensors and %llu keys cannot be in its %zu bytes", file,
                       (unsigned long long)n_tensors, (unsigned long long)n_keys, n);
    enum err_code code = ERR_OK;
    uint64_t *offsets = calloc(n_tensors ? n_tensors : 1, sizeof *offsets);
    if (!offsets)
        return err_set(e, ERR_NOMEM, "%s: no memory for %llu tensors", file,
                       (unsigned long long)n_tensors);
    for (uint64_t i = 0; i < n_keys; i++) {
        code = read_key_value(w, &r, file, e);
        if (code)
            goto out;
    }
    for (uint64_t i = 0; i < n_tensors; i++) {
        code = read_tensor(w, &r, &offsets[i], file, e);
        if (code)
            goto out;
    }
    code = place_tensors(w, first, first_meta, &r, offsets, file, e);
out:
    free(offsets);
    return code;
}
