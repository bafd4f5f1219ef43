/* Generated ids that stay as the model wrote them: each token is the one that it chose there, also
 * where its text has other tokens; the file says so, and what is evaluated are these ids. */
#include "backend/generate.h"
#include "backend/model.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/request/attribute.h"
#include "methods/request/request_result.h"
#include "tests/methods/result/info.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <string.h>

#define KWARGS "{\"max_new_tokens\": 12, \"do_sample\": false, \"num_beams\": 1}"

static void on_notice(void *user, const char *text) {
    strncat(user, text, 3900 - strlen(user));
}

static struct attribution *attributed(struct model *m, const char *ids, char *told) {
    const struct attribute_request r = {.input_text = "The nurse said",
                                        .method = "dummy",
                                        .generation_kwargs = KWARGS,
                                        .generated_ids = ids};
    const struct attribute_events events = {.user = told, .notice = on_notice};
    struct attribution *a = NULL;
    struct err e = {0};
    *told = '\0';
    cr_assert_eq(attribute_run(&a, m, &r, &events, NULL, &e), ERR_OK, "%s", e.message);
    return a;
}

/* How many columns are of the token that is likeliest there. */
static int64_t count_chosen(const struct attribution_sequence *s) {
    int64_t n = 0;
    for (int64_t g = 0; g < attribution_steps(s); g++)
        n += s->target.items[s->attr_pos_start + g].id == s->candidates[g].items[0].id;
    return n;
}

Test(own_ids, are_those_that_the_model_chose) {
    static const char *const models[] = {"llama", "student"};
    int n_changed = 0;
    for (int i = 0; i < 2; i++) {
        struct model *m = tiny_model_open(models[i]);
        char told[4000];
        struct attribution *own = attributed(m, "own", told);
        const struct attribution_sequence *s = &own->sequences[0];
        cr_expect_null(strstr(told, "encoded again"), "%s: %s", models[i], told);
        cr_expect_eq(count_chosen(s), attribution_steps(s), "%s", models[i]);
        cr_expect_not_null(strstr(info_of(own), "\"generated_ids\":\"own\""), "%s", info_of(own));
        struct attribute_request again = request_of_result(own, 0);
        cr_expect_str_eq(again.generated_ids, "own");
        request_dispose(&again);
        struct attribution *encoded = attributed(m, NULL, told);
        const struct attribution_sequence *t = &encoded->sequences[0];
        bool same = s->target.n == t->target.n;
        for (size_t k = 0; same && k < s->target.n; k++)
            same = s->target.items[k].id == t->target.items[k].id;
        cr_expect_eq(strstr(told, "has other tokens than the model wrote") == NULL, same, "%s: %s",
                     models[i], told);
        cr_expect_eq(strstr(info_of(encoded), "than the model wrote") == NULL, same);
        cr_expect_null(strstr(info_of(encoded), "generated_ids\":"));
        cr_expect(same || count_chosen(t) < attribution_steps(t), "%s", models[i]);
        n_changed += !same;
        attribution_release(own);
        attribution_release(encoded);
        model_free(m);
    }
    cr_expect(n_changed > 0, "no text of these has other tokens when it is encoded again");
}

static enum err_code count_ids(void *user, const struct attribution_sequence *tokens,
                               const struct method_input *in, const struct run_ctl *ctl,
                               struct err *e) {
    const struct attribution_sequence *s = user;
    (void)in, (void)ctl, (void)e;
    cr_expect_eq(tokens->target.n, s->target.n);
    for (size_t i = 0; i < tokens->target.n && i < s->target.n; i++)
        cr_expect_eq(tokens->target.items[i].id, s->target.items[i].id);
    return ERR_OK;
}

Test(own_ids, are_what_is_evaluated) {
    struct model *m = tiny_model_open("llama");
    char told[4000];
    struct err e = {0};
    struct attribution *own = attributed(m, "own", told);
    struct attribute_request r = request_of_result(own, 0);
    cr_expect_eq(
        attribute_prepare(m, &r, &own->sequences[0], count_ids, &own->sequences[0], NULL, &e),
        ERR_OK, "%s", e.message);
    request_dispose(&r);
    attribution_release(own);
    model_free(m);
}

Test(own_ids, are_of_no_forced_text) {
    struct model *m = tiny_model_open("gpt2");
    char told[4000] = "";
    const struct attribute_events events = {.user = told, .notice = on_notice};
    const struct attribute_request r = {.input_text = "The nurse said",
                                        .generated_text = "The nurse said hello",
                                        .method = "dummy",
                                        .generated_ids = "own"};
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, &r, &events, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_not_null(strstr(told, "a forced text is encoded"), "%s", told);
    cr_expect_null(strstr(info_of(a), "generated_ids\":"));
    attribution_release(a);
    model_free(m);
}
