/* The families' tables: found by what files say, and complete. */
#include "backend/architectures/families.h"
#include "backend/architectures/relatives.h"
#include "backend/base/err.h"
#include "backend/family_names.h"
#include "backend/settings/settings.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check_layout(const struct family *f, enum model_layout layout) {
    const struct family_layout *l = &f->layouts[layout];
    if (!f->pair) /* names are its sides' */
        cr_expect_eq(l->classes[0].name != NULL, l->n_rows > 0 || l->more);
    for (size_t i = 0; i < FAMILY_CLASSES && l->classes[i].name; i++) {
        const struct family_class *class = &l->classes[i];
        const struct family_match by_name = family_find(layout, class->name, NULL),
                                  by_type = family_find(layout, NULL, class->type);
        cr_expect(by_name.family == f && by_name.layout == l && by_name.class == class, "%s",
                  class->name);
        /* A class under two names has one type. */
        cr_expect(by_type.family == f && by_type.class->settings == class->settings, "%s",
                  class->type);
        cr_expect(class->settings && class->settings->n, "%s", class->name);
    }
}

Test(families, each_is_found_by_its_classes_and_types) {
    size_t n;
    const struct family *const *all = families(&n);
    cr_assert_geq(n, 5);
    for (size_t i = 0; i < n; i++)
        for (enum model_layout layout = LAYOUT_HUGGING_FACE; layout <= LAYOUT_MARIAN_NATIVE;
             layout++)
            check_layout(all[i], layout);
    cr_expect_null(family_find(LAYOUT_HUGGING_FACE, "GPT2Model", "gpt2").family);
    cr_expect_null(family_find(LAYOUT_GGUF, NULL, "marian").family);
}

Test(families, encoders_are_listed_for_messages) {
    char *list = family_list_encoders(LAYOUT_HUGGING_FACE),
         *none = family_list_encoders(LAYOUT_GGUF);
    cr_expect_str_eq(list, "bert");
    cr_expect_str_eq(none, "none");
    free(list);
    free(none);
}

Test(families, sides_of_a_pair_are_found_and_listed) {
    char *readers = family_list_sides(STACK_ENCODER), *writers = family_list_sides(STACK_DECODER);
    cr_expect_str_eq(readers, "bert and roberta");
    cr_expect_str_eq(writers, "gpt2, bert and roberta");
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++) {
        const struct family_side *side = family_side_find(i, "bert");
        cr_assert_not_null(side);
        cr_expect_eq(plan_has(&side->plan, PART_CROSS_ATTENTION), i == STACK_DECODER);
        cr_expect_null(family_side_find(i, "llama"));
    }
    cr_expect_null(family_side_find(STACK_ENCODER, "gpt2"));
    free(readers);
    free(writers);
    char *both = family_pairs();
    cr_expect_str_eq(both, "encoder (bert and roberta) and decoder (gpt2, bert and roberta)");
    free(both);
}

Test(families, what_runs_is_listed_by_its_names) {
    struct family_name names[200];
    const size_t n = family_names(names, 200);
    cr_assert(n >= 4 && n <= 200);
    cr_expect_str_eq(names[0].class, "LlamaForCausalLM");
    cr_expect_str_eq(names[0].type, "llama");
    cr_expect_str_eq(names[0].gguf, "llama");
    cr_expect_not(names[0].encoder_decoder);
    cr_expect_eq(family_names(names, 1), n);
}

Test(families, a_relative_is_refused_with_what_it_has_and_what_is_nearest) {
    static const struct {
        enum model_layout layout;
        const char *name, *type, *says;
    } cases[] = {
        {LAYOUT_HUGGING_FACE, "MambaForCausalLM", "mamba",
         "MambaForCausalLM does not run here: state spaces in place of attention; the nearest that "
         "does is GPT2LMHeadModel ("},
        {LAYOUT_HUGGING_FACE, "", "xlnet", "xlnet does not run here: permuted positions; "},
        {LAYOUT_HUGGING_FACE, "NewForCausalLM", "new",
         "NewForCausalLM does not run here; 'tinseq "},
        {LAYOUT_HUGGING_FACE, "", "", "a model without architectures and model_type does not run"},
        {LAYOUT_GGUF, "", "t5encoder",
         "GGUF architecture t5encoder does not run here: T5's encoder alone, which writes no text; "
         "the nearest that does is T5ForConditionalGeneration ("},
        {LAYOUT_GGUF, "", "mamba2", "GGUF architecture mamba2 does not run here: state spaces"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = relative_refusal(cases[i].layout, cases[i].name, cases[i].type);
        cr_expect_eq(strncmp(text, cases[i].says, strlen(cases[i].says)), 0, "%s", text);
        cr_expect_lt(strlen(text), ERR_MESSAGE_SIZE - 200, "%s", text);
        free(text);
    }
}

Test(families, no_relative_runs_and_what_is_nearest_does) {
    size_t n;
    const struct relative *all = relatives(&n);
    for (size_t i = 0; i < n; i++) {
        cr_expect_null(family_find(LAYOUT_HUGGING_FACE, all[i].class, all[i].type).family,
                       "%s runs: its row of relatives.def goes", all[i].class);
        cr_expect_not_null(family_find(LAYOUT_HUGGING_FACE, all[i].nearest, NULL).family,
                           "%s, the nearest of %s, does not run", all[i].nearest, all[i].class);
    }
}

Test(families, a_configuration_begins_with_what_is_fixed) {
    struct model_config c = {.layout = LAYOUT_HUGGING_FACE, .n_width = 7};
    const struct family_match marian = family_find(LAYOUT_HUGGING_FACE, NULL, "marian"),
                              bert = family_find(LAYOUT_HUGGING_FACE, NULL, "bert");
    family_begin(&c, &marian);
    cr_expect(c.family == marian.family && c.encoder_decoder && c.n_width == 0 &&
              c.pad_token_id == -1 && family_writes(c.family));
    cr_expect_str_eq(c.class_name, "MarianMTModel");
    cr_expect_str_eq(family_tensor(marian.layout, SLOT_HEAD_BIAS), "final_logits_bias");
    cr_expect_null(family_tensor(marian.layout, SLOT_QKV));
    family_begin(&c, &bert);
    cr_expect(!c.encoder_decoder && !family_writes(c.family) && c.decoder.parts[0] == PART_NONE);
}
