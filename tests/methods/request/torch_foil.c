/* Foils by rank and by text on the tiny checkpoints, and what is refused of contrast sources. */
#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "tests/methods/result/info.h"
#include "tests/methods/tiny_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct told {
    char text[2000];
};

static void on_notice(void *user, const char *text) {
    struct told *t = user;
    strncat(t->text, text, sizeof t->text - strlen(t->text) - 1);
}

static struct attribute_request request(const struct model *m) {
    const bool two = model_config(m)->encoder_decoder;
    return (struct attribute_request){.input_text = two ? "The manager said hi" : "The nurse said",
                                      .generated_text =
                                          two ? "O gerente disse" : "The nurse said hello to"};
}

static struct attribution *attributed(struct model *m, const struct attribute_request *r,
                                      struct told *t) {
    const struct attribute_events events = {.user = t, .notice = on_notice};
    struct attribution *a = NULL;
    struct err e = {0};
    *t = (struct told){0};
    cr_assert_eq(attribute_run(&a, m, r, &events, NULL, &e), ERR_OK, "%s", e.message);
    return a;
}

static void expect_equal(const struct attribution *a, const struct attribution *b) {
    const struct scores *x = &a->sequences[0].target_attributions,
                        *y = &b->sequences[0].target_attributions;
    if (!x->data)
        x = &a->sequences[0].source_attributions, y = &b->sequences[0].source_attributions;
    cr_assert_eq(scores_count(x), scores_count(y));
    cr_expect_eq(memcmp(x->data, y->data, (size_t)scores_count(x) * sizeof *x->data), 0);
}

/* The k-th foil of a step is the k-th of its candidates that is not the token itself, and is what
 * that id given outright is. */
Test(foil, a_rank_is_of_the_models_own_choices) {
    static const char *const models[] = {"llama", "gpt2", "marian"};
    for (int i = 0; i < 3; i++) {
        struct model *m = tiny_model_open(models[i]);
        struct attribute_request r = request(m);
        struct told t;
        struct attribution *all = attributed(m, &r, &t);
        const struct attribution_sequence *s = &all->sequences[0];
        for (int64_t step = 0; step < 2; step++) {
            const struct step_candidates *c = &s->candidates[step];
            int64_t rank = 0;
            for (size_t k = 0; k < c->n && rank < 3; k++) {
                if (c->items[k].id == s->target.items[s->attr_pos_start + step].id)
                    continue;
                struct attribute_request by_rank = r, by_id = r;
                by_rank.foil.step = by_id.foil.step = optional_of(step);
                by_rank.foil.rank = ++rank;
                by_id.foil.id = c->items[k].id;
                struct told none;
                struct attribution *a = attributed(m, &by_rank, &t),
                                   *b = attributed(m, &by_id, &none);
                expect_equal(a, b);
                char *id = mem_format("\"foil_id\":%d", c->items[k].id);
                cr_expect_not_null(strstr(info_of(a), id), "%s: %s", id, info_of(a));
                cr_expect_not_null(strstr(t.text, c->items[k].printable), "%s", t.text);
                cr_expect_not_null(strstr(t.text, "of the model's choices"), "%s", t.text);
                cr_expect_not_null(strstr(info_of(a), "of the model's choices"),
                                   "in the result too");
                cr_expect_null(strstr(none.text, "of the model's choices"));
                free(id);
                attribution_release(a);
                attribution_release(b);
            }
            cr_expect_eq(rank, 3);
        }
        attribution_release(all);
        model_free(m);
    }
}

Test(foil, a_typed_foil_takes_its_first_piece_and_says_so) {
    struct model *m = tiny_model_open("gpt2");
    const struct tokenizer *tokenizer = model_tokenizer(m);
    struct attribute_request r = request(m), by_id;
    struct told t;
    struct token_list pieces = {0};
    struct err e = {0};
    cr_assert_eq(tokenizer_encode(tokenizer, TEXT_TARGET, " xylophone", strlen(" xylophone"), false,
                                  &pieces, &e),
                 ERR_OK);
    cr_assert(pieces.n > 1);
    r.foil.step = optional_of(0);
    by_id = r;
    r.foil.text = "xylophone";
    by_id.foil.id = pieces.items[0].id;
    struct told none;
    struct attribution *a = attributed(m, &r, &t), *b = attributed(m, &by_id, &none);
    expect_equal(a, b);
    char *want =
        mem_format("is split into %zu pieces (\"%s\"", pieces.n, pieces.items[0].printable);
    cr_expect_not_null(strstr(t.text, want), "%s, should have %s", t.text, want);
    attribution_release(a);
    attribution_release(b);
    free(want);
    token_list_dispose(&pieces);
    model_free(m);
}

