/* The table of formats: what menus, options and the check of an ending rely on. */
#include "views/export/exports.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

Test(exports, each_says_all_of_itself) {
    size_t n;
    const struct export *const *all = export_list(&n);
    cr_assert_geq(n, 4);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(export_find(all[i]->id), all[i], "%s stands twice", all[i]->id);
        cr_expect(*all[i]->title && *all[i]->noun && all[i]->write, "%s", all[i]->id);
        cr_expect_eq(all[i]->help[strlen(all[i]->help) - 1], '.');
        cr_expect_eq(all[i]->endings[0][0], '.');
    }
    cr_expect_null(export_find("docx"));
}

Test(exports, an_ending_means_one_format) {
    static const char *const cases[][2] = {
        {"a.html", "html"}, {"/x/b.htm", "html"}, {"c.json", "json"},    {"d.e.json.gz", "json"},
        {"f.tsv", "tsv"},   {"f.csv", "csv"},     {"f.dark.svg", "svg"}, {"g.html.txt", "table"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct export *x;
        struct err e;
        cr_assert_eq(export_of_path(&x, cases[i][0], &e), ERR_OK);
        cr_expect_str_eq(x->id, cases[i][1]);
    }
}

Test(exports, an_unknown_ending_is_told_the_known_ones) {
    static const char *const names[] = {"a.docx", "json", "a.JSON", "a.tsv.gz", "", "a.html/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct export *x;
        struct err e;
        cr_expect_eq(export_of_path(&x, names[i], &e), ERR_USAGE, "%s", names[i]);
        cr_expect_null(x);
        char *all = export_endings(NULL);
        cr_expect(strstr(e.message, all) &&
                      strstr(all, ".html, .htm, .json, .json.gz, .jsonl, .jsonl.gz, .csv"),
                  "%s", e.message);
        free(all);
    }
    char *endings = export_endings(export_find("json"));
    cr_expect_str_eq(endings, ".json, .json.gz");
    free(endings);
}

static struct attribution *sample(void) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    s->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    s->attr_pos_start = 1;
    s->attr_pos_end = 2;
    token_list_add(&s->target, 1, false, "tick", "tick", 4);
    token_list_add(&s->target, 1, false, "tock", "tock", 4);
    cr_assert(scores_init(&s->target_attributions, 3, (int64_t[]){2, 1, 2}, 0.5f));
    s->target_attributions.data[1] = 1;
    return a;
}

/* What its bytes must hold: a token, or what its kind begins with. */
static const char *sign_of(const char *id) {
    static const char *const signs[][2] = {{"png", "PNG"}, {"pdf", "%PDF-"}, {"npz", "PK"}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strcmp(id, signs[i][0]) == 0)
            return signs[i][1];
    return "tock";
}

/* Also scores whose layers nobody has reduced: a given aggregation may leave them. */
Test(exports, every_format_writes_what_it_is_given) {
    size_t n;
    const struct export *const *all = export_list(&n);
    struct attribution *a = sample();
    for (size_t i = 0; i < n; i++) {
        struct text_buffer b = {0};
        struct err e = {0};
        const struct export_input in = {.result = a, .shown = a, .choices = a};
        cr_assert_eq(all[i]->write(&b, &in, &e), ERR_OK, "%s: %s", all[i]->id, e.message);
        cr_expect_not_null(memmem(b.text, b.n, sign_of(all[i]->id), strlen(sign_of(all[i]->id))),
                           "%s", all[i]->id);
        text_buffer_dispose(&b);
    }
    attribution_release(a);
}

/* Scores without rows and columns cannot be shown, but kept. */
Test(exports, what_cannot_be_shown_is_an_error_of_those_that_show) {
    size_t n;
    const struct export *const *all = export_list(&n);
    struct attribution *a = sample();
    a->sequences[0].target_attributions.n_dims = 1;
    for (size_t i = 0; i < n; i++) {
        struct text_buffer b = {0};
        struct err e = {0};
        const struct export_input in = {.result = a, .shown = a, .choices = a};
        const bool kept = all[i]->keeps_result || all[i]->write_row;
        cr_expect_eq(all[i]->write(&b, &in, &e), kept ? ERR_OK : ERR_SHAPE, "%s", all[i]->id);
        text_buffer_dispose(&b);
    }
    attribution_release(a);
}
