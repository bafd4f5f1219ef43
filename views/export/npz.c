/* The arrays of a result as NumPy's NPZ: a ZIP of .npy files, stored and not packed, so that they
 * can be mapped. References: NumPy's NEP 1 (format 1.0), PKWARE's APPNOTE 6.3 (4.3.7, 4.3.12,
 * 4.3.16). */
#include "backend/base/text.h"
#include "views/export/arrays.h"
#include "views/export/export.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <zlib.h>

#define NPY_ALIGN 64
#define MOST_BYTES 0xFFFFFFFFu /* of a file whose places are 32 bits wide */
#define MOST_MEMBERS 0xFFFFu

struct member {
    char *name;
    uint32_t crc, n, at; /* of its data, and where its header stands */
};

/* One file under way. */
struct zip {
    struct text_buffer *b;
    struct member *members;
    size_t n, n_encoded; /* names that have a % */
    uint32_t at;         /* bytes so far */
};

static void put16(struct text_buffer *b, uint16_t v) {
    text_buffer_add(b, (const char *)&v, sizeof v);
}

static void put32(struct text_buffer *b, uint32_t v) {
    text_buffer_add(b, (const char *)&v, sizeof v);
}

/* What a member's headers share: version 2.0, UTF-8 names, stored, 1980-01-01. */
static void put_common(struct text_buffer *b, const struct member *m) {
    put16(b, 20);
    put16(b, 1 << 11);
    put16(b, 0);
    put16(b, 0);
    put16(b, 1 << 5 | 1);
    put32(b, m->crc);
    put32(b, m->n);
    put32(b, m->n);
    put16(b, (uint16_t)strlen(m->name));
    put16(b, 0); /* extra field */
}

/* A name that is one file's wherever the ZIP is unpacked: "/" and what a file system may take
 * otherwise are written as in addresses. Owned by the caller. */
static char *member_name(struct zip *z, const char *name) {
    struct text_buffer b = {0};
    const size_t n = strnlen(name, 0x4000);
    bool encoded = n < strlen(name);
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)name[i];
        const bool plain = c >= 0x80 || (c > 0x20 && c < 0x7F && !strchr("/\\:%*?\"<>|", c));
        if (plain)
            text_buffer_add(&b, name + i, 1);
        else
            text_buffer_format(&b, "%%%02X", c);
        encoded |= !plain;
    }
    z->n_encoded += encoded;
    text_buffer_puts(&b, ".npy");
    return text_buffer_take(&b);
}

/* The beginning of a .npy file of that type and shape. */
static void put_npy_header(struct text_buffer *b, const char *type, const char *shape) {
    char *text =
        mem_format("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
    const size_t unpadded = 10 + strlen(text) + 1,
                 padded = (unpadded + NPY_ALIGN - 1) / NPY_ALIGN * NPY_ALIGN;
    text_buffer_add(b, "\x93NUMPY\x01\x00", 8);
    put16(b, (uint16_t)(padded - 10));
    text_buffer_puts(b, text);
    for (size_t i = unpadded; i < padded; i++)
        text_buffer_puts(b, " ");
    text_buffer_puts(b, "\n");
    free(text);
}

/* A .npy file with those data. */
static void put_member(struct zip *z, const char *name, const char *type, const char *shape,
                       const void *data, size_t n) {
    struct text_buffer local = {0}, npy = {0};
    z->members = mem_resize(z->members, (z->n + 1) * sizeof *z->members);
    struct member *m = &z->members[z->n++];
    put_npy_header(&npy, type, shape);
    uLong crc = crc32_z(0, (const unsigned char *)npy.text, npy.n);
    crc = crc32_z(crc, data, n);
    *m = (struct member){.name = member_name(z, name),
                         .crc = (uint32_t)crc,
                         .n = (uint32_t)(npy.n + n),
                         .at = z->at};
    put32(&local, 0x04034B50);
    put_common(&local, m);
    text_buffer_puts(&local, m->name);
    text_buffer_add(&local, npy.text, npy.n);
    export_put_bytes(z->b, local.text, local.n);
    export_put_bytes(z->b, data, n);
    z->at += (uint32_t)(local.n + n);
    text_buffer_dispose(&local);
    text_buffer_dispose(&npy);
}

static void put_directory(struct zip *z) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < z->n; i++) {
        put32(&b, 0x02014B50);
        put16(&b, 3 << 8 | 20); /* made by UNIX */
        put_common(&b, &z->members[i]);
        put16(&b, 0); /* comment, disk, inner attributes, then the outer: 0644 */
        put16(&b, 0);
        put16(&b, 0);
        put32(&b, 0100644u << 16);
        put32(&b, z->members[i].at);
        text_buffer_puts(&b, z->members[i].name);
    }
    const uint32_t n = (uint32_t)b.n;
    put32(&b, 0x06054B50);
    put16(&b, 0);
    put16(&b, 0);
    put16(&b, (uint16_t)z->n);
    put16(&b, (uint16_t)z->n);
    put32(&b, n);
    put32(&b, z->at);
    put16(&b, 0);
    export_put_bytes(z->b, b.text, b.n);
    text_buffer_dispose(&b);
}

/* --- members --- */

static void put_array(struct zip *z, const struct export_array *array) {
    struct text_buffer shape = {0};
    const struct scores *s = array->scores;
    void *owned;
    for (int i = 0; i < s->n_dims; i++)
        text_buffer_format(&shape, "%lld,%s", (long long)s->dims[i], i + 1 < s->n_dims ? " " : "");
    const void *data = export_array_data(&owned, s);
    put_member(z, array->name, export_array_is_integer(s) ? "<i8" : "<f4", shape.text, data,
               export_array_bytes(s));
    free(owned);
    text_buffer_dispose(&shape);
}

