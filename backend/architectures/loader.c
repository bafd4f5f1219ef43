#include "backend/architectures/loader_internal.h"

#include "backend/base/mem.h"
#include "backend/weights/quantization.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 64
#define HUGE_PAGE ((size_t)2 << 20)
#define SLICE_ELEMENTS (1 << 20)

struct loader *loader_new(const struct weights *w, bool half) {
    struct loader *l = mem_alloc(sizeof *l);
    l->weights = w;
    l->half = half;
    return l;
}

void loader_free(struct loader *l) {
    if (!l)
        return;
    if (l->memory)
        munmap(l->memory, l->n_memory);
    for (size_t i = 0; i < l->n_stored; i++)
        free(l->stored[i].order);
    free(l->stored);
    for (size_t i = 0; i < l->n_wanted; i++)
        free(l->wanted[i].numbers);
    free(l->wanted);
    free(l);
}

/* Of [n, O, I] the first two are one, rows of n matrices below each other; a matrix of one row may
 * be a vector, as GGUF files have it. */
static bool is_matrix(const struct weight_info *info, int64_t rows, int64_t columns) {
    if (info->n_dims == 3)
        return info->dims[0] > 0 && rows % info->dims[0] == 0 &&
               info->dims[1] == rows / info->dims[0] && info->dims[2] == columns;
    if (info->n_dims == 1)
        return rows == 1 && info->dims[0] == columns;
    return info->n_dims == 2 && info->dims[0] == rows && info->dims[1] == columns;
}

static enum err_code find(const struct loader *l, const struct weight_info **out, const char *name,
                          struct err *e) {
    *out = weights_find(l->weights, name);
    return *out ? ERR_OK : err_set(e, ERR_FORMAT, "the checkpoint has no tensor \"%s\"", name);
}

static enum err_code check_numbers(const struct weight_info *info, int64_t n, struct err *e) {
    if (info->n_elements == n)
        return ERR_OK;
    return err_set(e, ERR_SHAPE, "tensor \"%s\" has %lld elements; the configuration asks for %lld",
                   info->name, (long long)info->n_elements, (long long)n);
}

/* A matrix [rows, columns], or a vector of `rows` elements (columns 0), which Marian stores as [1,
 * n]. */
static enum err_code store(struct loader *l, size_t *out, const char *name, int64_t rows,
                           int64_t columns, const int64_t *order, struct err *e) {
    const struct weight_info *info;
    enum err_code code = find(l, &info, name, e);
    if (code)
        return code;
    if (columns && !is_matrix(info, rows, columns))
        return err_set(e, ERR_SHAPE, "tensor \"%s\" is not [%lld, %lld], as the configuration asks",
                       name, (long long)rows, (long long)columns);
    if (!columns)
        code = check_numbers(info, rows, e);
    if (code)
        return code;
    for (size_t i = 0; i < l->n_stored; i++)
        if (l->stored[i].info == info) {
            *out = i;
            return ERR_OK;
        }
    l->stored = mem_resize(l->stored, (l->n_stored + 1) * sizeof *l->stored);
    l->stored[l->n_stored] = (struct stored){
        .info = info, .order = order ? mem_copy(order, (size_t)rows * sizeof *order) : NULL};
    *out = l->n_stored++;
    return ERR_OK;
}

static void add_wanted(struct loader *l, const struct wanted *w) {
    l->wanted = mem_resize(l->wanted, (l->n_wanted + 1) * sizeof *l->wanted);
    l->wanted[l->n_wanted++] = *w;
}

/* `name` as stored, [rows, columns], goes where w says. */
static enum err_code want(struct loader *l, struct wanted w, const char *name, int64_t rows,
                          int64_t columns, const int64_t *order, struct err *e) {
    enum err_code code = store(l, &w.stored, name, rows, columns, order, e);
    if (code)
        return code;
    add_wanted(l, &w);
    l->stored[w.stored].half |= l->half && w.factor;
    return ERR_OK;
}

enum err_code loader_matrix(struct loader *l, tn_tensor **out, const char *name, int64_t first,
                            int64_t rows, int64_t columns, struct err *e) {
    return want(l,
                (struct wanted){
                    .out = out, .n_dims = 2, .dims = {rows, columns}, .offset = first * columns},
                name, first + rows, columns, NULL, e);
}

static enum err_code want_vector(struct loader *l, tn_tensor **out, const char *name, int64_t n,
                                 const int64_t *order, struct err *e) {
    return want(l, (struct wanted){.out = out, .n_dims = 1, .dims = {n}}, name, n, 0, order, e);
}

enum err_code loader_vector(struct loader *l, tn_tensor **out, const char *name, int64_t n,
                            struct err *e) {
    return want_vector(l, out, name, n, NULL, e);
}

