/* How fast this machine multiplies by this model's matrices, and what time went to. */
#include "backend/model/model.h"

#include "backend/base/clock.h"
#include "backend/base/mem.h"

#include <stdlib.h>

#define ROWS 64
#define ENOUGH_SECONDS 0.004
#define MOST_ROUNDS 16

/* A decoder layer's feed-forward matrix, or that of its first expert. */
static const struct weight *matrix_of(const struct model *m, int64_t layer) {
    const struct part_weights *w =
        stack_part(&m->parameters.stacks[STACK_DECODER], layer, PART_FEED_FORWARD);
    return w->experts.n ? &w->experts.each[0].up : &w->up;
}

/* Of all layers' such products. */
static double operations_of(const struct model_config *c) {
    const double mixed = (double)layer_count(&c->decoder.mixed, c->n_layers),
                 hidden = mixed * (double)c->experts.n_ffn +
                          ((double)c->n_layers - mixed) * (double)c->n_ffn;
    return 2.0 * ROWS * (double)c->n_width * hidden;
}

/* Every decoder layer's feed-forward matrix once; the last product is read, so that a GPU has done
 * them all. least [L]: of each layer the fewest seconds so far. */
static enum err_code multiply_all(struct model *m, const tn_tensor *x, float *host, double *least,
                                  struct err *e) {
    tn_scope *s = m->tn->scope_open();
    tn_tensor *y = NULL;
    enum err_code code = s ? ERR_OK : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    for (int64_t i = 0; i < m->config.n_layers; i++) {
        const struct weight *w = matrix_of(m, i);
        const double begun = clock_seconds();
        code = m->tn->linear(&y, s, x, w->matrix, NULL, NULL, w->transposed, e);
        if (code)
            goto out;
        const double seconds = clock_seconds() - begun;
        least[i] = least[i] > 0 && least[i] < seconds ? least[i] : seconds;
    }
    if (y)
        code = m->tn->read(y, host, TN_FLOAT32, e);
out:
    if (s)
        m->tn->scope_close(s);
    return code;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where other programs run too, some layers' products were interrupted: what half of them were as
 * fast as. A GPU only begins its products in that time. */
static double undisturbed(const struct model *m, double *least, double operations) {
    const size_t n = (size_t)m->config.n_layers;
    if (m->device != TN_CPU || n == 0)
        return 0;
    qsort(least, n, sizeof *least, by_size);
    return operations / ((double)n * least[n / 2] + 1e-9);
}

static double measure(struct model *m) {
    const struct model_config *c = &m->config;
    const int64_t dims[2] = {ROWS, c->n_width};
    const double operations = operations_of(c);
    struct err e;
    tn_scope *s = m->tn->scope_open();
    tn_tensor *x = NULL;
    float *host = malloc((size_t)(ROWS * model_config_widest(c)) * sizeof *host);
    double *least = calloc((size_t)c->n_layers + 1, sizeof *least);
    double best = 0, begun = clock_seconds();
    enum err_code code =
        s && host && least ? m->tn->zeros(&x, s, m->dtype, m->device, dims, 2, &e) : ERR_NOMEM;
    if (code)
        goto out;
    code = multiply_all(m, x, host, least, &e); /* the first one starts the threads */
    if (code)
        goto out;
    for (int i = 0; i < MOST_ROUNDS && (i == 0 || clock_seconds() - begun < ENOUGH_SECONDS); i++) {
        double started = clock_seconds();
        code = multiply_all(m, x, host, least, &e);
        double rate = operations / (clock_seconds() - started + 1e-9);
        if (code)
            goto out;
        best = rate > best ? rate : best;
    }
    const double alone = undisturbed(m, least, operations);
    best = alone > best ? alone : best;
out:
    if (s)
        m->tn->scope_close(s);
    free(host);
    free(least);
    return best;
}

double model_product_rate(struct model *m) {
    if (!m->rate_known)
        m->product_rate = measure(m);
    m->rate_known = true;
    return m->product_rate;
}

void model_watch(const struct model *m, const struct run_ctl *ctl) {
    m->tn->stop_at(ctl ? ctl->cancel : NULL);
}

void model_spent(struct model_spent *out, const struct model *m) {
    struct tn_spent s;
    m->tn->spent(&s);
    *out = (struct model_spent){s.seconds[TN_WORK_PRODUCTS],  s.seconds[TN_WORK_VOCABULARY],
                                s.seconds[TN_WORK_ATTENTION], s.seconds[TN_WORK_ROWS],
                                s.seconds[TN_WORK_OTHER],     s.operations};
}
