#include "backend/model/loader.h"

#include "backend/base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64
#define SLICE_ELEMENTS (1 << 20)

/* One stored tensor, decoded once however many places it goes to. */
struct stored { const struct weight_info *info; float *data; bool owned; int64_t n_heads; };
/* Where (a part of) it goes. */
struct wanted { size_t stored; tn_tensor **out; int n_dims; int64_t dims[2], offset, first_column, n_columns; };

struct loader {
    const struct weights *weights;
    struct stored *stored;
    size_t n_stored;
    struct wanted *wanted;
    size_t n_wanted;
};

struct loader *loader_new(const struct weights *w) {
    struct loader *l = mem_alloc(sizeof *l);
    l->weights = w;
    return l;
}

void loader_free(struct loader *l) {
    for (size_t i = 0; l && i < l->n_stored; i++)
        if (l->stored[i].owned)
            free(l->stored[i].data);
    if (l) {
        free(l->stored);
        free(l->wanted);
    }
    free(l);
}

bool loader_has(const struct loader *l, const char *name) { return weights_find(l->weights, name) != NULL; }

static enum err_code store(struct loader *l, size_t *out, const char *name, int64_t n_elements, int64_t n_heads, struct err *e) {
    const struct weight_info *info = weights_find(l->weights, name);
    if (!info)
        return err_set(e, ERR_FORMAT, "the checkpoint has no tensor \"%s\"", name);
    if (info->n_elements != n_elements)
        return err_set(e, ERR_SHAPE, "tensor \"%s\" has %lld elements; the configuration asks for %lld", name, (long long)info->n_elements,
                       (long long)n_elements);
    for (size_t i = 0; i < l->n_stored; i++)
        if (l->stored[i].info == info) {
            *out = i;
            return ERR_OK;
        }
    l->stored = mem_resize(l->stored, (l->n_stored + 1) * sizeof *l->stored);
    l->stored[l->n_stored] = (struct stored){.info = info, .n_heads = n_heads};
    *out = l->n_stored++;
    return ERR_OK;
}

static enum err_code want(struct loader *l, tn_tensor **out, const char *name, int64_t n_all, int n_dims, int64_t rows, int64_t columns, int64_t offset,
                          int64_t first_column, int64_t n_columns, int64_t n_heads, struct err *e) {
    size_t stored = 0;
    enum err_code code = store(l, &stored, name, n_all, n_heads, e);
    if (code != ERR_OK)
        return code;
    l->wanted = mem_resize(l->wanted, (l->n_wanted + 1) * sizeof *l->wanted);
    l->wanted[l->n_wanted++] = (struct wanted){stored, out, n_dims, {rows, columns}, offset, first_column, n_columns};
    return ERR_OK;
}

enum err_code loader_matrix(struct loader *l, tn_tensor **out, const char *name, int64_t rows, int64_t columns, struct err *e) {
    return want(l, out, name, rows * columns, 2, rows, columns, 0, 0, 0, 0, e);
}

enum err_code loader_linear(struct loader *l, struct weight *out, const char *name, const char *bias, int64_t n_out, int64_t n_in, bool transposed,
                            int64_t n_heads, struct err *e) {
    out->transposed = transposed;
    enum err_code code = want(l, &out->matrix, name, n_out * n_in, 2, transposed ? n_in : n_out, transposed ? n_out : n_in, 0, 0, 0, n_heads, e);
    if (code == ERR_OK && bias && loader_has(l, bias))
        code = want(l, &out->bias, bias, n_out, 1, n_out, 0, 0, 0, 0, n_heads, e);
    return code;
}

enum err_code loader_linear_part(struct loader *l, struct weight *out, const char *name, const char *bias, int64_t n_all, int64_t first, int64_t n_out,
                                 int64_t n_in, bool transposed, struct err *e) {
    out->transposed = transposed;
    enum err_code code = transposed ? want(l, &out->matrix, name, n_all * n_in, 2, n_in, n_all, 0, first, n_out, 0, e)
                                    : want(l, &out->matrix, name, n_all * n_in, 2, n_out, n_in, first * n_in, 0, 0, 0, e);
    if (code == ERR_OK && bias && loader_has(l, bias))
        code = want(l, &out->bias, bias, n_all, 1, n_out, 0, first, 0, 0, 0, e);
    return code;
}

enum err_code loader_norm(struct loader *l, struct norm *out, const char *scale, const char *bias, int64_t n, struct err *e) {
    enum err_code code = want(l, &out->scale, scale, n, 1, n, 0, 0, 0, 0, 0, e);
    return code == ERR_OK && bias ? want(l, &out->bias, bias, n, 1, n, 0, 0, 0, 0, 0, e) : code;
}

/* --- decoding ------------------------------------------------------------------------------------------------------------------------ */

struct slice { struct stored *s; int64_t row, n_rows; };
struct decode {
    const struct weights *weights;
    struct slice *slices;
    size_t n_slices;
    atomic_size_t next;
    atomic_bool failed;
    const struct run_ctl *ctl;
    struct err error; /* written by the one that sets failed */
};

