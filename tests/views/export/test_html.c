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
    cr_expect_eq(count(text, "<td class=h"), 7, "no step sees the last row");
    cr_expect_eq(count(text, "<td class=n>nan</td>"), 1);
    cr_expect_eq(count(text, "<td>nan</td>"), 1, "the step score that has no number");
    cr_expect_eq(count(text, "<th scope=col"), 2);
    cr_expect_eq(count(text, "<th scope=row"), 5); /* four tokens and a step score */
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
    cr_expect_eq(count(text, "<script"), 3); /* scores, tokens and the page's own */
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
    cr_expect_eq(strcspn(raw, "<"), 4 * 2 * 6 * 4 / 3 * 4); /* base64 of every float */
    free(text);
    attribution_release(a);
}

Test(html, large_results_are_limited_and_say_so) {
    struct attribution *a = sample(HTML_MAX_ROWS, HTML_MAX_COLUMNS + 5, 2);
    char *text = page(a, NULL);
    cr_expect(strstr(text, "data-steps=1000 ") && !strstr(text, "<table"));
    cr_expect(strstr(text, "The first 400 of 5004 rows of input") &&
              strstr(text, "The first 1000 of 1005 generated tokens"));
    cr_expect(!strstr(text, "\"id\":\"word\""), "a part of a unit has no sum of its own");
    free(text);
    attribution_release(a);
    a = sample(300, 150, 4);
    text = page(a, NULL); /* 405,000 scores fit */
    cr_expect_not_null(strstr(text, "<script class=raw"));
    free(text);
    attribution_release(a);
}

/* 0.006 and 0.005 said little. */
Test(html, small_scores_have_more_decimals) {
    struct attribution *a = sample(3, 2, 2);
    struct scores *s = &a->sequences[0].target_attributions;
    for (int64_t i = 0; i < scores_count(s); i++)
        s->data[i] = 0.00612f;
    s->data[2] = 0;
    s->data[3] = 0.0000012f;
    char *text = page(a, NULL);
    cr_expect(strstr(text, ">0.00612</td>") && strstr(text, ">0.00000</td>") &&
              strstr(text, ">1.20e-06</td>") && strstr(text, "<span>0.00612</span>"));
    free(text);
    attribution_release(a);
}

/* A picture of the map, its tokens and where the numbers are. */
Test(html, too_large_for_a_table_is_a_picture_without_script) {
    struct attribution *a = sample(150, 140, 2);
    char *text = page(a, NULL);
    cr_expect_eq(count(text, "<table"), 0);
    cr_expect_eq(count(text, "data:image/png;base64,iVBORw0KGgo"), 2, "light and dark");
    cr_expect(strstr(text, "alt=\"The map: 289 rows, 140 columns\"") &&
              strstr(text, "<pre class=tokens>1\t&lt;b&gt;&amp;&quot;&#39;\n2\t") &&
              strstr(text, "--export map.csv") && strstr(text, "img-src data:"));
    free(text);
    text = page(a, "viridis");
    cr_expect_eq(count(text, "data:image/png"), 1);
    free(text);
    attribution_release(a);
}

/* What the script joins tokens by; its sums are held against aggregators/ in script/. */
Test(html, units_come_along) {
    struct attribution *a = sample(3, 3, 2);
    struct token *last = &a->sequences[0].target.items[5];
    mem_replace(&last->bytes, mem_text("<s"));
    mem_replace(&last->printable, mem_text("<s"));
    last->n_bytes = 2;
    char *text = page(a, NULL);
    const char *json = strstr(text, "<script class=tokens type=\"application/json\">");
    cr_assert_not_null(json);
    json = strchr(json, '>') + 1;
    cr_expect(strncmp(json + strcspn(json, "<"), "</script>", 9) == 0, "no < in a string");
    char *tokens = mem_text_n(json, strcspn(json, "<"));
    cr_expect(strstr(tokens, "{\"steps\":[],\"units\":[{\"id\":\"token\""));
    cr_expect_not_null(strstr(tokens, "\"text\":[\"\\u003cb>&\\\"'\",\" token\""));
    cr_expect_not_null(strstr(tokens, "\"rows\":5,\"limits\":[3,4,5]"));
    cr_expect_not_null(strstr(tokens, "token\\u003cs\"],\"special\":[],\"from\":[0,1,2,3,4]"),
                       "a word of two tokens");
    cr_expect_not_null(
        strstr(tokens, "\"id\":\"turn\",\"title\":\"Chat turns\",\"note\":\"There is no turn"));
    cr_expect(strstr(tokens, "\"id\":\"line\"") && !strstr(tokens, "\"regex\""));
    free(tokens);
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

Test(html, what_was_given_is_not_what_was_written) {
    struct attribution *a = sample(3, 2, 2);
    a->info = info_from("{\"input_texts\": [\"A <b>\"], \"generated_texts\": [\"A <b> c\"]}");
    char *text = page(a, NULL);
    cr_expect_not_null(strstr(text, "<span class=given>A &lt;b&gt;</span> c</p>"));
    free(text);
    result_info_dispose(&a->info);
    a->info = info_from("{\"input_texts\": [\"A\"], \"generated_texts\": [\"Um c\"]}");
    text = page(a, NULL);
    cr_expect(strstr(text, "<b>Generated</b>Um c</p>") && !strstr(text, "class=given"));
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

/* In the same colours; a name is escaped, and the second's method is told. */
Test(html, two_results_stand_beside_their_difference) {
    struct attribution *a = sample(3, 2, 2), *b = sample(3, 2, 2);
    struct text_buffer out = {0};
    struct err e;
    const struct html_options o = {.pair = {{a, b}, {"first", "second"}, {"<b>.json", NULL}, 1}};
    b->sequences[0].target_attributions.data[1] = 2.0f;
    a->info = info_from("{\"attribution_method\": \"saliency\"}");
    b->info = info_from("{\"attribution_method\": \"attention\"}");
    cr_assert_eq(html_write(&out, a, a, &o, &e), ERR_OK);
    cr_expect_eq(count(out.text, "<section class=result"), 3);
    cr_expect_eq(count(out.text, "data-from=0 data-to=2>"), 2, "%s", "both have one scale");
    cr_expect(strstr(out.text, "&lt;b&gt;.json") && !strstr(out.text, "<b>.json"));
    cr_expect(strstr(out.text, ">saliency and attention</h1>"));
    text_buffer_dispose(&out);
    attribution_release(a);
    attribution_release(b);
}
