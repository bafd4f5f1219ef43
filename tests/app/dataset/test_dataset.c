/* CSV, TSV and JSON lines: what is read of good files, bad ones and random ones. */
#include "app/dataset/dataset.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "methods/random.h"
#include "tests/app/dataset/table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void expect_rows(const char *name, const char *text, size_t n, const char *wanted) {
    const struct dataset_form usual = {0};
    char *path = table_file(name, text, n),
         *rows = table_rows((const char *const *)&path, 1, &usual);
    cr_expect_str_eq(rows, wanted, "%s: %s", name, rows);
    free(rows);
    free(path);
}
#define EXPECT(name, text, wanted) expect_rows(name, text, sizeof(text) - 1, wanted)

Test(dataset, csv_is_read_as_rfc_4180_has_it) {
    EXPECT("a.csv", "a,b\n1,2\n", "2|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("a.csv", "a,b\r\n1,2", "2|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("a.csv",
           "\xEF\xBB\xBF"
           "a,b\n1,2",
           "2|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("a.csv", "\"a b\",b\n\"x, \"\"y\"\"\r\nz\",\n,\" \"\n",
           "2|{\"a b\":\"x, \\\"y\\\"\\r\\nz\",\"b\":\"\"}\n4|{\"a b\":\"\",\"b\":\" \"}\n");
    EXPECT("a.csv", "a\n5\" disk\n", "2|{\"a\":\"5\\\" disk\"}\n");
    EXPECT("a.csv", "a,b\r1,2\r3,4\r",
           "2|{\"a\":\"1\",\"b\":\"2\"}\n3|{\"a\":\"3\",\"b\":\"4\"}\n");
    EXPECT("a.tsv", "a\tb\nx,y\t\"p\tq\"\n", "2|{\"a\":\"x,y\",\"b\":\"p\\tq\"}\n");
    /* An index as pandas writes it has a column without a name. */
    EXPECT("a.csv", ",a\n0,x\n", "2|{\"a\":\"x\"}\n");
    /* Blank lines are passed over; a quoted nothing is a row. */
    EXPECT("a.csv", "\na\n\nx\n\n\"\"\n", "4|{\"a\":\"x\"}\n6|{\"a\":\"\"}\n");
}

Test(dataset, a_bad_row_is_told_and_those_behind_it_are_read) {
    EXPECT("b.csv", "a,b\n1\n1,2,3\n1,2\n",
           "2|it has 1 field, and there are 2 columns\n3|it has 3 fields, and there are 2 columns\n"
           "4|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("b.csv", "a,b\n\"x\"y,2\n1,2\n",
           "2|its field 1 has text behind its closing quote\n3|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("b.csv", "a,b\n1,\xFF\n1,2\n",
           "2|its field 2 is not UTF-8 (at byte 0)\n3|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("b.csv", "a,b\n1,\0\n1,2\n",
           "2|its field 2 has a NUL byte\n3|{\"a\":\"1\",\"b\":\"2\"}\n");
    EXPECT("b.csv", "a,b\n1,2\n1,\"2\n3,4\n",
           "2|{\"a\":\"1\",\"b\":\"2\"}\n3|the quote that its field 2 opens in line 3 is never "
           "closed: the rest of the file was taken for that field\n");
}

Test(dataset, json_is_one_object_a_line_or_a_list_of_them) {
    EXPECT("a.jsonl", "{\"a\": \"x\", \"n\": 1.50}\n\n  \n{\"a\":null}\n",
           "1|{\"a\":\"x\",\"n\":1.50}\n4|{\"a\":null}\n");
    EXPECT("a.json", "[{\"a\":\n\"],}\"},\n {\"a\": [1, {}]}\n]\n",
           "1|{\"a\":\"],}\"}\n3|{\"a\":[1,{}]}\n");
    EXPECT("a.json", "[]", "");
    EXPECT("b.jsonl",
           "{\"a\":1}\n{\"a\":}\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":\"\\u0000\"}\n{\"a\":2}\n",
           "1|{\"a\":1}\n2|it is no JSON: not valid JSON: something that is no value at byte "
           "5\n3|it is no object {\"field\": …}\n"
           "4|it has the field \"a\" twice\n5|a text in it has a NUL\n6|{\"a\":2}\n");
    EXPECT("b.json", "[{\"a\":1}\n", "1|{\"a\":1}\n2|the file ends before the list does\n");
    EXPECT("b.json", "[{\"a\":1}] x",
           "1|{\"a\":1}\n1|something stands behind the list's end, and is not read\n");
}

Test(dataset, a_row_that_is_too_large_is_told) {
    const struct dataset_form small = {.most = 8};
    char *path = table_file("c.csv", "a\n\"123456789,\n\"\n12\n", 18);
    char *rows = table_rows((const char *const *)&path, 1, &small);
    cr_expect_str_eq(rows, "2|in its field 1 it has more than 8 bytes\n4|{\"a\":\"12\"}\n", "%s",
                     rows);
    free(rows);
    free(path);
    path = table_file("c.jsonl", "{\"a\":123}\n{\"b\":1}\n", 18);
    rows = table_rows((const char *const *)&path, 1, &small);
    cr_expect_str_eq(rows, "1|it has more than 8 bytes\n2|{\"b\":1}\n", "%s", rows);
    free(rows);
    free(path);
}

Test(dataset, files_go_one_after_the_other_by_the_names_of_their_columns) {
    char *paths[] = {table_file("one.csv", "a,b\n1,2\n", 8), table_file("two.csv", "b,a\n4,3\n", 8),
                     table_file("three.jsonl", "{\"b\":6,\"a\":5}\n", 14)};
    const struct dataset_form usual = {0};
    const struct data_column both[] = {{"a", false}, {"b", false}}, other = {"c", false};
    struct err e;
    char *rows = table_rows((const char *const *)paths, 3, &usual);
    cr_expect_str_eq(
        rows, "2|{\"a\":\"1\",\"b\":\"2\"}\n2|{\"b\":\"4\",\"a\":\"3\"}\n1|{\"b\":6,\"a\":5}\n");
    cr_expect_eq(dataset_check((const char *const *)paths, 3, &usual, both, 2, &e), ERR_OK);
    cr_expect_eq(dataset_check((const char *const *)paths, 3, &usual, &other, 1, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "one.csv has no column \"c\"; it has: a, b"), "%s", e.message);
    cr_expect_eq(dataset_check((const char *const *)paths + 2, 1, &usual, &other, 1, &e),
                 ERR_USAGE);
    cr_expect(strstr(e.message, "three.jsonl has no field \"c\"; it has: b, a"), "%s", e.message);
    free(rows);
    for (size_t i = 0; i < 3; i++)
        free(paths[i]);
}

static void expect_refused(const char *name, const char *text, size_t n, const char *why) {
    const struct dataset_form usual = {0};
    char *path = table_file(name, text, n);
    struct err e;
    cr_expect_neq(dataset_check((const char *const *)&path, 1, &usual, NULL, 0, &e), ERR_OK);
    cr_expect(strstr(e.message, why), "%s", e.message);
    free(path);
}

Test(dataset, a_file_that_cannot_be_a_table_is_refused) {
    expect_refused("d.csv", "", 0, "is empty");
    expect_refused("d.csv", "a,b,a\n", 6, "two columns are called \"a\"");
    expect_refused("d.csv",
                   "\xFF\xFE"
                   "a\0",
                   4, "iconv -f UTF-16");
    expect_refused("d.csv", "a,\"b\n", 5, "never closed");
    expect_refused("d.jsonl", "{\n\"a\": 1\n}\n", 11, "line 1: it is no JSON");
    expect_refused("d.txt", "a\n", 2, "its ending says no format");
    expect_refused("d.csv.gz", "\x1f\x8b\x08 nothing", 11, "damaged or cut short");
}

Test(dataset, packed_files_are_read_and_cut_ones_told) {
    const struct dataset_form usual = {0};
    char *path = table_file("e.csv.gz", "", 0);
    gzFile f = gzopen(path, "wb");
    cr_assert(gzputs(f, "a,b\n1,2\n") > 0);
    gzclose(f);
    char *rows = table_rows((const char *const *)&path, 1, &usual);
    cr_expect_str_eq(rows, "2|{\"a\":\"1\",\"b\":\"2\"}\n");
    free(rows);
    free(path);
}

/* --- random ones --- */

struct dice {
    uint64_t seed, n;
};

static size_t roll(struct dice *d, size_t most) {
    return (size_t)(random_uniform_of(random_key(d->seed, d->n++)) * (double)most);
}

static char *random_text(struct dice *d) {
    static const char *const letters[] = {"a",  "é", "\"", ",", "\t", "\r",
                                          "\n", " ", "{",  "|", "漢"};
    struct text_buffer b = {0};
    for (size_t n = roll(d, 6); n; n--)
        text_buffer_puts(&b, letters[roll(d, sizeof letters / sizeof *letters)]);
    return text_buffer_take(&b);
}

/* As RFC 4180 has it: quoted where it must be, and at times where it need not be. */
static void put_field(struct text_buffer *b, struct dice *d, const char *text, bool alone) {
    const bool must = strpbrk(text, "\",\r\n") || (alone && !*text);
    if (!must && roll(d, 2)) {
        text_buffer_puts(b, text);
        return;
    }
    text_buffer_puts(b, "\"");
    for (; *text; text++)
        text_buffer_format(b, *text == '"' ? "\"%c" : "%c", *text);
    text_buffer_puts(b, "\"");
}

/* Line breaks in what was written so far, and one: where the next record begins. */
static int64_t line_of(const struct text_buffer *b) {
    int64_t line = 1;
    for (size_t i = 0; i < b->n; i++)
        line += b->text[i] == '\r' || (b->text[i] == '\n' && (i == 0 || b->text[i - 1] != '\r'));
    return line;
}

Test(dataset, random_tables_come_back) {
    const struct dataset_form usual = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct dice d = {seed, 0};
        struct text_buffer csv = {0}, wanted = {0};
        const char *end = roll(&d, 2) ? "\r\n" : "\n";
        const size_t n_columns = 1 + roll(&d, 4), n_rows = roll(&d, 6);
        text_buffer_puts(&csv, roll(&d, 2) ? "\xEF\xBB\xBF" : "");
        for (size_t k = 0; k < n_columns; k++)
            text_buffer_format(&csv, "%sc%zu", k ? "," : "", k);
        for (size_t i = 0; i < n_rows; i++) {
            struct text_buffer row = {0};
            text_buffer_puts(&csv, end);
            text_buffer_format(&wanted, "%lld|", (long long)line_of(&csv));
            for (size_t k = 0; k < n_columns; k++) {
                char *text = random_text(&d), *name = mem_format("c%zu", k);
                text_buffer_puts(&csv, k ? "," : "");
                put_field(&csv, &d, text, n_columns == 1);
                json_put_string(&row, name, text);
                free(name);
                free(text);
            }
            char *json = json_take_object(&row);
            text_buffer_format(&wanted, "%s\n", json);
            free(json);
        }
        text_buffer_puts(&csv, roll(&d, 2) ? end : "");
        char *path = table_file("random.csv", csv.text, csv.n),
             *rows = table_rows((const char *const *)&path, 1, &usual);
        cr_assert_str_eq(rows, wanted.text ? wanted.text : "", "seed %llu: %s\nread: %s",
                         (unsigned long long)seed, csv.text, rows);
        free(rows);
        free(path);
        text_buffer_dispose(&csv);
        text_buffer_dispose(&wanted);
    }
}

