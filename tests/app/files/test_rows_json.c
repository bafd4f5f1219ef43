/* A JSON made of rows one by one is the one that is made of all of them at once. */
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "app/files/rows_json.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/made_folder.h"
#include "views/export/exports.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
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
