/*
 * The part of an open checkpoint that does not depend on its format: finding, decoding, metadata.
 */
#include "backend/weights.h"

#include "backend/base/mem.h"
#include "backend/weights/quantization.h"
#include "backend/weights/store.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_NAME 65535

const char *store_file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* Doubles the capacity of an array whose length a file decides. */
static bool grow(void **array, size_t *capacity, size_t n, size_t size) {
    if (n < *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(*array, more * size);
    if (!moved)
        return false;
    *array = moved;
    *capacity = more;
    return true;
}

static bool name_is_sane(const struct weights *w, const char *name, size_t n, struct err *e) {
    if (n > 0 && n <= MAX_NAME && !memchr(name, '\0', n))
        return true;
    (void)err_set(e, ERR_FORMAT, "%s: damaged: a name is empty, too long or holds a zero byte",
                  w->file);
    return false;
}

struct stored_tensor *store_add_tensor(struct weights *w, const char *name, size_t n_name,
                                       struct err *e) {
    if (!name_is_sane(w, name, n_name, e))
        return NULL;
    if (!grow((void **)&w->tensors, &w->tensor_capacity, w->n_tensors, sizeof *w->tensors)) {
        (void)err_set(e, ERR_NOMEM, "%s: no memory for the list of tensors", w->file);
        return NULL;
    }
    struct stored_tensor *t = &w->tensors[w->n_tensors++];
    *t = (struct stored_tensor){.info.name = mem_text_n(name, n_name)};
    return t;
}

struct meta_entry *store_add_meta(struct weights *w, const char *key, size_t n_key, struct err *e) {
    if (!name_is_sane(w, key, n_key, e))
        return NULL;
    if (!grow((void **)&w->meta, &w->meta_capacity, w->n_meta, sizeof *w->meta)) {
        (void)err_set(e, ERR_NOMEM, "%s: no memory for the metadata", w->file);
        return NULL;
    }
    struct meta_entry *m = &w->meta[w->n_meta++];
    *m = (struct meta_entry){.key = mem_text_n(key, n_key)};
    return m;
}

int64_t store_number(const struct weights *w, size_t from, const char *key, int64_t absent) {
    for (size_t i = from; i < w->n_meta; i++)
        if (w->meta[i].kind == META_INT && strcmp(w->meta[i].key, key) == 0)
            return w->meta[i].integer;
    return absent;
}

enum err_code store_size_tensor(const struct weights *w, struct stored_tensor *t, struct err *e) {
    const struct quantization *q = quantization_of(t->info.type);
    struct weight_info *info = &t->info;
    int64_t n = 1;
    for (int i = 0; i < info->n_dims; i++)
        if (info->dims[i] < 0 || __builtin_mul_overflow(n, info->dims[i], &n))
            return err_set(e, ERR_FORMAT, "%s: damaged: tensor %s has an impossible shape", w->file,
                           info->name);
    int64_t row = info->n_dims ? info->dims[info->n_dims - 1] : 1;
    if (row % (int64_t)q->n_elements != 0)
        return err_set(e, ERR_FORMAT,
                       "%s: damaged: tensor %s has rows of %lld elements, no whole %s blocks",
                       w->file, info->name, (long long)row, q->name);
    uint64_t n_bytes;
    if (__builtin_mul_overflow((uint64_t)n / q->n_elements, (uint64_t)q->n_bytes, &n_bytes) ||
        n_bytes > (uint64_t)INT64_MAX / 16)
        return err_set(e, ERR_FORMAT, "%s: damaged: tensor %s has an impossible size", w->file,
                       info->name);
    info->n_elements = n;
    t->n_bytes = (size_t)n_bytes;
    return ERR_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(struct stored_tensor *const *)a)->info.name,
                  (*(struct stored_tensor *const *)b)->info.name);
}

enum err_code store_index(struct weights *w, const char *file, struct err *e) {
    for (size_t i = 0; i < w->n_tensors; i++)
        w->by_name[i] = &w->tensors[i];
    qsort(w->by_name, w->n_tensors, sizeof *w->by_name, by_name);
    for (size_t i = 1; i < w->n_tensors; i++)
        if (by_name(&w->by_name[i - 1], &w->by_name[i]) == 0)
            return err_set(e, ERR_FORMAT, "%s: damaged: two tensors are named %s", file,
                           w->by_name[i]->info.name);
    return ERR_OK;
}

