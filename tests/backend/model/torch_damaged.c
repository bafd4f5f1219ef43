/* One weight that is no number: every way to the logits says so, and which tensor it is. */
#include "backend/base/mem.h"
#include "backend/generate.h"
#include "backend/model.h"
#include "tests/backend/damaged.h"
#include "tests/backend/tiny.h"
#include "tests/backend/tree.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *tensor;
    int64_t element;
    float value;
} cases[] = {
    {"llama", "model.layers.1.mlp.up_proj.weight", 5, NAN},
    {"llama", "lm_head.weight", 48 * 200, INFINITY},
    {"gpt2", "transformer.h.0.ln_1.bias", 3, -INFINITY},
    {"marian", "model.encoder.layers.0.fc1.weight", 3, NAN},
    {"marian", "model.decoder.layers.1.encoder_attn.v_proj.weight", 90, INFINITY},
    {"student", "decoder_l1_rnn_W", 17, NAN},
    {"student", "encoder_l2_ffn_W2", 40, INFINITY},
};
#define N_CASES (sizeof cases / sizeof *cases)

static struct model *open_folder(const char *folder) {
    const struct model_options options = {0};
    struct err e = {0};
    struct model *m = NULL;
    cr_assert_eq(model_open(&m, folder, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

static struct model *open_case(size_t i, char **folder) {
    *folder = damaged_copy(cases[i].name, cases[i].tensor, cases[i].element, cases[i].value);
    return open_folder(*folder);
}

static void close_case(struct model *m, char *folder) {
    model_free(m);
    tree_free(folder);
}

static void check_said(size_t i, const char *what, enum err_code code, const struct err *e) {
    cr_expect_eq(code, ERR_FORMAT, "%s of %s: %s", what, cases[i].name, e->message);
    cr_expect(strstr(e->message, "not finite") && strstr(e->message, "at position "), "%s: %s",
              what, e->message);
    cr_expect(strstr(e->message, cases[i].tensor) && strstr(e->message, "damaged"), "%s: %s", what,
              e->message);
}

static struct forward_input input_of(const struct model *m, const struct tiny_text *t) {
    const bool two = model_config(m)->encoder_decoder;
    return (struct forward_input){.n_batch = 1,
                                  .source_ids = two ? t->source : NULL,
                                  .n_source = two ? t->n_source : 0,
                                  .target_ids = t->target,
                                  .n_target = t->n_target};
}

Test(damaged_weight, is_named_by_every_search) {
    static const struct {
        int beams;
        bool sample, marian;
    } searches[] = {
        {1, false, false}, {1, true, false}, {4, false, false}, {4, true, false}, {3, false, true}};
    for (size_t i = 0; i < N_CASES; i++) {
        char *folder;
        struct model *m = open_case(i, &folder);
        const struct tiny_text t = tiny_text_of(model_config(m));
        const bool two = model_config(m)->encoder_decoder;
        const int32_t *prompt = two ? t.source : t.target;
        const int64_t n_prompt = two ? t.n_source : t.n_target;
        for (size_t k = 0; k < sizeof searches / sizeof *searches; k++) {
            struct generation_config config = model_config(m)->generation;
            struct generation g = {0};
            struct err e = {0};
            config.num_beams = searches[k].beams;
            config.do_sample = searches[k].sample;
            config.marian_search = searches[k].marian;
            check_said(i, "a search",
                       generate(&g, m, prompt, n_prompt, NULL, 0, &config, NULL, NULL, &e), &e);
            generation_dispose(&g);
        }
        close_case(m, folder);
    }
}

Test(damaged_weight, is_named_by_a_forward_pass_and_by_the_lens) {
    for (size_t i = 0; i < N_CASES; i++) {
        char *folder;
        struct model *m = open_case(i, &folder);
        const struct tiny_text t = tiny_text_of(model_config(m));
        struct forward_input in = input_of(m, &t);
        const struct model_site site = {STACK_DECODER, MODULE_BLOCK, model_config(m)->n_layers - 1};
        const struct position at = {0, t.n_target - 1};
        float *logits = mem_alloc((size_t)model_config(m)->n_vocab * sizeof *logits);
        struct forward *f = NULL;
        struct err e = {0};
        in.sites = &site;
        in.n_sites = 1;
        cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
        check_said(i, "logits", forward_logits(f, &at, 1, logits, &e), &e);
        err_clear(&e);
        check_said(i, "the lens", forward_lens(f, 0, &at, 1, logits, &e), &e);
        char *position = mem_format("at position %d ", (int)t.n_target);
        cr_expect(strstr(e.message, position), "%s", e.message);
        free(position);
        forward_free(f);
        free(logits);
        close_case(m, folder);
    }
}

/* No weight is to blame when numbers outgrow their type. */
Test(damaged_weight, is_not_blamed_for_an_overflow) {
    char *folder = damaged_copy("llama", "model.norm.weight", 7, 3e38f);
    struct model *m = open_folder(folder);
    const struct tiny_text t = tiny_text_of(model_config(m));
    const struct generation_config config = model_config(m)->generation;
    struct generation g = {0};
    struct err e = {0};
    cr_expect_eq(generate(&g, m, t.target, t.n_target, NULL, 0, &config, NULL, NULL, &e),
                 ERR_FORMAT);
    cr_expect(strstr(e.message, "grew too large in float32; try float64"), "%s", e.message);
    close_case(m, folder);
}

/* What is damaged elsewhere is no neighbour, and what is itself has none. */
Test(damaged_weight, has_no_place_among_neighbours) {
    char *folder = damaged_copy("llama", "model.embed_tokens.weight", 48 * 31, NAN);
    struct model *m = open_folder(folder);
    const int32_t sound = 44, damaged = 31;
    int32_t near[418];
    struct err e = {0};
    cr_assert_eq(model_neighbours(m, STACK_DECODER, &sound, 1, 400, near, &e), ERR_OK, "%s",
                 e.message);
    for (int i = 0; i < 400; i++)
        cr_expect(near[i] != damaged && near[i] >= 0 && near[i] < 420);
    cr_expect_eq(model_neighbours(m, STACK_DECODER, &damaged, 1, 5, near, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "not finite"), "%s", e.message);
    close_case(m, folder);
}
