/* What an answer cites, by hand: two documents of three tokens each with a word between, an answer
 * of two sentences. */
#include "methods/context/cite.h"

#include "backend/base/mem.h"
#include "methods/context/documents.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 9, COLUMNS = 4 }; /* a word, document 1, a word, document 2, a word */

static float numbers[ROWS * COLUMNS] = {
    /* columns 0 and 3 are sensitive */
    9,     0, 0, 9,   /* before the context */
    .2F,   0, 0, .1F, /* document 1 */
    1,     0, 0, -2,  /* */
    .5F,   0, 0, .2F, /* */
    2,     0, 0, 0,   /* between */
    .9F,   0, 0, .3F, /* document 2 */
    1.95F, 0, 0, .4F, /* */
    0,     0, 0, NAN, /* */
    9,     0, 0, 9,   /* behind it */
};

static struct context_span spans[] = {{true, 1, 4}, {true, 5, 8}};
static struct context_cue cues[] = {{.column = 3, .score = -4}, {.column = 0, .score = 2}};
static const bool begins[COLUMNS] = {true, false, true, false};
static const struct document items[] = {{"a", "x"}, {"b", "y"}};
static const struct documents documents = {items, 2};

static struct citations cited(const char *rule, size_t most, double sensitivity,
                              const char *given) {
    struct attribution_sequence reduced = {
        .target_attributions = {.data = numbers, .dims = {ROWS, COLUMNS}, .n_dims = 2}};
    struct context_result r = {.input_on_target = true,
                               .input_context_tokens = {true, 1, 8},
                               .documents = spans,
                               .n_documents = 2,
                               .current = {NULL, COLUMNS},
                               .cues = cues,
                               .n_cues = 2};
    struct cite_request how = {.rule_text = rule,
                               .most = most,
                               .sensitivity = sensitivity,
                               .documents = &documents,
                               .begins = begins};
    struct cite_given all = {0};
    struct citations out;
    struct err e = {0};
    cr_assert_eq(cite_rule_read(&how.rule, rule, &e), ERR_OK, "%s", e.message);
    if (given)
        cr_assert_eq(cite_given_read(&all, given, 2, &e), ERR_OK, "%s", e.message);
    how.given = given ? &all : NULL;
    cr_assert_eq(cite_documents(&out, &r, &reduced, &how, &e), ERR_OK, "%s", e.message);
    cite_given_dispose(&all);
    return out;
}

/* "[2][1] |[2]", sentence by sentence. */
static void expect_marks(const struct citations *c, const char *wanted) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < c->n_sentences; i++) {
        char *marks = citation_marks(&c->sentences[i].list);
        text_buffer_format(&b, "%s%s", i ? "|" : "", marks);
        free(marks);
    }
    cr_expect_str_eq(b.text, wanted, "%s should be %s", b.text, wanted);
    text_buffer_dispose(&b);
}

static void expect_cited(const char *rule, size_t most, double sensitivity, const char *wanted) {
    struct citations c = cited(rule, most, sensitivity, NULL);
    expect_marks(&c, wanted);
    citations_dispose(&c);
}

/* Column 0: the context's range is 0 to 2, of which 5 % is .1: 2 (no document's) and 1.95. Column
 * 3: −2 to .4, .28 on: .3 and .4. */
Test(cite, the_top_percents_of_the_range_count) {
    expect_cited("5%", 3, 0, "[2]|[2]");
    expect_cited("56%", 3, 0, "[2][1]|[2][1]");
    expect_cited("0%", 3, 0, "|[2]");
}

Test(cite, the_largest_tokens_count) {
    expect_cited("1", 3, 0, "|[2]");
    expect_cited("2", 3, 0, "[2]|[2]");
    expect_cited("3", 3, 0, "[2][1]|[2][1]");
    /* what is negative, or no number, is no reason */
    struct citations c = cited("99", 3, 0, NULL);
    expect_marks(&c, "[2][1]|[2][1]");
    cr_expect_eq(c.tokens[0].n_rows, 4);
    cr_expect_float_eq(c.tokens[0].list.items[1].score, .3, 1e-6);
    citations_dispose(&c);
}

/* Column 0: mean .929, deviation .798 (n − 1); column 3: −.167 and .925. */
Test(cite, deviations_above_the_mean_count) {
    expect_cited("std:1", 3, 0, "[2]|");
    expect_cited("std:0", 3, 0, "[2][1]|[2][1]");
}