void store_dispose_tensor(struct stored_tensor *t) {
    free((char *)t->info.name);
    free(t->scales);
    if (t->delta) {
        free(t->delta->a);
        free(t->delta->b);
    }
    free(t->delta);
}

enum weight_format weights_format(const struct weights *w) {
    return w->format;
}

const char *weight_type_name(enum weight_type type) {
    return quantization_of(type)->name;
}

enum weight_type weights_main_type(const struct weights *w, int64_t *n_elements) {
    int64_t of[WEIGHT_MARIAN_INT8 + 1] = {0};
    enum weight_type most = WEIGHT_F32;
    *n_elements = 0;
    for (size_t i = 0; i < w->n_tensors; i++) {
        const struct weight_info *info = &w->tensors[i].info;
        of[info->type] += info->n_elements;
        *n_elements += info->n_elements;
        if (of[info->type] > of[most])
            most = info->type;
    }
    return most;
}

size_t weights_count(const struct weights *w) {
    return w->n_tensors;
}

const struct weight_info *weights_at(const struct weights *w, size_t i) {
    return i < w->n_tensors ? &w->tensors[i].info : NULL;
}

const struct weight_info *weights_find(const struct weights *w, const char *name) {
    struct stored_tensor wanted = {.info.name = name}, *key = &wanted;
    struct stored_tensor **found =
        bsearch(&key, w->by_name, w->n_tensors, sizeof *w->by_name, by_name);
    return found ? &(*found)->info : NULL;
}

/* Elements [at, at + n) of a tensor of blocks; the range may begin and end inside a block. */
static void decode_range(float *out, const struct stored_tensor *t, int64_t at, int64_t n) {
    const struct quantization *q = quantization_of(t->info.type);
    int64_t block = (int64_t)q->n_elements;
    while (n > 0) {
        int64_t skip = at % block;
        const unsigned char *from = t->data + (size_t)(at / block) * q->n_bytes;
        int64_t n_whole = skip ? 0 : n / block, done = n_whole * block;
        if (n_whole) {
            q->decode(out, from, (size_t)n_whole);
        } else {
            float whole[QUANTIZATION_MAX_BLOCK];
            q->decode(whole, from, 1);
            done = block - skip < n ? block - skip : n;
            memcpy(out, whole + skip, (size_t)done * sizeof *out);
        }
        out += done;
        at += done;
        n -= done;
    }
}

/* Rows [row, row + n_rows) of a matrix in FP8 with a scale for each block. */
static void decode_scaled(float *out, const struct stored_tensor *t, int64_t row, int64_t n_rows) {
    const struct quantization *q = quantization_of(t->info.type);
    const int64_t width = t->info.dims[1], n_across = (width + t->scaled[1] - 1) / t->scaled[1];
    q->decode(out, t->data + (size_t)(row * width) * q->n_bytes, (size_t)(n_rows * width));
    for (int64_t i = row; i < row + n_rows; i++, out += width) {
        const float *scales = t->scales + i / t->scaled[0] * n_across;
        for (int64_t at = 0; at < width; at += t->scaled[1]) {
            const int64_t left = width - at, n = left < t->scaled[1] ? left : t->scaled[1];
            const float scale = scales[at / t->scaled[1]];
            for (int64_t j = 0; j < n; j++)
                out[at + j] *= scale;
        }
    }
}

/* out[0 … n) += factor · row */
static void add_row(float *restrict out, const float *restrict row, int64_t n, float factor) {
    for (int64_t i = 0; i < n; i++)
        out[i] += factor * row[i];
}

/* Row i of s·B·A, or of its transpose, whose rows are words of A's columns: its sum first, then all
 * of it at once. */
static void delta_row(float *out, const struct delta *d, int64_t i, int64_t width) {
    memset(out, 0, (size_t)width * sizeof *out);
    for (int64_t k = 0; k < d->rank; k++)
        if (!d->transposed)
            add_row(out, d->a + k * d->n_in, width, d->b[i * d->rank + k]);
        else
            for (int64_t j = 0; j < width; j++)
                out[j] += d->a[k * d->n_in + i] * d->b[j * d->rank + k];
}

