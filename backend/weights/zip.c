#include "backend/weights/zip.h"

#include "backend/weights/store.h"

#include <stdlib.h>

#define END_BYTES 22
#define LONGEST_COMMENT 65535
#define ENTRY_BYTES 46 /* the least of an entry in the directory */
#define ENTRY 0x02014B50u
#define LOCAL 0x04034B50u
#define END 0x06054B50u
#define END64 0x06064B50u
#define LOCATOR64 0x07064B50u

static uint16_t reader_u16(struct reader *r) {
    uint16_t v = 0;
    const unsigned char *p = reader_take(r, sizeof v);
    if (p)
        memcpy(&v, p, sizeof v);
    return v;
}

static enum err_code damaged(struct err *e, const char *file, const char *what) {
    return err_set(e, ERR_FORMAT, "%s: damaged or cut short: %s of the zip archive", file, what);
}

/* A cursor at byte `at` of the file; beyond it, a bad one. */
static struct reader reader_at(const unsigned char *data, size_t n, uint64_t at) {
    struct reader r = {.data = data, .n = n};
    (void)reader_take(&r, at);
    return r;
}

struct directory {
    uint64_t at, n_entries;
};

/* The end of an archive with more, or larger, things than 32 bits can say. */
static bool read_end64(struct directory *d, const unsigned char *data, size_t n, size_t end) {
    struct reader r = reader_at(data, n, end < 20 ? n : end - 20);
    if (reader_u32(&r) != LOCATOR64)
        return false;
    (void)reader_u32(&r);
    r = reader_at(data, n, reader_u64(&r));
    const bool good = reader_u32(&r) == END64;
    (void)reader_take(&r, 28);
    d->n_entries = reader_u64(&r);
    (void)reader_u64(&r);
    d->at = reader_u64(&r);
    return good && !r.bad;
}

/* From the end backwards, past a comment. */
static bool find_directory(struct directory *d, const unsigned char *data, size_t n) {
    const size_t least = n > END_BYTES + LONGEST_COMMENT ? n - END_BYTES - LONGEST_COMMENT : 0;
    for (size_t at = n < END_BYTES ? 0 : n - END_BYTES + 1; at > least; at--) {
        struct reader r = reader_at(data, n, at - 1);
        if (reader_u32(&r) != END)
            continue;
        (void)reader_take(&r, 6);
        d->n_entries = reader_u16(&r);
        (void)reader_u32(&r);
        d->at = reader_u32(&r);
        if (d->n_entries == UINT16_MAX || d->at == UINT32_MAX)
            return read_end64(d, data, n, at - 1);
        return !r.bad;
    }
    return false;
}

/* What a directory's entry says of the file's. */
struct where {
    uint64_t packed, size, at;
};

/* The 64 bit numbers among an entry's extra fields, for those that did not fit. */
static void read_extra(struct where *w, struct reader r) {
    while (!r.bad && r.n - r.at >= 4) {
        const uint16_t id = reader_u16(&r), n = reader_u16(&r);
        const unsigned char *field = reader_take(&r, n);
        struct reader in = {.data = field, .n = field ? n : 0};
        if (id != 1)
            continue;
        if (w->size == UINT32_MAX)
            w->size = reader_u64(&in);
        if (w->packed == UINT32_MAX)
            w->packed = reader_u64(&in);
        if (w->at == UINT32_MAX)
            w->at = reader_u64(&in);
    }
}

/* Where the bytes lie: behind a header of their own, which says again how it is called. */
static bool place_entry(struct zip_entry *out, const struct where *w, const unsigned char *data,
                        size_t n) {
    struct reader r = reader_at(data, n, w->at);
    if (reader_u32(&r) != LOCAL)
        return false;
    (void)reader_take(&r, 22);
    const uint16_t n_name = reader_u16(&r), n_extra = reader_u16(&r);
    const unsigned char *name = reader_take(&r, n_name);
    (void)reader_take(&r, n_extra);
    out->data = reader_take(&r, w->packed);
    out->n = (size_t)w->packed;
    return out->data && n_name == out->n_name && memcmp(name, out->name, n_name) == 0 &&
           (out->method != 0 || w->size == w->packed);
}

static enum err_code read_entry(struct zip_entry *out, struct reader *r, const unsigned char *data,
                                size_t n, const char *file, struct err *e) {
    struct where w;
    const bool good = reader_u32(r) == ENTRY;
    (void)reader_u32(r);
    const bool encrypted = reader_u16(r) & 1;
    out->method = reader_u16(r);
    (void)reader_u64(r);
    w.packed = reader_u32(r);
    w.size = reader_u32(r);
    const uint16_t n_name = reader_u16(r), n_extra = reader_u16(r), n_comment = reader_u16(r);
    (void)reader_u64(r);
    w.at = reader_u32(r);
    out->name = (const char *)reader_take(r, n_name);
    out->n_name = n_name;
    const unsigned char *extra = reader_take(r, n_extra);
    (void)reader_take(r, n_comment);
    if (r->bad || !good)
        return damaged(e, file, "the directory");
    if (encrypted)
        return err_set(e, ERR_UNSUPPORTED, "%s: an encrypted zip archive", file);
    read_extra(&w, (struct reader){.data = extra, .n = n_extra});
    return place_entry(out, &w, data, n) ? ERR_OK : damaged(e, file, "an entry");
}

static int compare(const char *a, size_t n_a, const char *b, size_t n_b) {
    const int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
    return order ? order : (n_a > n_b) - (n_a < n_b);
}

static int by_name(const void *a, const void *b) {
    const struct zip_entry *x = a, *y = b;
    return compare(x->name, x->n_name, y->name, y->n_name);
}

enum err_code zip_open(struct zip *out, const unsigned char *data, size_t n, const char *file,
                       struct err *e) {
    struct directory d;
    *out = (struct zip){0};
    if (!find_directory(&d, data, n) || d.n_entries > n / ENTRY_BYTES)
        return damaged(e, file, "the end");
    struct reader r = reader_at(data, n, d.at);
    enum err_code code = ERR_OK;
    out->entries = calloc(d.n_entries ? d.n_entries : 1, sizeof *out->entries);
    if (!out->entries)
        return err_set(e, ERR_NOMEM, "%s: no memory for its list of files", file);
    for (; out->n < d.n_entries && !code; out->n++)
        code = read_entry(&out->entries[out->n], &r, data, n, file, e);
    if (code)
        zip_close(out);
    else
        qsort(out->entries, out->n, sizeof *out->entries, by_name);
    return code;
}

void zip_close(struct zip *z) {
    free(z->entries);
    *z = (struct zip){0};
}

const struct zip_entry *zip_find(const struct zip *z, const char *name) {
    const struct zip_entry key = {.name = name, .n_name = strlen(name)};
    return bsearch(&key, z->entries, z->n, sizeof *z->entries, by_name);
}

const struct zip_entry *zip_find_end(const struct zip *z, const char *end) {
    const size_t n = strlen(end);
    for (size_t i = 0; i < z->n; i++)
        if (z->entries[i].n_name >= n &&
            memcmp(z->entries[i].name + z->entries[i].n_name - n, end, n) == 0)
            return &z->entries[i];
    return NULL;
}
