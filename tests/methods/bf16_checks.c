#include "tests/methods/bf16_checks.h"

#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/result/info.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct model *open_as(const char *path, enum model_dtype dtype) {
    struct err e = {0};
    struct model *m = NULL;
    const struct model_options options = {.dtype = dtype};
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

static struct attribution *attribute(struct model *m, const char *input, const char *generated,
                                     const struct bf16_case *c) {
    struct err e = {0};
    struct attribution *a = NULL;
    struct attribute_request r = {.input_text = input,
                                  .generated_text = generated,
                                  .method = c->method,
                                  .attributed_fn = c->function,
                                  .attribution_kwargs = c->options};
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s: %s", c->method, e.message);
    return a;
}

static double norm_of(const struct scores *s, int64_t row, int64_t column) {
    const int64_t width = scores_cell(s);
    double sum = 0;
    for (int64_t k = 0; k < width; k++)
        sum += pow(s->data[(row * s->dims[1] + column) * width + k], 2);
    return sqrt(sum);
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The largest difference of a column's token scores relative to its largest one. Rows after a
 * column's step are NaN in both. */
static double column_error(const struct scores *exact, const struct scores *half, int64_t column) {
    double largest = 0, worst = 0;
    for (int64_t row = 0; row < exact->dims[0]; row++) {
        const double x = norm_of(exact, row, column), y = norm_of(half, row, column),
                     difference = fabs(x - y);
        cr_expect_eq(isnan(x), isnan(y));
        largest = x > largest ? x : largest;
        worst = difference > worst ? difference : worst;
    }
    return worst / largest;
}

static void compare(const struct bf16_case *c, const char *path, const struct scores *exact,
                    const struct scores *half) {
    const int64_t n = exact->dims[1];
    double *errors = malloc((size_t)n * sizeof *errors);
    cr_assert_eq(exact->dims[0], half->dims[0]);
    for (int64_t column = 0; column < n; column++)
        errors[column] = column_error(exact, half, column);
    qsort(errors, (size_t)n, sizeof *errors, ascending);
    cr_expect(errors[0] > 0, "%s, %s: nothing was rounded", path, c->method);
    cr_expect(errors[n - 1] <= c->bound && errors[n / 2] <= c->bound / 2,
              "%s, %s: scores differ by %.4f in the middle column, %.4f in the worst", path,
              c->method, errors[n / 2], errors[n - 1]);
    free(errors);
}

void bf16_check(const char *path, const char *input, const char *generated,
                const struct bf16_case *cases, int n) {
    struct model *exact = open_as(path, MODEL_FLOAT32), *half = open_as(path, MODEL_BFLOAT16);
    for (int i = 0; i < n; i++) {
        struct attribution *a = attribute(exact, input, generated, &cases[i]),
                           *b = attribute(half, input, generated, &cases[i]);
        const struct attribution_sequence *x = &a->sequences[0], *y = &b->sequences[0];
        if (x->source_attributions.data)
            compare(&cases[i], path, &x->source_attributions, &y->source_attributions);
        if (x->target_attributions.data)
            compare(&cases[i], path, &x->target_attributions, &y->target_attributions);
        cr_expect_not_null(strstr(info_of(a), "\"dtype\":\"float32\""));
        cr_expect_not_null(strstr(info_of(b), "\"dtype\":\"bfloat16\""));
        attribution_release(a);
        attribution_release(b);
    }
    model_free(exact);
    model_free(half);
}
