/* A window masks: within it everything is as without one, and what lies before it changes nothing.
 */
#include "backend/base/mem.h"
#include "backend/generate.h"
#include "backend/model.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Three layers that see three tokens each: a row depends on itself and the six before it. */
enum { WINDOW = 3, LAYERS = 3, FIELD = LAYERS * (WINDOW - 1), LENGTH = 14, LAST = LENGTH - 1 };

static struct err error;
static int32_t ids[LENGTH];

static struct model *open_folder(const char *folder) {
    struct model *m;
    for (int i = 0; i < LENGTH; i++)
        ids[i] = 5 + i * 37 % 100;
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &error), ERR_OK, "%s", error.message);
    return m;
}

static struct model *open_mistral(void) {
    char *folder = tiny_mistral(WINDOW);
    struct model *m = open_folder(folder);
    cr_assert_eq(model_config(m)->n_layers, LAYERS);
    tree_free(folder);
    return m;
}

static struct forward *run(struct model *m) {
    const struct forward_input in = {.n_batch = 1,
                                     .target_ids = ids,
                                     .n_target = LENGTH,
                                     .keep_gradient = true,
                                     .keep_attentions = true};
    struct forward *f;
    cr_assert_eq(model_forward(&f, m, &in, NULL, &error), ERR_OK, "%s", error.message);
    return f;
}

static float *logits_at(struct model *m, int64_t row) {
    struct forward *f = run(m);
    float *logits = mem_alloc((size_t)model_config(m)->n_vocab * sizeof *logits);
    cr_assert_eq(forward_logits(f, &(struct position){0, row}, 1, logits, &error), ERR_OK);
    forward_free(f);
    return logits;
}

static bool same_logits(struct model *a, struct model *b, int64_t row) {
    float *x = logits_at(a, row), *y = logits_at(b, row);
    const bool same = memcmp(x, y, (size_t)model_config(a)->n_vocab * sizeof *x) == 0;
    free(x);
    free(y);
    return same;
}

Test(windows, within_one_all_is_as_without) {
    struct model *m = open_mistral(), *full = open_folder("tests/fixtures/tiny/llama");
    cr_expect(same_logits(m, full, WINDOW - 1));
    cr_expect_not(same_logits(m, full, WINDOW));
    model_free(full);
    model_free(m);
}

Test(windows, attention_weights_are_those_of_the_window_and_sum_to_one) {
    struct model *m = open_mistral();
    struct forward *f = run(m);
    const int64_t n_heads = model_config(m)->n_heads;
    float *weights = mem_alloc((size_t)(n_heads * LENGTH * LENGTH) * sizeof *weights);
    for (int64_t l = 0; l < LAYERS; l++) {
        cr_assert_eq(forward_attentions(f, ATTENTION_DECODER_SELF, l, 0, LENGTH, weights, &error),
                     ERR_OK);
        for (int64_t r = 0; r < n_heads * LENGTH; r++) {
            double sum = 0;
            for (int64_t k = 0; k < LENGTH; k++) {
                const int64_t back = r % LENGTH - k;
                cr_expect_eq(weights[r * LENGTH + k] != 0, back >= 0 && back < WINDOW);
                sum += weights[r * LENGTH + k];
            }
            cr_expect_float_eq(sum, 1, 1e-5);
        }
    }
    free(weights);
    forward_free(f);
    model_free(m);
}

/* Whether the derivative of the last row's logits, for token 7, with respect to a row is zero. */
static bool gradient_is_zero(const float *gradient, int64_t row, int64_t width) {
    bool zero = true;
    for (int64_t i = 0; i < width; i++)
        zero &= gradient[row * width + i] == 0;
    return zero;
}

Test(windows, gradients_are_zero_exactly_where_nothing_is_seen) {
    struct model *m = open_mistral();
    struct forward *f = run(m);
    const int64_t width = model_config(m)->n_width, n_vocab = model_config(m)->n_vocab;
    float *d = mem_alloc((size_t)n_vocab * sizeof *d),
          *gradient = mem_alloc((size_t)(LENGTH * width) * sizeof *gradient);
    const struct position at = {0, LAST};
    const struct vjp_request r = {.at = &at, .n = 1, .d_logits = d, .target = gradient};
    d[7] = 1;
    cr_assert_eq(forward_vjp(f, &r, NULL, &error), ERR_OK, "%s", error.message);
    for (int64_t row = 0; row < LENGTH; row++)
        cr_expect_eq(gradient_is_zero(gradient, row, width), row < LAST - FIELD, "row %lld",
                     (long long)row);
    free(gradient);
    free(d);
    forward_free(f);
    model_free(m);
}

Test(windows, other_tokens_before_all_windows_change_no_bit) {
    struct model *m = open_mistral();
    float *before = logits_at(m, LAST);
    for (int i = 0; i < LAST - FIELD; i++)
        ids[i] = 9;
    float *after = logits_at(m, LAST);
    cr_expect_eq(memcmp(before, after, (size_t)model_config(m)->n_vocab * sizeof *after), 0);
    free(after);
    ids[LAST - FIELD] = 9;
    after = logits_at(m, LAST);
    cr_expect_neq(memcmp(before, after, (size_t)model_config(m)->n_vocab * sizeof *after), 0);
    free(after);
    free(before);
    model_free(m);
}
