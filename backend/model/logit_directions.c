/* The head and the final norm backwards, at states that no forward has kept a gradient of. */
#include "backend/insides.h"

#include "backend/architectures/head.h"
#include "backend/base/mem.h"
#include "backend/model/insides_internal.h"

#include <stdlib.h>

/* The transpose of a held norm, x ↦ (x − mean(x)) · scale / deviation: scale first, then centre. */
static void transposed(const struct row_norm *norm, const float *of, float *row, int64_t width) {
    float *ones = mem_alloc((size_t)width * sizeof *ones);
    struct row_norm plain = *norm;
    plain.scale = ones;
    for (int64_t k = 0; k < width; k++) {
        row[k] *= norm->scale[k];
        ones[k] = 1;
    }
    row_norm_hold(&plain, of, row, 1, width);
    free(ones);
}

enum err_code real_logit_directions(struct forward *f, const float *states, const float *d_logits,
                                    int64_t n, float *out, struct err *e) {
    const struct model *m = f->model;
    const struct stack *decoder = stack_of(f, STACK_DECODER);
    const int64_t dims[2] = {n, m->config.n_vocab}, width = m->config.n_width;
    struct tape t;
    tn_tensor *d = NULL, *x = NULL;
    open_rows(&t, f, STACK_DECODER, n, NULL);
    const struct value *rows = wrap_rows(&t, f, STACK_DECODER, states, n);
    if (!t.code)
        t.code = t.tn->wrap(&d, t.work, (void *)(uintptr_t)d_logits, TN_FLOAT32, dims, 2, &t.error);
    if (!t.code)
        t.code = t.tn->move(&d, t.work, d, m->dtype, m->device, &t.error);
    if (!t.code)
        t.code = head_directions(&x, t.work, t.tn, &m->parameters, d, rows->tensor, &t.error);
    if (!t.code)
        t.code = t.tn->read(x, out, TN_FLOAT32, &t.error);
    if (!t.code && decoder->plan->final_norm) {
        struct row_norm norm = read_norm(&t, decoder, &decoder->final_norm);
        for (int64_t i = 0; i < n; i++)
            transposed(&norm, states + i * width, out + i * width, width);
        row_norm_dispose(&norm);
    }
    return close_rows(&t, e);
}
