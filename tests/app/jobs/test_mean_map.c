/* Means of several texts' attributions: place by place, by role, with layers. */
#include "app/jobs/mean_map.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void name(struct token_list *list, const char *words) {
    char *all = mem_text(words), *state = NULL;
    for (char *word = strtok_r(all, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
        char *bytes = mem_format("%s%s", list->n ? " " : "", word);
        token_list_add(list, (int32_t)list->n, strcmp(word, "<s>") == 0, word, bytes,
                       strlen(bytes));
        free(bytes);
    }
    free(all);
}

/* A language model's text with one step: scores [T, 1] or, with layers, [T, 1, layers]. */
static struct attribution *text_of(const char *words, const float *scores, int64_t layers) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = a->sequences;
    name(&s->target, words);
    const int64_t n = (int64_t)s->target.n, dims[3] = {n, 1, layers};
    struct token_list prompt = s->target;
    prompt.n--;
    token_list_append(&s->source, &prompt);
    s->attr_pos_start = n - 1;
    s->attr_pos_end = n;
    s->n_done = 1;
    s->class = layers ? ATTRIBUTION_MULTI_DIMENSIONAL : ATTRIBUTION_COARSE;
    s->class_name = mem_text("made up");
    cr_assert(scores_init(&s->target_attributions, layers ? 3 : 2, dims, NAN));
    memcpy(s->target_attributions.data, scores,
           (size_t)((n - 1) * (layers ? layers : 1)) * sizeof *scores);
    attribution_add_step_scores(s, "probability")->data[0] = scores[0];
    a->info.method = mem_text("saliency");
    return a;
}

static void add(struct mean_map *m, struct attribution *a, const char *field) {
    struct row_roles roles;
    struct err e;
    row_roles_make(&roles, a, &field, field != NULL);
    cr_expect_eq(mean_map_add(m, a, &roles, &e), ERR_OK, "%s", e.message);
    row_roles_dispose(&roles);
    attribution_release(a);
}

static struct attribution *take(struct mean_map *m) {
    struct attribution *mean = mean_map_result(m, "2 rows of a file");
    cr_assert_not_null(mean);
    mean_map_free(m);
    return mean;
}

static float value(const struct attribution *a, bool target, int64_t i) {
    const struct attribution_sequence *s = a->sequences;
    return (target ? s->target_attributions : s->source_attributions).data[i];
}

Test(mean_map, texts_of_as_many_tokens_are_averaged_place_by_place) {
    struct mean_map *m = mean_map_new(false);
    add(m, text_of("The cat is big", (float[]){1, 2, 3}, 0), NULL);
    add(m, text_of("The dog is big", (float[]){3, 2, NAN}, 0), NULL);
    struct attribution *mean = take(m);
    const struct attribution_sequence *s = mean->sequences;
    cr_expect_eq(s->attr_pos_start, 3);
    cr_expect_float_eq(value(mean, true, 0), 2, 1e-6);
    cr_expect_float_eq(value(mean, true, 1), 2, 1e-6);
    cr_expect_float_eq(value(mean, true, 2), 3, 1e-6, "what is no number is left out");
    cr_expect(isnan(value(mean, true, 3)));
    cr_expect_str_eq(s->target.items[0].piece, "The");
    cr_expect_str_eq(s->target.items[1].piece, "[2]", "the texts have different ones there");
    cr_expect_str_eq(s->target.items[3].piece, "big");
    cr_expect_float_eq(s->step_scores[0].scores.data[0], 2, 1e-6);
    cr_expect_str_eq(mean->info.notices.items[0], "the mean of 2 rows of a file, place by place: "
                                                  "all have as many tokens");
    attribution_release(mean);
}

Test(mean_map, texts_of_other_lengths_are_averaged_by_role) {
    struct mean_map *m = mean_map_new(false);
    add(m, text_of("<s> The cat is big", (float[]){9, 1, 2, 3}, 0), NULL);
    add(m, text_of("<s> The old dog is big", (float[]){7, 3, 4, 6, 5}, 0), NULL);
    struct attribution *mean = take(m);
    static const char *const labels[] = {"special ", "first ", "other ", "last "};
    static const float values[] = {8, 2, 4, 4}; /* of "other" cat, old, dog */
    cr_assert_eq(mean->sequences[0].source.n, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_str_eq(mean->sequences[0].source.items[i].piece, labels[i]);
        cr_expect_float_eq(value(mean, false, (int64_t)i), values[i], 1e-6, "%s", labels[i]);
    }
    cr_expect_eq(attribution_steps(mean->sequences), 1);
    cr_expect_not_null(strstr(mean->info.notices.items[0], "by role"));
    attribution_release(mean);
}

static struct attribution *fact(const char *words, const float *scores, const char *subject,
                                int64_t layers) {
    struct attribution *a = text_of(words, scores, layers);
    char *fields = mem_format("{\"subject\":\"%s\"}", subject);
    info_texts_add(&a->info.fields, fields);
    free(fields);
    return a;
}

Test(mean_map, words_of_a_field_are_roles_and_layers_stay) {
    struct mean_map *m = mean_map_new(true);
    add(m, fact("Big Ben is in London", (float[]){1, 10, 2, 20, 3, 30, 4, 40}, "Big Ben", 2),
        "subject");
    add(m,
        fact("The Big Red Ben is in London", (float[]){0, 0, 3, 30, 5, 50, 4, 40, 5, 50, 6, 60},
             "Big Red Ben", 2),
        "subject");
    struct attribution *mean = take(m);
    static const char *const labels[] = {"first ",        "subject first ", "subject middle ",
                                         "subject last ", "other ",         "last "};
    static const float values[] = {0, 2, 5, 3, 4, 5};
    const struct scores *s = &mean->sequences[0].source_attributions;
    cr_assert_eq(mean->sequences[0].source.n, 6);
    cr_assert(s->n_dims == 3 && s->dims[2] == 2);
    cr_expect_eq(mean->sequences[0].class, ATTRIBUTION_MULTI_DIMENSIONAL);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_str_eq(mean->sequences[0].source.items[i].piece, labels[i]);
        cr_expect_float_eq(s->data[2 * i], values[i], 1e-6, "%s", labels[i]);
        cr_expect_float_eq(s->data[2 * i + 1], 10 * values[i], 1e-6, "%s", labels[i]);
    }
    attribution_release(mean);
}

Test(mean_map, a_text_of_other_layers_is_refused) {
    struct mean_map *m = mean_map_new(false);
    struct attribution *a = text_of("A b c", (float[]){1, 2, 3, 4, 5, 6}, 3);
    struct row_roles roles;
    struct err e;
    add(m, text_of("A b c", (float[]){1, 2, 3, 4}, 2), NULL);
    row_roles_make(&roles, a, NULL, 0);
    cr_expect_eq(mean_map_add(m, a, &roles, &e), ERR_SHAPE);
    cr_expect_eq(mean_map_count(m), 1);
    row_roles_dispose(&roles);
    attribution_release(a);
    mean_map_free(m);
}

Test(mean_map, of_no_text_there_is_no_mean) {
    struct mean_map *m = mean_map_new(false);
    cr_expect_null(mean_map_result(m, "nothing"));
    mean_map_free(m);
}
