/* Markdown and LaTeX: tables to paste into a text, byte by byte, and what no token may become. */
#include "tests/methods/result/info.h"
#include "tests/views/screens/samples.h"
#include "views/export/exports.h"

#include <criterion/criterion.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void set_locale(void) {
    setlocale(LC_ALL, "C.UTF-8"); /* what is printable is asked of wcwidth */
}

TestSuite(markdown, .init = set_locale);
TestSuite(latex, .init = set_locale);

/* Source of two tokens, target <s> x y, of which x and y are explained. */
static struct attribution *sample(const char *first, const char *second, bool small) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    a->info = info_from("{\"attribution_method\": \"saliency\", \"input_texts\": [\"a_b\"]}");
    s->attr_pos_start = 1;
    s->attr_pos_end = 3;
    sample_token(&s->source, first, false);
    sample_token(&s->source, second, false);
    sample_token(&s->target, "<s>", true);
    sample_token(&s->target, "x", false);
    sample_token(&s->target, " y", false);
    cr_assert(scores_init(&s->source_attributions, 2, (int64_t[]){2, 2}, small ? 2e-5f : 0.25f));
    s->source_attributions.data[1] *= -3;
    s->source_attributions.data[2] = NAN;
    attribution_add_step_scores(s, "my_score")->data[0] = 0.004f;
    return a;
}

static char *written(const char *format, const struct attribution *a, struct info_texts *told) {
    struct text_buffer b = {0};
    struct err e = {0};
    const struct export_input in = {
        .result = a, .shown = a, .function = "probability", .told = told};
    cr_assert_eq(export_find(format)->write(&b, &in, &e), ERR_OK, "%s", e.message);
    return text_buffer_take(&b);
}

Test(markdown, is_a_table_a_side) {
    struct attribution *a = sample("a", "b", true);
    char *text = written("markdown", a, NULL);
    cr_expect_str_eq(text,
                     "## saliency of probability\n\n"
                     "**Input:** a\\_b\n\n"
                     "source × generated (× 1e-5)\n\n"
                     "| | x | ·y |\n"
                     "|:--|--:|--:|\n"
                     "| a | **2.00** | **-6.00** |\n"
                     "| b | nan | 2.00 |\n"
                     "| *my\\_score* (× 1e-3) | 4.00 | nan |\n\n",
                     "%s", text);
    free(text);
    attribution_release(a);
}

Test(markdown, tokens_are_text_and_nothing_else) {
    struct attribution *a =
        sample("|`*_[a](b)<i>&amp;#!$~\\", "www.a.org http://b a@b.c :x: \x1b\n", false);
    char *text = written("markdown", a, NULL);
    cr_expect(
        strstr(text, "\n| \\|\\`\\*\\_\\[a\\]\\(b\\)\\<i\\>\\&amp;\\#\\!\\$\\~\\\\ | **0.25**"),
        "%s", text);
    cr_expect(strstr(text, "\n| www\\.a.org http\\://b a\\@b.c \\:x\\: \\^\\[⏎ |"), "%s", text);
    free(text);
    attribution_release(a);
}

Test(latex, is_a_heat_table_a_side_with_its_preamble_in_a_comment) {
    struct attribution *a = sample("a", "b", true);
    char *text = written("latex", a, NULL);
    cr_expect(strstr(text, "% saliency of probability\n% In the preamble:\n"
                           "%   \\usepackage[table]{xcolor}\n"));
    cr_expect(strstr(text, "\\noindent{\\footnotesize $-$6e-05 \\textcolor[HTML]{08366A}{\\rule"),
              "%s", text);
    const char *table = strstr(text, "source \\ensuremath");
    cr_assert(table);
    cr_expect_str_eq(
        table,
        "source \\ensuremath{\\times} generated (\\ensuremath{\\times} 1e-{}5)\\\\[2pt]\n"
        "{\\setlength{\\tabcolsep}{3pt}%\n"
        "\\begin{tabular}{r*{2}{r}}\n"
        " & \\makebox[1em][l]{\\rotatebox{60}{{x}}} & "
        "\\makebox[1em][l]{\\rotatebox{60}{{\\textperiodcentered{}y}}} \\\\\n"
        "{a} & \\cellcolor[HTML]{F7B99C}2.00 & "
        "\\cellcolor[HTML]{053061}\\textcolor{white}{$-$6.00} \\\\\n"
        "{b} & nan & \\cellcolor[HTML]{F7B99C}2.00 \\\\\n"
        "\\hline\n"
        "{\\itshape my\\_score (\\ensuremath{\\times} 1e-{}3)} & 4.00 & nan \\\\\n"
        "\\end{tabular}}\n\n",
        "%s", table);
    free(text);
    attribution_release(a);
}

/* What ends a row, opens a comment, or makes one sign of two. */
Test(latex, tokens_are_text_and_nothing_else) {
    struct attribution *a = sample("\\{}$&#_%^~<>|\"'`--,,?`[*]  ·×→\n\t", "[2pt]", false);
    char *text = written("latex", a, NULL);
    cr_expect(strstr(text,
                     "\n{\\textbackslash{}\\{\\}\\$\\&\\#\\_\\%\\textasciicircum{}"
                     "\\textasciitilde{}\\textless{}\\textgreater{}\\textbar{}\\textquotedbl{}"
                     "\\textquotesingle{}\\textasciigrave{}-{}-{},{},{}?{}\\textasciigrave{}"
                     "{[}{*}{]}\\ \\ \\textperiodcentered{}\\ensuremath{\\times}"
                     "\\ensuremath{\\rightarrow}\\ensuremath{\\hookleftarrow}"
                     "\\ensuremath{\\mapsto}} & "),
              "%s", text);
    cr_expect(strstr(text, "\\\\\n{{[}2pt{]}} & "), "%s", text);
    free(text);
    attribution_release(a);
}

Test(latex, what_wide_tables_leave_out_is_told) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    struct info_texts told = {0};
    s->attr_pos_start = 1;
    s->attr_pos_end = 31;
    for (int i = 0; i < 31; i++)
        sample_token(&s->target, "x", false);
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){31, 30}, 1));
    attribution_add_step_scores(s, "entropy");
    char *text = written("latex", a, &told);
    cr_expect(!strstr(text, "1.00") && !strstr(text, "entropy") && strstr(text, "*{30}{p{0pt}}"));
    cr_assert_eq(told.n, 1);
    cr_expect(strstr(told.items[0], "no step scores"));
    info_texts_dispose(&told);
    free(text);
    attribution_release(a);
}
