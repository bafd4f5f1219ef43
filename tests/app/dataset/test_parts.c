/* Parts of a data set put together: the file of one process, or what is missing or there twice. */
#include "app/dataset/parts.h"
#include "app/files/result_rows.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/dataset/made_folder.h"
#include "tests/app/dataset/made_run.h"

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

TestSuite(parts, .init = make_folder, .fini = remove_folder);

#define MOST 30

/* Makes all parts; their files' names, each owned by the caller. */
static void make(char *files[MOST], const char *name, int n, unsigned shuffle) {
    char *out = file_join(folder, name);
    for (int k = 0; k < n; k++) {
        const struct shard s = {.k = k, .n = n};
        struct err e;
        cr_assert_eq(made_run(out, &s, shuffle, &e), ERR_OK, "%s", e.message);
        files[n - 1 - k] = shard_path(&s, out); /* in any order */
    }
    free(out);
}

static void forget(char *files[MOST], int n) {
    for (int i = 0; i < n; i++)
        free(files[i]);
}

static enum err_code merge(const char *name, char **files, int n, struct err *e) {
    struct parts_told told;
    char *out = file_join(folder, name);
    bool parts;
    cr_assert_eq(parts_are(&parts, (const char *const *)files, (size_t)n, e), ERR_OK, "%s",
                 e->message);
    cr_expect(parts);
    enum err_code code =
        parts_merge(&told, out, (const char *const *)files, (size_t)n, NULL, NULL, e);
    cr_expect(code || (told.n_rows + told.n_failed == MADE_ROWS && told.failed_path));
    free(told.failed_path);
    free(out);
    return code;
}

static void expect_same(const char *a, const char *b) {
    char *x = file_join(folder, a), *y = file_join(folder, b),
         *command = mem_format("cmp '%s' '%s'", x, y);
    cr_expect_eq(system(command), 0, "%s and %s", a, b);
    free(command);
    free(x);
    free(y);
}

Test(parts, become_the_file_of_one_process) {
    static const struct {
        const char *one, *part, *merged;
        int n;
    } cases[] = {{"one.jsonl", "p.jsonl", "all.jsonl", 3},
                 {"one.jsonl.gz", "q.jsonl.gz", "zip.jsonl.gz", 4},
                 {"one.jsonl", "r.jsonl.gz", "un.jsonl", 2},
                 {"one.jsonl", "s.jsonl", "more.jsonl", MADE_BATCHES + 2}}; /* two have none */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *out = file_join(folder, cases[i].one), *files[MOST];
        struct err e;
        cr_assert_eq(made_run(out, &(struct shard){0}, 0, &e), ERR_OK, "%s", e.message);
        make(files, cases[i].part, cases[i].n, i % 2 ? 5 : 0);
        cr_assert_eq(merge(cases[i].merged, files, cases[i].n, &e), ERR_OK, "%s", e.message);
        expect_same(cases[i].one, cases[i].merged);
        forget(files, cases[i].n);
        free(out);
    }
    expect_same("one.failed.jsonl", "all.failed.jsonl");
    expect_same("one.failed.jsonl", "more.failed.jsonl");
}