static void *decode_slices(void *user) {
    struct decode *d = user;
    struct err e;
    for (size_t i; !atomic_load(&d->failed) && (i = atomic_fetch_add(&d->next, 1)) < d->n_slices;) {
        const struct slice *s = &d->slices[i];
        const struct weight_info *info = s->s->info;
        int64_t width = info->n_elements / (info->dims[0] ? info->dims[0] : 1);
        enum err_code code = s->s->n_heads ? weights_read_unpermuted_f32(d->weights, info, s->s->n_heads, s->s->data, &e)
                                           : weights_read_rows_f32(d->weights, info, s->row, s->n_rows, s->s->data + s->row * width, &e);
        if (code == ERR_OK && run_cancelled(d->ctl))
            code = err_set(&e, ERR_CANCELLED, "loading was cancelled");
        if (code != ERR_OK && !atomic_exchange(&d->failed, true))
            d->error = e;
    }
    return NULL;
}

/* Buffers for everything that cannot be used where it lies in the file, and slices of them that threads can share. */
static enum err_code plan(struct loader *l, struct decode *d, struct err *e) {
    for (size_t i = 0; i < l->n_stored; i++) {
        struct stored *s = &l->stored[i];
        const void *raw = s->info->type == WEIGHT_F32 && !s->n_heads ? weights_raw(l->weights, s->info) : NULL;
        if (raw) {
            s->data = (float *)(uintptr_t)raw; /* a private mapping; nothing writes to parameters */
            continue;
        }
        size_t bytes = ((size_t)s->info->n_elements * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        s->data = aligned_alloc(ALIGNMENT, bytes);
        s->owned = true;
        if (!s->data)
            return err_set(e, ERR_NOMEM, "not enough memory for the model's parameters");
        int64_t rows = s->info->dims[0], width = s->info->n_elements / (rows ? rows : 1);
        int64_t step = s->n_heads || width == 0 ? rows : SLICE_ELEMENTS / width + 1;
        for (int64_t row = 0; row < rows; row += step) {
            if ((d->n_slices & (d->n_slices - 1)) == 0)
                d->slices = mem_resize(d->slices, (d->n_slices ? 2 * d->n_slices : 1) * sizeof *d->slices);
            d->slices[d->n_slices++] = (struct slice){s, row, rows - row < step ? rows - row : step};
        }
    }
    return ERR_OK;
}

enum err_code loader_decode(struct loader *l, int n_threads, const struct run_ctl *ctl, struct err *e) {
    struct decode d = {.weights = l->weights, .ctl = ctl};
    enum err_code code = plan(l, &d, e);
    if (code == ERR_OK) {
        pthread_t threads[16];
        int started = 0;
        for (int i = 1; i < n_threads && started < 16; i++)
            started += pthread_create(&threads[started], NULL, decode_slices, &d) == 0;
        decode_slices(&d);
        for (int i = 0; i < started; i++)
            pthread_join(threads[i], NULL);
        if (atomic_load(&d.failed)) {
            *e = d.error;
            code = d.error.code;
        }
    }
    free(d.slices);
    return code;
}

enum err_code loader_place(struct loader *l, const struct tn_api *tn, tn_scope *scope, enum tn_dtype dtype, int device, struct err *e) {
    tn_scope *views = tn->scope_open();
    enum err_code code = views ? ERR_OK : err_set(e, ERR_NOMEM, "not enough memory");
    for (size_t i = 0; i < l->n_wanted && code == ERR_OK; i++) {
        const struct wanted *w = &l->wanted[i];
        tn_tensor *view;
        code = tn->wrap(&view, views, l->stored[w->stored].data + w->offset, TN_FLOAT32, w->dims, w->n_dims, e);
        if (code == ERR_OK && w->n_columns)
            code = tn->columns(&view, views, view, w->first_column, w->n_columns, e);
        if (code == ERR_OK)
            code = tn->move(w->out, scope, view, dtype, device, e);
    }
    if (views)
        tn->scope_close(views);
    return code;
}

struct loader_buffers loader_take_buffers(struct loader *l) {
    struct loader_buffers b = {.items = mem_alloc(l->n_stored * sizeof *b.items)};
    for (size_t i = 0; i < l->n_stored; i++) {
        b.bytes += l->stored[i].info->n_elements * (int64_t)sizeof(float);
        if (l->stored[i].owned)
            b.items[b.n++] = l->stored[i].data;
        else
            b.mapped = true;
        l->stored[i].owned = false;
    }
    return b;
}

void loader_buffers_free(struct loader_buffers *b) {
    for (size_t i = 0; i < b->n; i++)
        free(b->items[i]);
    free(b->items);
    *b = (struct loader_buffers){0};
}

const float *loader_data(const struct loader *l, const char *name) {
    const struct weight_info *info = weights_find(l->weights, name);
    for (size_t i = 0; i < l->n_stored; i++)
        if (l->stored[i].info == info)
            return l->stored[i].data;
    return NULL;
}