Test(cite, a_sentence_has_the_sum_of_its_tokens_scores) {
    struct citations c = cited("56%", 1, 0, NULL);
    const struct citation *first = &c.tokens[1].list.items[0];
    cr_expect_eq(c.tokens[1].column, 0);
    cr_expect_eq(first->document, 1);
    cr_expect_float_eq(first->score, 2.85, 1e-6);
    cr_expect_eq(first->n_tokens, 2);
    cr_expect_eq(c.tokens[1].n_rows, 3);
    cr_expect_eq(c.tokens[1].rows[0], 2);
    cr_expect_eq(c.sentences[0].list.n, 1);
    cr_expect_eq(c.sentences[0].list.n_left_out, 1);
    citations_dispose(&c);
}

Test(cite, tokens_that_are_too_little_sensitive_do_not_count) {
    expect_cited("56%", 3, 3, "|[2][1]");
    expect_cited("56%", 3, 5, "|");
}

Test(cite, are_compared_with_given_ones) {
    struct citations c = cited("56%", 1, 0, "[1]|2");
    cr_expect(c.quality.known);
    cr_expect_eq(citations_precision(&c.quality), .5);
    cr_expect_eq(citations_recall(&c.quality), .5);
    cr_expect_eq(citations_f1(&c.quality), .5);
    cr_expect_eq(citations_agreement(&c.quality), .5);
    citations_dispose(&c);
    c = cited("0%", 3, 9, "|");
    cr_expect(isnan(citations_precision(&c.quality)) && isnan(citations_f1(&c.quality)));
    cr_expect_eq(citations_agreement(&c.quality), 1);
    citations_dispose(&c);
}

/* By all, sentence 1 has [2] where none is given; by the token of 4 alone, all is as given. */
Test(cite, a_threshold_is_calibrated_on_given_ones) {
    struct citations c[] = {cited("5%", 3, 0, "|2"), cited("5%", 3, 0, "|2")};
    cr_expect_eq(cite_calibrate(c, 2), 4);
    citations_dispose(&c[1]);
    c[1] = cited("5%", 3, 0, "2|2");
    cr_expect_eq(cite_calibrate(c + 1, 1), 2);
    cr_expect_eq(cite_calibrate(c, 2), 4, "of equal ones the higher");
    citations_dispose(&c[1]);
    c[1] = cited("5%", 3, 0, NULL);
    cr_expect(isnan(cite_calibrate(c + 1, 1)));
    citations_dispose(&c[0]);
    citations_dispose(&c[1]);
}

Test(cite, the_answers_own_marks_are_given) {
    struct context_mark marks[] = {{1, 2}, {1, 2}, {1, 1}, {3, 7}};
    struct attribution_sequence reduced = {0};
    struct context_result r = {.documents = spans,
                               .n_documents = 2,
                               .current = {NULL, COLUMNS},
                               .marks = marks,
                               .n_marks = 4};
    struct cite_request how = {.rule_text = "5%", .documents = &documents, .begins = begins};
    struct citations c;
    struct err e;
    cr_assert_eq(cite_documents(&c, &r, &reduced, &how, &e), ERR_OK);
    cr_assert_eq(c.n_sentences, 2);
    cr_expect_eq(c.sentences[0].n_given, 2);
    cr_expect_eq(c.sentences[0].given[0], 0);
    cr_expect(c.sentences[1].has_given && c.sentences[1].n_given == 0, "there is no document 7");
    citations_dispose(&c);
}

static void refused(const char *given, const char *said) {
    struct cite_given all = {0};
    struct err e = {0};
    cr_expect_eq(cite_given_read(&all, given, 2, &e), ERR_USAGE, "%s", given);
    cr_expect_not_null(strstr(e.message, said), "\"%s\" should say \"%s\"", e.message, said);
    cite_given_dispose(&all);
}

Test(cite, given_ones_are_read) {
    struct cite_given all;
    struct err e = {0};
    cr_assert_eq(cite_given_read(&all, "[2][1], 2\r\n\n1\n", 2, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(all.n, 3);
    cr_expect(all.sentences[0].n == 2 && all.sentences[0].items[0] == 0 &&
              all.sentences[0].items[1] == 1);
    cr_expect_eq(all.sentences[1].n, 0);
    cr_expect_eq(all.sentences[2].n, 1);
    cite_given_dispose(&all);
    refused("1|3", "no document 3 of 2");
    refused("0", "no document 0");
    refused("99999999999999999999999", "no document 9");
    refused("1|b", "\"b\"");
}

Test(cite, rules_are_read) {
    static const char *const wrong[] = {"",     "%",     "101%", "-1%", "0",    "1.5",
                                        "std:", "std:x", "5%%",  "inf", "nan%", "top"};
    struct cite_rule rule;
    struct err e;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(cite_rule_read(&rule, wrong[i], &e), ERR_USAGE, "%s", wrong[i]);
    cr_assert_eq(cite_rule_read(&rule, "std:-.5", &e), ERR_OK);
    cr_expect(rule.kind == CITE_DEVIATIONS && rule.value == -.5);
}