static enum err_code add_delta(float *out, const struct stored_tensor *t, int64_t row,
                               int64_t n_rows, struct err *e) {
    const int64_t width = t->info.dims[1];
    float *sum = malloc((size_t)width * sizeof *sum);
    if (!sum)
        return err_set(e, ERR_NOMEM, "no memory for a row of %s", t->info.name);
    for (int64_t i = row; i < row + n_rows; i++, out += width) {
        delta_row(sum, t->delta, i, width);
        add_row(out, sum, width, t->delta->scale);
    }
    free(sum);
    return ERR_OK;
}

/* Elements [at, at + n) of a view whose neighbours lie apart. */
static void decode_strided(float *out, const struct stored_tensor *t, int64_t at, int64_t n) {
    const struct quantization *q = quantization_of(t->info.type);
    const int last = t->info.n_dims - 1;
    for (int64_t i = at; i < at + n; i++) {
        int64_t place = 0, rest = i;
        for (int k = last; k >= 0; k--) {
            place += rest % t->info.dims[k] * t->strides[k];
            rest /= t->info.dims[k];
        }
        q->decode(out + (i - at), t->data + (size_t)place * q->n_bytes, 1);
    }
}

/* Rows [row, row + n_rows) of W [r, c] stored as its transpose [c, r]: in tiles, so that both sides
 * stay in the cache. */
static void decode_transposed(float *out, const struct stored_tensor *t, int64_t row,
                              int64_t n_rows) {
    enum { TILE = 64 };
    int64_t r = t->info.dims[0], c = t->info.dims[1];
    for (int64_t i = 0; i < n_rows; i += TILE) {
        int64_t n_i = n_rows - i < TILE ? n_rows - i : TILE;
        for (int64_t j = 0; j < c; j++) {
            float tile[TILE];
            quantization_decode_int8(tile, (const signed char *)t->data + j * r + row + i,
                                     (size_t)n_i, t->multiplier);
            for (int64_t k = 0; k < n_i; k++)
                out[(i + k) * c + j] = tile[k];
        }
    }
}

static int64_t row_count(const struct weight_info *info) {
    return info->n_dims ? info->dims[0] : 1;
}

/* row_count · row_width = n_elements. */
static int64_t row_width(const struct weight_info *info) {
    return row_count(info) ? info->n_elements / row_count(info) : 0;
}

enum err_code weights_read_rows_f32(const struct weights *w, const struct weight_info *info,
                                    int64_t row, int64_t n_rows, float *out, struct err *e) {
    (void)w;
    const struct stored_tensor *t = (const struct stored_tensor *)info;
    if (row < 0 || n_rows < 0 || row > row_count(info) || n_rows > row_count(info) - row)
        return err_set(e, ERR_FORMAT, "tensor %s has no %lld rows from %lld on", info->name,
                       (long long)n_rows, (long long)row);
    int64_t width = row_width(info);
    if (width == 0)
        return ERR_OK;
    if (t->scales)
        decode_scaled(out, t, row, n_rows);
    else if (t->strided)
        decode_strided(out, t, row * width, n_rows * width);
    else if (info->type != WEIGHT_MARIAN_INT8)
        decode_range(out, t, row * width, n_rows * width);
    else if (t->transposed)
        decode_transposed(out, t, row, n_rows);
    else
        quantization_decode_int8(out, (const signed char *)t->data + row * width,
                                 (size_t)(n_rows * width), t->multiplier);
    return t->delta ? add_delta(out, t, row, n_rows, e) : ERR_OK;
}

enum err_code weights_read_f32(const struct weights *w, const struct weight_info *info, float *out,
                               struct err *e) {
    return weights_read_rows_f32(w, info, 0, row_count(info), out, e);
}

enum err_code weights_read_ordered_f32(const struct weights *w, const struct weight_info *info,
                                       const int64_t *order, int64_t n, float *out, struct err *e) {
    const int64_t width = row_width(info);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && !code; i++)
        code = weights_read_rows_f32(w, info, order[i], 1, out + i * width, e);
    return code;
}

const void *weights_raw(const struct weights *w, const struct weight_info *info) {
    (void)w;
    const struct stored_tensor *t = (const struct stored_tensor *)info;
    const struct quantization *q = quantization_of(info->type);
    bool plain = q->n_elements == 1 && info->type != WEIGHT_MARIAN_INT8 && !t->strided && !t->delta;
    return plain && (uintptr_t)t->data % q->n_bytes == 0 ? t->data : NULL;
}

