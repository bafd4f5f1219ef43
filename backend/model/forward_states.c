/* Hidden states at single positions, and the walk backwards from logits and such states
 * together. */
#include "backend/architectures/head.h"
#include "backend/base/mem.h"
#include "backend/model/forward.h"

#include <stdlib.h>
#include <string.h>

static enum err_code check_states(const struct forward *f, struct err *e) {
    const struct tape *t = &f->tape;
    bool whole = t->n_hidden_values == f->model->config.n_layers + 1;
    for (int64_t i = 0; i < t->n_hidden_values; i++)
        whole &= t->hidden_values[i] != NULL;
    return whole ? ERR_OK
                 : err_set(e, ERR_UNSUPPORTED,
                           "the hidden states of all layers are wanted where a layer's output is "
                           "replaced, or were not kept");
}

static struct value *state(const struct forward *f, bool all, int64_t i) {
    return all ? f->tape.hidden_values[i] : f->out;
}

/* The rows of the stack's output that stand at these places. */
static int64_t *rows_of(const struct forward *f, const struct position *at, int64_t n) {
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        rows[i] = at[i].batch * (f->n_target - f->n_past) + at[i].row - f->n_past;
    return rows;
}

static enum err_code read_states(struct forward *f, bool all, const struct position *at, int64_t n,
                                 void *out, enum tn_dtype dtype, struct err *e) {
    const struct tn_api *tn = f->tape.tn;
    const int64_t width = f->model->config.n_width,
                  n_states = all ? f->model->config.n_layers + 1 : 1;
    const size_t bytes = (size_t)width * (dtype == TN_FLOAT64 ? sizeof(double) : sizeof(float));
    enum err_code code = all ? check_states(f, e) : ERR_OK;
    if (code)
        return code;
    tn_scope *s = tn->scope_open();
    int64_t *rows = rows_of(f, at, n);
    char *host = mem_alloc((size_t)n * bytes);
    tn_tensor *index, *x;
    code = s ? tn->wrap(&index, s, rows, TN_INT64, &n, 1, e)
             : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = tn->move(&index, s, index, TN_INT64, f->model->device, e);
    if (code)
        goto out;
    for (int64_t l = 0; l < n_states; l++) {
        code = tn->gather(&x, s, state(f, all, l)->tensor, index, e);
        if (code)
            goto out;
        code = tn->read(x, host, dtype, e);
        if (code)
            goto out;
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)out + (size_t)(i * n_states + l) * bytes, host + (size_t)i * bytes,
                   bytes);
    }
out:
    if (s)
        tn->scope_close(s);
    free(rows);
    free(host);
    return code;
}

enum err_code real_states(struct forward *f, bool all, const struct position *at, int64_t n,
                          float *out, struct err *e) {
    return read_states(f, all, at, n, out, TN_FLOAT32, e);
}

enum err_code forward_states_f64(struct forward *f, bool all, const struct position *at, int64_t n,
                                 double *out, struct err *e) {
    return read_states(f, all, at, n, out, TN_FLOAT64, e);
}

/* --- backwards --------------------------------------------------------------------------- */

/* What the head reads at rows `at`: [n, D]. */
static enum err_code read_by_head(tn_tensor **out, tn_scope *s, const struct forward *f,
                                  const struct position *at, int64_t n, struct err *e) {
    const struct model *m = f->model;
    int64_t *rows = rows_of(f, at, n);
    tn_tensor *index;
    enum err_code code = m->tn->wrap(&index, s, rows, TN_INT64, &n, 1, e);
    if (code)
        goto out;
    code = m->tn->move(&index, s, index, TN_INT64, m->device, e);
    if (code)
        goto out;
    code = m->tn->gather(out, s, f->read->tensor, index, e);
out:
    free(rows);
    return code;
}

