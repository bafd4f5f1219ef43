#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/token.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void utf8_locale(void) {
    setlocale(LC_ALL, "C.UTF-8");
}

Test(text, hostile_bytes_become_visible_and_harmless, .init = utf8_locale) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *shown;
    } cases[] = {
        {" Paris", 6, "·Paris"},
        {"  x y", 5, "··x y"},
        {"\n", 1, "⏎"},
        {"a\tb", 3, "a⇥b"},
        {"\033[31mred", 8, "^[[31mred"},
        {"\0", 1, "^@"},
        {"\177", 1, "^?"},
        {"\xc2\x9b"
         "31m",
         5, "<U+009B>31m"},
        {"\xe2\x80\xae"
         "abc",
         6, "<U+202E>abc"},
        {"\xe2\x80\x8b", 3, "<U+200B>"},
        {"\xe6\x97", 2, "<E6><97>"},
        {"日本", 6, "日本"},
        {"\xcc\x81x", 3, "\u25cc\xcc\x81x"},
        {"e\xcc\x81", 3, "e\xcc\x81"},
        {"\xef\xbb\xbf", 3, "<U+FEFF>"},
        {"\xee\x80\x80", 3, "<U+E000>"},
        {"\xff", 1, "<FF>"},
        {"", 0, ""},
        {"\xe2\x80\xa8", 3, "<U+2028>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *shown = text_sanitise(cases[i].bytes, cases[i].n, true);
        cr_expect_str_eq(shown, cases[i].shown, "case %zu: %s", i, shown);
        cr_expect(text_valid_utf8(shown, strlen(shown), NULL));
        free(shown);
    }
    char *plain = text_sanitise(" a b", 4, false);
    cr_assert_str_eq(plain, " a b");
    free(plain);
}

Test(text, no_byte_sequence_gets_through_unescaped, .init = utf8_locale) {
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[12];
        size_t n = (size_t)(seed >> 8) % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        seed = seed * 1664525u + 1013904223u;
        char *shown = text_sanitise(bytes, n, true);
        cr_assert(text_valid_utf8(shown, strlen(shown), NULL));
        for (const unsigned char *p = (unsigned char *)shown; *p; p++)
            cr_assert(*p >= 0x20 && *p != 0x7F && !(p[0] == 0xC2 && p[1] < 0xA0));
        char *again = text_sanitise(shown, strlen(shown), false);
        cr_assert_str_eq(again, shown, "sanitising twice changed it");
        free(again);
        free(shown);
    }
}

Test(text, measures_and_fits_columns, .init = utf8_locale) {
    char buf[64];
    cr_assert_eq(text_columns("日本x"), 5);
    cr_assert_eq(text_columns("e\xcc\x81"), 1);
    cr_assert_eq(text_fit(buf, sizeof buf, "abcdef", 4, true), 4);
    cr_assert_str_eq(buf, "abc~");
    cr_assert_eq(text_fit(buf, sizeof buf, "日本語", 4, true), 4);
    cr_assert_str_eq(buf, "日 ~");
    cr_assert_eq(text_fit(buf, sizeof buf, "ab", 4, true), 4);
    cr_assert_str_eq(buf, "ab  ");
    cr_assert_eq(text_fit(buf, sizeof buf, "ab", 4, false), 2);
    cr_assert_eq(text_fit(buf, sizeof buf, "abc", 0, true), 0);
    cr_assert_eq(text_fit(buf, 4, "abcdef", 10, true), 3);
}

/* A person's ASCII terminal shows them as "v" and "_", a column each. */
Test(text, measures_what_the_c_locale_knows_nothing_of) {
    setlocale(LC_ALL, "C");
    cr_expect_eq(text_columns("↓3 more"), 7);
    cr_expect_eq(text_columns("·x 漢"), 5);
}

Test(text, finds_the_first_bad_byte) {
    size_t at = 99;
    cr_assert(text_valid_utf8("añ", 3, &at));
    cr_assert(!text_valid_utf8("ab\xf0\x28", 4, &at));
    cr_assert_eq(at, 2);
    cr_assert(!text_valid_utf8("\xed\xa0\x80", 3, &at), "a surrogate is not UTF-8");
}