/* The token of a text at one place, as the whole text is encoded. */
static int32_t id_at(const struct model *m, const char *text, int64_t position) {
    struct token_list tokens = {0};
    struct err e = {0};
    cr_assert_eq(
        tokenizer_encode(model_tokenizer(m), TEXT_TARGET, text, strlen(text), true, &tokens, &e),
        ERR_OK);
    cr_assert((int64_t)tokens.n > position);
    const int32_t id = tokens.items[position].id;
    token_list_dispose(&tokens);
    return id;
}

static int64_t foil_of(struct attribution *a) {
    const char *at = strstr(info_of(a), "\"foil_id\":");
    cr_assert_not_null(at);
    return strtoll(at + strlen("\"foil_id\":"), NULL, 10);
}

/* What is typed at a step follows the text before it: several words are one text, and the token is
 * the one that this text has there; where that text would be another one then, it is told. */
Test(foil, what_is_typed_follows_the_text_so_far) {
    static const struct {
        const char *model, *forced;
        int64_t step;
        const char *typed, *whole, *said;
    } cases[] = {{"gpt2", "The nurse said hello to", 0, "goodbye to all",
                  "The nurse said goodbye to all", "pieces (\"·"},
                 {"gpt2", "The nurse said hello to", 1, "y said", "The nurse said hey said",
                  "2 pieces (\"y\", \"·said\"): only the first is held against \"llo\""},
                 {"marian", "O gerente disse", 3, "s a", "O ges a",
                  "2 pieces (\"s\", \"·a\"): only the first is held against \"r\""},
                 {"marian", "O gerente disse", 2, "te", NULL,
                  "so the foil was split by itself: it begins with \"·te\""},
                 {"gpt2", "The nurse said hello everyone", 3, "n", NULL,
                  "so the foil was split by itself: it begins with \"n\""},
                 {"gpt2", "The nurse said hello to", 0, "hello all", NULL,
                  "there is no difference to explain"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model *m = tiny_model_open(cases[i].model);
        struct attribute_request r = request(m);
        struct told t, none;
        r.generated_text = cases[i].forced;
        r.foil = (struct foil){.step = optional_of(cases[i].step), .text = cases[i].typed};
        struct attribution *a = attributed(m, &r, &t);
        cr_expect_not_null(strstr(t.text, cases[i].said), "%zu: %s", i, t.text);
        cr_expect_eq(attribution_steps(&a->sequences[0]), 1);
        if (cases[i].whole) {
            struct attribute_request by_id = r;
            const bool started = model_config(m)->encoder_decoder;
            by_id.foil.text = NULL;
            by_id.foil.id =
                id_at(m, cases[i].whole, a->sequences[0].attr_pos_start - (int64_t)started);
            struct attribution *b = attributed(m, &by_id, &none);
            cr_expect_eq(foil_of(a), by_id.foil.id, "%zu", i);
            expect_equal(a, b);
            attribution_release(b);
        }
        attribution_release(a);
        model_free(m);
    }
}

static void refused(struct model *m, const struct attribute_request *r, const char *said) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_expect_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    attribution_release(a);
}

Test(foil, what_cannot_be_a_foil_is_refused) {
    struct model *m = tiny_model_open("gpt2");
    struct attribute_request r = request(m);
    r.foil.step = optional_of(0);
    r.foil.rank = model_config(m)->n_vocab;
    refused(m, &r, "the foil's rank is");
    r.foil.rank = 0;
    r.foil.text = "";
    refused(m, &r, "the foil is empty");
    r.foil.step = optional_of(99);
    refused(m, &r, "the foil's step 100 is outside");
    model_free(m);
}

