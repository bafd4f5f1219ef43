/* What is typed on the command line and in the form is one language: the same is taken, the same is
 * refused, and both make the same request, which a saved run keeps. */
#include "app/cli/options.h"
#include "app/cli/request.h"
#include "app/form/fields.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool typed_option(struct attribute_request *out, const char *option, const char *text) {
    char *word = mem_format("%s=%s", option, text);
    const char *joined[] = {"-i", "a text", word, NULL}, /* what begins with a dash */
        *apart[] = {"-i", "a text", option, text, NULL}; /* what has spaces */
    const bool dash = *text == '-';
    struct cli_arguments a;
    struct err e = {0};
    *out = (struct attribute_request){0};
    const bool good = cli_parse(&a, CLI_ATTRIBUTE, dash ? 3 : 4,
                                (char *const *)(dash ? joined : apart), &e) == ERR_OK;
    const bool request = good && cli_request(out, &a, 0, &e) == ERR_OK;
    if (good)
        cli_arguments_dispose(&a);
    free(word);
    return request;
}

static bool typed_field(struct attribute_request *out, int id, const char *text) {
    const struct attribute_request before = {.input_text = "a text"};
    struct form_fields f;
    struct err e = {0};
    form_fields_init(&f);
    form_fields_fill(&f, "m", &before);
    edit_set(&form_find(&f.form, id)->edit, text);
    const bool good = form_fields_collect(out, &f, &e) == ERR_OK;
    form_fields_dispose(&f);
    return good;
}

/* What a saved run brings back is the same. */
static void expect_saved(const struct attribute_request *r) {
    char *text = request_text(r);
    struct json_document *d;
    struct err e = {0};
    cr_assert_eq(json_parse(&d, text, strlen(text), &e), ERR_OK, "%s: %s", text, e.message);
    struct attribute_request again = request_read(json_root(d));
    cr_expect(request_equal(r, &again), "%s", text);
    request_dispose(&again);
    json_free(d);
    free(text);
}

static const struct {
    const char *option;
    int field;
    const char *text;
    bool good;
} cases[] = {
    {"--span", FIELD_SPAN, "3:6", true},
    {"--span", FIELD_SPAN, " 3 : 6 ", true},
    {"--span", FIELD_SPAN, "-4:-1", true},
    {"--span", FIELD_SPAN, "1:1000000000", true},
    {"--span", FIELD_SPAN, "1:1000000001", false},
    {"--span", FIELD_SPAN, "3-6", false},
    {"--span", FIELD_SPAN, "0:0", false},
    {"--start_pos", FIELD_START, "-1000000000", true},
    {"--start_pos", FIELD_START, "-1000000001", false},
    {"--start_pos", FIELD_START, "0", true},
    {"--start_pos", FIELD_START, "1.5", false},
    {"--end_pos", FIELD_END, "1000000000", true},
    {"--end_pos", FIELD_END, "1000000001", false},
    {"--end_pos", FIELD_END, "99999999999999999999999", false},
};

Test(request_places, take_and_refuse_the_same) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribute_request typed, filled;
        cr_expect_eq(typed_option(&typed, cases[i].option, cases[i].text), cases[i].good, "%s %s",
                     cases[i].option, cases[i].text);
        cr_expect_eq(typed_field(&filled, cases[i].field, cases[i].text), cases[i].good,
                     "%s in the form: %s", cases[i].option, cases[i].text);
        cr_expect(span_equal(&typed.span, &filled.span), "%s", cases[i].text);
        cr_expect(optional_equal(&typed.attr_pos_start, &filled.attr_pos_start));
        cr_expect(optional_equal(&typed.attr_pos_end, &filled.attr_pos_end));
        expect_saved(&typed);
        expect_saved(&filled);
        request_dispose(&typed);
        request_dispose(&filled);
    }
}

/* Foils and alignments have no field that the command line's text could be typed into: the form is
 * filled with the request, and gives it back. */
Test(request_places, keep_foils_and_alignments) {
    static const char *const options[][2] = {
        {"--foil", "3"},
        {"--foil", "3:2"},
        {"--foil", "3= Rome"},
        {"--contrast_targets_alignments", "diff"},
        {"--contrast_targets_alignments", "[[3, 2], [4, 3]]"},
        {"--span", "2:4"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct attribute_request typed, back;
        struct form_fields f;
        struct err e = {0};
        cr_assert(typed_option(&typed, options[i][0], options[i][1]), "%s", options[i][1]);
        expect_saved(&typed);
        form_fields_init(&f);
        form_fields_fill(&f, "m", &typed);
        cr_assert_eq(form_fields_collect(&back, &f, &e), ERR_OK, "%s", e.message);
        cr_expect(foil_equal(&typed.foil, &back.foil), "%s", options[i][1]);
        cr_expect(alignment_equal(&typed.contrast_alignment, &back.contrast_alignment), "%s",
                  options[i][1]);
        cr_expect(span_equal(&typed.span, &back.span), "%s", options[i][1]);
        form_fields_dispose(&f);
        request_dispose(&typed);
        request_dispose(&back);
    }
}
