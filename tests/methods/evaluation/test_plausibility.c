/* Scores against marked tokens: scikit-learn's numbers, and what a mark is. */
#include "methods/evaluation/plausibility.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double field(const cJSON *c, const char *name) {
    const cJSON *x = cJSON_GetObjectItem(c, name);
    return cJSON_IsNumber(x) ? x->valuedouble : NAN;
}

static void check_case(const cJSON *c, int i) {
    const cJSON *scores = cJSON_GetObjectItem(c, "scores"),
                *marked = cJSON_GetObjectItem(c, "marked");
    double x[16];
    bool is_marked[16];
    const int n = cJSON_GetArraySize(scores);
    cr_assert(n <= 16);
    for (int k = 0; k < n; k++) {
        x[k] = cJSON_GetArrayItem(scores, k)->valuedouble;
        is_marked[k] = cJSON_GetArrayItem(marked, k)->valueint;
    }
    const struct plausibility_numbers got =
        plausibility_of(x, is_marked, (size_t)n, field(c, "threshold"));
    cr_expect_float_eq(got.auprc, field(c, "auprc"), 1e-12, "%d", i);
    cr_expect_float_eq(got.average_precision, field(c, "average_precision"), 1e-12, "%d", i);
    cr_expect_float_eq(got.precision, field(c, "precision"), 1e-12, "%d", i);
    cr_expect_float_eq(got.recall, field(c, "recall"), 1e-12, "%d", i);
    cr_expect_float_eq(got.f1, field(c, "f1"), 1e-12, "%d", i);
    cr_expect_float_eq(got.iou, field(c, "iou"), 1e-12, "%d", i);
}

Test(plausibility, has_scikit_learns_numbers) {
    char *path = mem_format("%s/plausibility.json", getenv("TINSEQ_FIXTURES")), *text = NULL;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cJSON *all = cJSON_Parse(text), *cases = cJSON_GetObjectItem(all, "cases");
    cr_assert_eq(cJSON_GetArraySize(cases), 27);
    for (int i = 0; i < 27; i++)
        check_case(cJSON_GetArrayItem(cases, i), i);
    cJSON_Delete(all);
    free(text);
    free(path);
}

Test(plausibility, no_number_is_below_every_number) {
    const bool marked[] = {false, true, false};
    const struct plausibility_numbers last =
                                          plausibility_of((double[]){1, NAN, -2}, marked, 3, NAN),
                                      none = plausibility_of((double[]){NAN, NAN, NAN}, marked, 3,
                                                             NAN);
    cr_expect_float_eq(last.average_precision, 1. / 3, 1e-12);
    cr_expect_float_eq(last.f1, 0, 0);
    cr_expect(isnan(none.f1) && isnan(none.auprc));
}

/* --- marks ------------------------------------------------------------------------------- */

static void add(struct token_list *list, const char *bytes, bool special) {
    token_list_add(list, 1, special, bytes, bytes, strlen(bytes));
}

/* A translator's: [BOS] The  man ager  saw  the  me 茶 [EOS], of two columns. */
static struct attribution_sequence made(void) {
    struct attribution_sequence s = {.attr_pos_start = 1, .attr_pos_end = 3};
    const char *pieces[] = {"The", " man", "ager", " saw", " the", " me", "\u8336"};
    add(&s.source, "<s>", true);
    for (size_t i = 0; i < 7; i++)
        add(&s.source, pieces[i], false);
    add(&s.source, "</s>", true);
    cr_assert(scores_init(&s.source_attributions, 2, (int64_t[]){9, 2}, 0));
    for (int64_t i = 0; i < 9; i++) {
        s.source_attributions.data[2 * i] = (float)i;
        s.source_attributions.data[2 * i + 1] = (float)-i;
    }
    return s;
}

/* What is marked, as a digit for each token: "001100000"; or the error. */
static char *marked(const char *text, const char *marks) {
    struct attribution_sequence s = made();
    struct rationale r;
    struct err e;
    const enum err_code code = rationale_read(&r, &s, text, marks, "--rationale", &e);
    struct text_buffer b = {0};
    if (code)
        text_buffer_puts(&b, e.message);
    for (size_t i = 0; i < r.n_rows && !code; i++)
        text_buffer_puts(&b, r.marked[i] ? "1" : "0");
    rationale_dispose(&r);
    attribution_sequence_dispose(&s);
    return text_buffer_take(&b);
}

