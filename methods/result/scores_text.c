#include "methods/result/scores_text.h"

#include "backend/base/base64.h"
#include "backend/base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void scores_text_write(struct text_buffer *b, const struct scores *s) {
    struct text_buffer header = {0};
    int64_t count = scores_count(s);
    size_t size = s->integer ? 8 : 4;
    text_buffer_format(&header, "{\"attribution\":{\"dtype\":\"%s\",\"shape\":[",
                       s->integer ? "I64" : "F32");
    for (int i = 0; i < s->n_dims; i++)
        text_buffer_format(&header, "%s%lld", i ? "," : "", (long long)s->dims[i]);
    text_buffer_format(&header, "],\"data_offsets\":[0,%zu]}}", (size_t)count * size);
    while (header.n % 8)
        text_buffer_add(&header, " ", 1);

    struct text_buffer blob = {0};
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)header.n >> 8 * i);
    text_buffer_add(&blob, (const char *)length, 8);
    text_buffer_add(&blob, header.text, header.n);
    if (!s->integer) {
        text_buffer_add(&blob, (const char *)s->data,
                        (size_t)count * sizeof *s->data); /* the format is little-endian, as is
                                                             every machine this runs on */
    } else {
        for (int64_t i = 0; i < count; i++) {
            int64_t whole =
                isfinite(s->data[i]) && fabsf(s->data[i]) < 9e18f ? (int64_t)s->data[i] : 0;
            text_buffer_add(&blob, (const char *)&whole, sizeof whole);
        }
    }
    base64_add(b, blob.text, blob.n);
    text_buffer_dispose(&blob);
    text_buffer_dispose(&header);
}

/* Binary floating point of 1 sign, n_exponent and n_mantissa bits, bias as usual. */
static float small_float(uint32_t bits, int n_exponent, int n_mantissa) {
    uint32_t mantissa = bits & ((1u << n_mantissa) - 1),
             exponent = bits >> n_mantissa & ((1u << n_exponent) - 1);
    float sign = bits >> (n_exponent + n_mantissa) & 1 ? -1.0f : 1.0f;
    int bias = (1 << (n_exponent - 1)) - 1;
    if (exponent == 0)
        return sign * ldexpf((float)mantissa, 1 - bias - n_mantissa);
    return sign * ldexpf((float)(mantissa + (1u << n_mantissa)), (int)exponent - bias - n_mantissa);
}

static float half_value(uint32_t bits) {
    if ((bits >> 10 & 31) != 31)
        return small_float(bits, 5, 10);
    if (bits & 1023)
        return NAN;
    return bits >> 15 ? -INFINITY : INFINITY;
}

/* E4M3 "fn": no infinity, NaN only where all bits but the sign are set. */
static float eighth_value(uint32_t bits) {
    return (bits & 127) == 127 ? NAN : small_float(bits, 4, 3);
}

static void convert(float *out, const unsigned char *data, int64_t n, size_t size, bool integer) {
    for (int64_t i = 0; i < n; i++, data += size) {
        if (integer) {
            int64_t whole;
            memcpy(&whole, data, sizeof whole);
            out[i] = (float)whole;
        } else if (size == 2) {
            out[i] = half_value((uint32_t)(data[0] | data[1] << 8));
        } else {
            out[i] = eighth_value(data[0]);
        }
    }
}

/* Dimensions, type and place of the tensor in a blob, checked against the blob's size. */
struct tensor_place {
    int n_dims;
    int64_t dims[SCORES_MAX_DIMS], count;
    size_t size; /* bytes of one element */
    bool integer;
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

/* Bytes of one element; 0: a type that is not read. */
static size_t size_of(const struct json_value *type) {
    static const struct {
        const char *name;
        size_t size;
    } types[] = {{"F32", 4}, {"F16", 2}, {"F8_E4M3", 1}, {"I64", 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (json_is(type, types[i].name))
            return types[i].size;
    return 0;
}

/* Where the tensor's data begin in those n bytes; −1: they are of another size. */
static int64_t begin_of(const struct tensor_place *t, const struct json_value *offsets, size_t n) {
    int64_t from, to;
    if (!offsets || offsets->type != JSON_ARRAY || offsets->n_members != 2 ||
        !json_integer(&from, offsets->first) || !json_integer(&to, offsets->first->next))
        return -1;
    const bool inside = from >= 0 && to >= from && (uint64_t)to <= n;
    return inside && (uint64_t)(to - from) == (uint64_t)t->count * t->size ? from : -1;
}

static enum err_code read_tensor(struct tensor_place *t, const struct json_value *tensor,
                                 const unsigned char *data, size_t n, struct err *e) {
    if (!tensor)
        return err_set(e, ERR_FORMAT, "scores without a tensor named attribution");
    enum err_code code = read_shape(t, json_get(tensor, "shape"), e);
    if (code)
        return code;
    t->size = size_of(json_get(tensor, "dtype"));
    t->integer = t->size == 8;
    if (t->size == 0)
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
    if (!scores_init(out, t.n_dims, t.dims, NAN)) {
        code = err_set(e, ERR_NOMEM, "no memory for %lld scores", (long long)t.count);
        goto out;
    }
    out->integer = t.integer;
    if (t.size == 4)
        memcpy(out->data, t.data, (size_t)t.count * 4);
    else
        convert(out->data, t.data, t.count, t.size, t.integer);
out:
    free(blob);
    return code;
}
