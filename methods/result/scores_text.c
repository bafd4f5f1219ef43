#include "methods/result/scores_text.h"

#include "backend/base/base64.h"
#include "backend/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 3072 /* numbers that are encoded at a time */

/* What stands before an array's data: the header's length, and the header. */
static void write_header(struct text_buffer *b, const struct scores *s, enum scores_type type) {
    struct text_buffer header = {0};
    const struct scores_type_about *about = scores_type_about(type);
    text_buffer_format(&header, "{\"attribution\":{\"dtype\":\"%s\",\"shape\":[", about->name);
    for (int i = 0; i < s->n_dims; i++)
        text_buffer_format(&header, "%s%lld", i ? "," : "", (long long)s->dims[i]);
    text_buffer_format(&header, "],\"data_offsets\":[0,%zu]}}",
                       (size_t)scores_count(s) * about->size);
    while (header.n % 8)
        text_buffer_add(&header, " ", 1);
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)header.n >> 8 * i);
    text_buffer_add(b, (const char *)length, 8);
    text_buffer_add(b, header.text, header.n);
    text_buffer_dispose(&header);
}

/* Appends the base64 text of some bytes and an array's data behind them, piece by piece. */
static void write_data(struct text_buffer *b, struct text_buffer *bytes, const struct scores *s,
                       enum scores_type type) {
    const size_t size = scores_type_about(type)->size;
    const int64_t count = scores_count(s);
    unsigned char piece[PIECE * 8];
    for (int64_t at = 0; at < count; at += PIECE) {
        const int64_t n = count - at < PIECE ? count - at : PIECE;
        scores_encode(piece, s->data + at, n, type);
        text_buffer_add(bytes, (const char *)piece, (size_t)n * size);
        const size_t whole = bytes->n - bytes->n % 3; /* of these no character is padding */
        base64_add(b, bytes->text, whole);
        memmove(bytes->text, bytes->text + whole, bytes->n - whole);
        bytes->n -= whole;
        text_buffer_drain(b);
    }
    base64_add(b, bytes->text, bytes->n);
    text_buffer_dispose(bytes);
}

void scores_text_write(struct text_buffer *b, const struct scores *s, enum scores_type precision) {
    const enum scores_type type = scores_type_of(s, precision);
    struct text_buffer bytes = {0};
    write_header(&bytes, s, type);
    write_data(b, &bytes, s, type);
}

void scores_pack_write(struct text_buffer *b, const struct scores *s, enum scores_type precision) {
    const enum scores_type type = scores_type_of(s, precision);
    struct text_buffer bytes = {0};
    text_buffer_format(b, "[\"%s\",[", scores_type_about(type)->name);
    for (int i = 0; i < s->n_dims; i++)
        text_buffer_format(b, "%s%lld", i ? "," : "", (long long)s->dims[i]);
    text_buffer_puts(b, "],\"");
    write_data(b, &bytes, s, type);
    text_buffer_puts(b, "\"]");
}

/* Dimensions, type and place of the tensor in a blob, checked against the blob's size. */
struct tensor_place {
    int n_dims;
    int64_t dims[SCORES_MAX_DIMS], count;
    enum scores_type type;
    const unsigned char *data;
};

static enum err_code read_shape(struct tensor_place *t, const struct json_value *shape,
                                struct err *e) {
    if (!shape || shape->type != JSON_ARRAY || shape->n_members < 1 ||
        shape->n_members > SCORES_MAX_DIMS)
        return err_set(e, ERR_FORMAT, "scores must have one to %d dimensions", SCORES_MAX_DIMS);
    t->count = 1;
    for (const struct json_value *v = shape->first; v; v = v->next) {
        int64_t dim;
        if (!json_integer(&dim, v) || dim < 0 || (dim > 0 && t->count > INT64_MAX / 16 / dim))
            return err_set(e, ERR_FORMAT, "scores have an impossible dimension");
        t->dims[t->n_dims++] = dim;
        t->count *= dim;
    }
    return ERR_OK;
}