Test(text, names_the_nearest_word_or_none) {
    static const char *const names[] = {"saliency", "attention", "n_steps", "integrated_gradients"};
    cr_assert_str_eq(text_nearest("salency", names, 4), "saliency");
    cr_assert_str_eq(text_nearest("n_step", names, 4), "n_steps");
    cr_assert_str_eq(text_nearest("integrated", names, 4), "integrated_gradients");
    cr_assert_null(text_nearest("zzzzzz", names, 4));
    cr_assert_null(text_nearest("", names, 4));
}

Test(text, broken_sequences_become_one_replacement_each) {
    static const char *const cases[][2] = {{"caf\xc3\xa9", "caf\xc3\xa9"},
                                           {"a\xe6\x97z", "a\uFFFDz"},
                                           {"\xf0\x9f\x98", "\uFFFD"},
                                           {"\xff\xfe", "\uFFFD\uFFFD"},
                                           {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = text_repaired(cases[i][0], strlen(cases[i][0]));
        cr_expect_str_eq(text, cases[i][1]);
        free(text);
    }
    char *text = text_repaired("\0a\0\0b\xff", 6); /* it would end at the first NUL */
    cr_expect_str_eq(text, "\uFFFDa\uFFFD\uFFFDb\uFFFD");
    free(text);
}

Test(text, endings_are_compared_whole) {
    cr_expect(text_ends_with("a.json", ".json"));
    cr_expect(text_ends_with(".json", ".json"));
    cr_expect(text_ends_with("a", ""));
    cr_expect(!text_ends_with("json", ".json"));
    cr_expect(!text_ends_with("a.json.gz", ".json"));
}

/* Several unknown tokens have one id and one piece: what each stands for tells them apart. */
Test(token, an_unknown_one_is_named_with_what_it_stands_for, .init = utf8_locale) {
    static const struct {
        const char *piece, *bytes, *printable, *written;
        bool unknown;
    } cases[] = {{"<unk>", "茶", "<unk:茶>", "<unk:茶>", true},
                 {"<unk>", " é x", "<unk:·é x>", "<unk:▁é▁x>", true},
                 {"[UNK]", "\xe6", "[UNK:<E6>]", "[UNK:<E6>]", true},
                 {"unknown", "\n", "unknown:⏎", "unknown:\n", true},
                 {"<unk>", "", "<unk>", "<unk>", false},
                 {"<unk>", "<unk>", "<unk>", "<unk>", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_list list = {0};
        token_list_add(&list, 1, true, cases[i].piece, cases[i].bytes, strlen(cases[i].bytes));
        char *written = token_written(&list.items[0]);
        cr_expect_str_eq(list.items[0].printable, cases[i].printable);
        cr_expect_str_eq(list.items[0].piece, cases[i].piece);
        cr_expect_str_eq(written, cases[i].written);
        cr_expect_eq(token_is_unknown(&list.items[0]), cases[i].unknown);
        free(written);
        token_list_dispose(&list);
    }
}

Test(token, keeps_piece_bytes_and_printable_form, .init = utf8_locale) {
    struct token_list a = {0}, b = {0};
    token_list_add(&a, 7, false, "ĠParis", " Paris", 6);
    token_list_add(&a, 2, true, "</s>", "", 0);
    token_list_add(&a, 9, false, "æĹ", "\xe6\x97", 2);
    cr_assert_str_eq(a.items[0].printable, "·Paris");
    cr_assert_str_eq(a.items[1].printable, "</s>");
    cr_assert_str_eq(a.items[2].printable, "<E6><97>");
    token_list_append(&b, &a);
    token_list_append(&b, &a);
    cr_assert_eq(b.n, 6);
    cr_assert_str_eq(b.items[3].piece, "ĠParis");
    token_list_dispose(&a);
    token_list_dispose(&b);
    cr_assert_eq(b.n, 0);
}

Test(text, the_start_of_a_long_text_has_whole_characters, .init = utf8_locale) {
    char *text = mem_alloc(9001);
    for (size_t i = 0; i < 9000; i += 3)
        memcpy(text + i, "漢", 3);
    char *start = text_clean_start(text), *all = text_clean_start("ab\n"),
         *none = text_clean_start(NULL);
    cr_expect_eq(strlen(start), 4095);
    cr_expect_eq(strncmp(start, text, 4095), 0);
    cr_expect_str_eq(all, "ab⏎");
    cr_expect_str_eq(none, "");
    free(start);
    free(all);
    free(none);
    free(text);
}
