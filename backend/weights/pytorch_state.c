#include "backend/weights/pytorch_state.h"

#include "backend/base/mem.h"
#include "backend/weights/quantization.h"

#include <stdlib.h>

/* Tensors may share storages: together they have at most so many bytes for each of the file's. */
#define MOST_SHARING 8

enum callable {
    ORDERED_DICT,
    REBUILD_TENSOR, /* storage, offset, size, stride, then what is of no interest */
    REBUILD_TENSOR_V2,
    REBUILD_TENSOR_V3, /* as those, and the type as the seventh */
    REBUILD_PARAMETER, /* of a tensor */
    REBUILD_PARAMETER_WITH_STATE,
    FIRST_TYPE
};

#define UNTYPED (-1)

/* Types of storages, in the order of the last rows below. */
static const int types[] = {WEIGHT_F32,     WEIGHT_F64, WEIGHT_F16, WEIGHT_BF16,
                            WEIGHT_I64,     WEIGHT_I32, WEIGHT_I16, WEIGHT_I8,
                            WEIGHT_U8,      WEIGHT_U8,  UNTYPED,    WEIGHT_F8_E4M3,
                            WEIGHT_F8_E5M2, WEIGHT_U16, WEIGHT_U32, WEIGHT_U64};

static const struct pickle_global globals[] = {
    [ORDERED_DICT] = {"collections.OrderedDict", true},
    [REBUILD_TENSOR] = {"torch._utils._rebuild_tensor", false},
    [REBUILD_TENSOR_V2] = {"torch._utils._rebuild_tensor_v2", false},
    [REBUILD_TENSOR_V3] = {"torch._utils._rebuild_tensor_v3", false},
    [REBUILD_PARAMETER] = {"torch._utils._rebuild_parameter", false},
    [REBUILD_PARAMETER_WITH_STATE] = {"torch._utils._rebuild_parameter_with_state", false},
    {"torch.FloatStorage", false},
    {"torch.DoubleStorage", false},
    {"torch.HalfStorage", false},
    {"torch.BFloat16Storage", false},
    {"torch.LongStorage", false},
    {"torch.IntStorage", false},
    {"torch.ShortStorage", false},
    {"torch.CharStorage", false},
    {"torch.ByteStorage", false},
    {"torch.BoolStorage", false},
    {"torch.storage.UntypedStorage", false},
    {"torch.float8_e4m3fn", false},
    {"torch.float8_e5m2", false},
    {"torch.uint16", false},
    {"torch.uint32", false},
    {"torch.uint64", false},
};
#define N_GLOBALS (sizeof globals / sizeof *globals)
_Static_assert(N_GLOBALS == FIRST_TYPE + sizeof types / sizeof *types, "a row for each type");

static enum err_code refuse(const struct torch_file *f, const char *name, const char *what) {
    return err_set(f->e, ERR_FORMAT, "%s: damaged: tensor %s %s", f->w->file, name, what);
}

/* --- storages ---------------------------------------------------------------------------- */

static int type_of(const struct pickle_value *v) {
    return v->kind == PICKLE_GLOBAL && v->integer >= FIRST_TYPE ? types[v->integer - FIRST_TYPE]
                                                                : UNTYPED - 1;
}

/* ("storage", type, key, place, number, view or nothing) */
static bool read_storage(struct storage *s, const struct pickle_value *v) {
    const struct pickle_value *id = v->kind == PICKLE_PERSISTENT ? v->items[0] : v;
    if (id->kind != PICKLE_TUPLE || id->n_items < 5 || id->items[2]->kind != PICKLE_TEXT ||
        id->items[4]->kind != PICKLE_INT || id->items[4]->integer < 0 ||
        (id->n_items > 5 && id->items[5]->kind != PICKLE_NONE))
        return false;
    *s = (struct storage){.key = id->items[2]->text,
                          .n_key = id->items[2]->n_text,
                          .type = type_of(id->items[1]),
                          .n = id->items[4]->integer,
                          .n_element = 1};
    if (s->type >= 0)
        s->n_element = quantization_of((enum weight_type)s->type)->n_bytes;
    return s->type >= UNTYPED && s->n <= INT64_MAX / 16;
}

