/* The form's fields: every declared option is there with its range and default; a request comes out
 * as it went in. */
#include "app/form/fields.h"

#include "backend/base/mem.h"
#include "methods/declare/declare.h"
#include "methods/request/request.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void focus_option(struct form_fields *f, const char *name) {
    f->form.focus = (size_t)(form_find_option(&f->form, name) - f->form.fields);
}

Test(form_fields, every_option_of_every_method_has_a_field_with_its_range_and_default) {
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    struct form_fields f;
    form_fields_init(&f);
    for (size_t i = 0; i < n; i++) {
        form_field_choose(form_find(&f.form, FIELD_METHOD), decls[i]->id);
        form_fields_refresh(&f);
        for (size_t k = 0; k < decls[i]->n_options; k++) {
            const struct option_decl *o = &decls[i]->options[k];
            const struct form_field *field = form_find_option(&f.form, o->name);
            cr_assert(field, "%s %s", decls[i]->id, o->name);
            cr_expect(strcasestr(field->help, "default") || strstr(field->help, "must be given"),
                      "%s %s: %s", decls[i]->id, o->name, field->help);
            cr_expect(o->help && strstr(field->help, o->help), "%s %s: %s", decls[i]->id, o->name,
                      field->help);
            char *range = o->type == OPTION_INT || o->type == OPTION_FLOAT
                              ? mem_format(" %.15g to %.15g", o->minimum, o->maximum)
                              : mem_text(" ");
            cr_expect(strstr(field->help, range), "%s %s: %s", decls[i]->id, o->name, field->help);
            free(range);
            cr_expect_eq(form_fields_option(&f.form, o->name), o);
        }
        struct attribute_request r;
        cr_assert(form_fields_read(&r, &f), "%s",
                  decls[i]->id); /* and untouched they say nothing */
        cr_expect_null(r.attribution_kwargs, "%s: %s", decls[i]->id, r.attribution_kwargs);
        request_dispose(&r);
    }
    form_fields_dispose(&f);
}

/* What has been put in comes out, as JSON. */
static void expect_kept(struct attribute_request in, const char *json) {
    struct form_fields f;
    struct attribute_request out;
    struct err e;
    in.input_text = in.input_text ? in.input_text : "a text";
    form_fields_init(&f);
    form_fields_fill(&f, "m", &in);
    cr_assert_eq(form_fields_collect(&out, &f, &e), ERR_OK, "%s", e.message);
    char *text = request_text(&out);
    cJSON *got = cJSON_Parse(text), *wanted = cJSON_Parse(json);
    cr_assert(wanted, "%s", json);
    cr_expect(cJSON_Compare(got, wanted, true), "%s\n%s", text, json);
    free(text);
    cJSON_Delete(got);
    cJSON_Delete(wanted);
    request_dispose(&out);
    form_fields_dispose(&f);
}

Test(form_fields, a_request_comes_out_as_it_went_in) {
    struct attribute_request r = {0};
    const char *const scores[] = {"entropy", "top_p_size", "prob(y) - prob(foil)"};
    r.method = "layer_gradient";
    r.attributed_fn = "logit(y) - 0.5*entropy()";
    r.step_scores = (struct names){scores, 3};
    r.contrast_targets = "another text";
    r.contrast_sources = "another source";
    r.contrast_alignment.rule = ALIGN_DIFF;
    r.contrast_force_inputs = true;
    r.span = span_make(-4, 9, true);
    r.memory_budget = 64000000;
    r.attribution_kwargs = "{\"layers\": [1, 4], \"module\": \"mlp\", \"top_p\": 0.9}";
    expect_kept(r, "{\"input_text\": \"a text\", \"attribution_method\": \"layer_gradient\", "
                   "\"attributed_fn\": \"logit(y) - 0.5*entropy()\","
                   "\"step_scores\": [\"entropy\", \"top_p_size\", \"prob(y) - prob(foil)\"], "
                   "\"contrast_targets\": \"another text\","
                   "\"contrast_sources\": \"another source\", \"contrast_targets_alignments\": "
                   "\"diff\", \"contrast_force_inputs\": true,"
                   "\"span_start\": -4, \"span_end\": 9, \"span_reduce\": \"mean\", "
                   "\"memory_budget\": 64000000,"
                   "\"attribution_kwargs\": "
                   "\"{\\\"layers\\\":[1,4],\\\"module\\\":\\\"mlp\\\",\\\"top_p\\\":0.9}\"}");
}

Test(form_fields, what_inseq_has_among_the_options_gets_its_own_fields) {
    struct attribute_request r = {0};
    r.method = "saliency";
    r.attributed_fn = "contrast_prob_diff";
    r.attribution_kwargs = "{\"contrast_targets\": \"x\", \"contrast_targets_alignments\": [[1, "
                           "2]], \"contrast_force_inputs\": true,"
                           "\"span_start\": 2, \"span_end\": 5, \"unheard_of\": {\"a\": 1}}";
    expect_kept(r, "{\"input_text\": \"a text\", \"attribution_method\": \"saliency\", "
                   "\"attributed_fn\": \"contrast_prob_diff\", \"contrast_targets\": \"x\","
                   "\"contrast_targets_alignments\": \"[[1,2]]\", \"contrast_force_inputs\": true,"
                   "\"span_start\": 2, \"span_end\": 5, \"span_reduce\": \"sum\","
                   "\"attribution_kwargs\": \"{\\\"unheard_of\\\":{\\\"a\\\":1}}\"}");
}

