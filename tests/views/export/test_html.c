/* The page: complete, self-contained, safe. What a browser makes of it is tested in browser/. */
#include "tests/methods/result/info.h"
#include "views/export/html.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct token_list *list, const char *text) {
    token_list_add(list, 1, false, text, text, strlen(text));
}

static struct attribution *sample(int64_t rows, int64_t steps, int n_dims) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    int64_t dims[] = {rows + steps, steps, 2, 3};
    s->class = n_dims > 2 ? ATTRIBUTION_MULTI_DIMENSIONAL : ATTRIBUTION_COARSE;
    s->attr_pos_start = rows;
    s->attr_pos_end = rows + steps;
    for (int64_t i = 0; i < rows + steps; i++)
        add(&s->target, i ? " token" : "<b>&\"'");
    for (int64_t i = 0; i < rows; i++)
        add(&s->source, "x");
    cr_assert(scores_init(&s->target_attributions, n_dims, dims, 0.5f));
    s->target_attributions.data[0] = NAN;
    return a;
}

static char *page(const struct attribution *a, const char *map) {
    struct text_buffer b = {0};
    struct err e;
    const struct html_options o = {.map = map ? colour_map_find(map) : NULL,
                                   .function = a->info.function.id};
    cr_assert_eq(html_write(&b, a, a, &o, &e), ERR_OK);
    return text_buffer_take(&b);
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

Test(html, has_every_cell_and_no_address) {
    struct attribution *a = sample(3, 2, 2);
    attribution_add_step_scores(&a->sequences[0], "prob<i>")->data[0] = 0.25f;
    char *text = page(a, NULL);
    cr_expect_eq(count(text, "<td class=h"), 9);
    cr_expect_eq(count(text, "<td class=n>nan</td>"), 1);
    cr_expect_eq(count(text, "<td>nan</td>"), 1, "the step score that has no number");
    cr_expect_eq(count(text, "<th scope=col"), 2);
    cr_expect_eq(count(text, "<th scope=row"), 6); /* five tokens and a step score */
    cr_expect(strstr(text, "prob&lt;i&gt;") && strstr(text, ">0.250</td>"));
    cr_expect(!strstr(text, "http:") && !strstr(text, "https:") && !strstr(text, "src=") &&
              strstr(text, "default-src 'none'"));
    free(text);
    attribution_release(a);
}

Test(html, hostile_text_is_escaped_everywhere) {
    struct attribution *a = sample(3, 2, 2);
    a->info = info_from(
        "{\"attribution_method\": \"</title><script>1\", \"input_texts\": [\"</p><img "
        "onerror=x>\"], \"generated_texts\": \"no list\", "
        "\"<k>\": [\"</dd><b>\", 0.5], \"model_name\": 5, \"attributed_fn\": \"\\u202eabc\"}");
    char *text = page(a, NULL);
    cr_expect_eq(count(text, "<script"), 2); /* the data and the page's own */
    cr_expect(!strstr(text, "<img") && !strstr(text, "<b>&") && !strstr(text, "<k>") &&
              !strstr(text, "</dd><b>"));
    cr_expect(strstr(text, "&lt;b&gt;&amp;&quot;&#39;") && strstr(text, "&lt;U+202E&gt;abc"));
    free(text);
    result_info_dispose(&a->info);
    a->info = info_from("not JSON");
    text = page(a, NULL);
    cr_expect_not_null(strstr(text, "</html>"));
    free(text);
    attribution_release(a);
}

/* Inseq's "_fn" stands in its files alone; what is cut says so; a path is nobody else's business.
 */
Test(html, details_have_names_as_they_are_everywhere) {
    struct attribution *a = sample(3, 2, 2);
    char *json = mem_format("{\"attributed_fn\": \"probability_fn\", \"long\": \"%03000d\", "
                            "\"tinseq\": {\"model_path\": \"/home/me\", \"dtype\": \"float32\"}}",
                            0);
    a->info = info_from(json);
    char *text = page(a, NULL);
    cr_expect(strstr(text, "<dd>probability</dd>") && !strstr(text, "probability_fn"));
    cr_expect(strstr(text, " … (1000 bytes more; the saved JSON has them)</dd>"));
    cr_expect(strstr(text, "float32") && !strstr(text, "/home/me"));
    free(text);
    free(json);
    attribution_release(a);
}

Test(html, layers_and_heads_come_along) {
    struct attribution *a = sample(3, 2, 4);
    char *text = page(a, NULL);
    cr_expect(strstr(text, "data-steps=2 data-layers=2 data-heads=3 data-map=h"));
    const char *raw = strstr(text, "<script class=raw type=\"text/plain\" data-half=0>");
    cr_assert_not_null(raw);
    raw = strchr(raw, '>') + 1;
    cr_expect_eq(strcspn(raw, "<"), (5 * 2 * 6 * 4 + 2) / 3 * 4); /* base64 of every float */
    free(text);
    attribution_release(a);
}

Test(html, large_results_are_limited_and_say_so) {
    struct attribution *a = sample(HTML_MAX_ROWS, HTML_MAX_COLUMNS + 5, 2);
    char *text = page(a, NULL);
    cr_expect_eq(count(text, "<th scope=col"), HTML_MAX_COLUMNS);
    cr_expect(strstr(text, "The first 600 of 805 rows") &&
              strstr(text, "The first 200 of 205 generated tokens"));
    free(text);
    attribution_release(a);
    a = sample(300, 150, 4);
    text = page(a, NULL); /* 405,000 scores fit */
    cr_expect_not_null(strstr(text, "<script class=raw"));
    free(text);
    attribution_release(a);
}

Test(html, given_maps_colour_what_they_can) {
    struct attribution *a = sample(3, 2, 2);
    char *text = page(a, "viridis");
    cr_expect(strstr(text, "data-map=s") && strstr(text, "<td class=s63") &&
              strstr(text, ".s0{background:"));
    free(text);
    a->sequences[0].target_attributions.data[1] = -0.5f; /* signed: a sequential map will not do */
    text = page(a, "viridis");
    cr_expect(strstr(text, "data-map=h") && strstr(text, "<td class=h0") &&
              strstr(text, ".h0{background:"));
    free(text);
    attribution_release(a);
}

/* As in attention weights, of which Inseq's files name one. */
Test(html, names_no_function_where_none_takes_part) {
    struct attribution *a = sample(3, 2, 2);
    struct text_buffer b = {0};
    struct err e;
    const struct html_options none = {0};
    a->info = info_from("{\"attribution_method\": \"attention\", \"attributed_fn\": "
                        "\"probability_fn\"}");
    cr_assert_eq(html_write(&b, a, a, &none, &e), ERR_OK);
    cr_expect(strstr(b.text, "attention") && !strstr(b.text, "probability"));
    text_buffer_dispose(&b);
    attribution_release(a);
}
