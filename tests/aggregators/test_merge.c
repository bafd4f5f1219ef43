/* Merging by hand-made cases: where Inseq is wrong, and what must hold of every grouping. */
#include "made.h"

#include "aggregators/functions.h"
#include "aggregators/spread.h"
#include "methods/step_functions/plugin.h"

static float cell(const struct attribution_sequence *s, int64_t row, int64_t g) {
    return s->target_attributions.data[row * attribution_steps(s) + g];
}

/* Rows 1 2 3 | text 4 5 6: [6, 3] of 1 … 18, NaN where no step sees. */
static struct attribution_sequence six(void) {
    return made_lm("▁a ▁b ▁c ▁d e f", 3);
}

Test(merge, what_is_not_yet_written_is_left_out_by_every_function) {
    size_t n;
    const struct aggregate_function *const *all = aggregate_functions(&n);
    for (size_t i = 0; i < n; i++) {
        struct attribution_sequence s = six(), got;
        char *stage = mem_format("subwords:%s", all[i]->id);
        struct err e;
        cr_assert_eq(aggregate_by(&got, &s, stage, NULL, &e), ERR_OK, "%s", e.message);
        expect_joined(&got.target, "▁a|▁b|▁c|▁def", stage);
        /* Columns first: row 3 has [_, 11, 12] and row 4 [_, _, 15] of the word's own tokens. */
        const double order = AGGREGATE_ORDER;
        const float rows[] = {all[i]->reduce((float[]){11, 12}, 2, 1, order), 15};
        cr_expect_float_eq(cell(&got, 3, 0), all[i]->reduce(rows, 2, 1, order), 1e-4, "%s", stage);
        cr_expect_float_eq(cell(&got, 0, 0), all[i]->reduce((float[]){1, 2, 3}, 3, 1, order), 1e-4);
        attribution_sequence_dispose(&got);
        attribution_sequence_dispose(&s);
        free(stage);
    }
}