static uint64_t bytes_of(const struct storage *s) {
    return (uint64_t)s->n * s->n_element;
}

static int by_key(const void *a, const void *b) {
    const struct storage *x = a, *y = b;
    const int order = memcmp(x->key, y->key, x->n_key < y->n_key ? x->n_key : y->n_key);
    return order ? order : (x->n_key > y->n_key) - (x->n_key < y->n_key);
}

struct storage *torch_find_storage(const struct torch_file *f, const struct storage *like) {
    return bsearch(like, f->storages, f->n_storages, sizeof *f->storages, by_key);
}

/* The call that makes a tensor, without what makes a parameter of it; NULL: it is none. */
static const struct pickle_value *rebuild_of(const struct pickle_value *v) {
    if (v->kind == PICKLE_CALL && v->items[0]->integer >= REBUILD_PARAMETER &&
        v->items[0]->integer < FIRST_TYPE && v->items[1]->n_items > 0)
        v = v->items[1]->items[0];
    const bool good = v->kind == PICKLE_CALL && v->items[0]->integer >= REBUILD_TENSOR &&
                      v->items[0]->integer < REBUILD_PARAMETER && v->items[1]->n_items >= 4;
    return good ? v : NULL;
}

static enum err_code check_state(const struct torch_file *f, const struct pickle_value *state) {
    bool good = state->kind == PICKLE_DICT;
    for (size_t i = 0; good && i < state->n_items; i += 2)
        good = state->items[i]->kind == PICKLE_TEXT;
    return good ? ERR_OK
                : err_set(f->e, ERR_UNSUPPORTED,
                          "%s: no dict of named tensors, which a model's weights are", f->w->file);
}

/* Those of all tensors, each once. */
enum err_code torch_storages(struct torch_file *f, const struct pickle_value *state) {
    size_t n = 0;
    enum err_code code = check_state(f, state);
    if (code)
        return code;
    f->storages = mem_alloc((state->n_items / 2 + 1) * sizeof *f->storages);
    for (size_t i = 1; i < state->n_items; i += 2) {
        const struct pickle_value *v = rebuild_of(state->items[i]);
        if (v && !read_storage(&f->storages[n++], v->items[1]->items[0]))
            return err_set(f->e, ERR_FORMAT, "%s: damaged: a storage's description", f->w->file);
    }
    qsort(f->storages, n, sizeof *f->storages, by_key);
    for (size_t i = 0; i < n; i++) {
        struct storage *last = f->n_storages ? &f->storages[f->n_storages - 1] : NULL;
        if (!last || by_key(last, &f->storages[i]) != 0)
            f->storages[f->n_storages++] = f->storages[i];
        else if (bytes_of(last) != bytes_of(&f->storages[i]))
            return err_set(f->e, ERR_FORMAT, "%s: damaged: two sizes of storage %.*s", f->w->file,
                           (int)(last->n_key < 60 ? last->n_key : 60), last->key);
    }
    return ERR_OK;
}

/* --- tensors ----------------------------------------------------------------------------- */

/* Whole numbers from 0 on of a tuple. False: it is another thing, or too long. */
static bool read_numbers(int64_t out[WEIGHT_MAX_DIMS], int *n, const struct pickle_value *v) {
    if (v->kind != PICKLE_TUPLE || v->n_items > WEIGHT_MAX_DIMS)
        return false;
    *n = (int)v->n_items;
    for (int i = 0; i < *n; i++) {
        out[i] = v->items[i]->integer;
        if (v->items[i]->kind != PICKLE_INT || out[i] < 0 || out[i] > INT64_MAX / 16)
            return false;
    }
    return true;
}

