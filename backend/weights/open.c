/*
 * Opening a checkpoint: by what its bytes are, with the other files that it names, and an index of
 * all tensors.
 */
#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <stdlib.h>

static int by_place(const void *a, const void *b) {
    const struct stored_tensor *x = *(struct stored_tensor *const *)a,
                               *y = *(struct stored_tensor *const *)b;
    uintptr_t p = (uintptr_t)x->data, q = (uintptr_t)y->data;
    if (p != q)
        return p < q ? -1 : 1;
    return (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
}

/* No two tensors may share bytes (but torch.save's, which keeps a tied head once) or a name; leaves
 * the index sorted by name. */
static enum err_code index_tensors(struct weights *w, const char *file, struct err *e) {
    size_t n = w->n_tensors;
    w->by_name = malloc((n ? n : 1) * sizeof *w->by_name);
    if (!w->by_name)
        return err_set(e, ERR_NOMEM, "%s: no memory for the list of tensors", file);
    for (size_t i = 0; i < n; i++)
        w->by_name[i] = &w->tensors[i];
    qsort(w->by_name, n, sizeof *w->by_name, by_place);
    for (size_t i = 1; i < n; i++) {
        const struct stored_tensor *a = w->by_name[i - 1], *b = w->by_name[i];
        if (w->format != WEIGHT_FORMAT_PYTORCH &&
            (uintptr_t)a->data + a->n_bytes > (uintptr_t)b->data)
            return err_set(e, ERR_FORMAT, "%s: damaged: tensors %s and %s overlap", file,
                           a->info.name, b->info.name);
    }
    return store_index(w, file, e);
}

/* A file's format by its first bytes. False: none that is known. */
static bool format_of(enum weight_format *format, const unsigned char *data, size_t n) {
    uint64_t first = 0;
    if (n >= sizeof first)
        memcpy(&first, data, sizeof first);
    if (n >= 4 && memcmp(data, "GGUF", 4) == 0)
        *format = WEIGHT_FORMAT_GGUF;
    else if (n > 8 && data[8] == '{') /* a header's length, then JSON */
        *format = WEIGHT_FORMAT_SAFETENSORS;
    else if (first == 1)
        *format = WEIGHT_FORMAT_MARIAN;
    else if (n >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || (data[0] == 0x80 && data[1] <= 5)))
        *format = WEIGHT_FORMAT_PYTORCH;
    else
        return false;
    return true;
}

/* One file, which may be one of several; w->file is its name. */
static enum err_code read_one(struct weights *w, const unsigned char *data, size_t n,
                              struct err *e) {
    static enum err_code (*const read[])(struct weights *, const unsigned char *, size_t,
                                         struct err *) = {[WEIGHT_FORMAT_SAFETENSORS] =
                                                              safetensors_read,
                                                          [WEIGHT_FORMAT_PYTORCH] = pytorch_read,
                                                          [WEIGHT_FORMAT_GGUF] = gguf_read,
                                                          [WEIGHT_FORMAT_MARIAN] = marian_read};
    if (format_of(&w->format, data, n))
        return read[w->format](w, data, n, e);
    if (n < 16)
        return err_set(e, ERR_FORMAT, "%s: cut short: only %zu bytes", w->file, n);
    return err_set(e, ERR_FORMAT,
                   "%s: neither safetensors nor torch.save's nor GGUF nor Marian's binary format",
                   w->file);
}

/* --- several files ----------------------------------------------------------------------- */

/* Maps and reads another file of the folder that `path` lies in. */
static enum err_code read_beside(struct weights *w, const char *name, const char *path,
                                 struct err *e) {
    const enum weight_format before = w->format;
    const bool first = w->n_tensors == 0;
    const char *file = store_file_name(path);
    char *folder = mem_text_n(path, (size_t)(file - path)),
         *whole = file == path ? mem_text(name) : file_join(folder, name);
    struct file_map map;
    struct err inner;
    enum err_code code = file_map_open(&map, whole, &inner);
    if (code) {
        code = err_set(e, code, "%s needs %s: %s", file, name, inner.message);
        goto out;
    }
    w->maps = mem_resize(w->maps, (w->n_maps + 1) * sizeof *w->maps);
    w->maps[w->n_maps++] = map;
    w->file = name;
    code = read_one(w, map.data, map.n, e);
    if (!code && !first && w->format != before)
        code = err_set(e, ERR_FORMAT, "%s: of another format than the files before it", name);
out:
    free(folder);
    free(whole);
    return code;
}

static enum err_code read_shards(struct weights *w, const unsigned char *data, size_t n,
                                 const char *path, struct err *e) {
    const char *file = store_file_name(path);
    char **names;
    size_t n_names;
    enum err_code code = index_read(&names, &n_names, data, n, file, e);
    for (size_t i = 0; i < n_names && !code; i++)
        code = w->n_maps ? read_beside(w, names[i], path, e)
                         : err_set(e, ERR_FORMAT, "%s: an index without its files", file);
    for (size_t i = 0; i < n_names; i++)
        free(names[i]);
    free(names);
    return code;
}