Test(merge, a_number_that_could_not_be_computed_is_not_hidden) {
    struct attribution_sequence s = six(), got;
    struct err e;
    s.target_attributions.data[1 * 3 + 1] = NAN; /* row 1, seen by step 1 */
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    cr_expect(isnan(cell(&got, 1, 0)));
    cr_expect_float_eq(cell(&got, 0, 0), 6, 1e-6);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, a_column_is_done_when_all_of_its_tokens_are) {
    struct attribution_sequence s = made_lm("▁a ▁b ▁c d ▁e f", 2), got;
    struct err e;
    s.done = mem_copy((bool[]){true, false, true, true}, 4);
    s.n_done = 3;
    for (int64_t r = 0; r < 6; r++)
        s.target_attributions.data[r * 4 + 1] = NAN;
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    cr_expect_eq(got.n_done, 1);
    cr_assert_not_null(got.done);
    cr_expect(!got.done[0] && got.done[1]);
    cr_expect(isnan(cell(&got, 0, 0)), "half of a word's sum is no number");
    cr_expect_float_eq(cell(&got, 0, 1), 3 + 4, 1e-6);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, a_span_over_the_start_has_all_of_its_row_and_its_generated_column) {
    struct attribution_sequence s = made_lm("▁a ▁Ei ff el ▁b", 2), got;
    struct err e;
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    expect_joined(&got.target, "▁a|▁Eiffel|▁b", "over the start");
    expect_joined(&got.source, "▁a", "what is read before the word");
    cr_expect_eq(got.attr_pos_start, 1);
    cr_expect_eq(got.attr_pos_end, 3);
    cr_expect_float_eq(cell(&got, 0, 0), 1 + 2, 1e-6, "row a sees ff and el");
    cr_expect_float_eq(cell(&got, 1, 0), 4 + 5 + 8, 1e-6, "the word's own tokens");
    cr_expect_float_eq(mass(&got), mass(&s), 1e-6);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, one_generated_token_works) {
    struct attribution_sequence s = made_lm("▁a ▁b c ▁d", 3), got;
    struct err e;
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    expect_joined(&got.target, "▁a|▁bc|▁d", "one");
    cr_expect_eq(attribution_steps(&got), 1);
    cr_expect_float_eq(cell(&got, 1, 0), 2 + 3, 1e-6);
    cr_expect_eq(attribution_visible_rows(&got, true), 2);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
    s = made_lm("▁a ▁b c", 2); /* inside a word of the prompt */
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    expect_joined(&got.target, "▁a|▁bc", "one");
    cr_expect_float_eq(cell(&got, 0, 0), 1, 1e-6);
    cr_expect_float_eq(cell(&got, 1, 0), 2, 1e-6);
    cr_expect_eq(attribution_visible_rows(&got, true), 2, "the word saw its own beginning");
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

/* --- scores of steps --- */

static void add_step(struct attribution_sequence *s, const char *name, float a, float b, float c) {
    struct scores *scores = attribution_add_step_scores(s, name);
    scores->data[0] = a;
    scores->data[1] = b;
    scores->data[2] = c;
}

static void expect_step(const struct attribution_sequence *s, const char *name, float want) {
    const struct scores *scores = attribution_find_step_scores(s, name);
    cr_assert_not_null(scores);
    cr_assert_eq(scores_count(scores), 1, "%s", name);
    cr_expect_float_eq(scores->data[0], want, 1e-6, "%s: %g", name, (double)scores->data[0]);
}

Test(merge, step_scores_merge_by_the_rule_that_each_declares) {
    struct attribution_sequence s = six(), got;
    struct err e;
    add_step(&s, "probability", 0.5f, 0.5f, 0.2f);
    add_step(&s, "entropy", 1, 2, 3);
    add_step(&s, "logit", 1, -7, 3);
    add_step(&s, "of_nobody", 1, 2, -4);
    /* Whatever function merges the scores: Inseq then sums probabilities. */
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    expect_step(&got, "probability", 0.05f);
    expect_step(&got, "entropy", 6);
    expect_step(&got, "logit", -7);
    expect_step(&got, "of_nobody", -4);
    attribution_sequence_dispose(&got);
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum",
                              "{\"span_rules\": {\"entropy\": \"mean\", \"of_nobody\": \"first\"}}",
                              &e),
                 ERR_OK);
    expect_step(&got, "entropy", 2);
    expect_step(&got, "of_nobody", 1);
    expect_step(&got, "probability", 0.05f);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, a_users_own_step_score_merges_as_it_declares) {
    struct attribution_sequence s = six(), got;
    const char *build = getenv("TINSEQ_BUILD");
    char *path = mem_format("%s/plugins/margin.so", build ? build : "build");
    struct err e;
    add_step(&s, "margin", 1, 2, 3);
    cr_assert_eq(aggregate_by(&got, &s, "subwords:mean", NULL, &e), ERR_OK);
    expect_step(&got, "margin", 3); /* of nobody yet: the largest magnitude */
    attribution_sequence_dispose(&got);
    cr_assert_eq(step_plugin_load(path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(aggregate_by(&got, &s, "subwords:mean", NULL, &e), ERR_OK);
    expect_step(&got, "margin", 6); /* its .span is "sum" */
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
    free(path);
}

static void add_sequence_scores(struct attribution_sequence *s, const char *name, int64_t rows,
                                int64_t columns) {
    s->sequence_scores =
        mem_resize(s->sequence_scores, (s->n_sequence_scores + 1) * sizeof *s->sequence_scores);
    struct named_scores *n = &s->sequence_scores[s->n_sequence_scores++];
    n->name = mem_text(name);
    fill(&n->scores, rows, columns, 0, false);
}

/* [S, S], [T − 1, T − 1] and [S, G], as their names begin; another that fits nothing goes. */
Test(merge, scores_of_the_sequence_merge_by_the_tokens_they_are_of) {
    struct attribution_sequence s = made_mt("▁a b ▁c", "<pad> ▁d e ▁f"), got;
    struct info_texts notices = {0};
    struct pipeline p = {0};
    struct err e;
    add_sequence_scores(&s, "odd", 9, 9);
    add_sequence_scores(&s, "encoder_self_attentions", 3, 3);
    add_sequence_scores(&s, "decoder_self_attentions", 3, 3);
    add_sequence_scores(&s, "cross_attentions", 3, 3);
    cr_assert_eq(pipeline_add(&p, "subwords:sum", &e), ERR_OK);
    cr_assert_eq(
        aggregate_sequence(&got, &s, &p, &(struct aggregate_context){.notices = &notices}, &e),
        ERR_OK, "%s", e.message);
    cr_assert_eq(got.n_sequence_scores, 3);
    cr_assert(notices.n == 1 && strstr(notices.items[0], "odd"));
    const float first[] = {1 + 2 + 4 + 5, 1, 1 + 2 + 4 + 5};
    for (size_t i = 0; i < 3; i++) {
        const struct scores *x = &got.sequence_scores[i].scores;
        cr_expect(x->dims[0] == 2 && x->dims[1] == 2, "%s", got.sequence_scores[i].name);
        cr_expect_eq(x->data[0], first[i], "%s", got.sequence_scores[i].name);
    }
    info_texts_dispose(&notices);
    pipeline_dispose(&p);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, a_merged_column_has_no_candidates_and_a_single_one_keeps_its_own) {
    struct attribution_sequence s = made_lm("▁a ▁b ▁c d ▁e", 2), got;
    struct err e;
    s.candidates = mem_alloc(3 * sizeof *s.candidates);
    for (int g = 0; g < 3; g++) {
        s.candidates[g].items = mem_alloc(sizeof *s.candidates[g].items);
        s.candidates[g].n = 1;
        s.candidates[g].items[0] = (struct step_candidate){g, mem_text("x"), mem_text("x"), 0.5f};
    }
    cr_assert_eq(aggregate_by(&got, &s, "subwords:sum", NULL, &e), ERR_OK);
    cr_assert_not_null(got.candidates);
    cr_expect_eq(got.candidates[0].n, 0);
    cr_assert_eq(got.candidates[1].n, 1);
    cr_expect_eq(got.candidates[1].items[0].id, 2);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

/* --- what holds of every grouping --- */

static unsigned next_random(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* Random spans of n tokens as JSON, and pieces that no marker joins. */
static char *random_spans(unsigned *state, int n) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, "[");
    for (int at = 0; at < n;) {
        const int from = at + (int)(next_random(state) % 2),
                  to = from + 1 + (int)(next_random(state) % 4);
        if (to > n)
            break;
        text_buffer_format(&b, "%s[%d, %d]", b.n > 1 ? ", " : "", from, to);
        at = to;
    }
    text_buffer_puts(&b, "]");
    return text_buffer_take(&b);
}

Test(merge, sums_keep_their_mass_and_the_second_time_changes_nothing) {
    unsigned state = 5;
    for (int trial = 0; trial < 200; trial++) {
        struct attribution_sequence s =
            made_mt("▁a b ▁c ▁d e f ▁g </s>", "<pad> ▁h i ▁j ▁k l m </s>");
        struct attribution_sequence got;
        char *source = random_spans(&state, 8), *target = random_spans(&state, 8);
        char *kwargs = mem_format("{\"source_spans\": %s, \"target_spans\": %s}", source, target);
        struct err e;
        s.attr_pos_start = 1 + (int64_t)(next_random(&state) % 6);
        scores_dispose(&s.source_attributions);
        scores_dispose(&s.target_attributions);
        fill(&s.source_attributions, 8, 8 - s.attr_pos_start, 1, false);
        fill(&s.target_attributions, 8, 8 - s.attr_pos_start, s.attr_pos_start, true);
        cr_assert_eq(aggregate_by(&got, &s, "spans:sum", kwargs, &e), ERR_OK, "%s: %s", kwargs,
                     e.message);
        cr_expect_float_eq(mass(&got), mass(&s), 1e-2, "%s", kwargs);
        cr_expect_eq(got.source_attributions.dims[0], (int64_t)got.source.n);
        cr_expect_eq(got.target_attributions.dims[0], got.attr_pos_end);
        cr_expect_eq(got.target_attributions.dims[1], attribution_steps(&got));
        cr_expect_eq(got.attr_pos_end, (int64_t)got.target.n);
        attribution_sequence_dispose(&got);
        attribution_sequence_dispose(&s);
        free(source);
        free(target);
        free(kwargs);
    }
}

Test(merge, sums_and_reductions_by_sum_may_change_places) {
    struct attribution *raw = load_result("aggregators/both.json.gz");
    struct attribution_sequence a, b;
    struct err e;
    cr_assert_eq(aggregate_by(&a, &raw->sequences[0], "sum subwords:sum", NULL, &e), ERR_OK);
    cr_assert_eq(aggregate_by(&b, &raw->sequences[0], "subwords:sum sum", NULL, &e), ERR_OK);
    expect_scores(&a.source_attributions, &b.source_attributions, "source");
    expect_scores(&a.target_attributions, &b.target_attributions, "target");
    cr_expect_eq(a.class, ATTRIBUTION_COARSE);
    cr_expect_eq(b.class, ATTRIBUTION_COARSE);
    attribution_sequence_dispose(&a);
    attribution_sequence_dispose(&b);
    attribution_release(raw);
}

/* Inseq takes the function of whatever class it saw before. */
Test(merge, each_class_has_its_own_function_whatever_ran_before) {
    struct attribution *granular = load_result("aggregators/both.json.gz"),
                       *heads = load_result("aggregators/heads.json.gz");
    struct attribution_sequence got, want;
    struct err e;
    cr_assert_eq(aggregate_by(&got, &granular->sequences[0], "scores", NULL, &e), ERR_OK);
    cr_assert_eq(aggregate_by(&want, &granular->sequences[0], "vnorm", NULL, &e), ERR_OK);
    expect_scores(&got.source_attributions, &want.source_attributions, "granular");
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&want);
    cr_assert_eq(aggregate_by(&got, &heads->sequences[0], "scores scores", NULL, &e), ERR_OK);
    cr_assert_eq(aggregate_by(&want, &heads->sequences[0], "mean mean", NULL, &e), ERR_OK);
    expect_scores(&got.source_attributions, &want.source_attributions, "heads");
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&want);
    attribution_release(granular);
    attribution_release(heads);
}