static void put_random_value(struct text_buffer *b, struct dice *d, int depth) {
    static const char *const plain[] = {"null", "true", "false",
                                        "1.50", "-0",   "12345678901234567890"};
    const size_t kind = roll(d, depth ? 9 : 7);
    if (kind < 6) {
        text_buffer_puts(b, plain[kind]);
    } else if (kind == 6) {
        char *text = random_text(d);
        json_write_flat_string(b, text, strlen(text));
        free(text);
    } else {
        text_buffer_puts(b, kind == 7 ? "[" : "{\"k\":");
        put_random_value(b, d, depth - 1);
        text_buffer_puts(b, kind == 7 ? "]" : "}");
    }
}

Test(dataset, random_objects_come_back_as_lines_and_as_a_list) {
    const struct dataset_form usual = {0};
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct dice d = {seed, 1000};
        struct text_buffer file = {0}, wanted = {0};
        const bool list = roll(&d, 2);
        const size_t n = 1 + roll(&d, 5);
        text_buffer_puts(&file, list ? "[" : "");
        for (size_t i = 0; i < n; i++) {
            struct text_buffer row = {0};
            text_buffer_puts(&row, "{\"a\":");
            put_random_value(&row, &d, 3);
            text_buffer_puts(&row, "}");
            if (i)
                text_buffer_puts(&file, list ? ",\n" : "\n");
            text_buffer_puts(&file, row.text);
            text_buffer_format(&wanted, "%zu|%s\n", i + 1, row.text);
            text_buffer_dispose(&row);
        }
        text_buffer_puts(&file, list ? "]" : "");
        char *path = table_file("random.json", file.text, file.n),
             *rows = table_rows((const char *const *)&path, 1, &usual);
        cr_assert_str_eq(rows, wanted.text, "seed %llu: %s", (unsigned long long)seed, file.text);
        free(rows);
        free(path);
        text_buffer_dispose(&file);
        text_buffer_dispose(&wanted);
    }
}
