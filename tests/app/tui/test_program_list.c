/* A large file of rows in the program on a terminal: it is opened and read in the background. */
#include "tests/app/facts.h"
#include "tests/app/tui/program.h"

#include "app/files/result_rows.h"

PROGRAM_SUITE(app_list);

static char *large_file(void) {
    char *text = facts_text(3000, SIZE_MAX), *path = mem_format("%s/facts.jsonl", home);
    struct err e;
    cr_assert_eq(file_write(path, text, strlen(text), &e), ERR_OK);
    cr_assert_not(result_rows_quick(path), "it is opened in the background");
    free(text);
    return path;
}

Test(app_list, a_large_file_is_opened_behind_the_first_frame) {
    char *path = large_file();
    start(false, (const char *const[]){"--open", path, NULL});
    cr_assert(term_expect_text(t, "3000 texts   Enter shows a map"));
    cr_assert(term_expect_text(t, "  3000 rows   facts.jsonl"));
    term_key(t, "/");
    term_type(t, "lang=pt prob>0.85");
    cr_assert(term_expect_text(t, "300 of 3000 rows"));
    term_keys(t, "Enter G Enter");
    cr_assert(term_expect_text(t, "text 3000 of 3000"));
    free(path);
    quit();
}

Test(app_list, a_large_file_that_is_no_result_says_so) {
    char *path = mem_format("%s/numbers.json", home), *text = mem_alloc((2 << 20) + 1);
    struct err e;
    memset(text, '7', 2 << 20);
    cr_assert_eq(file_write(path, text, 2 << 20, &e), ERR_OK);
    start(false, (const char *const[]){"--open", path, NULL});
    cr_assert(term_expect_text(t, "numbers.json: "));
    free(text);
    free(path);
    quit();
}