/* A side that is not named is kept whole: Inseq then drops the decoder's start. */
Test(merge, slices_keep_columns_and_the_side_that_is_not_named) {
    struct attribution_sequence s = made_mt("▁a ▁b ▁c", "<pad> ▁d ▁e"), got;
    struct err e;
    cr_assert_eq(aggregate_by(&got, &s, "slices", "{\"source_spans\": [1, 3]}", &e), ERR_OK);
    expect_joined(&got.source, "▁b|▁c", "slice");
    expect_joined(&got.target, "<pad>|▁d|▁e", "slice");
    cr_expect_eq(got.attr_pos_start, 1);
    cr_expect_eq(got.source_attributions.data[0], 3);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(merge, scores_of_merged_tokens_go_back_to_the_tokens) {
    struct attribution_sequence s = made_lm("▁a b ▁c ▁d e", 3), got;
    struct grouping made = {0};
    struct pipeline p = {0};
    struct err e;
    cr_assert_eq(pipeline_add(&p, "subwords:sum", &e), ERR_OK);
    cr_assert_eq(aggregate_sequence(&got, &s, &p, &(struct aggregate_context){.made = &made}, &e),
                 ERR_OK);
    cr_assert_eq(spread_tokens(&got, &s, &made, &e), ERR_OK);
    cr_assert_eq(got.target_attributions.dims[0], 5);
    cr_assert_eq(got.target_attributions.dims[1], 2);
    cr_expect_float_eq(cell(&got, 0, 0), 1 + 2 + 3 + 4, 1e-6);
    cr_expect_float_eq(cell(&got, 1, 1), 1 + 2 + 3 + 4, 1e-6);
    cr_expect_float_eq(cell(&got, 2, 0), 5 + 6, 1e-6);
    cr_expect_eq(got.target.n, 5);
    grouping_dispose(&made);
    pipeline_dispose(&p);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}