enum err_code loader_linear(struct loader *l, struct weight *out, const char *name,
                            const char *bias, int64_t n_out, int64_t n_in, bool transposed,
                            const int64_t *order, struct err *e) {
    const int64_t rows = transposed ? n_in : n_out, columns = transposed ? n_out : n_in;
    out->transposed = transposed;
    enum err_code code = want(
        l,
        (struct wanted){.out = &out->matrix, .n_dims = 2, .dims = {rows, columns}, .factor = true},
        name, rows, columns, order, e);
    if (code || !bias)
        return code;
    return want_vector(l, &out->bias, bias, n_out, order, e);
}

enum err_code loader_linear_part(struct loader *l, struct weight *out, const char *name,
                                 const char *bias, int64_t n_all, int64_t first, int64_t n_out,
                                 int64_t n_in, bool transposed, const int64_t *order,
                                 struct err *e) {
    struct wanted w = {.out = &out->matrix,
                       .n_dims = 2,
                       .dims = {n_out, n_in},
                       .offset = first * n_in,
                       .factor = true};
    if (transposed)
        w = (struct wanted){.out = &out->matrix,
                            .n_dims = 2,
                            .dims = {n_in, n_all},
                            .first_column = first,
                            .n_columns = n_out,
                            .factor = true};
    out->transposed = transposed;
    enum err_code code =
        want(l, w, name, transposed ? n_in : n_all, transposed ? n_all : n_in, order, e);
    if (code)
        return code;
    if (bias)
        code = want(
            l, (struct wanted){.out = &out->bias, .n_dims = 1, .dims = {n_out}, .offset = first},
            bias, n_all, 0, order, e);
    return code;
}

enum err_code loader_norm(struct loader *l, struct norm *out, const char *scale, const char *bias,
                          int64_t n, bool plus_one, struct err *e) {
    const struct wanted w = {.out = &out->scale, .n_dims = 1, .dims = {n}, .plus_one = plus_one};
    enum err_code code = want(l, w, scale, n, 0, NULL, e);
    if (code || !bias)
        return code;
    return want_vector(l, &out->bias, bias, n, NULL, e);
}

static void want_numbers(struct loader *l, tn_tensor **out, float *numbers, int64_t n) {
    add_wanted(l, &(struct wanted){
                      .stored = NOTHING, .numbers = numbers, .out = out, .n_dims = 1, .dims = {n}});
}

void loader_ones(struct loader *l, struct norm *out, int64_t n) {
    want_numbers(l, &out->scale, NULL, n);
}

enum err_code loader_joined(struct loader *l, struct norm *out, const char *const *scales,
                            int64_t n_scales, int64_t n, const int64_t *order, struct err *e) {
    const size_t bytes = (size_t)(n_scales * n) * sizeof(float);
    float *numbers = mem_alloc(bytes), *stored = mem_alloc(bytes);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n_scales && !code; i++)
        code = loader_read(l, stored + i * n, scales[i], n, e);
    for (int64_t i = 0; i < n_scales * n; i++)
        numbers[i] = stored[order ? order[i] : i];
    free(stored);
    want_numbers(l, &out->scale, numbers, n_scales * n);
    return code;
}

enum err_code loader_read(const struct loader *l, float *out, const char *name, int64_t n,
                          struct err *e) {
    const struct weight_info *info;
    enum err_code code = find(l, &info, name, e);
    if (code)
        return code;
    code = check_numbers(info, n, e);
    return code ? code : weights_read_f32(l->weights, info, out, e);
}

/* --- decoding ---------------------------------------------------------------------------- */

struct slice {
    struct stored *s;
    int64_t row, n_rows;
};
struct decode {
    const struct weights *weights;
    struct slice *slices;
    size_t n_slices;
    atomic_size_t next;
    atomic_bool failed;
    const struct run_ctl *ctl;
    struct err error; /* written by the one that sets failed */
};

/* Maps the file's pages now, while libtorch is being opened, rather than one by one in the first
 * product. Where the kernel cannot, that is what happens. */
static void touch(const char *data, size_t n) {
#ifdef MADV_POPULATE_READ
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)data / page * page;
    (void)madvise((void *)from, (uintptr_t)data + n - from, MADV_POPULATE_READ);
#else
    (void)data, (void)n;
#endif
}

/* Rows of what is not mapped, by way of a float32 copy where they become bfloat16. */
static enum err_code decode_slice(const struct weights *weights, const struct slice *slice,
                                  struct err *e) {
    const struct stored *s = slice->s;
    const int64_t width = s->info->n_elements / s->info->dims[0], n_rows = slice->n_rows,
                  n = n_rows * width;
    char *place = s->data + (size_t)(slice->row * width) * element_bytes(s);
    float *out = s->half ? mem_alloc((size_t)n * sizeof *out) : (float *)(void *)place;
    enum err_code code =
        s->order ? weights_read_ordered_f32(weights, s->info, s->order + slice->row, n_rows, out, e)
                 : weights_read_rows_f32(weights, s->info, slice->row, n_rows, out, e);
    if (s->half && !code)
        round_to_bf16((uint16_t *)(void *)place, out, (size_t)n);
    if (s->half)
        free(out);
    return code;
}

