/* Every element equals Inseq's on SmolLM2; and what the demonstrations are for: the contrast finds
 * the word that decides. */
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/inseq_cases.h"

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

Test(inseq, smollm2, .timeout = 300) {
    char *path = path_of("smollm2");
    inseq_cases_check("smollm2", path, 5);
    free(path);
}

/* The token (no special one) with the largest L2 norm of its scores in column 0. */
static const char *strongest(const struct token_list *tokens, const struct scores *s) {
    int64_t width = scores_cell(s), columns = s->dims[1];
    const char *best = "";
    double largest = -1;
    for (int64_t row = 0; row < s->dims[0] && row < (int64_t)tokens->n; row++) {
        double sum = 0;
        for (int64_t k = 0; k < width; k++)
            sum += pow(s->data[row * columns * width + k], 2);
        if (sum > largest && !tokens->items[row].special) { /* NaN rows lose */
            largest = sum;
            best = tokens->items[row].piece;
        }
    }
    return best;
}

/* Attributes `generated` by the difference to the foil at the column whose token is `token`: the
 * strongest token must be `expected`. */
static void expect_strongest(const char *model, const char *input, const char *generated,
                             const char *token, const char *foil, const char *expected) {
    struct err e = {0};
    struct model *m = NULL;
    struct model_options options = {0};
    char *path = path_of(model);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    struct attribute_request r = {.input_text = input,
                                  .generated_text = generated,
                                  .method = "dummy",
                                  .foil.id = tokenizer_piece_id(model_tokenizer(m), foil)};
    struct attribution *a = NULL;
    cr_assert(r.foil.id >= 0, "no piece %s", foil);
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s",
                 e.message); /* where is the token? */
    const struct attribution_sequence *s = &a->sequences[0];
    for (int64_t g = 0; g < attribution_steps(s); g++)
        if (strcmp(s->target.items[s->attr_pos_start + g].piece, token) == 0)
            r.foil.step = optional_of(g);
    attribution_release(a);
    cr_assert(foil_given(&r.foil), "%s is not generated", token);
    r.method = "saliency";
    cr_assert_eq(attribute_run(&a, m, &r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    s = &a->sequences[0];
    cr_assert(attribution_steps(s) == 1 && s->target.items[s->attr_pos_start].id == -1);
    bool source = s->source_attributions.data != NULL;
    const char *got = strongest(source ? &s->source : &s->target,
                                source ? &s->source_attributions : &s->target_attributions);
    cr_expect_str_eq(got, expected, "%s: %s rather than %s: %s decides, not %s", input, token, foil,
                     got, expected);
    attribution_release(a);
    model_free(m);
    free(path);
}

Test(demonstration, manager_decides_the_masculine_article) {
    expect_strongest("en-pt", "I said hi to the manager", "Eu disse oi para o gerente", "▁o", "▁a",
                     "▁manager");
}

Test(demonstration, nurse_decides_the_feminine_article) {
    expect_strongest("en-pt", "I said hi to the nurse.", "Eu disse oi para a enfermeira.", "▁a",
                     "▁o", "▁nurse");
}

Test(demonstration, eiffel_decides_paris) {
    expect_strongest("smollm2", "The Eiffel Tower is located in the city of",
                     "The Eiffel Tower is located in the city of Paris", "ĠParis", "ĠRome",
                     "iffel");
}

Test(demonstration, dog_decides_barking) {
    expect_strongest("smollm2", "Can you stop the dog from", "Can you stop the dog from barking",
                     "Ġbarking", "Ġcrying", "Ġdog");
}
