/* The form's section for a context: a request comes out as it went in, what a run with a context
 * has no place for is refused at its field, and so is what a check says. */
#include "app/form/fields.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct attribute_request around = {.input_text = "He came",
                                                .input_context = "George."};

static enum err_code filled(struct attribute_request *out, struct form_fields *f,
                            const struct attribute_request *in, struct err *e) {
    form_fields_init(f);
    form_fields_fill(f, "m", in);
    return form_fields_collect(out, f, e);
}

Test(context_fields, come_out_as_they_went_in) {
    static const char *const foils[] = {"office", "it's"}, *const special[] = {"<brk>"},
                             *const files[] = {"a|b.txt", "with blanks.txt"};
    struct attribute_request in = around, out;
    struct form_fields f;
    struct err e;
    in.method = "saliency";
    in.attributed_fn = "contrast_prob_diff";
    in.input_template = "{context}\n{current}";
    in.output_current = "to the office";
    in.output_template = "{context} {current}";
    in.contextless_input = "So: {current}";
    in.contextless_output = "{current}!";
    in.separator = "";
    in.keep_special = (struct names){special, 1};
    in.context_strategy = "pre";
    in.context_metric = "pcxmi";
    in.context_threshold = (struct optional_number){true, 0};
    in.context_most = 2;
    in.context_foils = (struct names){foils, 2};
    in.cue_threshold = (struct optional_number){true, -0.5};
    in.cue_most = 7;
    in.documents = (struct names){files, 2};
    in.document_template = "[{number}] {text}";
    in.citation_rule = "std:1";
    in.citation_most = 2;
    in.citation_sensitivity = "calibrate";
    in.calibrate_on = (struct names){special, 1};
    in.citations = "1 2|";
    in.closed_book = true;
    cr_assert_eq(filled(&out, &f, &in, &e), ERR_OK, "%s", e.message);
    char *a = request_text(&in), *b = request_text(&out);
    cr_expect_str_eq(a, b);
    free(a);
    free(b);
    request_dispose(&out);
    form_fields_dispose(&f);
}

/* Settings by themselves ask for nothing. */
Test(context_fields, make_a_run_of_a_context_only_with_a_text_or_a_template) {
    const struct attribute_request settings = {
        .context_metric = "pcxmi", .cue_most = 2, .separator = "\n"};
    cr_expect(!request_has_context(&settings));
    cr_expect(request_has_context(&around));
    cr_expect(request_has_context(&(struct attribute_request){.output_template = "{current}"}));
}

static void refused(struct attribute_request in, int field, const char *said) {
    struct attribute_request out;
    struct form_fields f;
    struct err e;
    in.input_text = around.input_text;
    cr_assert_eq(filled(&out, &f, &in, &e), ERR_OK, "without a context: %s", e.message);
    request_dispose(&out);
    form_fields_dispose(&f);
    in.input_context = around.input_context;
    cr_assert_eq(filled(&out, &f, &in, &e), ERR_USAGE, "%s", said);
    cr_expect_not_null(strstr(e.message, said), "%s", e.message);
    cr_expect_eq(form_focused(&f.form)->id, field);
    cr_expect_not_null(form_focused(&f.form)->error);
    form_fields_dispose(&f);
}

Test(context_fields, refuse_what_a_run_with_a_context_has_no_place_for) {
    static const char *const scores[] = {"entropy"}, *const formula[] = {"entropy()^2"};
    refused((struct attribute_request){.generated_text = "x"}, FIELD_FORCED, "Forced target: with");
    refused((struct attribute_request){.contrast_targets = "x"}, FIELD_CONTRAST, "Contrast text");
    refused((struct attribute_request){.contrast_sources = "x"}, FIELD_CONTRAST_SOURCE, "source");
    refused((struct attribute_request){.foil = {.step = {true, 1}, .rank = 1}}, FIELD_FOIL, "foil");
    refused((struct attribute_request){.contrast_alignment = {.rule = ALIGN_DIFF}}, FIELD_ALIGNMENT,
            "Alignment");
    refused((struct attribute_request){.contrast_force_inputs = true}, FIELD_FORCE_INPUTS, "off");
    refused((struct attribute_request){.step_scores = {scores, 1}}, FIELD_STEP_SCORES, "none");
    refused((struct attribute_request){.step_scores = {formula, 1}}, FIELD_FORMULAS, "formulas");
    refused((struct attribute_request){.attribute_target = true}, FIELD_TARGET_SIDE, "Target side");
    refused((struct attribute_request){.attr_pos_start = {true, 3}}, FIELD_START, "Start");
    refused((struct attribute_request){.attr_pos_end = {true, 3}}, FIELD_END, "End");
    refused((struct attribute_request){.span = span_make(1, 3, false)}, FIELD_SPAN, "Span");
    refused((struct attribute_request){.generated_ids = "own"}, FIELD_GENERATED_IDS, "encoded");
}

Test(context_fields, say_numbers_that_are_none) {
    static const struct {
        int field;
        const char *typed;
    } wrong[] = {{FIELD_CONTEXT_THRESHOLD, "much"},
                 {FIELD_CUE_THRESHOLD, "1,5"},
                 {FIELD_CONTEXT_MOST, "0"},
                 {FIELD_CUE_MOST, "2.5"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct attribute_request out;
        struct form_fields f;
        struct err e;
        form_fields_init(&f);
        form_fields_fill(&f, "m", &around);
        edit_set(&form_find(&f.form, wrong[i].field)->edit, wrong[i].typed);
        cr_expect_eq(form_fields_collect(&out, &f, &e), ERR_USAGE, "%s", wrong[i].typed);
        cr_expect_eq(form_focused(&f.form)->id, wrong[i].field);
        form_fields_dispose(&f);
    }
}

Test(context_fields, get_the_blame_by_their_options_names) {
    struct form_fields f;
    form_fields_init(&f);
    char *said = form_fields_blame(
        &f, "--input_template has {context}: give it with --input_context_text, not --else");
    cr_expect_str_eq(said,
                     "\"Input template\" has {context}: give it with \"Context\", not --else");
    cr_expect_eq(form_focused(&f.form)->id, FIELD_INPUT_TEMPLATE);
    cr_expect_str_eq(form_focused(&f.form)->error, said);
    free(said);
    said = form_fields_blame(&f, "--input_current_text must have some text");
    cr_expect_str_eq(said, "\"Prompt\" must have some text");
    cr_expect_eq(form_focused(&f.form)->id, FIELD_PROMPT);
    free(said);
    said = form_fields_blame(&f, "document 2: no file");
    cr_expect_eq(form_focused(&f.form)->id, FIELD_DOCUMENTS);
    free(said);
    said = form_fields_blame(&f, "give either --document or --input_context_text");
    cr_expect_str_eq(said, "give either \"Files\" or \"Context\"");
    free(said);
    said = form_fields_blame(&f, "nothing of a field");
    cr_expect_str_eq(said, "nothing of a field");
    free(said);
    form_fields_dispose(&f);
}