Test(form_fields, a_method_with_a_function_of_its_own_gets_it_until_another_is_chosen) {
    struct form_fields f;
    form_fields_init(&f);
    form_field_choose(form_find(&f.form, FIELD_METHOD), "contrastive_tracing");
    form_fields_refresh(&f);
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)),
                     method_decl_find("contrastive_tracing")->default_attributed_fn);
    form_field_choose(form_find(&f.form, FIELD_METHOD), "saliency");
    form_fields_refresh(&f);
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)), "probability");
    form_field_choose(form_find(&f.form, FIELD_FUNCTION), "entropy");
    form_field_choose(form_find(&f.form, FIELD_METHOD), "contrastive_tracing");
    form_fields_refresh(&f);
    cr_expect_str_eq(form_field_chosen(form_find(&f.form, FIELD_FUNCTION)), "entropy");
    form_fields_dispose(&f);
}

static void expect_wrong(struct form_fields *f, int id, const char *typed, const char *says) {
    struct attribute_request out;
    struct err e;
    edit_set(&form_find(&f->form, id)->edit, typed);
    enum err_code code = form_fields_collect(&out, f, &e);
    cr_assert_eq(code, ERR_USAGE, "%s", typed);
    cr_expect(strstr(e.message, says), "%s: %s", typed, e.message);
    cr_expect_eq(form_focused(&f->form)->id, id);
    cr_expect(form_section(&f->form, f->form.focus)->chosen, "its section opens");
    form_section(&f->form, f->form.focus)->chosen = 0;
    edit_set(&form_find(&f->form, id)->edit, "");
}

Test(form_fields, what_is_wrong_is_said_at_its_field) {
    struct form_fields f;
    struct attribute_request r = {0}, out;
    struct err e;
    r.input_text = "a text";
    form_fields_init(&f);
    form_fields_fill(&f, "m", &r);
    static const char *const spans[] = {
        "3", "3:", "a:b", "3:4:5", "0:0", "3-4", "99999999999999999999999:4"};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        expect_wrong(&f, FIELD_SPAN, spans[i], "not two positions");
    expect_wrong(&f, FIELD_BUDGET, "15", "must lie between 16 and 1000000");
    expect_wrong(&f, FIELD_BUDGET, "much", "not a whole number");
    form_field_choose(form_find(&f.form, FIELD_ALIGNMENT), CHOICE_PAIRS);
    form_fields_refresh(&f);
    expect_wrong(&f, FIELD_PAIRS, "1, 2", "not a list of pairs");
    form_field_choose(form_find(&f.form, FIELD_ALIGNMENT), CHOICE_ALIGN_END);
    form_field_choose(form_find(&f.form, FIELD_FUNCTION), CHOICE_FORMULA);
    form_fields_refresh(&f);
    expect_wrong(&f, FIELD_FORMULA, "", "type one");
    form_field_choose(form_find(&f.form, FIELD_FUNCTION), "probability");
    form_field_choose(form_find(&f.form, FIELD_METHOD), "integrated_gradients");
    form_fields_refresh(&f);
    focus_option(&f, "n_steps");
    edit_set(&form_focused(&f.form)->edit, "0");
    cr_expect_eq(form_fields_collect(&out, &f, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "n_steps: must lie between"), "%s", e.message);
    form_fields_dispose(&f);
}

/* What is kept of a form while it is filled in says nothing and opens nothing. */
Test(form_fields, reading_silently_opens_no_section) {
    struct form_fields f;
    struct attribute_request out;
    form_fields_init(&f);
    const size_t focus = f.form.focus;
    edit_set(&form_find(&f.form, FIELD_SPAN)->edit, "wrong");
    cr_expect_not(form_fields_read(&out, &f));
    const size_t at = (size_t)(form_find(&f.form, FIELD_SPAN) - f.form.fields);
    cr_expect_not(form_section(&f.form, at)->chosen);
    cr_expect_eq(f.form.focus, focus);
    form_fields_dispose(&f);
}

/* A language model has no use for what only translators have, unless it says something. */
Test(form_fields, what_is_for_translators_is_not_shown_for_a_language_model) {
    static const int ids[] = {FIELD_TARGET_PREFIX, FIELD_CONTRAST_SOURCE, FIELD_TARGET_SIDE};
    struct form_fields f;
    form_fields_init(&f);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        form_fields_set_kind(&f, FORM_LANGUAGE_MODEL);
        const struct form_field *field = form_find(&f.form, ids[i]);
        const size_t at = (size_t)(field - f.form.fields);
        form_section(&f.form, at)->chosen = 1;
        cr_expect_not(form_shows(&f.form, at), "%s", field->label);
        form_fields_set_kind(&f, FORM_TRANSLATOR);
        cr_expect(form_shows(&f.form, at));
        form_fields_set_kind(&f, FORM_ANY_MODEL);
        cr_expect(form_shows(&f.form, at), "it is not known yet");
    }
    form_fields_set_kind(&f, FORM_LANGUAGE_MODEL);
    struct form_field *source = form_find(&f.form, FIELD_CONTRAST_SOURCE);
    edit_set(&source->edit, "a source");
    cr_expect(form_shows(&f.form, (size_t)(source - f.form.fields)), "what it says is not hidden");
    form_fields_dispose(&f);
}