/* The element behind the last of a view; −1: no such number. */
static int64_t end_of(const struct weight_info *info, const int64_t *strides, int64_t offset) {
    int64_t end = offset;
    for (int i = 0; i < info->n_dims; i++) {
        int64_t step;
        if (info->dims[i] == 0)
            return offset;
        if (__builtin_mul_overflow(info->dims[i] - 1, strides[i], &step) ||
            __builtin_add_overflow(end, step, &end))
            return -1;
    }
    return end < INT64_MAX ? end + 1 : -1;
}

static bool is_contiguous(const struct weight_info *info, const int64_t *strides) {
    int64_t step = 1;
    for (int i = info->n_dims - 1; i >= 0; i--) {
        if (info->dims[i] != 1 && strides[i] != step)
            return info->n_elements == 0;
        step *= info->dims[i];
    }
    return true;
}

static enum err_code place_tensor(struct torch_file *f, struct stored_tensor *t,
                                  const struct storage *s, int64_t offset) {
    const size_t n_element = quantization_of(t->info.type)->n_bytes;
    const int64_t n = (int64_t)(bytes_of(s) / n_element),
                  end = end_of(&t->info, t->strides, offset);
    if (end < 0 || end > n)
        return refuse(f, t->info.name, "leaves its storage");
    if (t->info.n_elements > n)
        return err_set(f->e, ERR_UNSUPPORTED,
                       "%s: tensor %s repeats elements of its storage (an expanded view): save it "
                       "contiguous",
                       f->w->file, t->info.name);
    t->strided = !is_contiguous(&t->info, t->strides);
    t->data = s->data + (size_t)offset * n_element;
    return ERR_OK;
}

static enum err_code read_tensor(struct torch_file *f, const struct pickle_value *key,
                                 const struct pickle_value *value) {
    struct stored_tensor *t = store_add_tensor(f->w, key->text, key->n_text, f->e);
    if (!t)
        return f->e->code;
    const struct pickle_value *v = rebuild_of(value);
    if (!v)
        return err_set(f->e, ERR_UNSUPPORTED,
                       "%s: entry %s is no tensor: not the weights of a model alone", f->w->file,
                       t->info.name);
    const struct pickle_value *const *a = (const struct pickle_value *const *)v->items[1]->items;
    struct storage wanted, *s = NULL;
    int n_strides;
    if (read_storage(&wanted, a[0]))
        s = torch_find_storage(f, &wanted);
    if (!s || a[1]->kind != PICKLE_INT || a[1]->integer < 0 ||
        (uint64_t)a[1]->integer > bytes_of(s))
        return refuse(f, t->info.name, "has no place in a storage");
    int type = wanted.type;
    if (v->items[0]->integer == REBUILD_TENSOR_V3 && v->items[1]->n_items > 6)
        type = type_of(a[6]);
    if (type < 0 || !read_numbers(t->info.dims, &t->info.n_dims, a[2]) ||
        !read_numbers(t->strides, &n_strides, a[3]) || n_strides != t->info.n_dims)
        return refuse(f, t->info.name, "has an impossible type, shape or stride");
    t->info.type = (enum weight_type)type;
    enum err_code code = store_size_tensor(f->w, t, f->e);
    return code ? code : place_tensor(f, t, s, a[1]->integer);
}

enum err_code torch_tensors(struct torch_file *f, const struct pickle_value *state) {
    uint64_t sum = 0;
    for (size_t i = 0; i + 1 < state->n_items; i += 2) {
        enum err_code code = read_tensor(f, state->items[i], state->items[i + 1]);
        if (code)
            return code;
        sum += f->w->tensors[f->w->n_tensors - 1].n_bytes;
        if (sum > (uint64_t)f->n * MOST_SHARING)
            return err_set(f->e, ERR_FORMAT,
                           "%s: damaged: tensors of more than %d times its %zu bytes", f->w->file,
                           MOST_SHARING, f->n);
    }
    return ERR_OK;
}

enum err_code torch_pickle(const struct torch_file *f, struct pickle **p,
                           struct pickle_value **value, struct reader *r) {
    return pickle_read(p, value, r, globals, N_GLOBALS, f->w->file, f->e);
}