/* Where the tensor's data begin in those n bytes; −1: they are of another size. */
static int64_t begin_of(const struct tensor_place *t, const struct json_value *offsets, size_t n) {
    int64_t from, to;
    if (!offsets || offsets->type != JSON_ARRAY || offsets->n_members != 2 ||
        !json_integer(&from, offsets->first) || !json_integer(&to, offsets->first->next))
        return -1;
    const bool inside = from >= 0 && to >= from && (uint64_t)to <= n;
    return inside && (uint64_t)(to - from) == (uint64_t)t->count * scores_type_about(t->type)->size
               ? from
               : -1;
}

static enum err_code read_tensor(struct tensor_place *t, const struct json_value *tensor,
                                 const unsigned char *data, size_t n, struct err *e) {
    if (!tensor)
        return err_set(e, ERR_FORMAT, "scores without a tensor named attribution");
    enum err_code code = read_shape(t, json_get(tensor, "shape"), e);
    if (code)
        return code;
    if (!scores_type_read(&t->type, json_get(tensor, "dtype")))
        return err_set(e, ERR_FORMAT, "scores of a type that is none of F32, F16, F8_E4M3 and I64");
    const int64_t from = begin_of(t, json_get(tensor, "data_offsets"), n);
    if (from < 0)
        return err_set(e, ERR_FORMAT, "scores whose shape and data disagree");
    t->data = data + from;
    return ERR_OK;
}

/* The header's length, the header, and the data. */
static enum err_code read_blob(struct tensor_place *t, const unsigned char *blob, size_t n,
                               struct err *e) {
    struct json_document *d;
    uint64_t n_header = 0;
    for (int i = 7; i >= 0 && n >= 8; i--)
        n_header = n_header << 8 | blob[i];
    if (n < 8 || n_header > n - 8)
        return err_set(e, ERR_FORMAT, "scores are cut short");
    enum err_code code = json_parse(&d, (const char *)blob + 8, (size_t)n_header, e);
    if (code)
        return code;
    const size_t begin = 8 + (size_t)n_header;
    code = read_tensor(t, json_get(json_root(d), "attribution"), blob + begin, n - begin, e);
    json_free(d);
    return code;
}

/* The tensor's numbers, owned by the caller. */
static enum err_code take_numbers(struct scores *out, const struct tensor_place *t, struct err *e) {
    if (!scores_init(out, t->n_dims, t->dims, NAN))
        return err_set(e, ERR_NOMEM, "no memory for %lld scores", (long long)t->count);
    out->integer = t->type == SCORES_I64;
    scores_decode(out->data, t->data, t->count, t->type);
    return ERR_OK;
}

enum err_code scores_text_read(struct scores *out, const char *text, size_t n, struct err *e) {
    struct tensor_place t = {0};
    unsigned char *blob = NULL;
    size_t n_blob = 0;
    *out = (struct scores){0};
    enum err_code code = base64_read(&blob, &n_blob, text, n, "scores", e);
    if (code)
        goto out;
    code = read_blob(&t, blob, n_blob, e);
    if (code)
        goto out;
    code = take_numbers(out, &t, e);
out:
    free(blob);
    return code;
}

enum err_code scores_pack_read(struct scores *out, const struct json_value *v, struct err *e) {
    struct tensor_place t = {0};
    unsigned char *bytes = NULL;
    size_t n = 0;
    *out = (struct scores){0};
    if (v->type != JSON_ARRAY || v->n_members != 3)
        return err_set(e, ERR_FORMAT, "scores are not a list of type, shape and base64 text");
    const struct json_value *shape = v->first->next, *text = shape->next;
    if (!scores_type_read(&t.type, v->first) || text->type != JSON_STRING)
        return err_set(e, ERR_FORMAT, "scores of a type that is none of F32, F16, F8_E4M3 and I64");
    enum err_code code = read_shape(&t, shape, e);
    if (code)
        goto out;
    code = base64_read(&bytes, &n, text->text, text->n_text, "scores", e);
    if (code)
        goto out;
    if (n != (size_t)t.count * scores_type_about(t.type)->size) {
        code = err_set(e, ERR_FORMAT, "scores whose shape and data disagree");
        goto out;
    }
    t.data = bytes;
    code = take_numbers(out, &t, e);
out:
    free(bytes);
    return code;
}
