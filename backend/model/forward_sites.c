#include "backend/architectures/head.h"
#include "backend/base/mem.h"
#include "backend/model/forward.h"

#include <stdlib.h>

bool forward_gives(const struct forward_input *in, enum model_stack stack) {
    bool gives = false;
    for (int64_t i = 0; i < in->n_given; i++)
        gives |= in->given[i].site.stack == stack;
    return gives;
}

void forward_place_sites(struct forward *f, const struct forward_input *in) {
    const struct model *m = f->model;
    struct tape *t = &f->tape;
    t->sites = in->sites;
    t->n_sites = in->n_sites;
    t->site_values = mem_alloc((size_t)(in->n_sites + 1) * sizeof *t->site_values);
    t->given = mem_alloc((size_t)(in->n_given + 1) * sizeof *t->given);
    for (int64_t i = 0; i < in->n_given && !t->code; i++) {
        const struct site_values *from = &in->given[i];
        const int64_t dims[2] = {in->n_batch * t->spaces[from->site.stack].length,
                                 m->config.n_width};
        struct given *to = &t->given[t->n_given++];
        tn_tensor *view;
        to->site = from->site;
        t->code = t->tn->wrap(&view, t->work, (void *)(uintptr_t)from->values, TN_FLOAT32, dims, 2,
                              &t->error);
        if (!t->code)
            t->code = t->tn->multiply(&to->tensor, t->keep, view, 1,
                                      &t->error); /* the caller's array may go before we do */
        if (!t->code)
            t->code = t->tn->move(&to->tensor, t->keep, to->tensor, m->dtype, m->device, &t->error);
    }
}

void forward_check_sites(struct forward *f) {
    struct tape *t = &f->tape;
    for (int64_t s = 0; s < t->n_sites && !t->code; s++)
        if (!t->site_values[s])
            t->code = err_set(&t->error, ERR_USAGE,
                              "layer %lld of the %s is not computed here: the model has fewer, or "
                              "a later one is given",
                              (long long)t->sites[s].layer,
                              t->sites[s].stack == STACK_ENCODER ? "encoder" : "decoder");
}

static enum err_code no_site(const struct forward *f, int64_t site, struct err *e) {
    return site >= 0 && site < f->tape.n_sites
               ? ERR_OK
               : err_set(e, ERR_INTERNAL, "this forward pass was not asked for site %lld",
                         (long long)site);
}

enum err_code real_activation(struct forward *f, int64_t site, float *out, struct err *e) {
    enum err_code code = no_site(f, site, e);
    if (code)
        return code;
    const struct value *v = f->tape.site_values[site];
    code = f->tape.tn->read(v->tensor, out, TN_FLOAT32, e);
    if (code)
        return code;
    forward_repeat(out, v->space->n_batch, f->n_batch, v->space->length * v->width);
    return code;
}

enum err_code real_lens(struct forward *f, int64_t site, const struct position *at, int64_t n,
                        float *out, struct err *e) {
    const struct model *m = f->model;
    enum err_code code = no_site(f, site, e);
    if (code)
        return code;
    if (f->tape.site_values[site]->space->stack != STACK_DECODER)
        return err_set(e, ERR_UNSUPPORTED,
                       "an encoder's states are never mapped to the vocabulary: the logit lens is "
                       "for the decoder");
    tn_scope *s = m->tn->scope_open();
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        rows[i] = at[i].batch * (f->n_target - f->n_past) + at[i].row - f->n_past;
    tn_tensor *index, *x, *z;
    code = s ? m->tn->wrap(&index, s, rows, TN_INT64, &n, 1, e)
             : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = m->tn->move(&index, s, index, TN_INT64, m->device, e);
    if (code)
        goto out;
    code = m->tn->gather(&x, s, f->tape.site_values[site]->tensor, index, e);
    if (code)
        goto out;
    code = head_lens(&z, s, m->tn, &m->parameters, x, e);
    if (code)
        goto out;
    code = m->tn->read(z, out, TN_FLOAT32, e);
    if (code)
        goto out;
    code = forward_finite_logits(f, at, n, out, e);
out:
    if (s)
        m->tn->scope_close(s);
    free(rows);
    return code;
}
