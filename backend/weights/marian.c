/*
 * Marian's native binary format (marian-dev, src/common/binary.cpp and io_item.h): version, item
 * count, one header per item (name length, type, number of dimensions, bytes), all names, all
 * shapes, padding, then the data in order. Float32 and the intgemm8 form of int8.
 */
#include "backend/base/text.h"
#include "backend/weights/store.h"

#include <math.h>
#include <stdlib.h>

#define MAX_ITEMS 65536u
#define MAX_NAME_BYTES 1024u
#define SPECIAL "special:"

/* A type is class bits | bytes of an element (src/common/types.h). */
enum { TYPE_FLOAT32 = 0x404, TYPE_INTGEMM8 = 0x4101 };

struct item {
    uint64_t n_name, type, n_dims, n_bytes;
    const char *name;
    int32_t dims[WEIGHT_MAX_DIMS];
};

static enum err_code damaged(struct err *e, const char *file, const struct reader *r,
                             const char *what) {
    return err_set(e, ERR_FORMAT, "%s: damaged or cut short: %s at byte %zu of %zu", file, what,
                   r->at, r->n);
}

/* The text of a "special:" item, without the zeros it ends in. */
static enum err_code add_text(struct weights *w, const struct item *item, const unsigned char *data,
                              struct err *e) {
    struct meta_entry *m =
        store_add_meta(w, item->name + strlen(SPECIAL), strlen(item->name) - strlen(SPECIAL), e);
    if (!m)
        return e->code;
    m->kind = META_TEXT;
    m->text = (const char *)data;
    m->n = (size_t)item->n_bytes;
    while (m->n > 0 && m->text[m->n - 1] == '\0')
        m->n--;
    return ERR_OK;
}

static enum err_code add_tensor(struct weights *w, const struct item *item,
                                const unsigned char *data, const char *file, struct err *e) {
    struct stored_tensor *t = store_add_tensor(w, item->name, strlen(item->name), e);
    if (!t)
        return e->code;
    t->data = data;
    t->info.type = item->type == TYPE_FLOAT32 ? WEIGHT_F32 : WEIGHT_MARIAN_INT8;
    t->info.n_dims = (int)item->n_dims;
    for (int i = 0; i < t->info.n_dims; i++)
        t->info.dims[i] = item->dims[i];
    enum err_code code = store_size_tensor(w, t, e);
    if (code)
        return code;
    size_t needed = t->n_bytes + (t->info.type == WEIGHT_MARIAN_INT8 ? sizeof(float) : 0);
    if (needed > item->n_bytes)
        return err_set(e, ERR_FORMAT, "%s: damaged: %s needs %zu bytes and has %llu", file,
                       item->name, needed, (unsigned long long)item->n_bytes);
    if (t->info.type == WEIGHT_F32)
        return ERR_OK;
    memcpy(&t->multiplier, data + t->n_bytes, sizeof t->multiplier);
    if (!isfinite(t->multiplier) || t->multiplier == 0)
        return err_set(e, ERR_FORMAT, "%s: damaged: %s has no usable quantisation multiplier", file,
                       item->name);
    /* Products' right sides are kept transposed, as intgemm's kernels want them; embeddings are
     * looked up by row and are not. */
    t->transposed = t->info.n_dims == 2 && !text_ends_with(item->name, "Wemb");
    if (t->info.n_dims != 2)
        return err_set(e, ERR_UNSUPPORTED, "%s: int8 tensor %s has %d dimensions, not 2", file,
                       item->name, t->info.n_dims);
    return ERR_OK;
}

/* Activation scales serve integer products only; some writers mark them int8 though they hold a
 * float. */
static bool is_activation_scale(const char *name) {
    return text_ends_with(name, "_QuantMultA");
}

static enum err_code add_item(struct weights *w, const struct item *item, const unsigned char *data,
                              const char *file, struct err *e) {
    if (strncmp(item->name, SPECIAL, strlen(SPECIAL)) == 0)
        return add_text(w, item, data, e);
    if (is_activation_scale(item->name))
        return ERR_OK;
    if (item->type != TYPE_FLOAT32 && item->type != TYPE_INTGEMM8)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: %s is stored as Marian type 0x%llx; float32 and the portable intgemm8 "
                       "are read here",
                       file, item->name, (unsigned long long)item->type);
    if (item->n_dims > WEIGHT_MAX_DIMS)
        return err_set(e, ERR_UNSUPPORTED, "%s: %s has %llu dimensions", file, item->name,
                       (unsigned long long)item->n_dims);
    return add_tensor(w, item, data, file, e);
}

/* Headers, names and shapes of all items. */
static enum err_code read_headers(struct item *items, uint64_t n_items, struct reader *r,
                                  const char *file, struct err *e) {
    for (uint64_t i = 0; i < n_items; i++) {
        struct item *item = &items[i];
        item->n_name = reader_u64(r);
        item->type = reader_u64(r);
        item->n_dims = reader_u64(r);
        item->n_bytes = reader_u64(r);
        if (r->bad || item->n_name < 2 || item->n_name > MAX_NAME_BYTES || item->n_dims > 16)
            return damaged(e, file, r, "an item's header");
    }
    for (uint64_t i = 0; i < n_items; i++) {
        items[i].name = (const char *)reader_take(r, items[i].n_name);
        if (!items[i].name ||
            memchr(items[i].name, '\0', items[i].n_name) != items[i].name + items[i].n_name - 1)
            return damaged(e, file, r, "an item's name");
    }
    for (uint64_t i = 0; i < n_items; i++)
        for (uint64_t d = 0; d < items[i].n_dims; d++) {
            int32_t dim = (int32_t)reader_u32(r);
            if (r->bad || dim < 0)
                return damaged(e, file, r, "a shape");
            if (d < WEIGHT_MAX_DIMS)
                items[i].dims[d] = dim;
        }
    return ERR_OK;
}

enum err_code marian_read(struct weights *w, const unsigned char *data, size_t n, struct err *e) {
    const char *file = w->file;
    struct reader r = {.data = data, .n = n, .at = 8}; /* the version was looked at to come here */
    uint64_t n_items = reader_u64(&r);
    const size_t most = n / 34; /* a header and the shortest name */
    if (r.bad || n_items > MAX_ITEMS || n_items > most)
        return damaged(e, file, &r, "the number of items");
    struct item *items = calloc(n_items ? n_items : 1, sizeof *items);
    if (!items)
        return err_set(e, ERR_NOMEM, "%s: no memory for %llu items", file,
                       (unsigned long long)n_items);
    enum err_code code = read_headers(items, n_items, &r, file, e);
    if (code)
        goto out;
    (void)reader_take(&r, reader_u64(&r));
    for (uint64_t i = 0; i < n_items; i++) {
        const unsigned char *bytes = reader_take(&r, items[i].n_bytes);
        code = bytes ? add_item(w, &items[i], bytes, file, e) : damaged(e, file, &r, items[i].name);
        if (code)
            goto out;
    }
out:
    free(items);
    return code;
}
