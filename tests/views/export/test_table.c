/* The plain-text table, cell by cell. */
#include "views/export/numbers.h"
#include "views/export/table.h"

#include <criterion/criterion.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add(struct token_list *list, const char *text) {
    token_list_add(list, 1, false, text, text, strlen(text));
}

/* Source a, b; target <s> x y, of which x and y are explained. */
static struct attribution_sequence sample(bool with_target) {
    setlocale(LC_ALL, "C.UTF-8"); /* columns are counted by wcwidth */
    struct attribution_sequence s = {
        .class = ATTRIBUTION_COARSE, .attr_pos_start = 1, .attr_pos_end = 3};
    add(&s.source, "a");
    add(&s.source, " b");
    add(&s.target, "<s>");
    add(&s.target, "x");
    add(&s.target, " yonder");
    cr_assert(scores_init(&s.source_attributions, 2, (int64_t[]){2, 2}, 0.25f));
    s.source_attributions.data[1] = -0.5f;
    s.source_attributions.data[2] = -0.001f;
    s.source_attributions.data[3] = NAN;
    if (with_target) {
        cr_assert(scores_init(&s.target_attributions, 2, (int64_t[]){3, 2}, NAN));
        s.target_attributions.data[0] = 1;
    }
    attribution_add_step_scores(&s, "entropy")->data[0] = 1.5f;
    return s;
}

static char *table(const struct attribution_sequence *s, int columns, enum colour_depth depth) {
    struct text_buffer b = {0};
    const struct table_options o = {.columns = columns,
                                    .depth = depth,
                                    .diverging = colour_map_find("berlin"),
                                    .sequential = colour_map_find("viridis")};
    table_write(&b, s, &o);
    return text_buffer_take(&b);
}

Test(table, has_blanks_for_what_no_step_sees_and_nan_for_what_none_could_compute) {
    struct attribution_sequence s = sample(true);
    char *text = table(&s, 0, COLOUR_MONO);
    cr_expect_str_eq(text, "source × generated\n"
                           "             x ·yonder\n"
                           "a         0.25   -0.50\n"
                           "·b        0.00     nan\n"
                           "----------------------\n"
                           "entropy   1.50     nan\n"
                           "\n"
                           "target × generated\n"
                           "             x ·yonder\n"
                           "<s>       1.00     nan\n"
                           "x                  nan\n"
                           "·yonder               \n"
                           "----------------------\n"
                           "entropy   1.50     nan\n"
                           "\n");
    free(text);
    attribution_sequence_dispose(&s);
}

Test(table, wide_tables_are_cut_into_blocks) {
    struct attribution_sequence s = sample(false);
    char *text = table(&s, 15, COLOUR_MONO);
    cr_expect_str_eq(text,
                     "source × generated\n"
                     "             x\n"
                     "a         0.25\n"
                     "·b        0.00\n"
                     "--------------\n"
                     "entropy   1.50\n"
                     "\n"
                     "         ·yond~\n"
                     "a         -0.50\n"
                     "·b          nan\n"
                     "---------------\n"
                     "entropy     nan\n"
                     "\n",
                     "%s", text);
    free(text);
    attribution_sequence_dispose(&s);
}

Test(table, no_line_is_wider_than_the_terminal) {
    struct attribution_sequence s = sample(true);
    for (int columns = 12; columns < 30; columns++) {
        char *text = table(&s, columns, COLOUR_MONO);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
            int width = 0;
            for (const char *c = line; *c; c++)
                width += ((unsigned char)*c & 0xC0) != 0x80;
            cr_expect(width <= columns || strstr(line, "generated"), "%d: %s", columns, line);
        }
        free(text);
    }
    attribution_sequence_dispose(&s);
}

Test(table, colours_follow_the_depth) {
    struct attribution_sequence s = sample(false);
    char *plain = table(&s, 0, COLOUR_MONO), *few = table(&s, 0, COLOUR_16),
         *many = table(&s, 0, COLOUR_256), *direct = table(&s, 0, COLOUR_DIRECT);
    cr_expect_null(strchr(plain, '\033'));
    cr_expect(strstr(few, "\033[1;34m") && strstr(few, "\033[31m") && !strstr(few, "48;"));
    cr_expect(strstr(many, "\033[48;5;") && !strstr(many, "48;2;"));
    cr_expect(strstr(
        direct,
        "\033[48;2;158;176;255;38;2;0;0;0m")); /* the lowest score has the map's lowest colour */
    free(plain);
    free(few);
    free(many);
    free(direct);
    attribution_sequence_dispose(&s);
}

Test(table, hostile_tokens_cannot_control_the_terminal) {
    struct attribution_sequence s = sample(false);
    token_list_dispose(&s.source);
    add(&s.source, "\033[2J");
    add(&s.source, "\xE2\x80\xAE\xFF");
    free(s.step_scores[0].name);
    s.step_scores[0].name = strdup("a\033b");
    char *text = table(&s, 0, COLOUR_MONO);
    cr_expect(!strchr(text, '\033') && strstr(text, "<U+202E><FF>"), "%s", text);
    free(text);
    attribution_sequence_dispose(&s);
}

