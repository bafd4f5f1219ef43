#include "backend/base/mem.h"
#include "backend/weights/store.h"

#include <stdlib.h>

#define ENDING "_scale_inv"
#define WHOLE "_scale" /* of a weight, or of its rows */
#define INPUT "input_scale"

static bool is_fp8(enum weight_type type) {
    return type == WEIGHT_F8_E4M3 || type == WEIGHT_F8_E5M2;
}

static enum err_code take_scale(const struct weights *w, struct stored_tensor *t, int64_t rows,
                                int64_t columns, struct err *e) {
    char *name = mem_format("%s" ENDING, t->info.name);
    const struct weight_info *scale = weights_find(w, name);
    free(name);
    if (!scale || t->info.n_dims != 2 || t->strided)
        return err_set(e, ERR_FORMAT, "tensor \"%.200s\" is FP8 and has no \"…" ENDING "\"",
                       t->info.name);
    if (scale->n_dims != 2 || scale->dims[0] != (t->info.dims[0] + rows - 1) / rows ||
        scale->dims[1] != (t->info.dims[1] + columns - 1) / columns)
        return err_set(e, ERR_FORMAT,
                       "tensor \"%.200s\" has no scale for each %lld × %lld of its numbers "
                       "(weight_block_size)",
                       scale->name, (long long)rows, (long long)columns);
    t->scales = malloc(((size_t)scale->n_elements + 1) * sizeof *t->scales);
    if (!t->scales)
        return err_set(e, ERR_NOMEM, "no memory for the scales of %.200s", t->info.name);
    t->scaled[0] = rows;
    t->scaled[1] = columns;
    return weights_read_f32(w, scale, t->scales, e);
}

/* One number, or one for each row. */
static enum err_code take_whole_scale(const struct weights *w, struct stored_tensor *t,
                                      struct err *e) {
    char *name = mem_format("%s" WHOLE, t->info.name);
    const struct weight_info *scale = weights_find(w, name);
    free(name);
    if (!scale || t->info.n_dims != 2 || t->strided)
        return err_set(e, ERR_FORMAT, "tensor \"%.200s\" is FP8 and has no \"…" WHOLE "\"",
                       t->info.name);
    const bool rows = scale->n_elements == t->info.dims[0] && scale->dims[0] == t->info.dims[0];
    if (scale->n_elements != 1 && !rows)
        return err_set(e, ERR_FORMAT,
                       "tensor \"%.200s\" has %lld numbers, neither one nor one for each of the "
                       "weight's %lld rows",
                       scale->name, (long long)scale->n_elements, (long long)t->info.dims[0]);
    t->scales = malloc(((size_t)scale->n_elements + 1) * sizeof *t->scales);
    if (!t->scales)
        return err_set(e, ERR_NOMEM, "no memory for the scales of %.200s", t->info.name);
    t->scaled[0] = scale->n_elements == 1 ? t->info.dims[0] : 1;
    t->scaled[1] = t->info.dims[1];
    return weights_read_f32(w, scale, t->scales, e);
}

/* Whether t is called as a weight with scales, `from` in its name being `to`. */
static bool is_beside(const struct weights *w, const struct stored_tensor *t, const char *from,
                      const char *to) {
    const size_t n = strlen(t->info.name), n_end = strlen(from);
    if (n <= n_end || strcmp(t->info.name + n - n_end, from) != 0)
        return false;
    char *name = mem_format("%.*s%s", (int)(n - n_end), t->info.name, to);
    const struct weight_info *of = weights_find(w, name);
    free(name);
    return of && ((const struct stored_tensor *)of)->scales;
}

static bool is_input(const struct weights *w, const struct stored_tensor *t) {
    return is_beside(w, t, "." INPUT, ".weight");
}

/* Whether it is the scale of a weight, or of what a weight reads. */
static bool is_scale(const struct weights *w, const struct stored_tensor *t) {
    return is_beside(w, t, ENDING, "") || is_beside(w, t, WHOLE, "") || is_input(w, t);
}

/* Afterwards the list holds no scales; the index is made again. */
static enum err_code drop_scales(struct weights *w, struct err *e) {
    bool *scale = mem_alloc(w->n_tensors);
    size_t n = 0;
    for (size_t i = 0; i < w->n_tensors; i++)
        scale[i] = is_scale(w, &w->tensors[i]);
    for (size_t i = 0; i < w->n_tensors; i++)
        if (scale[i])
            store_dispose_tensor(&w->tensors[i]);
        else
            w->tensors[n++] = w->tensors[i];
    w->n_tensors = n;
    free(scale);
    return store_index(w, "the checkpoint", e);
}

enum err_code weights_take_scales(struct weights *w, int64_t rows, int64_t columns, struct err *e) {
    for (size_t i = 0; i < w->n_tensors; i++) {
        struct stored_tensor *t = &w->tensors[i];
        enum err_code code = is_fp8(t->info.type) ? take_scale(w, t, rows, columns, e) : ERR_OK;
        if (code)
            return code;
    }
    return drop_scales(w, e);
}

enum err_code weights_take_whole_scales(struct weights *w, bool *inputs, struct err *e) {
    *inputs = false;
    for (size_t i = 0; i < w->n_tensors; i++) {
        struct stored_tensor *t = &w->tensors[i];
        enum err_code code = is_fp8(t->info.type) ? take_whole_scale(w, t, e) : ERR_OK;
        if (code)
            return code;
    }
    for (size_t i = 0; i < w->n_tensors; i++)
        *inputs |= is_input(w, &w->tensors[i]);
    return drop_scales(w, e);
}