Test(contrast_sources, are_for_models_with_a_source_and_hold_something) {
    struct model *decoder = tiny_model_open("gpt2"), *both = tiny_model_open("marian");
    struct attribute_request r = request(decoder);
    r.contrast_sources = "The manager";
    refused(decoder, &r,
            "contrast_sources is for encoder-decoder models; give a decoder-only one its other "
            "context in contrast_targets");
    r = request(both);
    r.contrast_sources = "";
    r.skip_special_tokens = true; /* not even an end */
    refused(both, &r, "contrast_sources has no token");
    r.contrast_sources = "The waiter said hi";
    r.attributed_fn = "contrast_prob_diff";
    struct told t;
    struct attribution *a = attributed(both, &r, &t);
    cr_expect_not_null(strstr(t.text, "another source alone changes nothing"), "%s", t.text);
    cr_expect_not_null(strstr(info_of(a), "The waiter said hi"));
    attribution_release(a);
    model_free(decoder);
    model_free(both);
}

/* How often an id is among a step's candidates, and with which probability. */
static int times_among(const struct step_candidates *c, int32_t id, float *probability) {
    int n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].id == id) {
            *probability = c->items[i].probability;
            n++;
        }
    return n;
}

/* A forced, or a sampled, token may be none that the model thinks likely. */
Test(foil, what_was_written_and_what_is_held_against_it_are_always_candidates) {
    static const char *const models[] = {"llama", "gpt2", "marian"};
    for (int i = 0; i < 3; i++) {
        struct model *m = tiny_model_open(models[i]);
        struct attribute_request r = request(m);
        struct told t;
        r.step_scores = (struct names){(const char *[]){"probability", "contrast_prob"}, 2};
        r.foil = (struct foil){.step = optional_of(0), .id = 11};
        struct attribution *a = attributed(m, &r, &t);
        const struct attribution_sequence *s = &a->sequences[0];
        const struct scores *own = attribution_find_step_scores(s, "probability"),
                            *foil = attribution_find_step_scores(s, "contrast_prob");
        const int32_t written = a->info.foil_id.given ? 11 : -1;
        float p = -1;
        cr_assert_eq(written, 11);
        cr_expect_eq(times_among(s->candidates, 11, &p), 1, "%s", models[i]);
        cr_expect_float_eq(p, foil->data[0], 1e-6f);
        bool found = false;
        for (size_t k = 0; k < s->candidates->n; k++)
            found |= fabsf(s->candidates->items[k].probability - own->data[0]) < 1e-6f;
        cr_expect(found, "%s: %g", models[i], (double)own->data[0]);
        attribution_release(a);
        r.foil = (struct foil){0};
        a = attributed(m, &r, &t);
        s = &a->sequences[0];
        own = attribution_find_step_scores(s, "probability");
        for (int64_t g = 0; g < attribution_steps(s); g++) {
            const int32_t id = s->target.items[s->attr_pos_start + g].id;
            cr_expect_eq(times_among(&s->candidates[g], id, &p), 1, "%s", models[i]);
            cr_expect_float_eq(p, own->data[g], 1e-6f);
        }
        attribution_release(a);
        model_free(m);
    }
}

/* Attention weights are the same for any contrast: their columns are not named after one. */
Test(foil, columns_are_named_after_a_contrast_that_is_looked_at) {
    struct model *m = tiny_model_open("llama");
    struct attribute_request r = request(m);
    struct told t;
    r.method = "attention";
    r.contrast_targets = "The nurse said goodbye to";
    struct attribution *plain = attributed(m, &r, &t);
    const struct attribution_sequence *s = &plain->sequences[0];
    for (int64_t g = 0; g < attribution_steps(s); g++)
        cr_expect_geq(s->target.items[s->attr_pos_start + g].id, 0);
    cr_expect_not_null(strstr(t.text, "explains no function"), "%s", t.text);
    r.step_scores = (struct names){(const char *[]){"contrast_prob"}, 1};
    struct attribution *named = attributed(m, &r, &t);
    s = &named->sequences[0];
    int after = 0;
    for (int64_t g = 0; g < attribution_steps(s); g++)
        after += s->target.items[s->attr_pos_start + g].id < 0;
    cr_expect_gt(after, 0);
    cr_expect_null(strstr(t.text, "explains no function"), "%s", t.text);
    attribution_release(plain);
    attribution_release(named);
    model_free(m);
}
