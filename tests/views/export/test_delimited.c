/* Comma- and tab-separated values, byte by byte. */
#include "views/export/exports.h"
#include "views/export/numbers.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(struct token_list *list, const char *text) {
    token_list_add(list, 1, false, text, text, strlen(text));
}

/* Source a, b; target <s> x y, of which x and y are explained. */
static struct attribution *sample(size_t n) {
    struct attribution *a = attribution_new(n);
    for (size_t i = 0; i < n; i++) {
        struct attribution_sequence *s = &a->sequences[i];
        s->class = ATTRIBUTION_COARSE;
        s->attr_pos_start = 1;
        s->attr_pos_end = 3;
        add(&s->source, "a");
        add(&s->source, " b");
        add(&s->target, "<s>");
        add(&s->target, "x");
        add(&s->target, "y\tz");
        cr_assert(scores_init(&s->source_attributions, 2, (int64_t[]){2, 2}, 0.25f));
        s->source_attributions.data[1] = -1.0f / 3;
        s->source_attributions.data[2] = NAN;
        cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){3, 2}, NAN));
        for (int k = 0; k < 4; k++) /* but the last row, which no step sees */
            s->target_attributions.data[k] = 2e-9f;
        attribution_add_step_scores(s, "a\tname")->data[1] = 1.5f;
    }
    return a;
}

static const char expected[] = "side\tposition\ttoken\tx\ty⇥z\n"
                               "source\t0\ta\t0.25\t-0.33333334\n"
                               "source\t1\t·b\tnan\t0.25\n"
                               "target\t0\t<s>\t2e-09\t2e-09\n"
                               "target\t1\tx\t2e-09\t2e-09\n"
                               "step score\t\ta⇥name\tnan\t1.5\n";

static char *written(const char *format, const struct attribution *a, struct info_texts *told) {
    struct text_buffer b = {0};
    struct err e;
    const struct export_input in = {.result = a, .shown = a, .choices = a, .told = told};
    cr_assert_eq(export_find(format)->write(&b, &in, &e), ERR_OK);
    return text_buffer_take(&b);
}

Test(tsv, has_a_line_a_row_that_some_step_sees_and_a_step_score) {
    struct attribution *a = sample(1);
    char *text = written("tsv", a, NULL);
    cr_expect_str_eq(text, expected, "%s", text);
    free(text);
    attribution_release(a);
}

Test(tsv, several_texts_stand_one_after_the_other) {
    struct attribution *a = sample(2);
    char *text = written("tsv", a, NULL), *twice = mem_format("%s\n%s", expected, expected);
    cr_expect_str_eq(text, twice, "%s", text);
    free(twice);
    free(text);
    attribution_release(a);
}

/* RFC 4180: CRLF, quotes where they are needed, as many fields in every record. */
Test(csv, has_even_records_with_each_text_s_number) {
    struct attribution *a = sample(2);
    struct attribution_sequence *s = &a->sequences[1];
    token_list_dispose(&s->source);
    add(&s->source, "a,\"b\"");
    add(&s->source, "c\r\nd");
    s->attr_pos_end = 2; /* one column only, which sees one row */
    s->target_attributions.data[1] = NAN;
    for (int i = 0; i < 2; i++)
        (i ? &s->target_attributions : &s->source_attributions)->dims[1] = 1;
    char *text = written("csv", a, NULL);
    cr_expect_str_eq(text,
                     "text,side,position,token,x,y⇥z\r\n"
                     "1,source,0,a,0.25,-0.33333334\r\n"
                     "1,source,1,·b,nan,0.25\r\n"
                     "1,target,0,<s>,2e-09,2e-09\r\n"
                     "1,target,1,x,2e-09,2e-09\r\n"
                     "1,step score,,a⇥name,nan,1.5\r\n"
                     "text,side,position,token,x,\r\n"
                     "2,source,0,\"a,\"\"b\"\"\",0.25,\r\n"
                     "2,source,1,c^M⏎d,-0.33333334,\r\n"
                     "2,target,0,<s>,2e-09,\r\n"
                     "2,step score,,a⇥name,nan,\r\n",
                     "%s", text);
    free(text);
    attribution_release(a);
}

Test(csv, what_a_spreadsheet_would_compute_gets_a_sign_in_front_and_is_told) {
    struct attribution *a = sample(1);
    struct info_texts told = {0};
    token_list_dispose(&a->sequences[0].source);
    add(&a->sequences[0].source, "=1+1");
    add(&a->sequences[0].source, "@a,b");
    static const struct {
        const char *format, *first, *second, *number;
    } cases[] = {{"csv", ",'=1+1,", ",\"'@a,b\",", ",-0.33333334"},
                 {"tsv", "\t'=1+1\t", "\t'@a,b\t", "\t-0.33333334"}};
    for (int i = 0; i < 2; i++) {
        char *text = written(cases[i].format, a, &told);
        cr_expect(strstr(text, cases[i].first) && strstr(text, cases[i].second), "%s", text);
        cr_expect(strstr(text, cases[i].number), "a number stays one");
        free(text);
    }
    cr_assert_eq(told.n, 2);
    cr_expect(strstr(told.items[0], "2 fields") && strstr(told.items[0], "formula"), "%s",
              told.items[0]);
    info_texts_dispose(&told);
    attribution_release(a);
}

/* A float of every size comes back bit by bit. */
Test(csv, numbers_are_as_short_as_can_be_and_exact) {
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0.1f, "0.1"},
                 {1.0f / 3, "0.33333334"},
                 {1e-45f, "1.4013e-45"},
                 {16777216, "16777216"},
                 {3.4028235e38f, "3.4028235e+38"},
                 {-0.0f, "-0"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_buffer b = {0};
        number_exact(&b, cases[i].value);
        cr_expect_str_eq(b.text, cases[i].text);
        text_buffer_dispose(&b);
    }
    uint32_t state = 1;
    for (int i = 0; i < 20000; i++) {
        union {
            uint32_t bits;
            float value;
        } in = {.bits = state = state * 1664525u + 1013904223u}, out;
        struct text_buffer b = {0};
        number_exact(&b, in.value);
        out.value = strtof(b.text, NULL);
        cr_assert(isnan(in.value) ? isnan(out.value) : in.bits == out.bits, "%s", b.text);
        text_buffer_dispose(&b);
    }
}
