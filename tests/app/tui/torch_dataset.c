/* The form over a data set, with the real engine on a tiny model: attribute-dataset runs beside the
 * program, and what it makes of each row is in the list. */
#include "harness/term.h"

#include "app/files/result_rows.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/tui/installed.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(dataset_program, .init = installed_prepare, .fini = installed_finish);

static struct term *spawn(const char *const *argv) {
    struct term *t = installed_spawn(argv);
    cr_assert_not_null(t);
    return t;
}

Test(dataset_program, each_row_of_a_table_is_explained_and_listed) {
    static const char table[] = "subject,year\nThe nurse,1900\nThe old doctor,1910\nIt,1920\n";
    char *path = mem_format("%s/facts.csv", home),
         *output = mem_format("%s/facts.rows.jsonl", home);
    struct result_rows *rows;
    struct err e;
    cr_assert_eq(file_write(path, table, strlen(table), &e), ERR_OK);
    struct term *t =
        spawn((const char *const[]){program, "-m", "tests/fixtures/tiny/llama",
                                    "--generation_kwargs", "{\"max_new_tokens\": 2}", NULL});
    cr_assert(term_expect_text(t, "is loaded"));
    term_type(t, "{subject} said");
    term_key(t, "Alt-s");
    cr_assert(term_expect_text(t, "─ open  "));
    term_type(t, path);
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "facts.rows.jsonl"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "written: "));
    cr_assert(term_expect_text(t, "The old doctor said"));
    cr_expect(term_expect_text(t, "1910"));
    cr_assert_eq(result_rows_open(&rows, output, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(result_rows_count(rows), 3);
    result_rows_close(rows);
    term_key(t, "F10");
    cr_expect_eq(term_wait_exit(t), 0);
    term_free(t);
    free(path);
    free(output);
}