/* Code points of a text, at most `most`; out may be NULL. Returns how many. */
static size_t code_points(int32_t *out, const char *utf8, size_t most) {
    size_t n = 0;
    for (utf8proc_int32_t point; *utf8 && n < most; n++) {
        const utf8proc_ssize_t length =
            utf8proc_iterate((const utf8proc_uint8_t *)utf8, -1, &point);
        if (out)
            out[n] = length > 0 ? point : 0xFFFD;
        utf8 += length > 0 ? length : 1;
    }
    return n;
}

/* Texts as an array of NumPy's fixed-width text, as wide as the longest. A NULL shape: one text,
 * no dimension. */
static void put_texts(struct zip *z, const char *name, char *const *texts, size_t n,
                      const char *shape) {
    size_t widest = 1;
    for (size_t i = 0; i < n; i++) {
        const size_t points = code_points(NULL, texts[i], SIZE_MAX);
        widest = points > widest ? points : widest;
    }
    char *type = mem_format("<U%zu", widest);
    int32_t *points = mem_alloc(n * widest * sizeof *points);
    for (size_t i = 0; i < n; i++)
        code_points(points + i * widest, texts[i], widest);
    put_member(z, name, type, shape, points, n * widest * sizeof *points);
    free(points);
    free(type);
}

static void put_tokens(struct zip *z, size_t i, const char *side, const struct token_list *list) {
    char **texts = mem_alloc((list->n + 1) * sizeof *texts), *shape = mem_format("%zu,", list->n);
    char *name = mem_format("%zu.%s", i, side), *name_ids = mem_format("%zu.%s_ids", i, side);
    int32_t *ids = token_list_ids(list);
    for (size_t k = 0; k < list->n; k++) {
        char *piece = token_written(&list->items[k]);
        texts[k] = text_repaired(piece, strlen(piece));
        free(piece);
    }
    put_texts(z, name, texts, list->n, shape);
    put_member(z, name_ids, "<i4", shape, ids, list->n * sizeof *ids);
    for (size_t k = 0; k < list->n; k++)
        free(texts[k]);
    free(texts);
    free(ids);
    free(name);
    free(name_ids);
    free(shape);
}

/* Where the explained tokens stand in the target, the end exclusive. */
static void put_positions(struct zip *z, size_t i, const struct attribution_sequence *s) {
    const int64_t ends[2] = {s->attr_pos_start, s->attr_pos_end};
    char *name = mem_format("%zu.attr_pos", i);
    put_member(z, name, "<i8", "2,", ends, sizeof ends);
    free(name);
}

static void put_all(struct zip *z, const struct attribution *a, const struct export_arrays *all) {
    char *info = result_info_text(&a->info), *repaired = text_repaired(info, strlen(info));
    put_texts(z, "info", &repaired, 1, "");
    for (size_t i = 0; i < a->n_sequences; i++) {
        put_tokens(z, i, "source", &a->sequences[i].source);
        put_tokens(z, i, "target", &a->sequences[i].target);
        put_positions(z, i, &a->sequences[i]);
    }
    for (size_t i = 0; i < all->n; i++)
        put_array(z, &all->items[i]);
    put_directory(z);
    free(info);
    free(repaired);
}

/* As wide as its longest token, which may be one of very many. */
static size_t token_bytes(const struct token_list *list) {
    size_t widest = 1;
    for (size_t i = 0; i < list->n; i++) {
        char *piece = token_written(&list->items[i]);
        widest = strlen(piece) > widest ? strlen(piece) : widest;
        free(piece);
    }
    return list->n * (widest + 1) * sizeof(int32_t);
}

/* No less than all members take, but for their headers. */
static size_t bytes_of(const struct attribution *a, const struct export_arrays *all) {
    char *info = result_info_text(&a->info);
    size_t n = strlen(info) * sizeof(int32_t);
    for (size_t i = 0; i < all->n; i++)
        n += export_array_bytes(all->items[i].scores);
    for (size_t i = 0; i < a->n_sequences; i++)
        n += token_bytes(&a->sequences[i].source) + token_bytes(&a->sequences[i].target);
    free(info);
    return n;
}

static enum err_code write_npz(struct text_buffer *b, const struct export_input *in,
                               struct err *e) {
    const struct attribution *a = in->result;
    struct export_arrays all = export_arrays_of_all(a);
    struct zip z = {.b = b};
    const size_t n_members = all.n + 5 * a->n_sequences + 1, bytes = bytes_of(a, &all);
    enum err_code code = ERR_OK;
    if (n_members > MOST_MEMBERS || bytes > MOST_BYTES - (size_t)MOST_MEMBERS * 1024)
        code =
            err_set(e, ERR_UNSUPPORTED,
                    "an NPZ of %zu arrays and %zu MB is too large: safetensors has no such limit",
                    n_members, bytes >> 20);
    if (code)
        goto out;
    put_all(&z, a, &all);
    if (z.n_encoded)
        export_tell(in,
                    "%zu names of arrays have characters that a file of an NPZ cannot have: they "
                    "are written as in addresses, %%2F for a slash",
                    z.n_encoded);
out:
    for (size_t i = 0; i < z.n; i++)
        free(z.members[i].name);
    free(z.members);
    export_arrays_dispose(&all);
    return code;
}

const struct export export_npz = {
    .id = "npz",
    .title = "NPZ",
    .noun = "the arrays",
    .help = "The arrays, tokens and parameters for numpy.load, without pickles.",
    .endings = {".npz"},
    .keeps_result = true,
    .write = write_npz,
};
