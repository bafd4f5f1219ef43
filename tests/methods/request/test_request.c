/* A request as plain data: every field of request.def is copied, compared, saved and read. */
#include "methods/request/request.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const char *const scores[] = {"entropy", "logit(y) - \"x\""};
static struct align_link links[] = {{3, 2}, {4, 4}};

/* Every field given, each as its kind has it, so that a new row is tested too. */
static struct attribute_request everything(void) {
#define VALUE_TEXT "a \"text\" of\ntwo lines: naïve"
#define VALUE_NAMES                                                                                \
    { scores, 2 }
#define VALUE_FLAG true
#define VALUE_POSITION                                                                             \
    { true, -4 }
#define VALUE_BYTES LEAST_BUDGET
#define VALUE_NUMBER                                                                               \
    { true, -0.5 }
#define VALUE_COUNT 3
#define VALUE_ALIGNMENT                                                                            \
    { ALIGN_PAIRS, links, 2 }
#define VALUE_SPAN                                                                                 \
    { {true, 0}, {true, 9}, true }
#define VALUE_FOIL                                                                                 \
    { .step = {true, 0}, .rank = 2 }
    return (struct attribute_request){
#define FIELD(kind, member, json, told, cli, form) .member = VALUE_##kind,
#define PART(cli, form)
#include "methods/request/request.def"
    };
}

/* One field given: the k-th. */
static struct attribute_request only(size_t k) {
    struct attribute_request all = everything(), r = {0};
    size_t i = 0;
#define FIELD(kind, member, json, told, cli, form)                                                 \
    if (i++ == k)                                                                                  \
        r.member = all.member;
#define PART(cli, form)
#include "methods/request/request.def"
    return r;
}

static const char *const names[] = {
#define FIELD(kind, member, json, told, cli, form) json,
#define PART(cli, form)
#include "methods/request/request.def"
};
#define N_FIELDS (sizeof names / sizeof *names)

static struct attribute_request read_text(const char *text) {
    struct json_document *d;
    struct err e = {0};
    cr_assert_eq(json_parse(&d, text, strlen(text), &e), ERR_OK, "%s: %s", text, e.message);
    struct attribute_request r = request_read(json_root(d));
    json_free(d);
    return r;
}

Test(request, of_which_nothing_is_given_is_an_empty_object) {
    const struct attribute_request none = {0};
    char *text = request_text(&none);
    cr_expect_str_eq(text, "{}");
    free(text);
    struct attribute_request r = request_read(NULL);
    cr_expect(request_equal(&r, &none));
    request_dispose(&r);
}

Test(request, fields_each_make_a_difference) {
    const struct attribute_request none = {0};
    for (size_t k = 0; k < N_FIELDS; k++) {
        const struct attribute_request a = only(k);
        cr_expect(!request_equal(&a, &none), "field %zu, %s", k, names[k]);
        for (size_t m = 0; m < N_FIELDS; m++) {
            const struct attribute_request b = only(m);
            cr_expect_eq(request_equal(&a, &b), k == m, "fields %zu and %zu", k, m);
        }
    }
}

Test(request, fields_are_copied_with_all_they_refer_to) {
    struct attribute_request all = everything(), copy, again;
    request_copy(&copy, &all);
    request_copy(&again, &copy);
    cr_expect(copy.input_text != all.input_text && copy.step_scores.items != all.step_scores.items);
    cr_expect(copy.contrast_alignment.links != all.contrast_alignment.links);
    request_dispose(&copy);
    cr_expect(request_equal(&copy, &(struct attribute_request){0}));
    cr_expect(request_equal(&again, &all));
    request_dispose(&again);
}

Test(request, fields_are_read_as_they_were_saved) {
    for (size_t k = 0; k < N_FIELDS; k++) {
        const struct attribute_request one = only(k), none = {0};
        char *text = request_text(&one);
        struct attribute_request r = read_text(text);
        cr_expect(request_equal(&r, names[k] ? &one : &none), "field %zu, %s: %s", k, names[k],
                  text);
        request_dispose(&r);
        free(text);
    }
}

Test(request, of_a_file_of_anyone_keeps_what_is_good) {
    struct attribute_request r = read_text(
        "{\"input_text\": 3, \"input_text\": \"a\", \"input_text\": \"b\", \"step_scores\": [1, "
        "\"entropy\", null], \"step_scores\": [\"logit\"], \"start_pos\": 1000000001, \"end_pos\": "
        "2.5, \"span_start\": 2, \"span_end\": \"x\", \"span_reduce\": \"max\", \"foil_step\": -1, "
        "\"foil_text\": \"x\", \"foil_text\": \"y\", \"memory_budget\": 15999999, "
        "\"attribute_target\": 1, \"contrast_targets_alignments\": [[1, 2]], "
        "\"contrast_targets_alignments\": \"nonsense\", \"attribution_topk\": 0, "
        "\"attribution_topk\": 2.5, \"attribution_std_threshold\": \"1\", "
        "\"context_sensitivity_std_threshold\": 1e999, \"unheard_of\": {}}");
    cr_expect_str_eq(r.input_text, "b");
    cr_expect(r.step_scores.n == 1 && strcmp(r.step_scores.items[0], "logit") == 0);
    cr_expect(!r.attr_pos_start.given && !r.attr_pos_end.given);
    cr_expect(r.span.start.given && !r.span.end.given && !r.span.mean);
    cr_expect(!foil_given(&r.foil) && strcmp(r.foil.text, "y") == 0);
    cr_expect(r.memory_budget == 0 && !r.attribute_target);
    cr_expect_eq(r.contrast_alignment.rule, ALIGN_END);
    cr_expect(!r.cue_most && !r.cue_threshold.given && !r.context_threshold.given);
    request_dispose(&r);
    static const char *const others[] = {"[]", "null", "7", "\"text\""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        r = read_text(others[i]);
        cr_expect(request_equal(&r, &(struct attribute_request){0}));
        request_dispose(&r);
    }
}
