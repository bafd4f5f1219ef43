/* JSON on one line, and as Python writes it: what was read comes back. */
#include "backend/base/json.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static void expect_flat(const char *text, const char *expected) {
    struct json_document *d;
    struct err e = {0};
    struct text_buffer b = {0};
    cr_assert_eq(json_parse(&d, text, strlen(text), &e), ERR_OK, "%s", e.message);
    json_write_flat(&b, json_root(d));
    cr_expect_str_eq(b.text, expected);
    text_buffer_dispose(&b);
    json_free(d);
}

Test(json, flat_text_keeps_numbers_names_in_order_and_characters) {
    expect_flat("[ ]", "[]");
    expect_flat(" { \"b\" : [ 1.0, 12345678901234567 , -0e5 ], \"a\": {} }",
                "{\"b\":[1.0,12345678901234567,-0e5],\"a\":{}}");
    expect_flat("[null, true, false, NaN, \"\\u201c\\ud83d\\ude00\\n\\\"\\u0000\"]",
                "[null,true,false,NaN,\"\u201c\U0001F600\\n\\\"\uFFFD\"]");
}

Test(json, what_is_replaced_is_counted) {
    static const struct {
        const char *text;
        size_t n;
    } cases[] = {{"\"\\u0001\\ud83d\\ude00\"", 0},
                 {"[\"a\\u0000b\", \"\\ud83d\"]", 2},
                 {"{\"\\udc00\": 1}", 1},
                 {"\"\\\\u0000\"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_document *d;
        struct err e = {0};
        cr_assert_eq(json_parse(&d, cases[i].text, strlen(cases[i].text), &e), ERR_OK, "%s",
                     e.message);
        cr_expect_eq(json_replaced(d), cases[i].n, "%s", cases[i].text);
        json_free(d);
    }
}

Test(json, a_nul_is_found_however_it_is_written) {
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {{"\"a\\u0000b\"", true},      {"\"a\\\\u0000b\"", false},
                 {"\"a\\\\\\u0000b\"", true},  {"\"\\\\u0000 \\u0000\"", true},
                 {"\"u0000 \\u0001\"", false}, {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(json_holds_nul(cases[i].text, strlen(cases[i].text)), cases[i].holds, "%s",
                     cases[i].text);
    cr_expect(json_holds_nul("\"a\0\"", 4));
}

Test(json, bytes_that_are_no_character_are_replaced) {
    struct text_buffer b = {0};
    json_write_flat_string(&b, "a\xe9\x7f", 3);
    cr_expect_str_eq(b.text, "\"a\\ufffd\\u007f\"");
    text_buffer_dispose(&b);
}