Test(table, scores_without_attributions_still_show) {
    struct attribution_sequence s = sample(false);
    scores_dispose(&s.source_attributions);
    char *text = table(&s, 0, COLOUR_MONO);
    cr_expect(strstr(text, "step scores") && strstr(text, "entropy   1.50"), "%s", text);
    free(text);
    attribution_sequence_dispose(&s);
}

/* Columns of 0.00 say nothing. */
Test(table, a_small_scale_is_told_once) {
    struct attribution_sequence s = sample(true);
    for (int i = 0; i < 4; i++)
        s.source_attributions.data[i] *= 1e-4f;
    s.target_attributions.data[0] = 2.5e-5f;
    s.step_scores[0].scores.data[0] = 0.0042f;
    char *text = table(&s, 0, COLOUR_MONO);
    cr_expect_str_eq(text,
                     "source × generated (× 1e-5)\n"
                     "                      x ·yonder\n"
                     "a                  2.50   -5.00\n"
                     "·b                -0.01     nan\n"
                     "-------------------------------\n"
                     "entropy (× 1e-3)   4.20     nan\n"
                     "\n"
                     "target × generated (× 1e-5)\n"
                     "                      x ·yonder\n"
                     "<s>                2.50     nan\n"
                     "x                           nan\n"
                     "·yonder                        \n"
                     "-------------------------------\n"
                     "entropy (× 1e-3)   4.20     nan\n"
                     "\n",
                     "%s", text);
    free(text);
    text = table(&s, 24, COLOUR_MONO); /* no room for the power: then it is not taken out */
    cr_expect(strstr(text, "entropy") && !strstr(text, "1e-3") && strstr(text, "0.00"), "%s", text);
    free(text);
    attribution_sequence_dispose(&s);
}

Test(table, powers_are_of_what_would_be_rounded_away) {
    static const struct {
        float magnitude;
        int power;
    } cases[] = {{0, 0},      {0.1f, 0},       {0.0999f, -2}, {0.09996f, 0},    {0.05f, -2},
                 {0.01f, -2}, {0.009996f, -2}, {1e-5f, -5},   {9.9999e-6f, -5}, {3e-39f, -39},
                 {1e20f, 0},  {INFINITY, 0},   {NAN, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(number_power(cases[i].magnitude), cases[i].power, "%g",
                     (double)cases[i].magnitude);
}

/* Equal colours mean equal scores whatever a result's own are; what is beyond is told. */
Test(table, colours_of_a_fixed_scale) {
    struct attribution_sequence s = sample(false);
    const struct table_options o = {.depth = COLOUR_DIRECT,
                                    .diverging = colour_map_find("berlin"),
                                    .sequential = colour_map_find("viridis"),
                                    .ends = {true, 0, 0.25f}};
    struct text_buffer b = {0};
    table_write(&b, &s, &o);
    cr_expect(strstr(b.text, "colours fixed from 0 to 0.25, 2 scores beyond\n"), "%s", b.text);
    cr_expect(strstr(b.text, "\033[48;2;253;231;37;38;2;0;0;0m 0.25"), "viridis' last: %s", b.text);
    cr_expect(strstr(b.text, "   -0.50\n"), "nothing of it: the background's own: %s", b.text);
    text_buffer_dispose(&b);
    attribution_sequence_dispose(&s);
}

Test(heat, places_are_between_the_ends) {
    const struct heat plain = {.from = 0.1f, .to = 0.3f},
                      signs = {.from = -0.2f, .to = 0.4f, .has_signs = true}, none = {0};
    cr_expect_float_eq(heat_part(&plain, 0.2f), 0.5f, 1e-6f);
    cr_expect_eq(heat_part(&plain, 9), 1);
    cr_expect_eq(heat_part(&plain, -INFINITY), 0);
    cr_expect_float_eq(heat_part(&signs, -9), -0.5f, 1e-6f, "as strong as 0.2");
    cr_expect_eq(heat_part(&signs, 0), 0);
    cr_expect_eq(heat_part(&signs, 0.4f), 1);
    cr_expect(isnan(heat_part(&signs, NAN)));
    cr_expect_eq(heat_part(&none, 3), 0);
}

Test(heat, ends_are_two_numbers_that_rise) {
    static const char *const wrong[] = {"",    "1",     "0:",    ":1",   "1:0",   "1:1",   "0:1:2",
                                        "a:b", "0:inf", "nan:1", "0:1 ", "0,4:1", "0:1e99"};
    struct heat_ends ends;
    struct err e;
    cr_assert_eq(heat_ends_read(&ends, "-0.5:1e-1", &e), ERR_OK);
    cr_expect(ends.given && ends.from == -0.5f && ends.to == 0.1f);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(heat_ends_read(&ends, wrong[i], &e), ERR_USAGE, "%s", wrong[i]);
        cr_expect(!ends.given && strstr(e.message, "0:0.4"));
    }
}
