/*
 * Takes parameters from a checkpoint: an architecture first says which tensors it wants and where
 * they go, then all are decoded at once on several threads. What lies in the file as float32 is
 * mapped, not copied. Internal to backend/.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_LOADER_H
#define TINSEQ_BACKEND_ARCHITECTURES_LOADER_H

#include "backend/architectures/parameters.h"
#include "backend/weights.h"

struct loader;

/* half: what products are made with becomes bfloat16, and what lies in the file as bfloat16 is
 * mapped in place of float32. */
struct loader *loader_new(const struct weights *w, bool half);
void loader_free(struct loader *l); /* buffers that were handed over stay */

/* Wants tensor `name` as a linear map [O, I] ([I, O] where transposed) with a bias (name NULL:
 * none). order [O]: row i lies at order[i] of the file, of maps that are not transposed; NULL: at
 * i. SHAPE, FORMAT if absent. */
enum err_code loader_linear(struct loader *l, struct weight *out, const char *name,
                            const char *bias, int64_t n_out, int64_t n_in, bool transposed,
                            const int64_t *order, struct err *e) ERR_CHECKED;
/* The same for parts of one stored map: rows [first, first + n_out) of n_all outputs, which
 * order [n_all] puts there. */
enum err_code loader_linear_part(struct loader *l, struct weight *out, const char *name,
                                 const char *bias, int64_t n_all, int64_t first, int64_t n_out,
                                 int64_t n_in, bool transposed, const int64_t *order,
                                 struct err *e) ERR_CHECKED;
/* Scale and optional bias (NULL) of a norm, n numbers each. plus_one: the scale is 1 + what is
 * stored. */
enum err_code loader_norm(struct loader *l, struct norm *out, const char *scale, const char *bias,
                          int64_t n, bool plus_one, struct err *e) ERR_CHECKED;
/* The scale of a norm that has n_scales of n numbers each, one after the other. order [n_scales *
 * n]: number i lies at order[i] of them; NULL: at i. Read at once. */
enum err_code loader_joined(struct loader *l, struct norm *out, const char *const *scales,
                            int64_t n_scales, int64_t n, const int64_t *order,
                            struct err *e) ERR_CHECKED;
/* The scale of a norm that has none in the file: n ones. */
void loader_ones(struct loader *l, struct norm *out, int64_t n);
enum err_code loader_vector(struct loader *l, tn_tensor **out, const char *name, int64_t n,
                            struct err *e) ERR_CHECKED;
/* Any matrix [first + rows, columns], without its first rows. */
enum err_code loader_matrix(struct loader *l, tn_tensor **out, const char *name, int64_t first,
                            int64_t rows, int64_t columns, struct err *e) ERR_CHECKED;

/* Reads n elements at once: for a few numbers that a table of positions is made from. */
enum err_code loader_read(const struct loader *l, float *out, const char *name, int64_t n,
                          struct err *e) ERR_CHECKED;

/* Decodes everything wanted into host memory on n_threads. Needs no tensor module. */
enum err_code loader_decode(struct loader *l, int n_threads, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;
/* Makes the tensors, in `scope`, of `dtype` but for those that became bfloat16, and hands the
 * buffers they stand on to the caller. */
enum err_code loader_place(struct loader *l, const struct tn_api *tn, tn_scope *scope,
                           enum tn_dtype dtype, int device, struct err *e) ERR_CHECKED;
/* The buffers, to be freed by loader_buffers_free after the tensors are gone. */
struct loader_buffers {
    void *memory;
    size_t n_memory;
    int64_t bytes;
    bool mapped;
};
struct loader_buffers loader_take_buffers(struct loader *l);
void loader_buffers_free(struct loader_buffers *b);

#endif
