/* Where a pass with dropout drops: of a state that is dropped last, a share is zero. */
#include "backend/model.h"
#include "tests/backend/tiny.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 0.1 /* of all these checkpoints */
#define N_BATCH 8

/* The share of a stack's state that is zero is that of RATE, or none is. */
static void check_state(struct forward *f, enum model_stack stack, int64_t layer, int64_t size,
                        bool drops, const char *name) {
    float *state = malloc((size_t)size * sizeof *state);
    struct err e = {0};
    int64_t n_zero = 0;
    cr_assert_eq(forward_hidden(f, stack, layer, state, &e), ERR_OK, "%s", e.message);
    for (int64_t i = 0; i < size; i++)
        n_zero += state[i] == 0;
    const double expected = drops ? RATE * (double)size : 0;
    cr_expect(fabs((double)n_zero - expected) <= 5 * sqrt(expected * (1 - RATE)),
              "%s, %s, state %d: %d of %d are dropped", name, stack ? "decoder" : "encoder",
              (int)layer, (int)n_zero, (int)size);
    free(state);
}

static void check_model(const char *name, bool first, bool last) {
    char *folder = tiny_folder(name);
    struct model *m;
    struct forward *f;
    struct err e = {0};
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &e), ERR_OK, "%s", e.message);
    const struct model_config *c = model_config(m);
    const struct tiny_text text = tiny_text_of(c);
    const struct forward_input in = {.n_batch = N_BATCH,
                                     .source_ids = text.source,
                                     .n_source = text.n_source,
                                     .target_ids = text.target,
                                     .n_target = text.n_target,
                                     .keep_states = true,
                                     .dropout = true,
                                     .dropout_seed = 3};
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
    for (enum model_stack stack = c->encoder_decoder ? STACK_ENCODER : STACK_DECODER;
         stack <= STACK_DECODER; stack++) {
        const int64_t rows = stack == STACK_ENCODER ? text.n_source : text.n_target,
                      size = N_BATCH * rows * c->n_width;
        check_state(f, stack, 0, size, first, name);
        check_state(f, stack, model_config_sizes(c, stack)->n_layers, size, last, name);
    }
    forward_free(f);
    model_free(m);
    free(folder);
}

/* Behind the norm of embeddings (BART, BERT), or of them without one; of T5 behind each stack's
 * last norm, too. */
Test(dropout_places, are_those_of_transformers) {
    check_model("bart", true, false);
    check_model("blenderbot-small", true, false);
    check_model("bert2bert", true, false);
    check_model("gpt2", true, false);
    check_model("t5", true, true);
}

/* --- a rate in place of the configuration's --- */

static float *logits_at(struct model *m, double rate, bool dropout) {
    const struct model_config *c = model_config(m);
    const struct tiny_text text = tiny_text_of(c);
    const struct forward_input in = {.n_batch = 1,
                                     .source_ids = text.source,
                                     .n_source = text.n_source,
                                     .target_ids = text.target,
                                     .n_target = text.n_target,
                                     .dropout = dropout,
                                     .dropout_rate = rate,
                                     .dropout_seed = 3};
    const struct position last = {0, text.n_target - 1};
    float *out = malloc((size_t)c->n_vocab * sizeof *out);
    struct forward *f;
    struct err e = {0};
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(forward_logits(f, &last, 1, out, &e), ERR_OK, "%s", e.message);
    forward_free(f);
    return out;
}

static bool rates_agree(const char *name, double a, double b, bool dropout) {
    char *folder = tiny_folder(name);
    struct model *m;
    struct err e = {0};
    cr_assert_eq(model_open(&m, folder, NULL, NULL, &e), ERR_OK, "%s", e.message);
    float *x = logits_at(m, a, true), *y = logits_at(m, b, dropout);
    const bool same = memcmp(x, y, (size_t)model_config(m)->n_vocab * sizeof *x) == 0;
    free(x);
    free(y);
    model_free(m);
    free(folder);
    return same;
}

Test(dropout_places, a_rate_that_is_given_stands_for_the_models_own) {
    cr_expect(rates_agree("gpt2", RATE, 0, true), "GPT-2's own rates are all this one");
    cr_expect_not(rates_agree("gpt2", .3, 0, true));
    cr_expect(rates_agree("llama", 0, 0, false), "Llama has no dropout");
    cr_expect_not(rates_agree("llama", RATE, 0, false));
    cr_expect_not(rates_agree("marian", .3, 0, true));
}
