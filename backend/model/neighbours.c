/*
 * Nearest entries of the embedding table: all products with the table in one matrix product, |e|²
 * − 2 e·x ranks them, and the best few more than asked for are ranked again exactly.
 */
#include "backend/base/mem.h"
#include "backend/model/model.h"
#include "backend/model/real.h"

#include <math.h>
#include <stdlib.h>

/* How many more than asked for are ranked exactly: float products can swap neighbours that are
 * nearly as far. */
#define SPARE 16

struct neighbour {
    double distance;
    int32_t id;
};

static int by_distance(const void *a, const void *b) {
    const struct neighbour *x = a, *y = b;
    const int order = (x->distance > y->distance) - (x->distance < y->distance);
    return order ? order : x->id - y->id;
}

/* Of words anywhere in a text: rows [n, E]. */
static enum err_code embeddings(struct model *m, enum model_stack stack, const int32_t *ids,
                                int64_t n, float *rows, struct err *e) {
    tn_scope *s = m->tn->scope_open();
    tn_tensor *x;
    if (!s)
        return err_set(e, ERR_NOMEM, "not enough memory");
    enum err_code code = model_embed_tensor(&x, s, m, stack, ids, n, 0, e);
    if (code)
        goto out;
    code = m->tn->read(x, rows, TN_FLOAT32, e);
out:
    m->tn->scope_close(s);
    return code;
}

/* Half the squared length of every entry, once for a model and table: h [V]. */
static enum err_code half_squares(struct model *m, const struct weight *table, const float **out,
                                  struct err *e) {
    const int which = table == &m->parameters.decoder_embedding;
    const enum model_stack stack = which ? STACK_DECODER : STACK_ENCODER;
    const int64_t n_vocab = model_config_vocab(&m->config, stack),
                  width = model_config_embedding_width(&m->config);
    enum { GROUP = 1024 };
    enum err_code code = ERR_OK;
    if (m->half_squares[which]) {
        *out = m->half_squares[which];
        return ERR_OK;
    }
    float *halves = mem_alloc((size_t)n_vocab * sizeof *halves),
          *rows = mem_alloc((size_t)(GROUP * width) * sizeof *rows);
    int32_t ids[GROUP];
    for (int64_t v = 0; v < n_vocab; v += GROUP) {
        int64_t n = n_vocab - v < GROUP ? n_vocab - v : GROUP;
        for (int64_t i = 0; i < n; i++)
            ids[i] = (int32_t)(v + i);
        code = embeddings(m, stack, ids, n, rows, e);
        if (code)
            goto out;
        for (int64_t i = 0; i < n; i++) {
            double sum = 0;
            for (int64_t k = 0; k < width; k++)
                sum += (double)rows[i * width + k] * rows[i * width + k];
            halves[v + i] = (float)(sum / 2);
        }
    }
    *out = m->half_squares[which] = halves;
    halves = NULL;
out:
    free(rows);
    free(halves);
    return code;
}

/* The n_best nearest entries, as a heap whose root is the worst of them. */
static void sift(struct neighbour *heap, int64_t n, int64_t i) {
    for (int64_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && heap[child + 1].distance > heap[child].distance)
            child++;
        if (heap[i].distance >= heap[child].distance)
            return;
        struct neighbour t = heap[i];
        heap[i] = heap[child];
        heap[child] = t;
    }
}

/* How many there are: what has no distance, for a damaged embedding, is no neighbour. */
static int64_t select_best(struct neighbour *heap, int64_t n_best, const float *products,
                           const float *halves, double scale, int64_t n_vocab, int32_t self) {
    int64_t n = 0;
    for (int32_t v = 0; v < n_vocab; v++) {
        double d = (double)halves[v] - scale * (double)products[v];
        if (v == self || !isfinite(d) || (n == n_best && d >= heap[0].distance))
            continue;
        if (n < n_best) {
            heap[n++] = (struct neighbour){d, v};
            for (int64_t i = n == n_best ? n / 2 : 0; i-- > 0;)
                sift(heap, n, i);
        } else {
            heap[0] = (struct neighbour){d, v};
            sift(heap, n, 0);
        }
    }
    return n;
}

/* Exact distances of the candidates to `self`, sorted; rows has room for n + 1 of them. */
static enum err_code rank(struct model *m, enum model_stack stack, struct neighbour *best,
                          int64_t n, int32_t self, float *rows, struct err *e) {
    const int64_t width = model_config_embedding_width(&m->config);
    int32_t *ids = mem_alloc((size_t)(n + 1) * sizeof *ids);
    for (int64_t i = 0; i < n; i++)
        ids[i] = best[i].id;
    ids[n] = self;
    enum err_code code = embeddings(m, stack, ids, n + 1, rows, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        best[i].distance = 0;
        for (int64_t k = 0; k < width; k++) {
            double d = (double)rows[i * width + k] - rows[n * width + k];
            best[i].distance += d * d;
        }
    }
    qsort(best, (size_t)n, sizeof *best, by_distance);
out:
    free(ids);
    return code;
}

/* Products of the embeddings of n ids with the whole table, without its scale: [n, V]. */
static enum err_code products_with_table(struct model *m, enum model_stack stack,
                                         const struct weight *table, const int32_t *ids, int64_t n,
                                         float *out, struct err *e) {
    tn_scope *s = m->tn->scope_open();
    tn_tensor *x, *z;
    enum err_code code = s ? model_embed_tensor(&x, s, m, stack, ids, n, 0, e)
                           : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = m->tn->linear(&z, s, x, table->matrix, NULL, NULL, table->transposed, e);
    if (code)
        goto out;
    code = m->tn->read(z, out, TN_FLOAT32, e);
out:
    if (s)
        m->tn->scope_close(s);
    return code;
}

enum err_code real_neighbours(struct model *m, enum model_stack stack, const int32_t *ids,
                              int64_t n, int64_t k, int32_t *out, struct err *e) {
    const struct weight *table = parameters_embedding(&m->parameters, stack);
    const int64_t n_vocab = model_config_vocab(&m->config, stack),
                  n_best = k + SPARE < n_vocab - 1 ? k + SPARE : n_vocab - 1,
                  width = model_config_embedding_width(&m->config);
    const float *halves;
    if (k < 1 || k >= n_vocab)
        return err_set(e, ERR_USAGE, "%lld neighbours were asked for in a vocabulary of %lld",
                       (long long)k, (long long)n_vocab);
    enum err_code code = half_squares(m, table, &halves, e);
    if (code)
        return code;
    float *products = malloc((size_t)(n * n_vocab) * sizeof *products),
          *rows = mem_alloc((size_t)((n_best + 1) * width) * sizeof *rows);
    struct neighbour *best = mem_alloc((size_t)n_best * sizeof *best);
    code = products ? products_with_table(m, stack, table, ids, n, products, e)
                    : err_set(e, ERR_NOMEM, "not enough memory for %lld rows of distances",
                              (long long)n);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        if (select_best(best, n_best, products + i * n_vocab, halves, m->embedding_scale, n_vocab,
                        ids[i]) < n_best)
            code = err_set(e, ERR_FORMAT,
                           "token %d has too few neighbours: embeddings are not finite, the "
                           "weights are damaged",
                           ids[i]);
        if (code)
            goto out;
        code = rank(m, stack, best, n_best, ids[i], rows, e);
        if (code)
            goto out;
        for (int64_t j = 0; j < k; j++)
            out[i * k + j] = best[j].id;
    }
out:
    free(best);
    free(rows);
    free(products);
    return code;
}
