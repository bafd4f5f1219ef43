/* A JSON made of rows one by one is the one that is made of all of them at once. */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "app/files/rows_json.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/made_folder.h"
#include "views/export/exports.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static void make_folder(void) {
    folder = made_folder();
    cr_assert_not_null(folder);
}

static void remove_folder(void) {
    cr_expect(made_folder_remove_take(folder));
}

TestSuite(rows_json, .init = make_folder, .fini = remove_folder);

static void expect_same(const char *a, const char *b) {
    char *x, *y;
    size_t n_x, n_y;
    struct err e;
    cr_assert_eq(file_read(&x, &n_x, a, 1 << 28, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(file_read(&y, &n_y, b, 1 << 28, &e), ERR_OK, "%s", e.message);
    cr_expect(n_x == n_y && memcmp(x, y, n_x) == 0, "%s and %s", a, b);
    free(x);
    free(y);
}

/* The fixture's results as raw rows, then both ways to a JSON of the name. */
static void check(const char *fixture, const char *name, struct export_how how) {
    char *path = mem_format("%s/results/%s", getenv("TINSEQ_FIXTURES"), fixture),
         *rows = file_join(folder, "a.jsonl"), *whole = file_join(folder, name),
         *streamed = mem_format("%s/streamed-%s", folder, name);
    struct attribution *a;
    struct err e;
    how.raw = true;
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    const struct export_input raw = {.result = a, .shown = a, .how = {.raw = true}};
    cr_assert_eq(export_file_write(rows, export_find("jsonl"), &raw, &e), ERR_OK, "%s", e.message);
    attribution_release(a);
    cr_assert_eq(result_file_load(&a, rows, &e), ERR_OK, "%s", e.message);
    const struct export_input in = {.result = a, .shown = a, .how = how};
    cr_assert_eq(export_file_write(whole, export_find("json"), &in, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(rows_json_write(streamed, rows, &how, &e), ERR_OK, "%s", e.message);
    expect_same(whole, streamed);
    attribution_release(a);
    free(streamed);
    free(whole);
    free(rows);
    free(path);
}

Test(rows_json, is_the_same_as_of_all_at_once) {
    check("granular.json", "a.json", (struct export_how){0});
    check("granular.json", "a.json", (struct export_how){.primitives = true});
    check("granular.json", "a.json.gz", (struct export_how){0});
    check("attention.json", "b.json", (struct export_how){.precision = SCORES_F16});
}

/* --- what rows say each of their own --- */

#define ABOVE "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{}}\n"
#define ROW                                                                                        \
    "{\"attr_pos_start\":1,\"attr_pos_end\":2,\"target\":[\"a\",\"b\"],\"target_ids\":[1,2],"      \
    "\"target_attributions\":[\"F32\",[2,1],\"AACAPwAAwH8=\"]"

/* Both ways, of rows that end so. */
static void check_infos(const char *const *infos, size_t n) {
    static const struct export_how hows[] = {{0}, {.primitives = true}};
    struct text_buffer b = {0};
    char *rows = file_join(folder, "i.jsonl"), *whole = file_join(folder, "i.json"),
         *streamed = file_join(folder, "s.json");
    struct attribution *a;
    struct err e;
    text_buffer_puts(&b, ABOVE);
    for (size_t i = 0; i < n; i++)
        text_buffer_format(&b, "%s%s}\n", ROW, infos[i]);
    cr_assert_eq(file_write(rows, b.text, b.n, &e), ERR_OK);
    text_buffer_dispose(&b);
    cr_assert_eq(result_file_load(&a, rows, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(a->n_sequences, n);
    for (size_t i = 0; i < 2; i++) {
        const struct export_input in = {.result = a, .shown = a, .how = hows[i]};
        cr_assert_eq(export_file_write(whole, export_find("json"), &in, &e), ERR_OK);
        cr_assert_eq(rows_json_write(streamed, rows, &hows[i], &e), ERR_OK, "%s", e.message);
        expect_same(whole, streamed);
    }
    attribution_release(a);
    free(streamed);
    free(whole);
    free(rows);
}

Test(rows_json, texts_are_those_of_all_rows) {
    static const char *const differ[] = {
        ",\"info\":{\"input_texts\":[\"a\\u0001\\\"ü\"],\"generated_texts\":\"g\"}",
        ",\"info\":{\"generated_texts\":\"g\"}",
        ",\"info\":{\"input_texts\":[\"c\"],\"generated_texts\":[\"h\"]}",
        ",\"info\":{\"input_texts\":[null],\"generated_texts\":\"g\"}"};
    static const char *const alike[] = {
        ",\"info\":{\"input_texts\":\"one\",\"tinseq\":{\"command\":[\"x\"]}}",
        ",\"info\":{\"input_texts\":\"one\",\"generated_texts\":[\"of no use\"]}",
        ",\"info\":{\"input_texts\":\"one\",\"tinseq\":{\"target_prefixes\":[\"of no use\"]}}"};
    check_infos(differ, 4);
    check_infos(alike, 3);
    check_infos(differ, 1);
}

Test(rows_json, objects_and_candidates_are_where_a_row_has_them) {
    static const char *const late[] = {
        "", ",\"info\":{\"tinseq\":{\"notices\":[\"n\",\"n\"]}}",
        ",\"info\":{\"tinseq\":{\"fields\":[{\"z\":\"1\",\"b\":{\"c\":[1.0]}}],\"notices\":[\"m\"]}"
        "}"
        ",\"candidates\":[[[5,\"\\\"ü\",0.5]]]",
        ",\"info\":{\"tinseq\":{\"citations\":[{\"a\":[]}],\"notices\":[\"n\",\"é\"]}}"};
    static const char *const early[] = {
        ",\"info\":{\"tinseq\":{\"fields\":[{\"q\":\"1\"}],\"notices\":[\"n\",\"n\"]}}"
        ",\"candidates\":[[[5,\"x\",0.5]]]",
        "", ",\"info\":{\"tinseq\":{\"fields\":[{\"q\":\"3\"}],\"notices\":[\"n\"]}}"};
    check_infos(late, 4);
    check_infos(early, 3);
    check_infos(early, 2);
}

Test(rows_json, contrasts_are_those_of_all_rows) {
#define CONTRAST(args, text, pairs)                                                                \
    ",\"info\":{\"" args "\":{\"contrast_targets\":[\"" text                                       \
    "\"],\"contrast_targets_alignments\":[" pairs "]}}"
    static const char *const both[] = {CONTRAST("attributed_fn_args", "x", "[[0,0],[1,1]]"),
                                       CONTRAST("attributed_fn_args", "y", "[[0,1]]")};
    static const char *const scores[] = {CONTRAST("step_scores_args", "x", "[[0,0]]"), "",
                                         CONTRAST("step_scores_args", "y", "[[0,1]]")};
    check_infos(both, 2);
    check_infos(scores, 3);
}

/* --- memory --- */

#define LONG 2000 /* bytes of a text */

/* The most that was ever resident. */
static long long peak_bytes(void) {
    char *status;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&status, &n, "/proc/self/status", 1 << 20, &e), ERR_OK);
    const char *peak = strstr(status, "VmHWM:");
    const long long bytes = peak ? 1024 * atoll(peak + strlen("VmHWM:")) : -1;
    free(status);
    cr_assert(bytes > 0);
    return bytes;
}

/* Rows whose texts, fields and notices are all others, and the peak of making a JSON of them. */
static long long peak_of(size_t n) {
    char text[LONG + 1] = "", *rows = file_join(folder, "m.jsonl"),
                     *out = file_join(folder, "m.json");
    const struct export_how how = {0};
    struct stat about;
    struct err e;
    memset(text, 'x', LONG);
    FILE *f = fopen(rows, "w");
    cr_assert_not_null(f);
    fputs(ABOVE, f);
    for (size_t i = 0; i < n; i++)
        fprintf(
            f,
            ROW
            ",\"info\":{\"input_texts\":[\"%zu %s\"],\"tinseq\":{\"fields\":[{\"a\":\"%zu %s\"}],"
            "\"notices\":[\"%zu %s\"]}}}\n",
            i, text, i, text, i, text);
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(rows_json_write(out, rows, &how, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(stat(out, &about), 0);
    cr_expect(about.st_size > (off_t)(3 * LONG * n));
    free(out);
    free(rows);
    return peak_bytes();
}

Test(rows_json, memory_is_flat) {
    const long long few = peak_of(200), many = peak_of(2000);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
    cr_expect(many - few < 2 << 20, "%lld more bytes", many - few);
#else
    cr_expect(many >= few);
#endif
}

Test(rows_json, a_damaged_row_leaves_no_file) {
    static const char text[] = "{\"format\":\"tinseq-rows\",\"version\":1,\"info\":{}}\n"
                               "{\"attr_pos_start\":1}\n";
    char *rows = file_join(folder, "a.jsonl"), *out = file_join(folder, "a.json");
    const struct export_how how = {0};
    struct err e;
    cr_assert_eq(file_write(rows, text, sizeof text - 1, &e), ERR_OK);
    cr_expect_eq(rows_json_write(out, rows, &how, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "row 1 of 1"), "%s", e.message);
    cr_expect(!file_exists(out));
    free(out);
    free(rows);
}
