/*
 * A LoRA adapter's tensors join those of its base: W + s · B·A where the weight is read, and what
 * was trained whole in the place of the base's. Names are the base's with "base_model.model."
 * before them. Reference: peft 0.17, tuners/lora/layer.py (get_delta_weight),
 * utils/save_and_load.py.
 */
#include "backend/adapter.h"
#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <math.h>
#include <stdlib.h>

#define PREFIX "base_model.model."

struct merging {
    struct weights *base;
    struct weights *from;
    const struct adapter *adapter;
    struct err *e;
};

/* Without PEFT's prefix, and as the base of a wrapped model is named. */
static enum err_code rename_all(struct weights *from, bool wrapped, struct err *e) {
    for (size_t i = 0; i < from->n_tensors; i++) {
        const char *name = from->tensors[i].info.name;
        if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
            return err_set(e, ERR_FORMAT, "the adapter's tensor %.200s is not named " PREFIX "…",
                           name);
        char *rest = mem_text(name + strlen(PREFIX));
        free((char *)name);
        from->tensors[i].info.name = rest;
    }
    if (!wrapped)
        return store_index(from, "the adapter", e);
    char *left_out;
    size_t n;
    enum err_code code = weights_unwrap(from, &left_out, &n, e);
    if (!code && n)
        code = err_set(e, ERR_UNSUPPORTED, "the adapter has tensors of %s, which does not run here",
                       left_out);
    free(left_out);
    return code;
}

/* The base's tensor of that name, or without what a file may leave out before all names. */
static struct stored_tensor *find_base(const struct weights *base, const char *name) {
    const struct weight_info *info = weights_find(base, name);
    const char *dot = strchr(name, '.');
    if (!info && dot)
        info = weights_find(base, dot + 1);
    return (struct stored_tensor *)info;
}

/* The module of "MODULE" + ending; NULL: it ends otherwise. Owned by the caller. */
static char *module_of(const char *name, const char *ending) {
    const size_t n = strlen(name), n_end = strlen(ending);
    return n > n_end && strcmp(name + n - n_end, ending) == 0 ? mem_text_n(name, n - n_end) : NULL;
}

static double alpha_of(const struct adapter *a, const char *module) {
    const size_t n = strlen(module);
    for (size_t i = 0; i < a->n_alphas; i++) {
        const char *name = a->alphas[i].module;
        const size_t n_name = strlen(name);
        if (n >= n_name && strcmp(module + n - n_name, name) == 0 &&
            (n == n_name || module[n - n_name - 1] == '.'))
            return a->alphas[i].alpha;
    }
    return a->alpha;
}

static enum err_code read_factor(float **out, const struct merging *m,
                                 const struct weight_info *info) {
    *out = malloc(((size_t)info->n_elements + 1) * sizeof **out);
    if (!*out)
        return err_set(m->e, ERR_NOMEM, "no memory for the adapter's %.200s", info->name);
    return weights_read_f32(m->from, info, *out, m->e);
}

/* A [r, I] and B [O, r] of a module become part of its weight [O, I], or [I, O] where transposed.
 */
static enum err_code add_product(const struct merging *m, const char *module,
                                 const struct weight_info *a, const struct weight_info *b,
                                 bool transposed) {
    char *name = mem_format("%s.weight", module);
    struct stored_tensor *t = find_base(m->base, name);
    free(name);
    if (!t)
        return err_set(m->e, ERR_FORMAT, "the adapter's %.200s has no weight in its base", a->name);
    const int64_t rank = a->n_dims == 2 ? a->dims[0] : 0, in = transposed ? 0 : 1, out = 1 - in;
    if (rank < 1 || b->n_dims != 2 || b->dims[1] != rank || t->info.n_dims != 2 ||
        t->info.dims[out] != b->dims[0] || t->info.dims[in] != a->dims[1] || t->delta)
        return err_set(m->e, ERR_SHAPE, "the adapter's %.200s does not fit \"%.200s\"", a->name,
                       t->info.name);
    const double alpha = alpha_of(m->adapter, module),
                 scale = alpha / (m->adapter->rank_stabilised ? sqrt((double)rank) : (double)rank);
    t->delta = mem_alloc(sizeof *t->delta);
    *t->delta = (struct delta){
        .rank = rank, .scale = (float)scale, .n_in = a->dims[1], .transposed = transposed};
    enum err_code code = read_factor(&t->delta->a, m, a);
    return code ? code : read_factor(&t->delta->b, m, b);
}

/* A tensor that was saved whole, perhaps from within a module with factors. The adapter's file
 * stays open for it. */
static enum err_code replace(const struct merging *m, const struct stored_tensor *by) {
    char *inner = module_of(by->info.name, ".base_layer.weight"),
         *name = inner ? mem_format("%s.weight", inner) : mem_text(by->info.name);
    struct stored_tensor *t = find_base(m->base, name);
    free(inner);
    free(name);
    if (!t)
        return err_set(m->e, ERR_FORMAT, "the adapter's tensor %.200s is not in its base",
                       by->info.name);
    const char *kept = t->info.name;
    free(t->scales);
    *t = *by;
    t->info.name = kept;
    return ERR_OK;
}

/* How factors are named, and whether what they make is turned: an embedding's rows are words, which
 * A has as columns. */
static const struct {
    const char *a, *b;
    bool turned;
} kinds[] = {{".lora_A.weight", ".lora_B.weight", false},
             {".lora_embedding_A", ".lora_embedding_B", true}};
#define N_KINDS (sizeof kinds / sizeof *kinds)

/* The module that a factor is of, and how it is named; NULL: it is none. Owned by the caller. */
static char *factor_of(size_t *kind, bool *second, const char *name) {
    for (*kind = 0; *kind < N_KINDS; ++*kind) {
        char *a = module_of(name, kinds[*kind].a), *b = module_of(name, kinds[*kind].b);
        *second = b != NULL;
        if (a || b)
            return a ? a : b;
    }
    return NULL;
}

/* With the other factor; the second of both is only looked for. */
static enum err_code merge_factor(const struct merging *m, const struct weight_info *info,
                                  const char *module, size_t kind, bool second) {
    char *name = mem_format("%s%s", module, second ? kinds[kind].a : kinds[kind].b);
    const struct weight_info *other = weights_find(m->from, name);
    enum err_code code = ERR_OK;
    free(name);
    if (!other)
        code = err_set(m->e, ERR_FORMAT, "the adapter's %.200s has no other factor", info->name);
    else if (!second)
        code = add_product(m, module, info, other, kinds[kind].turned || m->adapter->transposed);
    return code;
}

/* First what is whole, to which products may be added then. */
static enum err_code merge_tensor(const struct merging *m, const struct stored_tensor *t,
                                  bool whole) {
    size_t kind;
    bool second;
    char *module = factor_of(&kind, &second, t->info.name);
    enum err_code code = ERR_OK;
    if (!module && whole)
        code = replace(m, t);
    else if (module && !whole)
        code = merge_factor(m, &t->info, module, kind, second);
    free(module);
    return code;
}

enum err_code weights_merge(struct weights *base, struct weights *taken,
                            const struct adapter *adapter, bool wrapped, struct err *e) {
    const struct merging m = {base, taken, adapter, e};
    weights_close(base->joined);
    base->joined = taken;
    enum err_code code = rename_all(taken, wrapped, e);
    for (int whole = 1; whole >= 0; whole--)
        for (size_t i = 0; i < taken->n_tensors && !code; i++)
            code = merge_tensor(&m, &taken->tensors[i], whole);
    return code;
}
