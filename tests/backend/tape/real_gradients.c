/* The student's gradient against finite differences in float64, and the completeness of integrated
 * gradients on it. */
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/backend/tape/gradient_checks.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *path_of(const char *name) {
    struct err e = {0};
    char *path = NULL;
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    return path;
}

Test(gradients, student, .timeout = 200) {
    static const int32_t source[] = {34, 611, 900, 17, 12, 7003, 0},
                         target[] = {0, 512, 3001, 44, 210, 25};
    char *path = path_of("en-pt");
    gradient_checks(path, source, 7, target, 6);
    free(path);
}

/* deltas is Σ attributions − (f(x) − f(x′)): small against the sums themselves, and smaller
 * with more points. */
static double largest_gap(struct model *m, const char *kwargs, bool attribute_target) {
    struct err e = {0};
    struct attribute_request r = {.input_text = "I said hi to the manager",
                                  .generated_text = "Eu disse oi para o gerente",
                                  .method = "integrated_gradients",
                                  .attributed_fn = "logit",
                                  .attribution_kwargs = kwargs,
                                  .attribute_target = attribute_target};
    struct attribution *a = NULL;
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    const struct scores *deltas = attribution_find_step_scores(&a->sequences[0], "deltas");
    double gap = 0;
    cr_assert_not_null(deltas);
    for (int64_t g = 0; g < deltas->dims[0]; g++)
        gap = !(fabs(deltas->data[g]) <= gap) ? fabs(deltas->data[g]) : gap;
    attribution_release(a);
    return gap;
}

Test(integrated_gradients, are_complete_on_the_student, .timeout = 200) {
    struct model *m = NULL;
    struct model_options options = {0};
    struct err e = {0};
    char *path = path_of("en-pt");
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    for (int target = 0; target < 2; target++) {
        double coarse =
            largest_gap(m, "{\"n_steps\": 10, \"return_convergence_delta\": true}", target);
        double fine =
            largest_gap(m, "{\"n_steps\": 150, \"return_convergence_delta\": true}", target);
        /* The student's rectifiers make the path's gradient jump: the rule converges like 1/n
         * there, towards nothing but zero. */
        cr_expect(fine <= 0.3, "gap of %g logits with 150 points", fine);
        cr_expect(fine <= coarse / 4, "gap %g with 150 points, %g with 10", fine, coarse);
    }
    model_free(m);
    free(path);
}
