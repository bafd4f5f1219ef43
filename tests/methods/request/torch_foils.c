/* Several foils at one step: a column each, as each by itself. */
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "methods/request/request_result.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define N_FOILS 3

static const struct foil_choice ids[N_FOILS] = {{.id = 9}, {.id = 30}, {.id = 17}};

static struct attribute_request request(const struct model *m, const char *method) {
    const bool two = model_config(m)->encoder_decoder;
    struct attribute_request r = {.input_text = two ? "The manager said hi" : "The nurse said",
                                  .generated_text =
                                      two ? "O gerente disse" : "The nurse said hello to",
                                  .method = method};
    r.foil = (struct foil){.step = optional_of(1), .id = ids[0].id};
    return r;
}

static struct attribution *attributed(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    return a;
}

/* Column k of `all` is the only one of `one`, at the rows that one has. */
static void expect_column(const struct scores *all, size_t k, const struct scores *one,
                          const char *what) {
    const int64_t cell = scores_cell(one);
    cr_assert_eq(all->data == NULL, one->data == NULL, "%s", what);
    for (int64_t row = 0; one->data && row < one->dims[0]; row++)
        for (int64_t i = 0; i < cell; i++) {
            const float x = all->data[(row * N_FOILS + (int64_t)k) * cell + i],
                        y = one->data[row * cell + i];
            cr_expect(x == y || (isnan(x) && isnan(y)), "%s, row %d: %g, %g", what, (int)row,
                      (double)x, (double)y);
        }
}

static void expect_each(struct model *m, const char *method) {
    struct attribute_request r = request(m, method), several = r;
    several.foil.more = ids + 1;
    several.foil.n_more = N_FOILS - 1;
    struct attribution *all = attributed(m, &several);
    const struct attribution_sequence *s = &all->sequences[0];
    cr_assert_eq(attribution_steps(s), N_FOILS);
    cr_expect_eq(all->info.notices.n, 0, "%s",
                 all->info.notices.n ? all->info.notices.items[0] : "");
    cr_expect_eq(attribution_visible_rows(s, true) > 0, s->target_attributions.data != NULL);
    for (size_t k = 0; k < N_FOILS; k++) {
        r.foil.id = ids[k].id;
        struct attribution *a = attributed(m, &r);
        const struct attribution_sequence *one = &a->sequences[0];
        expect_column(&s->source_attributions, k, &one->source_attributions, method);
        expect_column(&s->target_attributions, k, &one->target_attributions, method);
        cr_expect_str_eq(s->target.items[s->attr_pos_start + (int64_t)k].printable,
                         one->target.items[one->attr_pos_start].printable);
        cr_expect_eq(attribution_visible_rows(s, true), attribution_visible_rows(one, true));
        attribution_release(a);
    }
    attribution_release(all);
}

Test(foils, each_is_a_column_as_it_is_by_itself) {
    static const char *const models[] = {"llama", "marian"}, *const methods[] = {
                                                                 "saliency", "integrated_gradients",
                                                                 "occlusion",
                                                                 "layer_gradient_x_activation",
                                                                 "alti_logit"};
    for (size_t i = 0; i < 2; i++) {
        struct model *m = tiny_model_open(models[i]);
        for (size_t k = 0; k + i < sizeof methods / sizeof *methods; k++)
            expect_each(m, methods[k]);
        model_free(m);
    }
}

/* Kept in a file, read again, and asked for again. */
Test(foils, a_result_tells_all_of_them) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request r = request(m, "saliency");
    r.foil.more = ids + 1;
    r.foil.n_more = N_FOILS - 1;
    struct attribution *a = attributed(m, &r);
    struct attribute_request back = request_of_result(a, 0);
    cr_expect_eq(foil_count(&back.foil), N_FOILS);
    for (size_t k = 0; k < N_FOILS; k++)
        cr_expect_eq(foil_choice_at(&back.foil, k).id, ids[k].id);
    cr_expect_eq(back.attr_pos_start.value, a->sequences[0].attr_pos_start);
    cr_expect_eq(back.attr_pos_end.value, a->sequences[0].attr_pos_start + 1);
    struct attribution *again = attributed(m, &back);
    const struct scores *x = &a->sequences[0].target_attributions,
                        *y = &again->sequences[0].target_attributions;
    cr_assert_eq(scores_count(x), scores_count(y));
    cr_expect_eq(memcmp(x->data, y->data, (size_t)scores_count(x) * sizeof *x->data), 0);
    attribution_release(again);
    attribution_release(a);
    request_dispose(&back);
    model_free(m);
}

static void expect_refused(struct model *m, const struct attribute_request *r, const char *why) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_expect_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, why), "%s", e.message);
}

Test(foils, what_makes_no_sense_is_refused) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request r = request(m, "saliency");
    r.foil.more = ids;
    r.foil.n_more = 1;
    expect_refused(m, &r, "foils 1 and 2 of this step are the same token");
    r.foil.more = ids + 1;
    r.method = "attention";
    expect_refused(m, &r, "nothing is compared with several foils");
    model_free(m);
}
