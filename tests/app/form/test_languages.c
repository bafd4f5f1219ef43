/* The fields of a translator's languages: only where the model has some, and what is chosen of them
 * holds for that model. */
#include "app/form/fields.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct form_fields f;
static const char *const own[2] = {"eng_Latn", NULL};

static void begin(void) {
    const struct attribute_request r = {.input_text = "I said hi", .target_language = "fra_Latn"};
    form_fields_init(&f);
    form_fields_fill(&f, "m", &r);
}

static void end(void) {
    form_fields_dispose(&f);
}

TestSuite(languages, .init = begin, .fini = end);

static void expect_request(const char *source, const char *target) {
    struct attribute_request r;
    cr_assert(form_fields_read(&r, &f));
    cr_expect_eq(source != NULL, r.source_language != NULL);
    cr_expect_eq(target != NULL, r.target_language != NULL);
    if (source && r.source_language)
        cr_expect_str_eq(r.source_language, source);
    if (target && r.target_language)
        cr_expect_str_eq(r.target_language, target);
    request_dispose(&r);
}

static struct form_field *field(int id) {
    return form_find(&f.form, id);
}

Test(languages, what_a_request_says_waits_for_its_model) {
    cr_expect_null(field(FIELD_TARGET_LANGUAGE));
    expect_request(NULL, "fra_Latn");
    form_fields_set_languages(&f, "deu_Latn fra_Latn eng_Latn", own);
    cr_expect_str_eq(edit_text(&field(FIELD_TARGET_LANGUAGE)->edit), "fra_Latn");
    cr_expect_str_eq(edit_text(&field(FIELD_SOURCE_LANGUAGE)->edit), "");
    cr_expect_not_null(strstr(field(FIELD_SOURCE_LANGUAGE)->placeholder, "eng_Latn"));
    cr_expect_str_eq(edit_text(&field(FIELD_PROMPT)->edit), "I said hi");
    expect_request(NULL, "fra_Latn");
}

Test(languages, a_choice_is_asked_for_and_can_be_taken_back) {
    form_fields_set_languages(&f, "deu_Latn fra_Latn eng_Latn", own);
    form_fields_set_language(&f, FIELD_SOURCE_LANGUAGE, "deu_Latn");
    form_fields_refresh(&f);
    cr_expect_str_eq(edit_text(&field(FIELD_SOURCE_LANGUAGE)->edit), "deu_Latn");
    expect_request("deu_Latn", "fra_Latn");
    form_fields_set_language(&f, FIELD_TARGET_LANGUAGE, NULL);
    expect_request("deu_Latn", NULL);
}

Test(languages, another_model_has_others) {
    form_fields_set_languages(&f, "deu_Latn fra_Latn eng_Latn", own);
    form_fields_set_language(&f, FIELD_SOURCE_LANGUAGE, "deu_Latn");
    form_fields_set_languages(&f, "xfra_Latn fra_Lat deu_Latn", own);
    cr_expect_str_eq(edit_text(&field(FIELD_TARGET_LANGUAGE)->edit), "");
    expect_request("deu_Latn", NULL);
    form_fields_set_languages(&f, NULL, NULL);
    cr_expect_null(field(FIELD_SOURCE_LANGUAGE));
    expect_request(NULL, NULL);
}
