/* Tab-separated values, byte by byte. */
#include "views/export/exports.h"
#include "views/export/tsv.h"

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
        cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){3, 2}, 2e-9f));
        attribution_add_step_scores(s, "a\tname")->data[1] = 1.5f;
    }
    return a;
}

static const char expected[] = "side\tposition\ttoken\tx\ty⇥z\n"
                               "source\t0\ta\t0.25\t-0.333333\n"
                               "source\t1\t·b\tnan\t0.25\n"
                               "target\t0\t<s>\t2e-09\t2e-09\n"
                               "target\t1\tx\t2e-09\t2e-09\n"
                               "step score\t\ta⇥name\tnan\t1.5\n";

Test(tsv, has_a_line_a_row_that_some_step_sees_and_a_step_score) {
    struct attribution *a = sample(1);
    struct text_buffer b = {0};
    tsv_write(&b, &a->sequences[0]);
    cr_expect_str_eq(b.text, expected, "%s", b.text);
    text_buffer_dispose(&b);
    attribution_release(a);
}

Test(tsv, several_texts_stand_one_after_the_other) {
    struct attribution *a = sample(2);
    struct text_buffer b = {0};
    struct err e;
    const struct export_input in = {a, a, a, NULL};
    cr_assert_eq(export_find("tsv")->write(&b, &in, &e), ERR_OK);
    char *twice = mem_format("%s\n%s", expected, expected);
    cr_expect_str_eq(b.text, twice, "%s", b.text);
    free(twice);
    text_buffer_dispose(&b);
    attribution_release(a);
}
