/*
 * Checkpoints of torch.save: a zip archive (torch 1.6 and later) with a pickle and a file for each
 * storage, or a run of pickles with the storages behind them. The pickles are read as data
 * (pickle.h); tensors are views of storages where these lie, contiguous or not. Reference: torch
 * 2.6, torch/serialization.py and torch/_utils.py.
 */
#include "backend/base/mem.h"
#include "backend/weights/pytorch_state.h"
#include "backend/weights/zip.h"

#include <stdlib.h>

/* --- the zip archive --------------------------------------------------------------------- */

static enum err_code check_stored(const struct torch_file *f, const struct zip_entry *entry,
                                  const char *name) {
    if (!entry)
        return err_set(f->e, ERR_FORMAT, "%s: damaged: the zip archive has no %s", f->w->file,
                       name);
    if (entry->method != 0)
        return err_set(f->e, ERR_UNSUPPORTED,
                       "%s: %s is compressed, which torch.save does not do: save it anew with "
                       "torch.save",
                       f->w->file, name);
    return ERR_OK;
}

/* `folder` is what all names of the archive begin with. */
static enum err_code find_entry(struct torch_file *f, struct storage *s, const struct zip *zip,
                                const char *folder) {
    const uint64_t n = (uint64_t)s->n * s->n_element;
    char *name = mem_format("%sdata/%.*s", folder, (int)(s->n_key < 999 ? s->n_key : 999), s->key);
    const struct zip_entry *entry = zip_find(zip, name);
    enum err_code code = check_stored(f, entry, name);
    if (code)
        goto out;
    s->data = entry->data;
    if (n > entry->n)
        code = err_set(f->e, ERR_FORMAT, "%s: damaged: %s has %zu bytes, not %llu", f->w->file,
                       name, entry->n, (unsigned long long)n);
out:
    free(name);
    return code;
}

static enum err_code find_in_zip(struct torch_file *f, const struct zip *zip, const char *folder) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < f->n_storages && !code; i++)
        code = find_entry(f, &f->storages[i], zip, folder);
    return code;
}

static enum err_code check_order(const struct torch_file *f, const struct zip *zip) {
    const struct zip_entry *order = zip_find_end(zip, "/byteorder");
    if (order && order->n == 3 && memcmp(order->data, "big", 3) == 0)
        return err_set(f->e, ERR_UNSUPPORTED, "%s: a big-endian checkpoint", f->w->file);
    if (zip_find_end(zip, "/constants.pkl"))
        return err_set(f->e, ERR_UNSUPPORTED,
                       "%s: a TorchScript program, which holds code: save the model's state_dict()",
                       f->w->file);
    return ERR_OK;
}

static enum err_code read_zip(struct torch_file *f, const struct zip *zip) {
    const struct zip_entry *entry = zip_find_end(zip, "/data.pkl");
    struct pickle *p = NULL;
    struct pickle_value *state;
    char *folder = NULL;
    enum err_code code = check_order(f, zip);
    if (!code)
        code = check_stored(f, entry, "data.pkl");
    if (code)
        goto out;
    struct reader r = {.data = entry->data, .n = entry->n};
    folder = mem_text_n(entry->name, entry->n_name - strlen("data.pkl"));
    code = torch_pickle(f, &p, &state, &r);
    if (code)
        goto out;
    code = torch_storages(f, state);
    if (code)
        goto out;
    code = find_in_zip(f, zip, folder);
    if (code)
        goto out;
    code = torch_tensors(f, state);
out:
    free(folder);
    pickle_free(p);
    return code;
}

/* --- the older stream -------------------------------------------------------------------- */

/* One pickle whose values no one needs, or of which `want` says whether it is right. */
static enum err_code pass_over(struct torch_file *f, struct reader *r,
                               bool (*want)(const struct pickle_value *)) {
    struct pickle *p;
    struct pickle_value *v;
    enum err_code code = torch_pickle(f, &p, &v, r);
    if (code)
        return code;
    if (!want(v))
        code = err_set(f->e, ERR_UNSUPPORTED,
                       "%s: a pickle, but no checkpoint that torch.save wrote on a little-endian "
                       "machine",
                       f->w->file);
    pickle_free(p);
    return code;
}

static bool is_magic(const struct pickle_value *v) {
    return v->kind == PICKLE_LONG && v->n_text == 10 &&
           memcmp(v->text, "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10) == 0;
}

static bool is_protocol(const struct pickle_value *v) {
    return v->kind == PICKLE_INT && v->integer == 1001;
}

static bool is_little_endian(const struct pickle_value *v) {
    for (size_t i = 0; v->kind == PICKLE_DICT && i + 1 < v->n_items; i += 2)
        if (v->items[i]->n_text == 13 && memcmp(v->items[i]->text, "little_endian", 13) == 0)
            return v->items[i + 1]->integer != 0;
    return false;
}

/* The list of keys, then each one's number of elements and bytes. */
static enum err_code find_in_stream(struct torch_file *f, struct reader *r) {
    struct pickle *p;
    struct pickle_value *keys;
    enum err_code code = torch_pickle(f, &p, &keys, r);
    if (code)
        return code;
    for (size_t i = 0; i < keys->n_items; i++) {
        const struct storage like = {.key = keys->items[i]->text, .n_key = keys->items[i]->n_text};
        struct storage *s =
            keys->items[i]->kind == PICKLE_TEXT ? torch_find_storage(f, &like) : NULL;
        const uint64_t n = reader_u64(r);
        if (s && n == (uint64_t)s->n)
            s->data = reader_take(r, n * s->n_element);
        if (!s || !s->data) {
            code = err_set(f->e, ERR_FORMAT, "%s: damaged or cut short: storage %zu of %zu",
                           f->w->file, i + 1, keys->n_items);
            goto out;
        }
    }
out:
    pickle_free(p);
    return code;
}

static enum err_code check_found(const struct torch_file *f) {
    for (size_t i = 0; i < f->n_storages; i++)
        if (!f->storages[i].data)
            return err_set(f->e, ERR_FORMAT, "%s: damaged: a storage is not there", f->w->file);
    return ERR_OK;
}

static enum err_code read_state(struct torch_file *f, struct reader *r) {
    struct pickle *p;
    struct pickle_value *state;
    enum err_code code = torch_pickle(f, &p, &state, r);
    if (code)
        return code;
    code = torch_storages(f, state);
    if (code)
        goto out;
    code = find_in_stream(f, r);
    if (code)
        goto out;
    code = check_found(f);
    if (code)
        goto out;
    code = torch_tensors(f, state);
out:
    pickle_free(p);
    return code;
}

/* --- either ------------------------------------------------------------------------------ */

static enum err_code read_stream(struct torch_file *f) {
    static bool (*const before[])(const struct pickle_value *) = {is_magic, is_protocol,
                                                                  is_little_endian};
    struct reader r = {.data = f->data, .n = f->n};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < sizeof before / sizeof *before && !code; i++)
        code = pass_over(f, &r, before[i]);
    return code ? code : read_state(f, &r);
}

enum err_code pytorch_read(struct weights *w, const unsigned char *data, size_t n, struct err *e) {
    struct torch_file f = {.w = w, .data = data, .n = n, .e = e};
    struct zip zip = {0};
    enum err_code code;
    if (data[0] == 0x80) {
        code = read_stream(&f);
    } else {
        code = zip_open(&zip, data, n, w->file, e);
        if (!code)
            code = read_zip(&f, &zip);
    }
    zip_close(&zip);
    free(f.storages);
    return code;
}
