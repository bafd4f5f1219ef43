/*
 * Writes a Llama GGUF as one of another family (family_layout.h): the same blocks of numbers, to
 * the bit, under that architecture's keys and names, in its order of rows.
 *
 *     rewrite_gguf IN.gguf OUT.gguf FAMILY
 */
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/tools/family_layout.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 32
#define F32 0

struct tensor {
    char *name;
    uint32_t n_dims, type;
    uint64_t dims[4]; /* GGUF's order: columns first */
    const char *data; /* NULL: zeros */
    size_t n_bytes;
};

struct gguf {
    char *data;
    size_t n, at;
    uint64_t n_keys, n_tensors;
    const char *keys, *keys_end;
    struct tensor *tensors;
};

static _Noreturn void die(const char *what, const char *message) {
    fprintf(stderr, "rewrite_gguf: %s: %s\n", what, message);
    exit(1);
}

static const char *take(struct gguf *g, size_t n) {
    if (n > g->n - g->at)
        die("the GGUF", "ends too early");
    const char *at = g->data + g->at;
    g->at += n;
    return at;
}

static uint64_t take_u64(struct gguf *g) {
    uint64_t value;
    memcpy(&value, take(g, sizeof value), sizeof value);
    return value;
}

static uint32_t take_u32(struct gguf *g) {
    uint32_t value;
    memcpy(&value, take(g, sizeof value), sizeof value);
    return value;
}

enum { GGUF_TEXT = 8, GGUF_ARRAY = 9 };

static void skip_value(struct gguf *g, uint32_t type) {
    static const unsigned char sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
    if (type == GGUF_TEXT) {
        take(g, take_u64(g));
    } else if (type == GGUF_ARRAY) {
        const uint32_t of = take_u32(g);
        for (uint64_t n = take_u64(g); n > 0; n--)
            skip_value(g, of);
    } else if (type < sizeof sizes) {
        take(g, sizes[type]);
    } else {
        die("the GGUF", "a value of an unknown type");
    }
}

