/* Documents laid out as a context: where each stands, and which templates cannot be. */
#include "methods/context/documents.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct document items[] = {{"a.txt", "One {fish}."}, {"b.txt", "Two."}};
static const struct documents two = {items, 2};

static void expect_range(const struct document_layout *l, size_t i, const char *text) {
    const struct context_range *r = &l->ranges[i];
    cr_expect_eq(r->to - r->from, strlen(text), "%zu", r->to - r->from);
    cr_expect_eq(strncmp(l->context + r->from, text, strlen(text)), 0, "%s", l->context + r->from);
}

Test(documents, stand_one_behind_another) {
    struct document_layout l;
    struct err e = {0};
    cr_assert_eq(document_layout_make(&l, &two, NULL, NULL, NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(l.context, "Document [1]: One {fish}.\nDocument [2]: Two.\n");
    cr_expect_str_eq(l.input_template, "{context}{current}");
    cr_expect_str_eq(l.contextless_input, "{current}");
    expect_range(&l, 0, "Document [1]: One {fish}.\n");
    expect_range(&l, 1, "Document [2]: Two.\n");
    document_layout_dispose(&l);
}

Test(documents, stand_as_their_template_says) {
    struct document_layout l;
    struct err e = {0};
    cr_assert_eq(document_layout_make(&l, &two, "{{{number}}} {name}: {text};",
                                      "{context}Q: {current}", NULL, &e),
                 ERR_OK, "%s", e.message);
    cr_expect_str_eq(l.context, "{1} a.txt: One {fish}.;{2} b.txt: Two.;");
    cr_expect_str_eq(l.contextless_input, "Q: {current}");
    expect_range(&l, 1, "{2} b.txt: Two.;");
    document_layout_dispose(&l);
}

/* What is between them is the context's, and no document's. */
Test(documents, stand_where_the_inputs_template_has_them) {
    struct document_layout l;
    struct err e = {0};
    cr_assert_eq(document_layout_make(&l, &two, NULL,
                                      "{{x}} {document_1} and {{y}} {document_2}! {current}",
                                      "{current}", &e),
                 ERR_OK, "%s", e.message);
    cr_expect_str_eq(l.context, "One {fish}. and {y} Two.");
    cr_expect_str_eq(l.input_template, "{{x}} {context}! {current}");
    cr_expect_str_eq(l.contextless_input, "{current}");
    expect_range(&l, 0, "One {fish}.");
    expect_range(&l, 1, "Two.");
    document_layout_dispose(&l);
}

static void refused(const struct documents *d, const char *each, const char *template,
                    const char *said) {
    struct document_layout l;
    struct err e = {0};
    cr_expect_eq(document_layout_make(&l, d, each, template, NULL, &e), ERR_USAGE, "%s", said);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    cr_expect_null(l.context);
    document_layout_dispose(&l);
}

Test(documents, what_cannot_be_laid_out_is_refused) {
    static const struct document blank[] = {{"a.txt", "One."}, {"b.txt", " \n\t"}};
    refused(&(struct documents){blank, 2}, NULL, NULL, "document 2 (b.txt) is empty");
    refused(&two, NULL, "{document_1} {document_3} {current}", "{document_3}, and there are 2");
    refused(&two, NULL, "{document_0} {current}", "{document_0}");
    refused(&two, NULL, "{document_99999999999999999999} {current}", "there are 2 documents");
    refused(&two, NULL, "{document_1} {current}", "no {document_2}");
    refused(&two, NULL, "{document_1} {document_1} {current}", "twice");
    refused(&two, NULL, "{document_2} {document_1} {current}", "stands before");
    refused(&two, NULL, "{document_1} {current} {document_2}", "before or behind them all");
    refused(&two, NULL, "{document_1} {document_2} {context} {current}", "{context}");
    refused(&two, "{text}", "{document_1} {document_2} {current}", "--document_template");
    refused(&two, "{number}", NULL, "lacks {text}");
    refused(&two, "{text} {nam}", NULL, "{nam}");
    refused(&two, "{text} }", NULL, "\"}\"");
}
