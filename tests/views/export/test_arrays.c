/* Formats of arrays. Whole files are read by another reader in tests/app/cli/check_arrays.py. */
#include "views/export/arrays.h"
#include "views/export/exports.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct attribution *sample(void) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    s->attr_pos_end = 2;
    for (int i = 0; i < 2; i++)
        token_list_add(&s->target, i, false, "t", "t", 1);
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){2, 2}, 0.5f));
    attribution_add_step_scores(s, "../a/b c")->data[0] = 1;
    attribution_add_step_scores(s, "same")->data[0] = 2;
    attribution_add_step_scores(s, "same")->data[0] = 3;
    attribution_add_step_scores(s, "\xFF\"")->data[0] = 4;
    return a;
}

static struct text_buffer written(const char *format, const struct attribution *a,
                                  struct info_texts *told) {
    struct text_buffer b = {0};
    struct err e = {0};
    const struct export_input in = {.result = a, .told = told};
    cr_assert_eq(export_find(format)->write(&b, &in, &e), ERR_OK, "%s", e.message);
    return b;
}

static bool holds(const struct text_buffer *b, const char *what) {
    return memmem(b->text, b->n, what, strlen(what)) != NULL;
}

/* A step function may be an expression with a slash, and a file may name anything. */
Test(arrays, names_stay_apart_and_inside_the_archive) {
    struct attribution *a = sample();
    struct info_texts told = {0};
    struct text_buffer npz = written("npz", a, &told), tensors = written("safetensors", a, NULL);
    cr_expect(holds(&npz, "0.step_scores...%2Fa%2Fb%20c.npy") && !holds(&npz, "../a"));
    cr_expect(holds(&npz, "0.step_scores.same.npy") && holds(&npz, "0.step_scores.same.2.npy"));
    cr_expect(holds(&npz, "0.step_scores.\xEF\xBF\xBD%22.npy"));
    cr_assert_eq(told.n, 1);
    cr_expect(strstr(told.items[0], "2 names") && strstr(told.items[0], "%2F"), "%s",
              told.items[0]);
    cr_expect(holds(&tensors, "\"0.step_scores.../a/b c\":{\"dtype\":\"F32\",\"shape\":[2]"));
    cr_expect(holds(&tensors, "\"0.step_scores.same.2\"") &&
              holds(&tensors, "\"0.step_scores.\xEF\xBF\xBD\\\"\""));
    info_texts_dispose(&told);
    text_buffer_dispose(&npz);
    text_buffer_dispose(&tensors);
    attribution_release(a);
}

/* int64 has no NaN: a column that was not computed makes floats of them. */
Test(arrays, whole_numbers_stay_whole_while_all_are_there) {
    struct attribution *a = sample();
    struct scores *s = &a->sequences[0].step_scores[1].scores;
    s->integer = true;
    s->data[1] = 7;
    struct text_buffer whole = written("safetensors", a, NULL);
    cr_expect(holds(&whole, "\"0.step_scores.same\":{\"dtype\":\"I64\",\"shape\":[2],"
                            "\"data_offsets\":[0,16]}"));
    s->data[1] = NAN;
    struct text_buffer part = written("safetensors", a, NULL);
    cr_expect(!holds(&part, "I64") && holds(&part, "\"0.step_scores.same\":{\"dtype\":\"F32\""));
    cr_expect(!export_array_is_integer(s) && export_array_bytes(s) == 8);
    text_buffer_dispose(&whole);
    text_buffer_dispose(&part);
    attribution_release(a);
}

Test(arrays, more_than_a_zip_can_count_is_refused_with_what_can) {
    struct attribution *a = attribution_new(14000);
    struct text_buffer b = {0};
    struct err e;
    const struct export_input in = {.result = a};
    cr_expect_eq(export_find("npz")->write(&b, &in, &e), ERR_UNSUPPORTED);
    cr_expect(strstr(e.message, "safetensors"), "%s", e.message);
    cr_expect_eq(export_find("safetensors")->write(&b, &in, &e), ERR_OK);
    text_buffer_dispose(&b);
    attribution_release(a);
}

/* Pieces that went by, put together again. */
struct gathered {
    struct text_drain drain;
    struct text_buffer all;
    size_t n;
};

static void gather(struct text_drain *d, const char *text, size_t n) {
    struct gathered *g = (struct gathered *)d;
    text_buffer_add(&g->all, text, n);
    g->n++;
}

/* A large result's file is never whole in memory, and is the same. */
Test(arrays, large_ones_go_piece_by_piece) {
    static const char *const formats[] = {"npz", "safetensors"};
    struct attribution *a = sample();
    scores_dispose(&a->sequences[0].target_attributions);
    cr_assert(
        scores_init(&a->sequences[0].target_attributions, 3, (int64_t[]){2, 2, 300000}, 0.5f));
    for (int i = 0; i < 2; i++) {
        struct text_buffer whole = written(formats[i], a, NULL);
        struct gathered g = {.drain.take = gather};
        struct text_buffer b = {.drain = &g.drain};
        struct err e;
        const struct export_input in = {.result = a};
        cr_assert_eq(export_find(formats[i])->write(&b, &in, &e), ERR_OK);
        cr_expect_geq(g.n, 4);
        cr_expect_lt(b.capacity, whole.n);
        text_buffer_add(&g.all, b.text, b.n);
        cr_expect(g.all.n == whole.n && memcmp(g.all.text, whole.text, whole.n) == 0);
        text_buffer_dispose(&whole);
        text_buffer_dispose(&g.all);
        text_buffer_dispose(&b);
    }
    attribution_release(a);
}
