#include "tests/methods/precision.h"

#include "backend/model.h"

#include <criterion/criterion.h>
#include <math.h>

static struct attribution *attributed(const char *model, const struct attribute_request *r,
                                      enum model_dtype dtype) {
    const struct model_options options = {.dtype = dtype};
    struct err e = {0};
    struct model *m = NULL;
    struct attribution *a = NULL;
    cr_assert_eq(model_open(&m, model, &options, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    model_free(m);
    return a;
}

static double side_error(const struct scores *x, const struct scores *y, int64_t column) {
    const int64_t cell = scores_cell(y);
    double worst = 0, largest = 0;
    for (int64_t row = 0; y->data && row < y->dims[0]; row++)
        for (int64_t k = 0; k < cell; k++) {
            const int64_t i = (row * y->dims[1] + column) * cell + k;
            if (isnan(y->data[i]))
                continue;
            worst = fmax(worst, fabs((double)x->data[i] - y->data[i]));
            largest = fmax(largest, fabs(y->data[i]));
        }
    return largest > 0 ? worst / largest : worst;
}

double precision_of(const char *model, const struct attribute_request *r) {
    struct attribution *a = attributed(model, r, MODEL_FLOAT32),
                       *b = attributed(model, r, MODEL_FLOAT64);
    const struct attribution_sequence *x = &a->sequences[0], *y = &b->sequences[0];
    double worst = 0;
    cr_assert_eq(attribution_steps(x), attribution_steps(y));
    for (int64_t c = 0; c < attribution_steps(y); c++) {
        worst = fmax(worst, side_error(&x->source_attributions, &y->source_attributions, c));
        worst = fmax(worst, side_error(&x->target_attributions, &y->target_attributions, c));
    }
    attribution_release(a);
    attribution_release(b);
    return worst;
}
