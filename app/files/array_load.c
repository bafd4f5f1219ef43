#include "app/files/array_load.h"

#include "app/files/gzip.h"
#include "backend/base/base64.h"
#include "methods/result/scores_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- lists of numbers --- */

/* The dimensions of nested lists, by what comes first in each. */
static enum err_code list_shape(int *n_dims, int64_t dims[SCORES_MAX_DIMS],
                                const struct json_value *v, struct err *e) {
    *n_dims = 0;
    for (; v && v->type == JSON_ARRAY; v = v->first) {
        if (*n_dims == SCORES_MAX_DIMS)
            return err_set(e, ERR_FORMAT, "more than %d lists inside each other", SCORES_MAX_DIMS);
        dims[(*n_dims)++] = (int64_t)v->n_members;
    }
    return *n_dims ? ERR_OK : err_set(e, ERR_FORMAT, "no list of numbers");
}

/* Whether all lists are as long as the first ones of their depth, and hold numbers. */
static bool is_even(const struct json_value *v, const int64_t *dims, int n_dims) {
    double number;
    if (n_dims == 0)
        return json_number(&number, v);
    if (v->type != JSON_ARRAY || (int64_t)v->n_members != *dims)
        return false;
    for (const struct json_value *m = v->first; m; m = m->next)
        if (!is_even(m, dims + 1, n_dims - 1))
            return false;
    return true;
}

static void fill(float **to, const struct json_value *v, int n_dims) {
    double number = NAN;
    if (n_dims == 0) {
        (void)json_number(&number, v);
        *(*to)++ = (float)number;
        return;
    }
    for (const struct json_value *m = v->first; m; m = m->next)
        fill(to, m, n_dims - 1);
}

/* So many numbers stand in the file: the memory for them is no surprise. */
static enum err_code read_lists(struct scores *out, const struct json_value *v, struct err *e) {
    int64_t dims[SCORES_MAX_DIMS];
    int n_dims;
    enum err_code code = list_shape(&n_dims, dims, v, e);
    if (code)
        return code;
    if (!is_even(v, dims, n_dims))
        return err_set(e, ERR_FORMAT, "uneven lists, or something in them that is no number");
    if (!scores_init(out, n_dims, dims, NAN))
        return err_set(e, ERR_NOMEM, "no memory for lists of scores");
    float *to = out->data;
    fill(&to, v, n_dims);
    return ERR_OK;
}

/* --- numpy's arrays --- */

struct dtype {
    const char *name;
    size_t size;
    bool integer;
    float (*value)(const unsigned char *bytes);
};

#define VALUE(name, type)                                                                          \
    static float name##_value(const unsigned char *bytes) {                                        \
        type value;                                                                                \
        memcpy(&value, bytes, sizeof value);                                                       \
        return (float)value;                                                                       \
    }
VALUE(float32, float)
VALUE(float64, double)
VALUE(int64, int64_t)
VALUE(int32, int32_t)
#undef VALUE

static float float16_value(const unsigned char *bytes) {
    float value;
    scores_decode(&value, bytes, 1, SCORES_F16);
    return value;
}