static void drop_meta(struct weights *w, size_t from) {
    for (size_t i = from; i < w->n_meta; i++) {
        free(w->meta[i].key);
        free(w->meta[i].owned_text);
        free(w->meta[i].offsets);
    }
    w->n_meta = from < w->n_meta ? from : w->n_meta;
}

/* Part `i` of a split GGUF file, whose metadata say no more than that. */
static enum err_code read_part(struct weights *w, int64_t i, int64_t n, const char *stem,
                               const char *path, struct err *e) {
    const size_t from = w->n_meta;
    char *name = mem_format("%s-%05lld-of-%05lld.gguf", stem, (long long)i + 1, (long long)n);
    enum err_code code = read_beside(w, name, path, e);
    if (!code && (store_number(w, from, "split.no", -1) != i ||
                  store_number(w, from, "split.count", -1) != n))
        code = err_set(e, ERR_FORMAT, "%s: split.no or split.count is another than its name says",
                       name);
    drop_meta(w, from);
    free(name);
    return code;
}

/* The other parts of a GGUF file that is the first of several. Reference: llama.cpp's
 * gguf-split. */
static enum err_code read_parts(struct weights *w, const char *path, struct err *e) {
    const int64_t n = store_number(w, 0, "split.count", -1),
                  all = store_number(w, 0, "split.tensors.count", -1);
    const char *file = store_file_name(path);
    if (n < 2)
        return ERR_OK;
    char *end = mem_format("-00001-of-%05lld.gguf", (long long)n);
    const size_t n_file = strlen(file), n_end = strlen(end);
    const bool named = n_file > n_end && strcmp(file + n_file - n_end, end) == 0;
    free(end);
    if (!named || n > 99999 || store_number(w, 0, "split.no", -1) != 0 || w->n_maps == 0)
        return err_set(e, ERR_FORMAT,
                       "%s: one of the %lld parts of a split GGUF file: give the first, whose name "
                       "ends in -00001-of-%05lld.gguf, with the others beside it",
                       file, (long long)n, (long long)n);
    char *stem = mem_text_n(file, n_file - n_end);
    enum err_code code = ERR_OK;
    for (int64_t i = 1; i < n && !code; i++)
        code = read_part(w, i, n, stem, path, e);
    free(stem);
    if (!code && all >= 0 && (uint64_t)all != w->n_tensors)
        code = err_set(e, ERR_FORMAT, "%s: split.tensors.count is %lld; its parts have %zu", file,
                       (long long)all, w->n_tensors);
    return code;
}

static enum err_code read_any(struct weights *w, const unsigned char *data, size_t n,
                              const char *path, struct err *e) {
    enum weight_format unused;
    w->file = store_file_name(path);
    if (n > 0 && data[0] == '{' && !format_of(&unused, data, n))
        return read_shards(w, data, n, path, e);
    enum err_code code = read_one(w, data, n, e);
    if (!code && w->format == WEIGHT_FORMAT_GGUF)
        code = read_parts(w, path, e);
    return code;
}

/* --- opening and closing ----------------------------------------------------------------- */

/* The indexed store, or on failure nothing. */
static enum err_code finish(struct weights **out, struct weights *w, enum err_code code,
                            const char *path, struct err *inner, struct err *e) {
    if (code)
        goto out;
    code = index_tensors(w, store_file_name(path), inner);
    if (code)
        goto out;
    *out = w;
    return ERR_OK;
out:
    weights_close(w);
    if (e)
        *e = *inner;
    return code;
}

enum err_code weights_open_bytes(struct weights **out, const unsigned char *data, size_t n,
                                 struct err *e) {
    struct err inner = {0};
    *out = NULL;
    struct weights *w = mem_alloc(sizeof *w);
    enum err_code code = read_any(w, data, n, "bytes", &inner);
    return finish(out, w, code, "bytes", &inner, e);
}

enum err_code weights_open(struct weights **out, const char *path, struct err *e) {
    struct err inner = {0};
    *out = NULL;
    struct weights *w = mem_alloc(sizeof *w);
    w->maps = mem_alloc(sizeof *w->maps);
    enum err_code code = file_map_open(&w->maps[0], path, &inner);
    if (code)
        goto out;
    w->n_maps = 1;
    code = read_any(w, w->maps[0].data, w->maps[0].n, path, &inner);
out:
    return finish(out, w, code, path, &inner, e);
}

void weights_close(struct weights *w) {
    if (!w)
        return;
    for (size_t i = 0; i < w->n_tensors; i++)
        store_dispose_tensor(&w->tensors[i]);
    drop_meta(w, 0);
    weights_close(w->joined);
    for (size_t i = 0; i < w->n_maps; i++)
        file_map_close(&w->maps[i]);
    free(w->maps);
    free(w->tensors);
    free(w->by_name);
    free(w->meta);
    free(w);
}