enum err_code weights_whole(const struct weights *w, struct err *e) {
    for (size_t i = 0; i < w->n_maps; i++)
        if (file_map_cut(&w->maps[i]))
            return err_set(
                e, ERR_IO,
                "a file of the model's weights was cut short while it was in use: when it "
                "is whole again, load the model again");
    return w->joined ? weights_whole(w->joined, e) : ERR_OK;
}

void weights_drop_pages(const struct weights *w) {
    /* The pages come back from the file when they are touched again. */
    for (size_t i = 0; i < w->n_maps; i++)
        if (w->maps[i].n > 0)
            (void)madvise((void *)w->maps[i].data, w->maps[i].n, MADV_DONTNEED);
}

void weights_drop_tensor(const struct weights *w, const struct weight_info *info) {
    const struct stored_tensor *t = (const struct stored_tensor *)info;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
                    from = ((uintptr_t)t->data + page - 1) / page * page,
                    to = ((uintptr_t)t->data + t->n_bytes) / page * page;
    /* Only whole pages that are this tensor's. */
    for (size_t i = 0; i < w->n_maps && from < to; i++)
        if ((uintptr_t)w->maps[i].data <= from && to <= (uintptr_t)w->maps[i].data + w->maps[i].n)
            (void)madvise((void *)from, to - from, MADV_DONTNEED);
}

static const struct meta_entry *find_meta(const struct weights *w, const char *key) {
    for (size_t i = 0; i < w->n_meta; i++)
        if (strcmp(w->meta[i].key, key) == 0)
            return &w->meta[i];
    return NULL;
}

size_t weights_meta_count(const struct weights *w) {
    return w->n_meta;
}

const char *weights_meta_key(const struct weights *w, size_t i) {
    return w->meta[i].key;
}

bool weights_meta_text(const struct weights *w, const char *key, const char **text, size_t *n) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || m->kind != META_TEXT)
        return false;
    *text = m->text;
    *n = m->n;
    return true;
}

bool weights_meta_int(const struct weights *w, const char *key, int64_t *value) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || m->kind != META_INT)
        return false;
    *value = m->integer;
    return true;
}

bool weights_meta_float(const struct weights *w, const char *key, double *value) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || (m->kind != META_FLOAT && m->kind != META_INT))
        return false;
    *value = m->kind == META_FLOAT ? m->number : (double)m->integer;
    return true;
}

bool weights_meta_bool(const struct weights *w, const char *key, bool *value) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || m->kind != META_BOOL)
        return false;
    *value = m->integer != 0;
    return true;
}

bool weights_meta_array_size(const struct weights *w, const char *key, size_t *n) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || (m->kind != META_ARRAY_TEXT && m->kind != META_ARRAY_INT &&
               m->kind != META_ARRAY_FLOAT && m->kind != META_ARRAY_OTHER))
        return false;
    *n = m->n;
    return true;
}

bool weights_meta_array_text(const struct weights *w, const char *key, size_t i, const char **text,
                             size_t *n) {
    const struct meta_entry *m = find_meta(w, key);
    if (!m || m->kind != META_ARRAY_TEXT || i >= m->n)
        return false;
    uint64_t length; /* was checked to lie in the file when it was opened */
    const unsigned char *at = m->array + m->offsets[i];
    memcpy(&length, at, sizeof length);
    *text = (const char *)at + sizeof length;
    *n = (size_t)length;
    return true;
}

bool weights_meta_array_int(const struct weights *w, const char *key, size_t i, int64_t *value) {
    static const unsigned char bytes[] = {
        [0] = 1, [1] = 1, [2] = 2, [3] = 2, [4] = 4, [5] = 4, [7] = 1, [10] = 8, [11] = 8};
    const struct meta_entry *m = find_meta(w, key);
    if (!m || m->kind != META_ARRAY_INT || i >= m->n)
        return false;
    return gguf_integer(value, m->array + i * bytes[m->element], m->element);
}

bool weights_meta_array_float(const struct weights *w, const char *key, size_t i, double *value) {
    const struct meta_entry *m = find_meta(w, key);
    int64_t whole;
    if (m && m->kind == META_ARRAY_FLOAT && i < m->n) {
        float number;
        memcpy(&number, m->array + i * sizeof number, sizeof number);
        *value = (double)number;
        return true;
    }
    if (!weights_meta_array_int(w, key, i, &whole))
        return false;
    *value = (double)whole;
    return true;
}