static const struct dtype *find_dtype(const struct json_value *name) {
    static const struct dtype all[] = {{"float32", 4, false, float32_value},
                                       {"float16", 2, false, float16_value},
                                       {"float64", 8, false, float64_value},
                                       {"int64", 8, true, int64_value},
                                       {"int32", 4, true, int32_value}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (json_is(name, all[i].name))
            return &all[i];
    return NULL;
}

static enum err_code read_shape(struct scores *out, const struct json_value *shape, int64_t *count,
                                struct err *e) {
    *count = 1;
    if (!shape || shape->type != JSON_ARRAY || !shape->n_members ||
        shape->n_members > SCORES_MAX_DIMS)
        return err_set(e, ERR_FORMAT, "scores must have one to %d dimensions", SCORES_MAX_DIMS);
    for (const struct json_value *v = shape->first; v; v = v->next) {
        int64_t dim;
        if (!json_integer(&dim, v) || dim < 0 || __builtin_mul_overflow(*count, dim, count))
            return err_set(e, ERR_FORMAT, "scores have an impossible dimension");
        out->dims[out->n_dims++] = dim;
    }
    return ERR_OK;
}

/* The bytes behind "b64:" or "b64.gz:", `size` of them. */
static enum err_code read_bytes(unsigned char **out, const struct json_value *text, size_t size,
                                struct err *e) {
    static const char plain[] = "b64:", packed[] = "b64.gz:";
    const bool is_packed = text->n_text >= sizeof packed - 1 &&
                           memcmp(text->text, packed, sizeof packed - 1) == 0,
               is_plain = text->n_text >= sizeof plain - 1 &&
                          memcmp(text->text, plain, sizeof plain - 1) == 0;
    const size_t from = is_packed ? sizeof packed - 1 : sizeof plain - 1;
    size_t n = 0;
    if (!is_packed && !is_plain)
        return err_set(e, ERR_FORMAT, "an array that is neither \"b64:\" nor \"b64.gz:\"");
    enum err_code code = base64_read(out, &n, text->text + from, text->n_text - from, "scores", e);
    if (code)
        return code;
    if (is_packed) {
        char *unpacked;
        code = gzip_unpack(&unpacked, &n, (const char *)*out, n, size + 1, e);
        if (code)
            return code;
        free(*out);
        *out = (unsigned char *)unpacked;
    }
    return n == size ? ERR_OK : err_set(e, ERR_FORMAT, "scores whose shape and data disagree");
}

static enum err_code read_packed(struct scores *out, const struct json_value *v,
                                 const struct json_value *text, struct err *e) {
    const struct dtype *type = find_dtype(json_get(v, "dtype"));
    struct scores shape = {0};
    unsigned char *bytes = NULL;
    int64_t count;
    size_t size;
    if (!type)
        return err_set(e, ERR_FORMAT,
                       "scores of a type that is none of float32, float16, float64, "
                       "int64 and int32");
    enum err_code code = read_shape(&shape, json_get(v, "shape"), &count, e);
    if (code)
        return code;
    if (__builtin_mul_overflow((size_t)count, type->size, &size))
        return err_set(e, ERR_FORMAT, "scores have an impossible dimension");
    code = read_bytes(&bytes, text, size, e);
    if (code)
        goto out;
    if (!scores_init(out, shape.n_dims, shape.dims, NAN)) {
        code = err_set(e, ERR_NOMEM, "no memory for %lld scores", (long long)count);
        goto out;
    }
    out->integer = type->integer;
    for (int64_t i = 0; i < count; i++)
        out->data[i] = type->value(bytes + (size_t)i * type->size);
out:
    free(bytes);
    return code;
}

static enum err_code load(struct scores *out, const struct json_value *v, struct err *e) {
    const struct json_value *inner = json_get(v, "__ndarray__"), *corder = json_get(v, "Corder");
    *out = (struct scores){0};
    if (v->type == JSON_STRING)
        return scores_text_read(out, v->text, v->n_text, e);
    if (v->type == JSON_ARRAY)
        return read_lists(out, v, e);
    if (!inner)
        return err_set(e, ERR_FORMAT, "no array");
    if (corder && corder->type == JSON_FALSE)
        return err_set(e, ERR_FORMAT, "an array in Fortran's order");
    if (inner->type == JSON_STRING)
        return read_packed(out, v, inner, e);
    enum err_code code = read_lists(out, inner, e);
    const struct dtype *type = find_dtype(json_get(v, "dtype"));
    out->integer = !code && type && type->integer;
    return code;
}

static enum err_code load_member(struct scores *out, const struct json_value *object,
                                 const char *what, struct err *e) {
    const struct json_value *v = json_get(object, what);
    struct err inner;
    *out = (struct scores){0};
    if (!v || v->type == JSON_NULL)
        return ERR_OK;
    enum err_code code = load(out, v, &inner);
    return code ? err_set(e, code, "%s: %s", what, inner.message) : ERR_OK;
}

/* An object of arrays by name. */
static enum err_code load_named(struct named_scores **out, size_t *n,
                                const struct json_value *object, const char *what, struct err *e) {
    const struct json_value *v = json_get(object, what);
    struct err inner;
    *out = NULL;
    *n = 0;
    if (!v || v->type == JSON_NULL)
        return ERR_OK;
    if (v->type != JSON_OBJECT)
        return err_set(e, ERR_FORMAT, "%s is not an object", what);
    *out = mem_alloc((v->n_members + 1) * sizeof **out);
    for (const struct json_value *m = v->first; m; m = m->next) {
        struct named_scores *item = &(*out)[(*n)++];
        item->name = mem_text_n(m->key, m->n_key);
        if (m->type == JSON_NULL)
            return err_set(e, ERR_FORMAT, "%s has an entry without values", what);
        enum err_code code = load(&item->scores, m, &inner);
        if (code)
            return err_set(e, code, "%s: %s", what, inner.message);
    }
    return ERR_OK;
}

enum err_code array_load_all(const struct array_places *to, const struct json_value *object,
                             struct err *e) {
    enum err_code code = load_member(to->source_attributions, object, "source_attributions", e);
    if (code)
        return code;
    code = load_member(to->target_attributions, object, "target_attributions", e);
    if (code)
        return code;
    code = load_named(to->step_scores, to->n_step_scores, object, "step_scores", e);
    if (code)
        return code;
    return load_named(to->sequence_scores, to->n_sequence_scores, object, "sequence_scores", e);
}
