/* Activations, by the names of Transformers' ACT2FN, against what it says of them and of their
 * derivatives (tests/fixtures/activations.json). */
#include "backend/base/json_file.h"
#include "backend/settings/fields.h"
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST = 64 };

static int read_row(double *out, const cJSON *row) {
    int n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, row) {
        cr_assert(n < MOST);
        out[n++] = item->valuedouble;
    }
    return n;
}

static enum activation by_name(const char *name) {
    struct err e;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "hidden_act", name);
    struct fields f = {.file = "config.json", .json = json, .e = &e};
    const enum activation kind = field_activation(&f, "hidden_act", "relu");
    cr_expect_eq(f.code, ERR_OK, "%s", e.message);
    cJSON_Delete(json);
    return kind;
}

/* Values and derivatives of x [n], in float32 or float64. */
static void compute(const struct tn_api *tn, enum activation kind, enum tn_dtype dtype, double *x,
                    int64_t n, double *y, double *slope) {
    struct err e;
    double ones[MOST];
    int64_t first = 0;
    tn_scope *s = tn->scope_open();
    tn_tensor *in, *out, *d, *dx, *rows;
    for (int64_t i = 0; i < n; i++)
        ones[i] = 1;
    cr_assert_eq(tn->wrap(&in, s, x, TN_FLOAT64, (int64_t[]){1, n}, 2, &e), ERR_OK);
    cr_assert_eq(tn->move(&in, s, in, dtype, TN_CPU, &e), ERR_OK);
    cr_assert_eq(tn->wrap(&d, s, ones, TN_FLOAT64, (int64_t[]){1, n}, 2, &e), ERR_OK);
    cr_assert_eq(tn->move(&d, s, d, dtype, TN_CPU, &e), ERR_OK);
    cr_assert_eq(tn->wrap(&rows, s, &first, TN_INT64, (int64_t[]){1}, 1, &e), ERR_OK);
    cr_assert_eq(tn->activation(&out, s, kind, in, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(tn->activation_vjp(&dx, s, kind, d, in, rows, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(tn->read(out, y, TN_FLOAT64, &e), ERR_OK);
    cr_assert_eq(tn->read(dx, slope, TN_FLOAT64, &e), ERR_OK);
    tn->scope_close(s);
}

static void check(const struct tn_api *tn, const cJSON *item, enum tn_dtype dtype, double *x,
                  int n) {
    double y[MOST], slope[MOST], values[MOST], slopes[MOST];
    cr_assert_eq(read_row(values, cJSON_GetArrayItem(item, 0)), n);
    cr_assert_eq(read_row(slopes, cJSON_GetArrayItem(item, 1)), n);
    compute(tn, by_name(item->string), dtype, x, n, y, slope);
    for (int i = 0; i < n; i++) {
        const double most = (dtype == TN_FLOAT64 ? 3e-9 : 4e-7) * (1 + fabs(x[i]));
        cr_expect(fabs(y[i] - values[i]) <= most, "%s(%g) is %.9g, not %.9g", item->string, x[i],
                  y[i], values[i]);
        cr_expect(fabs(slope[i] - slopes[i]) <= most, "%s'(%g) is %.9g, not %.9g", item->string,
                  x[i], slope[i], slopes[i]);
    }
}

Test(activations, are_those_of_transformers_by_their_names) {
    struct err e;
    double x[MOST];
    cJSON *json, *item;
    const struct tn_api *tn = tn_load(&e);
    cr_assert_not_null(tn, "%s", e.message);
    cr_assert_eq(json_read_object(&json, "tests/fixtures/activations.json", 1 << 20, &e), ERR_OK,
                 "%s", e.message);
    const int n = read_row(x, cJSON_GetObjectItem(json, "x"));
    int n_names = 0;
    cJSON_ArrayForEach(item, json) {
        if (strcmp(item->string, "x") == 0)
            continue;
        n_names++;
        for (int fused = 0; fused < 2; fused++) {
            tn->set_fused(fused);
            check(tn, item, TN_FLOAT32, x, n);
            check(tn, item, TN_FLOAT64, x, n);
        }
    }
    tn->set_fused(true);
    cr_expect_eq(n_names, 20, "ACT2FN has %d without weights", n_names);
    cJSON_Delete(json);
}

/* Vector code of ours in place of the library's erf: its float32 is the float64 rounded, nearly. */
Test(activations, of_gauss_are_right_to_the_last_bits) {
    struct err e;
    const struct tn_api *tn = tn_load(&e);
    cr_assert_not_null(tn, "%s", e.message);
    double x[MOST], exact[MOST], exact_slope[MOST], y[MOST], slope[MOST];
    for (int from = -6 * MOST; from < 6 * MOST; from++) {
        for (int i = 0; i < MOST; i++)
            x[i] = (float)((from + (double)i / MOST) / MOST);
        compute(tn, ACTIVATION_GELU, TN_FLOAT64, x, MOST, exact, exact_slope);
        compute(tn, ACTIVATION_GELU, TN_FLOAT32, x, MOST, y, slope);
        for (int i = 0; i < MOST; i++) {
            cr_assert(fabs(y[i] - exact[i]) <= 1.2e-7 * fabs(x[i]), "%.9g: %.9g, not %.9g", x[i],
                      y[i], exact[i]);
            cr_assert(fabs(slope[i] - exact_slope[i]) <= 2.5e-7, "%.9g: slope %.9g, not %.9g", x[i],
                      slope[i], exact_slope[i]);
        }
    }
    x[0] = NAN, x[1] = INFINITY, x[2] = -INFINITY;
    compute(tn, ACTIVATION_GELU, TN_FLOAT32, x, 3, y, slope);
    cr_expect(isnan(y[0]) && isnan(slope[0]));
    cr_expect(isinf(y[1]));
    compute(tn, ACTIVATION_GELU, TN_FLOAT64, x, 3, exact, exact_slope);
    cr_expect(isnan(y[2]) == isnan(exact[2]), "-infinity: %g, in float64 %g", y[2], exact[2]);
}