/* Readers of rows pass over what parts say of themselves. */
Test(parts, each_is_a_file_of_rows) {
    char *files[MOST], *out = file_join(folder, "one.jsonl");
    struct result_rows *rows;
    struct err e;
    size_t n = 0;
    make(files, "p.jsonl", 3, 0);
    for (int k = 0; k < 3; k++) {
        cr_assert_eq(result_rows_open(&rows, files[k], &e), ERR_OK, "%s", e.message);
        n += result_rows_count(rows);
        result_rows_close(rows);
    }
    cr_assert_eq(made_run(out, &(struct shard){0}, 0, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_rows_open(&rows, out, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(n, result_rows_count(rows));
    result_rows_close(rows);
    forget(files, 3);
    free(out);
}

static void expect_refused(char **files, int n, enum err_code code, const char *message) {
    struct err e;
    char *out = file_join(folder, "all.jsonl");
    cr_expect_eq(merge("all.jsonl", files, n, &e), code, "%s", message);
    cr_expect(strstr(e.message, message), "%s", e.message);
    cr_expect(!file_exists(out));
    free(out);
}

Test(parts, gaps_and_doubles_are_refused_and_named) {
    char *files[MOST], *four[MOST];
    make(files, "p.jsonl", 3, 0); /* 2, 1, 0 */
    make(four, "q.jsonl", 4, 0);
    expect_refused(files, 2, ERR_USAGE,
                   "rows 0 to 2 are in none of these files, as part 0/3 is not among them");
    expect_refused(files + 1, 2, ERR_USAGE,
                   "rows 6 to 8 are in none of these files, as part 2/3 is not among them");
    expect_refused(files, 1, ERR_USAGE, "as part 0/3, 1/3 are not among them");
    char *both[] = {files[0], files[1], files[2], files[1]};
    expect_refused(both, 4, ERR_USAGE, "rows 3 to 5 are in ");
    char *mixed[] = {files[0], four[1]};
    expect_refused(mixed, 2, ERR_USAGE, "one of 3 parts, and");
    forget(files, 3);
    forget(four, 4);
}

/* The file with a piece of its text replaced; its name, owned by the caller. */
static char *changed(const char *path, const char *from, const char *to) {
    char *text, *name = mem_format("%s/changed.jsonl", folder);
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    char *at = strstr(text, from);
    cr_assert_not_null(at, "%s", from);
    char *all = mem_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    cr_assert_eq(file_write(name, all, strlen(all), &e), ERR_OK);
    free(all);
    free(text);
    return name;
}

/* Part 0 of 2 with the change, and part 1 as it is. */
static void expect_damage(char **files, const char *from, const char *to, const char *message) {
    char *name = changed(files[1], from, to), *both[] = {name, files[0]};
    struct err e;
    cr_expect_neq(merge("all.jsonl", both, 2, &e), ERR_OK, "%s", message);
    cr_expect(strstr(e.message, message), "%s, not %s", e.message, message);
    free(name);
}

Test(parts, what_is_cut_short_or_changed_is_refused) {
    char *files[MOST], *failed = mem_format("cp %s/p.00000-of-00002.failed.jsonl "
                                            "%s/changed.failed.jsonl",
                                            folder, folder);
    make(files, "p.jsonl", 2, 0);
    cr_assert_eq(system(failed), 0);
    expect_damage(files, "\"of\":2", "\"of\":0", "a line that tells of a batch is damaged");
    expect_damage(files, "method: dummy", "method: lime",
                  "of runs made otherwise (method: lime then");
    expect_damage(files, "\"key\":", "\"kez\":", "a line that tells of a batch is damaged");
    expect_damage(files, "{\"number\":2,\"row\":6,", "{\"number\":2,\"row\":7,", "does not follow");
    expect_damage(files, "{\"number\":2,", "{\"number\":99999999999,", "rows 6 to 8 are in none");
    expect_damage(files, "\"failed\":[26]", "\"failed\":[]", "has 2 rows of 3");
    expect_damage(files, "\"failed\":[26]", "\"failed\":[25]",
                  "row 25, which failed, is not in it");
    expect_damage(files, "\"failed\":[26]", "\"failed\":[27]",
                  "a line that tells of a batch is damaged");
    expect_damage(files, "{\"attr_pos_start\":0,", "{\"batch\":0,", "has 0 rows of 3");
    expect_damage(files, "\"rows\":67", "\"rows\":66", "one of 2 parts, and");
    truncate(files[1], 900);
    char *both[] = {files[0], files[1]};
    expect_refused(both, 2, ERR_FORMAT,
                   "its end is missing: the command that makes it has not ended");
    forget(files, 2);
    free(failed);
}

Test(parts, with_another_file_among_them_are_refused) {
    char *files[MOST], *other = file_join(folder, "one.jsonl");
    struct err e;
    bool parts;
    cr_assert_eq(made_run(other, &(struct shard){0}, 0, &e), ERR_OK, "%s", e.message);
    make(files, "p.jsonl", 2, 0);
    const char *three[] = {files[0], other, files[1]};
    cr_expect_eq(parts_are(&parts, three, 3, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "one.jsonl is none: merge the parts first"), "%s", e.message);
    cr_assert_eq(parts_are(&parts, &three[1], 1, &e), ERR_OK);
    cr_expect(!parts);
    forget(files, 2);
    free(other);
}
