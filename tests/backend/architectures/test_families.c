/* The families' tables: found by what files say, and complete. */
#include "backend/architectures/families.h"
#include "backend/settings/settings.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check_layout(const struct family *f, enum model_layout layout) {
    const struct family_layout *l = &f->layouts[layout];
    cr_expect_eq(l->classes[0].name != NULL, l->n_rows > 0);
    for (size_t i = 0; i < FAMILY_CLASSES && l->classes[i].name; i++) {
        const struct family_class *class = &l->classes[i];
        const struct family_match by_name = family_find(layout, class->name, NULL),
                                  by_type = family_find(layout, NULL, class->type);
        cr_expect(by_name.family == f && by_name.layout == l && by_name.class == class, "%s",
                  class->name);
        cr_expect(by_type.family == f && by_type.class == class, "%s", class->type);
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

Test(families, what_there_is_is_listed_for_messages) {
    static const struct {
        enum model_layout layout;
        bool classes, write;
        const char *list;
    } cases[] = {
        {LAYOUT_HUGGING_FACE, true, true,
         "LlamaForCausalLM, MistralForCausalLM, GPT2LMHeadModel and MarianMTModel"},
        {LAYOUT_HUGGING_FACE, false, false, "bert"},
        {LAYOUT_GGUF, false, true, "llama and gpt2"},
        {LAYOUT_GGUF, false, false, "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *list = family_list(cases[i].layout, cases[i].classes, cases[i].write);
        cr_expect_str_eq(list, cases[i].list);
        free(list);
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