Test(rationale, marks_are_words_and_spans) {
    static const char *const cases[][2] = {
        {"manager", "001100000"},
        {"man", "001000000"}, /* only a part of a word */
        {"The", "010000000"},
        {"the", "000001000"}, /* as words, and as they are written */
        {" saw the | The", "010011000"},
        {"2:4", "001100000"},
        {"0:3", "011000000"}, /* special tokens do not count */
        {"chars:3:7", "001000000"},
        {"chars:0:5|6:7", "011000100"},
        {"text:saw", "000010000"},
        {"\u8336", "000000010"},
        {"chars:22:23", "000000010"},
        {"||saw|", "000010000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int own = 0; own < 2; own++) {
            char *got = marked(own ? NULL : "The manager saw the me\u8336", cases[i][0]);
            cr_expect_str_eq(got, cases[i][1], "%s: %s", cases[i][0], got);
            free(got);
        }
}

Test(rationale, what_cannot_be_marked_is_named) {
    static const char *const cases[][2] = {
        {"nurse", "\"nurse\" is not in the input"},
        {"2:10", "no span of the input's 9 tokens"},
        {"3:3", "no span"},
        {"8:9", "only special tokens"},
        {"chars:a", "is not chars:A:B"},
        {"chars:20:99", "no span of the input's char"},
        {"chars:3:4", "marks no token"},
        {" | ", "marks nothing"},
        {"text:2:4", "is not in the input"},
        {"2:99999999999", "is not in the input"},
        {"saw|\x1b[2J", "is not in"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = marked(NULL, cases[i][0]);
        cr_expect(strstr(got, cases[i][1]), "%s: %s", cases[i][0], got);
        cr_expect_not(strchr(got, '\x1b'));
        free(got);
    }
}

Test(plausibility, columns_are_measured_apart_and_averaged) {
    struct attribution_sequence s = made();
    struct rationale r;
    struct plausibility p;
    struct err e;
    cr_assert_eq(rationale_read(&r, &s, NULL, "6:8", "--rationale", &e),
                 ERR_OK); /* the last two that count */
    cr_assert_eq(plausibility_measure(&p, &s, &r, NAN, &e), ERR_OK);
    cr_expect_eq(p.n_columns, 2);
    cr_expect_float_eq(p.columns[0].f1, 1, 0);
    cr_expect_float_eq(p.columns[0].auprc, 1, 1e-12);
    cr_expect_float_eq(p.columns[1].f1, 0, 0);
    cr_expect_float_eq(p.columns[1].average_precision, (1. / 6 + 2. / 7) / 2, 1e-12);
    cr_expect_float_eq(p.mean.f1, 0.5, 1e-12);
    plausibility_dispose(&p);
    s.done = mem_alloc(2);
    s.done[0] = true; /* of a run cut short */
    cr_assert_eq(plausibility_measure(&p, &s, &r, NAN, &e), ERR_OK);
    cr_expect(isnan(p.columns[1].f1));
    cr_expect_float_eq(p.mean.f1, 1, 1e-12);
    plausibility_dispose(&p);
    rationale_dispose(&r);
    attribution_sequence_dispose(&s);
}

/* A language model's " A b c d", of which c and d were generated: c's column sees two tokens, d's
 * three. */
static struct attribution_sequence generated(void) {
    struct attribution_sequence s = {.attr_pos_start = 2, .attr_pos_end = 4};
    static const float scores[] = {1, 1, 2, 2, NAN, 3};
    static const char *const pieces[] = {"A", " b", " c", " d"};
    for (size_t i = 0; i < 4; i++)
        add(&s.target, pieces[i], false);
    cr_assert(scores_init(&s.target_attributions, 2, (int64_t[]){3, 2}, 0));
    memcpy(s.target_attributions.data, scores, sizeof scores);
    return s;
}

Test(rationale, marks_of_what_was_generated_count_where_a_column_sees_them) {
    static const struct {
        const char *marks;
        size_t n_input, n_output;
        double f1[2];
    } cases[] = {{"A|generated:c", 1, 1, {0, 0.5}},
                 {"generated:c", 0, 1, {NAN, 1}},
                 {"generated:2:3", 0, 1, {NAN, 1}},
                 {"generated:chars:1:2|b", 1, 1, {1, 1}},
                 {"b", 1, 0, {1, 1}}};
    struct attribution_sequence s = generated();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rationale r;
        struct plausibility p;
        struct err e = {0};
        cr_assert_eq(rationale_read(&r, &s, "A b", cases[i].marks, "--rationale", &e), ERR_OK, "%s",
                     e.message);
        cr_expect_eq(r.n_marked, cases[i].n_input);
        cr_expect_eq(r.output ? r.output->n_marked : 0, cases[i].n_output);
        cr_assert_eq(plausibility_measure(&p, &s, &r, NAN, &e), ERR_OK);
        for (int g = 0; g < 2; g++)
            cr_expect((isnan(cases[i].f1[g]) && isnan(p.columns[g].f1)) ||
                          fabs(p.columns[g].f1 - cases[i].f1[g]) < 1e-12,
                      "%s, column %d: %g", cases[i].marks, g, p.columns[g].f1);
        plausibility_dispose(&p);
        rationale_dispose(&r);
    }
    attribution_sequence_dispose(&s);
}

Test(rationale, what_was_generated_has_its_own_errors) {
    static const char *const cases[][2] = {{"generated:A", "is not in the generated text"},
                                           {"generated:0:1", "no span of the generated text's"},
                                           {"generated:", "marks nothing"},
                                           {"generated:3:4", "no span of the generated text's"},
                                           {"A|generated:x", "\"x\" is not in the generated"}};
    struct attribution_sequence s = generated(), two = made();
    struct rationale r;
    struct err e;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(rationale_read(&r, &s, NULL, cases[i][0], "--rationale", &e), ERR_USAGE);
        cr_expect(strstr(e.message, cases[i][1]), "%s: %s", cases[i][0], e.message);
        rationale_dispose(&r);
    }
    cr_expect_eq(rationale_read(&r, &two, NULL, "generated:a", "--rationale", &e), ERR_USAGE);
    cr_expect(strstr(e.message, "--attribute_target"), "%s", e.message);
    rationale_dispose(&r);
    attribution_sequence_dispose(&s);
    attribution_sequence_dispose(&two);
}