static void *decode_slices(void *user) {
    struct decode *d = user;
    struct err e;
    for (size_t i; !atomic_load(&d->failed) && (i = atomic_fetch_add(&d->next, 1)) < d->n_slices;) {
        const struct slice *s = &d->slices[i];
        const struct weight_info *info = s->s->info;
        const size_t row_bytes =
            (size_t)(info->n_elements / (info->dims[0] ? info->dims[0] : 1)) * element_bytes(s->s);
        enum err_code code = ERR_OK;
        if (s->s->mapped)
            touch(s->s->data + (size_t)s->row * row_bytes, (size_t)s->n_rows * row_bytes);
        else
            code = decode_slice(d->weights, s, &e);
        /* What others still read of it comes back. */
        if (!s->s->mapped && s->row + s->n_rows == info->dims[0])
            weights_drop_tensor(d->weights, info);
        if (!code && run_cancelled(d->ctl))
            code = err_set(&e, ERR_CANCELLED, "loading was cancelled");
        if (code && !atomic_exchange(&d->failed, true))
            d->error = e;
    }
    return NULL;
}

static size_t aligned_bytes(const struct stored *s) {
    return ((size_t)s->info->n_elements * element_bytes(s) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* One allocation for all that is decoded, in huge pages where the kernel grants them: half a
 * gigabyte of small pages costs 0.1 s of faults, and a product with one row, which only streams the
 * weights, runs slower over them. */
static enum err_code allocate(struct loader *l, struct err *e) {
    const enum weight_format format = weights_format(l->weights);
    const bool file_is_native =
        format == WEIGHT_FORMAT_SAFETENSORS || format == WEIGHT_FORMAT_PYTORCH;
    size_t bytes = 0;
    for (size_t i = 0; i < l->n_stored; i++) {
        struct stored *s = &l->stored[i];
        const enum weight_type as_is = s->half ? WEIGHT_BF16 : WEIGHT_F32;
        const void *raw = file_is_native && s->info->type == as_is && !s->order
                              ? weights_raw(l->weights, s->info)
                              : NULL;
        s->mapped = raw != NULL;
        s->data = (char *)(uintptr_t)raw; /* nothing writes to parameters */
        bytes += raw ? 0 : aligned_bytes(s);
    }
    if (!bytes)
        return ERR_OK;
    l->n_memory = bytes + HUGE_PAGE;
    l->memory = mmap(NULL, l->n_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (l->memory == MAP_FAILED) {
        l->memory = NULL;
        return err_set(e, ERR_NOMEM, "not enough memory for the model's parameters (%lld MB)",
                       (long long)(bytes >> 20));
    }
    (void)madvise(l->memory, l->n_memory, MADV_HUGEPAGE);
    char *place = (char *)(((uintptr_t)l->memory + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    for (size_t i = 0; i < l->n_stored; i++)
        if (!l->stored[i].mapped) {
            l->stored[i].data = place;
            place += aligned_bytes(&l->stored[i]);
        }
    return ERR_OK;
}

/* Pieces of what is to be decoded, or only mapped, that threads can share. */
static void cut(struct loader *l, struct decode *d) {
    for (size_t i = 0; i < l->n_stored; i++) {
        struct stored *s = &l->stored[i];
        int64_t rows = s->info->dims[0], width = rows ? s->info->n_elements / rows : 0;
        int64_t step = width == 0 ? rows : SLICE_ELEMENTS / width + 1;
        for (int64_t row = 0; row < rows; row += step) {
            if ((d->n_slices & (d->n_slices - 1)) == 0)
                d->slices =
                    mem_resize(d->slices, (d->n_slices ? 2 * d->n_slices : 1) * sizeof *d->slices);
            d->slices[d->n_slices++] =
                (struct slice){s, row, rows - row < step ? rows - row : step};
        }
    }
}

enum err_code loader_decode(struct loader *l, int n_threads, const struct run_ctl *ctl,
                            struct err *e) {
    struct decode d = {.weights = l->weights, .ctl = ctl};
    enum err_code code = allocate(l, e);
    if (code)
        goto out;
    cut(l, &d);
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
    if (!code)
        code = weights_whole(l->weights, e);
out:
    free(d.slices);
    return code;
}

struct loader_buffers loader_take_buffers(struct loader *l) {
    struct loader_buffers b = {.memory = l->memory, .n_memory = l->n_memory};
    for (size_t i = 0; i < l->n_stored; i++) {
        b.bytes += l->stored[i].info->n_elements * (int64_t)element_bytes(&l->stored[i]);
        b.mapped = b.mapped || l->stored[i].mapped;
    }
    l->memory = NULL;
    return b;
}

void loader_buffers_free(struct loader_buffers *b) {
    if (b->memory)
        munmap(b->memory, b->n_memory);
    b->memory = NULL;
}