/* d [n, V] on the host → the gradient of the final hidden states. */
static enum err_code logits_vjp(tn_tensor **out, tn_scope *s, const struct forward *f,
                                const struct vjp_request *r, struct err *e) {
    const struct model *m = f->model;
    const int64_t dims[2] = {r->n, m->config.n_vocab};
    tn_tensor *d, *hidden = NULL;
    enum err_code code = ERR_OK;
    if (m->config.logit_cap > 0) /* then a slope depends on them */
        code = read_by_head(&hidden, s, f, r->at, r->n, e);
    if (code)
        return code;
    code = m->tn->wrap(&d, s, (void *)(uintptr_t)r->d_logits, TN_FLOAT32, dims, 2, e);
    if (code)
        return code;
    code = m->tn->move(&d, s, d, m->dtype, m->device, e);
    if (code)
        return code;
    return head_vjp(out, s, m->tn, &m->parameters, d, hidden, e);
}

/* Layer l's part of states [n, n_states, D] as a tensor of its own. */
static enum err_code state_tensor(tn_tensor **out, tn_scope *s, const struct forward *f, int64_t n,
                                  const float *states, int64_t n_states, int64_t l, struct err *e) {
    const struct model *m = f->model;
    const int64_t width = m->config.n_width, dims[2] = {n, width};
    float *host = mem_alloc((size_t)(n * width) * sizeof *host);
    for (int64_t i = 0; i < n; i++)
        memcpy(host + i * width, states + (i * n_states + l) * width, (size_t)width * sizeof *host);
    enum err_code code = m->tn->wrap(out, s, host, TN_FLOAT32, dims, 2, e);
    if (code)
        goto out;
    code = m->tn->multiply(out, s, *out, 1, e); /* the array goes before the tensor does */
    if (code)
        goto out;
    code = m->tn->move(out, s, *out, m->dtype, m->device, e);
out:
    free(host);
    return code;
}

/* What is pushed into the tape: what the head reads first. pushes [2 + layers]. */
static enum err_code push_all(struct push *pushes, int64_t *n_pushes, tn_scope *s,
                              const struct forward *f, const struct vjp_request *r, struct err *e) {
    int64_t n_states = 0;
    enum err_code code = ERR_OK;
    *n_pushes = 1;
    pushes[0].value = f->read;
    if (r->d_states)
        n_states = r->all_states ? f->model->config.n_layers + 1 : 1;
    if (!s)
        return err_set(e, ERR_NOMEM, "not enough memory");
    if (!f->tape.keep_gradient)
        return err_set(e, ERR_INTERNAL,
                       "a forward pass that kept nothing for it was differentiated");
    if (n_states > 1)
        code = check_states(f, e);
    if (code)
        return code;
    code = logits_vjp(&pushes[0].d, s, f, r, e);
    if (code)
        return code;
    for (int64_t l = n_states - 1; l >= 0; l--) {
        tn_tensor *x;
        code = state_tensor(&x, s, f, r->n, r->d_states, n_states, l, e);
        if (code)
            return code;
        if (l == n_states - 1 && f->read == f->out)
            code = f->tape.tn->add_into(pushes[0].d, x, e);
        else
            pushes[(*n_pushes)++] =
                (struct push){l == n_states - 1 ? f->out : state(f, true, l), x};
        if (code)
            return code;
    }
    return ERR_OK;
}

enum err_code real_vjp(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                       struct err *e) {
    tn_scope *s = f->tape.tn->scope_open();
    struct push *pushes = mem_alloc((size_t)(f->model->config.n_layers + 2) * sizeof *pushes);
    int64_t n_pushes;
    enum err_code code = push_all(pushes, &n_pushes, s, f, r, e);
    if (code)
        goto out;
    if (r->sites)
        code = tape_backward_sites(&f->tape, pushes, n_pushes, r->at, r->n, r->sites, ctl, e);
    else
        code = tape_backward(&f->tape, pushes, n_pushes, r->at, r->first, r->n, f->source,
                             f->target, r->source, r->target, ctl, e);
out:
    if (s)
        f->tape.tn->scope_close(s);
    free(pushes);
    return code;
}
