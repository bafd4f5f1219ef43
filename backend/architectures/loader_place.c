/* Tensors, on what a loader has decoded. */
#include "backend/architectures/loader_internal.h"
#include "backend/base/mem.h"

#include <stdlib.h>

/* What all of this is placed with. */
struct placing {
    const struct tn_api *tn;
    tn_scope *scope, *views; /* of the parameters; of what comes before them */
    enum tn_dtype dtype;
    int device;
    bool half;
};

/* Numbers of the host's, or (NULL) ones. */
static enum err_code place_numbers(tn_tensor **out, tn_scope *scope, const struct placing *p,
                                   const float *numbers, int64_t n, struct err *e) {
    float *host =
        numbers ? mem_copy(numbers, (size_t)n * sizeof *host) : mem_alloc((size_t)n * sizeof *host);
    tn_tensor *x;
    for (int64_t i = 0; i < n && !numbers; i++)
        host[i] = 1;
    enum err_code code = p->tn->wrap(&x, p->views, host, TN_FLOAT32, &n, 1, e);
    if (code)
        goto out;
    code = p->tn->multiply(&x, p->views, x, 1, e); /* the array goes before the tensor does */
    if (code)
        goto out;
    code = p->tn->move(out, scope, x, p->dtype, p->device, e);
out:
    free(host);
    return code;
}

/* What a wanted tensor has in a stored one, in the type that it is computed with. */
static enum err_code place_part(tn_tensor **out, tn_scope *scope, const struct placing *p,
                                const struct wanted *w, const struct stored *from, struct err *e) {
    tn_tensor *view;
    enum err_code code =
        p->tn->wrap(&view, p->views, from->data + (size_t)w->offset * element_bytes(from),
                    from->half ? TN_BFLOAT16 : TN_FLOAT32, w->dims, w->n_dims, e);
    if (code)
        return code;
    if (w->n_columns)
        code = p->tn->columns(&view, p->views, view, w->first_column, w->n_columns, e);
    if (code)
        return code;
    return p->tn->move(out, scope, view, p->half && w->factor ? TN_BFLOAT16 : p->dtype, p->device,
                       e);
}

static enum err_code place_wanted(const struct loader *l, const struct placing *p,
                                  const struct wanted *w, struct err *e) {
    if (w->stored == NOTHING)
        return place_numbers(w->out, p->scope, p, w->numbers, w->dims[0], e);
    if (!w->plus_one)
        return place_part(w->out, p->scope, p, w, &l->stored[w->stored], e);
    tn_tensor *x, *ones;
    enum err_code code = place_part(&x, p->views, p, w, &l->stored[w->stored], e);
    if (code)
        return code;
    code = place_numbers(&ones, p->views, p, NULL, w->dims[0], e);
    return code ? code : p->tn->add(w->out, p->scope, x, ones, e);
}

enum err_code loader_place(struct loader *l, const struct tn_api *tn, tn_scope *scope,
                           enum tn_dtype dtype, int device, struct err *e) {
    const struct placing p = {tn, scope, tn->scope_open(), dtype, device, l->half};
    enum err_code code = p.views ? ERR_OK : err_set(e, ERR_NOMEM, "not enough memory");
    for (size_t i = 0; i < l->n_wanted && !code; i++)
        code = place_wanted(l, &p, &l->wanted[i], e);
    if (p.views)
        tn->scope_close(p.views);
    return code;
}