static void read_tensors(struct gguf *g) {
    uint64_t *offsets = mem_alloc(g->n_tensors * sizeof *offsets);
    g->tensors = mem_alloc(g->n_tensors * sizeof *g->tensors);
    for (uint64_t i = 0; i < g->n_tensors; i++) {
        struct tensor *t = &g->tensors[i];
        const uint64_t n = take_u64(g);
        t->name = mem_text_n(take(g, n), n);
        t->n_dims = take_u32(g);
        for (uint32_t k = 0; k < t->n_dims && k < 4; k++)
            t->dims[k] = take_u64(g);
        t->type = take_u32(g);
        offsets[i] = take_u64(g);
    }
    const size_t begin = (g->at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    for (uint64_t i = 0; i < g->n_tensors; i++) { /* a tensor ends where another begins */
        uint64_t end = g->n - begin;
        for (uint64_t k = 0; k < g->n_tensors; k++)
            if (offsets[k] > offsets[i] && offsets[k] < end)
                end = offsets[k];
        g->tensors[i].data = g->data + begin + offsets[i];
        g->tensors[i].n_bytes = end - offsets[i];
    }
    free(offsets);
}

static void read_gguf(struct gguf *g, const char *path) {
    struct err e = {0};
    if (file_read(&g->data, &g->n, path, 1 << 30, &e) != ERR_OK)
        die(path, e.message);
    if (take_u32(g) != 0x46554747 || take_u32(g) < 2)
        die(path, "not a GGUF of version 2 or 3");
    g->n_tensors = take_u64(g);
    g->n_keys = take_u64(g);
    g->keys = g->data + g->at;
    for (uint64_t i = 0; i < g->n_keys; i++) {
        take(g, take_u64(g));
        skip_value(g, take_u32(g));
    }
    g->keys_end = g->data + g->at;
    read_tensors(g);
}

static const struct tensor *find(const struct gguf *g, const char *name) {
    for (uint64_t i = 0; i < g->n_tensors; i++)
        if (strcmp(g->tensors[i].name, name) == 0)
            return &g->tensors[i];
    die(name, "missing");
}

static int64_t number_of(struct gguf *g, const char *key) {
    g->at = (size_t)(g->keys - g->data);
    for (uint64_t i = 0; i < g->n_keys; i++) {
        const uint64_t n = take_u64(g);
        const char *name = take(g, n);
        const uint32_t type = take_u32(g);
        if (n == strlen(key) && memcmp(name, key, n) == 0)
            return take_u32(g);
        skip_value(g, type);
    }
    die(key, "missing");
}

/* Rows (out of `n_heads` heads) back in Transformers' order: a head's rows 2i and 2i + 1 were i and
 * i + d/2. */
static char *unpermuted(const struct tensor *t, int64_t n_heads) {
    const size_t row = t->n_bytes / t->dims[1], d = t->dims[1] / (size_t)n_heads;
    char *out = mem_alloc(t->n_bytes);
    for (size_t r = 0; r < t->dims[1]; r++) {
        const size_t head = r / d, i = r % d;
        memcpy(out + (head * d + i / 2 + i % 2 * (d / 2)) * row, t->data + r * row, row);
    }
    return out;
}

/* One tensor for a row of the layout. What it allocates lives as long as the program. */
static struct tensor make(struct gguf *g, const struct family_layout_name *f,
                          const struct layout_row *row, int layer) {
    struct tensor out = {.name = mem_format("blk.%d.%s", layer, row->gguf)};
    char *data = NULL;
    for (int i = 0; i < 3 && row->from[i]; i++) {
        char *name = mem_format("blk.%d.%s.weight", layer, row->from[i]);
        const struct tensor *t = find(g, name);
        const bool query = strcmp(row->from[i], "attn_q") == 0,
                   key = strcmp(row->from[i], "attn_k") == 0;
        const char *part = t->data;
        if ((query || key) && !f->permuted)
            part = unpermuted(t, number_of(g, query ? "llama.attention.head_count"
                                                    : "llama.attention.head_count_kv"));
        if (i > 0 && t->type != out.type)
            die(name, "has another type than what it is fused with");
        data = mem_resize(data, out.n_bytes + t->n_bytes);
        memcpy(data + out.n_bytes, part, t->n_bytes);
        const uint64_t rows = out.dims[1] + t->dims[1];
        const size_t n_bytes = out.n_bytes + t->n_bytes;
        out = (struct tensor){out.name, t->n_dims, t->type, {t->dims[0], rows}, data, n_bytes};
        free(name);
    }
    if (row->like) {
        char *name = mem_format("blk.%d.%s.weight", layer, row->like);
        const uint64_t n = find(g, name)->dims[1];
        out = (struct tensor){out.name, 1, F32, {n}, NULL, n * sizeof(float)};
        free(name);
    }
    return out;
}

static struct tensor *make_all(struct gguf *g, const struct family_layout_name *f, size_t *n) {
    const int n_layers = (int)number_of(g, "llama.block_count");
    size_t n_rows;
    const struct layout_row *rows = family_layout_rows(f, &n_rows);
    struct tensor *all = mem_alloc(((size_t)n_layers * n_rows + g->n_tensors) * sizeof *all);
    *n = 0;
    for (uint64_t i = 0; i < g->n_tensors; i++)
        if (strncmp(g->tensors[i].name, "blk.", 4) != 0)
            all[(*n)++] = g->tensors[i];
    for (int layer = 0; layer < n_layers; layer++)
        for (size_t i = 0; i < n_rows; i++)
            all[(*n)++] = make(g, f, &rows[i], layer);
    return all;
}

/* --- writing --------------------------------------------------------------------------------- */

static void put(FILE *out, const void *data, size_t n) {
    if (fwrite(data, 1, n, out) != n)
        die("the output", "write failed");
}

static void put_u64(FILE *out, uint64_t value) {
    put(out, &value, sizeof value);
}

static void put_u32(FILE *out, uint32_t value) {
    put(out, &value, sizeof value);
}

static void put_text(FILE *out, const char *text, size_t n) {
    put_u64(out, n);
    put(out, text, n);
}

/* Keys as they are, with the architecture's name in the place of llama. */
static void put_keys(FILE *out, struct gguf *g, const char *architecture) {
    static const char of[] = "general.architecture";
    g->at = (size_t)(g->keys - g->data);
    for (uint64_t i = 0; i < g->n_keys; i++) {
        const uint64_t n = take_u64(g);
        const char *name = take(g, n);
        const bool own = n > 6 && memcmp(name, "llama.", 6) == 0;
        char *renamed =
            own ? mem_format("%s%.*s", architecture, (int)(n - 5), name + 5) : mem_text_n(name, n);
        const uint32_t type = take_u32(g);
        const char *value = g->data + g->at;
        skip_value(g, type);
        put_text(out, renamed, strlen(renamed));
        put_u32(out, type);
        if (strcmp(renamed, of) == 0)
            put_text(out, architecture, strlen(architecture));
        else
            put(out, value, (size_t)(g->data + g->at - value));
        free(renamed);
    }
}

/* Granite's: multipliers of one, and of attention what Llama divides by. */
static void put_multipliers(FILE *out, double attention) {
    static const char *const names[] = {"granite.embedding_scale", "granite.residual_scale",
                                        "granite.logit_scale", "granite.attention.scale"};
    enum { GGUF_FLOAT = 6 };
    for (int i = 0; i < 4; i++) {
        const float value = i < 3 ? 1 : (float)attention;
        put_text(out, names[i], strlen(names[i]));
        put_u32(out, GGUF_FLOAT);
        put(out, &value, sizeof value);
    }
}

static size_t padded(size_t n) {
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void put_padding(FILE *out) {
    static const char zeros[ALIGNMENT];
    const size_t at = (size_t)ftell(out);
    put(out, zeros, padded(at) - at);
}

static void put_tensors(FILE *out, const struct tensor *all, size_t n) {
    size_t offset = 0;
    for (size_t i = 0; i < n; i++) {
        put_text(out, all[i].name, strlen(all[i].name));
        put_u32(out, all[i].n_dims);
        put(out, all[i].dims, all[i].n_dims * sizeof *all[i].dims);
        put_u32(out, all[i].type);
        put_u64(out, offset);
        offset += padded(all[i].n_bytes);
    }
    put_padding(out);
    for (size_t i = 0; i < n; i++) {
        char *zeros = all[i].data ? NULL : mem_alloc(all[i].n_bytes);
        put(out, zeros ? zeros : all[i].data, all[i].n_bytes);
        put_padding(out);
        free(zeros);
    }
}

int main(int argc, char **argv) {
    const struct family_layout_name *f = argc == 4 ? family_layout_find(argv[3]) : NULL;
    struct gguf g = {0};
    size_t n;
    if (!f || !f->architecture)
        die("usage", "rewrite_gguf IN.gguf OUT.gguf FAMILY, one that GGUF has a name for");
    read_gguf(&g, argv[1]);
    struct tensor *all = make_all(&g, f, &n);
    const int64_t width = number_of(&g, "llama.embedding_length"),
                  heads = number_of(&g, "llama.attention.head_count");
    const bool granite = strcmp(f->name, "granite") == 0;
    FILE *out = fopen(argv[2], "wb");
    if (!out)
        die(argv[2], "cannot be written");
    put(out, "GGUF", 4);
    put_u32(out, 3);
    put_u64(out, n);
    put_u64(out, g.n_keys + (granite ? 4 : 0));
    put_keys(out, &g, f->architecture);
    if (granite)
        put_multipliers(out, 1 / sqrt((double)width / (double)heads));
    put_tensors(out, all, n);
    if (fclose(out) != 0)
        die(argv[2], "write failed");
    return 0;
}
