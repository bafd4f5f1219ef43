/* Files of rows, and large ones, of which one result at a time is read. */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "app/files/result_rows.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "methods/result/join.h"
#include "views/export/exports.h"
#include "views/export/result_json.h"
#include "views/export/rows.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/tinseq-rows-XXXXXX";

static char *in_folder(const char *leaf) {
    if (strstr(folder, "XXXXXX"))
        cr_assert(mkdtemp(folder));
    return file_join(folder, leaf);
}

static void clean(void) {
    struct file_names names = file_list(folder, 100);
    for (size_t i = 0; i < names.n; i++) {
        char *path = file_join(folder, names.items[i]);
        unlink(path);
        free(path);
    }
    file_names_dispose(&names);
    rmdir(folder);
}

TestSuite(result_rows, .fini = clean);

static char *fixture(const char *name) {
    return mem_format("%s/%s", getenv("TINSEQ_FIXTURES"), name);
}

static struct attribution *load(const char *path) {
    struct attribution *a;
    struct err e = {0};
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    return a;
}

static char *json_of(const struct attribution *a, size_t *n) {
    struct text_buffer b = {0};
    result_json_write(&b, a, NULL);
    *n = b.n;
    return text_buffer_take(&b);
}

/* Owned by the caller. */
static char *write_as(const struct attribution *a, const char *leaf, struct export_how how) {
    const struct export *format;
    struct err e = {0};
    char *path = in_folder(leaf);
    const struct export_input in = {.result = a, .shown = a, .choices = a, .how = how};
    cr_assert_eq(export_of_path(&format, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(export_file_write(path, format, &in, &e), ERR_OK, "%s", e.message);
    return path;
}

static void expect_same_json(const struct attribution *a, const struct attribution *b,
                             const char *name) {
    size_t n_a, n_b;
    char *x = json_of(a, &n_a), *y = json_of(b, &n_b);
    cr_expect(n_a == n_b && memcmp(x, y, n_a) == 0, "%s", name);
    free(x);
    free(y);
}

/* Texts that are one result, with candidates, contrasts and notices of their own. */
static struct attribution *several(void) {
    char *granular = fixture("results/granular.json"), *dummy = fixture("results/dummy.json");
    struct attribution *a = load(granular), *b = load(dummy);
    struct attribution_sequence *s = &b->sequences[0];
    s->candidates = mem_alloc(2 * sizeof *s->candidates);
    s->candidates[1].items = mem_alloc(sizeof *s->candidates[1].items);
    s->candidates[1].n = 1;
    s->candidates[1].items[0] =
        (struct step_candidate){4, mem_text("\"Ġ\\"), mem_text("\"·\\"), 0.25f};
    info_texts_add(&b->info.notices, "told of the last");
    attribution_join_take(a, b);
    free(granular);
    free(dummy);
    return a;
}

Test(result_rows, raw_ones_are_the_result_again) {
    static const char *const names[] = {"granular.json",     "attention.json", "value_zeroing.json",
                                        "dummy.json",        "integers.json",  "coarse.json.gz",
                                        "granular.sum.json", "half.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *leaf = mem_format("results/%s", names[i]), *path = fixture(leaf);
        struct attribution *a = load(path);
        char *rows =
            write_as(a, i % 2 ? "a.jsonl" : "a.jsonl.gz", (struct export_how){.raw = true});
        struct attribution *again = load(rows);
        expect_same_json(a, again, names[i]);
        attribution_release(again);
        attribution_release(a);
        free(rows);
        free(path);
        free(leaf);
    }
}

Test(result_rows, several_texts_come_back_with_what_is_theirs) {
    struct attribution *a = several();
    char *path = write_as(a, "several.jsonl", (struct export_how){.raw = true});
    struct attribution *again = load(path), *third;
    struct result_rows *rows;
    struct err e;
    expect_same_json(a, again, "all");
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(result_rows_count(rows), 3);
    cr_assert_eq(result_rows_load(&third, rows, 2, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(third->n_sequences, 1);
    cr_expect_eq(third->info.input_texts.n, 1);
    cr_expect_str_eq(third->info.input_texts.items[0], a->info.input_texts.items[2]);
    cr_expect_str_eq(third->sequences[0].candidates[1].items[0].piece, "\"Ġ\\");
    attribution_release(third);
    attribution_release(again);
    attribution_release(a);
    result_rows_close(rows);
    free(path);
}

/* A data set's row is the text's own: however long, one line of info stands above all of them. */
Test(result_rows, fields_of_a_data_set_come_back_under_one_line_of_info) {
    struct attribution *a = several();
    struct err e;
    for (size_t i = 0; i < a->n_sequences; i++) {
        char *fields = mem_format("{\"n\":%zu,\"text\":\"%04000d\"}", i, (int)i);
        info_texts_put_take(&a->info.fields, i, fields);
    }
    char *path = write_as(a, "fields.jsonl", (struct export_how){.raw = true}), *text;
    size_t n;
    struct attribution *again = load(path);
    expect_same_json(a, again, "all");
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    const char *above = strstr(text, ROWS_FORMAT);
    cr_expect(above && !strstr(above + 1, ROWS_FORMAT));
    attribution_release(again);
    attribution_release(a);
    free(text);
    free(path);
}

/* Precisions round the numbers once, and nothing else. */
Test(result_rows, a_precision_rounds_once) {
    struct attribution *a = several();
    for (int type = SCORES_F16; type <= SCORES_F8; type++) {
        const struct export_how how = {.raw = true, .precision = (enum scores_type)type};
        char *rows = write_as(a, "p.jsonl", how), *json = write_as(a, "p.json", how);
        struct attribution *b = load(rows), *c = load(json);
        cr_expect_neq(b->sequences[0].source_attributions.data[0],
                      a->sequences[0].source_attributions.data[0]);
        expect_same_json(b, c, "rows and JSON");
        char *again = write_as(b, "q.jsonl", how);
        struct attribution *d = load(again);
        expect_same_json(b, d, "rounded twice");
        attribution_release(b);
        attribution_release(c);
        attribution_release(d);
        free(again);
        free(rows);
        free(json);
    }
    attribution_release(a);
}

static struct attribution *ten_by_ten(void) {
    struct attribution *a = attribution_new(1);
    struct attribution_sequence *s = &a->sequences[0];
    s->attr_pos_start = 1;
    s->attr_pos_end = 10;
    for (int i = 0; i < 10; i++) {
        token_list_add(&s->source, 20000 + i, false, "▁manager", " manager", 8);
        token_list_add(&s->target, 30000 + i, false, "▁gerente", " gerente", 8);
    }
    cr_assert(scores_init(&s->source_attributions, 2, (int64_t[]){10, 9}, 0.1f));
    cr_assert(scores_init(&s->target_attributions, 2, (int64_t[]){10, 9}, 0.1f));
    cr_assert_not_null(attribution_add_step_scores(s, "probability"));
    info_texts_add(&a->info.input_texts, "ten words that are not very long, of one sentence");
    info_texts_add(&a->info.generated_texts, "dez palavras que não são muito longas, de uma frase");
    a->info.model_name = mem_text("en-pt");
    return a;
}

/* Bytes of the longest line. */
static size_t longest_line(const char *path) {
    struct err e;
    char *text;
    size_t n, longest = 0;
    cr_assert_eq(file_read(&text, &n, path, 1 << 24, &e), ERR_OK);
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
        longest = strlen(line) > longest ? strlen(line) : longest;
    free(text);
    return longest;
}

/* Both sides' scores, and a step score. */
Test(result_rows, ten_by_ten_tokens_take_less_than_2_kb) {
    struct attribution *a = ten_by_ten();
    char *path = write_as(a, "t.jsonl", (struct export_how){0}),
         *half = write_as(a, "h.jsonl", (struct export_how){.precision = SCORES_F16});
    cr_expect_leq(longest_line(path), 2048, "%zu", longest_line(path));
    cr_expect_leq(longest_line(half), 1400, "%zu", longest_line(half));
    attribution_release(a);
    free(path);
    free(half);
}

static char *write_text(const char *leaf, const char *text) {
    struct err e;
    char *path = in_folder(leaf);
    cr_assert_eq(file_write(path, text, strlen(text), &e), ERR_OK);
    return path;
}

#define ROW                                                                                        \
    "{\"attr_pos_start\":1,\"attr_pos_end\":2,\"target\":[\"a\",\"b\"],\"target_ids\":[1,2]}\n"

Test(result_rows, a_damaged_row_does_not_hide_the_others) {
    char *path = write_text("d.jsonl", ROW "{\"attr_pos_start\":1,\"attr\n\n" ROW);
    struct result_rows *rows;
    struct attribution *a;
    struct err e;
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_rows_count(rows), 3);
    cr_assert_eq(result_rows_load(&a, rows, 2, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(a->sequences[0].source.n, 1); /* the target's beginning */
    attribution_release(a);
    cr_expect_eq(result_rows_load(&a, rows, 1, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "d.jsonl: row 2 of 3: not valid JSON"), "%s", e.message);
    cr_expect_null(a);
    cr_expect_eq(result_rows_load_all(&a, rows, &e), ERR_FORMAT);
    result_rows_close(rows);
    free(path);
}

Test(result_rows, what_is_no_row_is_told) {
    static const char *const cases[][2] = {
        {"hello\nworld\n", "neither Inseq's JSON nor rows: not valid JSON"},
        {"{\"a\": 1}\n", "no attributed positions"},
        {"{\"format\":\"tinseq-rows\",\"version\":1}\n", "the file holds no row"},
        {"{\"format\":\"tinseq-rows\",\"version\":2}\n" ROW, "rows of version 2"},
        {"{\"format\":\"other\",\"version\":1}\n" ROW, "of another format"},
        {"{\"attr_pos_start\":1,\"attr_pos_end\":2,\"target\":[\"a\"],\"target_ids\":[1]}\n",
         "attributed positions 1 to 2 of 1 tokens"},
        {"{\"attr_pos_start\":1,\"attr_pos_end\":1,\"target\":[\"a\"],\"target_ids\":[]}\n",
         "no pieces with as many ids"},
        {"{\"attr_pos_start\":1,\"attr_pos_end\":1,\"target\":[1],\"target_ids\":[1]}\n",
         "no text"},
        {"{\"attr_pos_start\":0,\"attr_pos_end\":1,\"target\":[\"a\"],\"target_ids\":[1],"
         "\"target_attributions\":[\"F32\",[1,1],\"AAA=\"]}\n",
         "target_attributions: scores whose shape and data disagree"},
        {"", "not valid JSON"},
        {"{\"sequence_attributions\": []}", "the file holds no sequence"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribution *a;
        struct err e = {0};
        char *path = write_text("w.jsonl", cases[i][0]);
        cr_expect_neq(result_file_load(&a, path, &e), ERR_OK, "%s", cases[i][0]);
        cr_expect(strstr(e.message, cases[i][1]), "%s, not %s", e.message, cases[i][1]);
        cr_expect_null(a);
        free(path);
    }
}

Test(result_rows, what_a_row_has_besides_is_told) {
    char *path =
        write_text("u.jsonl", "{\"attr_pos_start\":1,\"attr_pos_end\":2,\"target\":[\"a\",\"b\"],"
                              "\"target_ids\":[1,2],\"colour\":\"red\"}\n");
    struct attribution *a = load(path);
    char *notices = attribution_notices(a, "\n");
    cr_expect(notices && strstr(notices, "\"colour\""), "%s", notices);
    free(notices);
    attribution_release(a);
    free(path);
}

/* One result has one info. */
Test(result_rows, rows_that_were_made_otherwise_do_not_become_one_result) {
    char *path = write_text("o.jsonl", "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{"
                                       "\"attribution_method\":\"saliency\"}}\n" ROW
                                       "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{"
                                       "\"attribution_method\":\"lime\"}}\n" ROW);
    struct attribution *a;
    struct result_rows *rows;
    struct err e;
    cr_expect_eq(result_file_load(&a, path, &e), ERR_UNSUPPORTED);
    cr_expect(strstr(e.message, "attribution_method is \"saliency\" here and \"lime\" there"), "%s",
              e.message);
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK);
    cr_assert_eq(result_rows_load(&a, rows, 1, &e), ERR_OK);
    cr_expect_str_eq(a->info.method, "lime");
    attribution_release(a);
    result_rows_close(rows);
    free(path);
}

/* Beyond 16 MB a JSON is not read at once. */
Test(result_rows, of_a_large_json_single_sequences_are_read) {
    struct attribution *a = several(), *one;
    struct result_rows *rows;
    struct err e;
    size_t n;
    char *small = json_of(a, &n), *at = strstr(small, "\"sequence_attributions\": ["), *large;
    cr_assert_not_null(at);
    const size_t before = (size_t)(at - small) + 26, pad = 17 << 20;
    large = malloc(n + pad + 1);
    memcpy(large, small, before);
    memset(large + before, ' ', pad);
    memcpy(large + before + pad, small + before, n - before);
    char *path = in_folder("large.json");
    cr_assert_eq(file_write(path, large, n + pad, &e), ERR_OK);
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_rows_count(rows), 3);
    for (size_t i = 0; i < 3; i++) {
        struct attribution part = attribution_part(a, i);
        cr_assert_eq(result_rows_load(&one, rows, i, &e), ERR_OK, "%s", e.message);
        expect_same_json(&part, one, "a part");
        attribution_release(one);
        result_info_dispose(&part.info);
    }
    cr_assert_eq(result_rows_load_all(&one, rows, &e), ERR_OK, "%s", e.message);
    expect_same_json(a, one, "all");
    attribution_release(one);
    result_rows_close(rows);
    attribution_release(a);
    free(path);
    free(large);
    free(small);
}

Test(result_rows, sequences_are_split_as_inseq_does_and_joined_again) {
    static const char *const names[][3] = {{"s.json", "s_0.json", "s_2.json"},
                                           {"s.json.gz", "s_0.json.gz", "s_2.json.gz"},
                                           {"s", "s_0.json", "s_2.json"}};
    struct attribution *a = several();
    const struct export_input in = {.result = a, .shown = a, .choices = a};
    struct err e;
    for (size_t k = 0; k < 3; k++) {
        struct result_join join = {0};
        char *path = in_folder(names[k][0]), *last = in_folder(names[k][2]);
        cr_assert_eq(export_file_write_split(path, export_find("json"), &in, &e), ERR_OK);
        cr_expect(file_exists(last));
        for (size_t i = 0; i < 3; i++) {
            char *name = export_file_split_name(path, i, false);
            cr_expect(i > 0 || strcmp(strrchr(name, '/') + 1, names[k][1]) == 0, "%s", name);
            cr_assert_eq(result_join_take(&join, load(name), &e), ERR_OK, "%s", e.message);
            free(name);
        }
        expect_same_json(a, join.all, names[k][0]);
        result_join_dispose(&join);
        free(last);
        free(path);
    }
    char *name = export_file_split_name("a.json", 1, true);
    cr_expect_str_eq(name, "a_1.json.gz");
    free(name);
    attribution_release(a);
}
