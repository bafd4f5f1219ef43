/* Expressions of tokenizer files as Oniguruma matches them: what the pre-tokenizer Split of
 * tokenizers 0.22.2 makes of a text, "Isolated". Refusals are in test_tokenizer_hostile.c. */
#include "backend/base/mem.h"
#include "backend/tokenizers/regexp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct parts {
    const char *text;
    struct text_buffer joined;
};

static void join(void *user, size_t from, size_t to, bool match) {
    struct parts *p = user;
    (void)match;
    if (from < to)
        text_buffer_format(&p->joined, p->joined.n ? "|%.*s" : "%.*s", (int)(to - from),
                           p->text + from);
}

Test(regexp, matches_as_oniguruma_does) {
    static const struct {
        const char *pattern, *text, *parts;
    } cases[] = {
        {"\\b", "a\302\262 b_\302\275x", "a\302\262| |b_\302\275x"},
        {"\\w+", "x\302\262\302\275 \303\251\314\201_\342\221\240\342\200\215",
         "x\302\262\302\275| |\303\251\314\201_|\342\221\240\342\200\215"},
        {"[\\w]+", "x\302\262\302\275 y", "x|\302\262\302\275 |y"},
        {"\\W", "a\302\262-b", "a\302\262|-|b"},
        {"[[:punct:]]", "a$b\302\251c.d\342\200\237", "a|$|b|\302\251|c|.|d|\342\200\237"},
        {"\\p{Punct}", "a$b.c", "a$b|.|c"},
        {"\\d{1,3}+", "1234567 12", "1234567| |12"},
        {"a{,2}", "aaaab", "aa|aa|b"},
        {"a{2}?", "aaab", "aa|a|b"},
        {"a++b?", "aaab", "aaab"},
        {"a**", "aab", "aa|b"},
        {"[a-c[x-z]]+", "abxyd", "abxy|d"},
        {"[^a[b-d]]", "abxd", "ab|x|d"},
        {"[a-z&&[^aeiou]]+", "hello world", "h|e|ll|o |w|o|rld"},
        {"[^a-z&&[b]]", "abA", "a|b|A"},
        {"[[^a]b]", "ab1", "a|b|1"},
        {"(?m:.)", "a\012b", "a|\012|b"},
        {".", "a\012b", "a|\012|b"},
        {"\\h+", "xfAG0", "x|fA|G|0"},
        {"\\v", "a\013b\014c\012d", "a|\013|b\014c\012d"},
        {"^b", "a\012b", "a\012|b"},
        {"a$", "a\012ba", "a|\012b|a"},
        {"(?<=a)b", "abb", "a|b|b"},
        {"(?<!a)b", "abb", "ab|b"},
        {"(?=b)", "abb", "a|b|b"},
        {"(?i:'s|'ll)", "x'Sy'\305\277z'LL", "x|'S|y|'\305\277|z|'LL"},
        {"\\R", "a\015\012b\342\200\250c\302\205d", "a|\015\012|b|\342\200\250|c|\302\205|d"},
        {"\\X", "e\314\201\360\237\207\265\360\237\207\271a",
         "e\314\201|\360\237\207\265\360\237\207\271|a"},
        {"\\x{e9}|\\u00ea|\\x41", "\303\251\303\252A", "\303\251|\303\252|A"},
        {"a{x", "a{x a", "a{x| a"},
        {"[\\]\\-\\\\]+", "a]-\\b", "a|]-\\|b"},
        {"[a\\-z]+", "a-zb", "a-z|b"},
        {"[-a]+", "b-ab", "b|-a|b"},
        {"[a-]+", "b-ab", "b|-a|b"},
        {"\\p{^L}+", "ab12c", "ab|12|c"},
        {"\\P{L}+", "ab12c", "ab|12|c"},
        {"\\p{Greek}+", "a\316\251\316\262", "a|\316\251\316\262"},
        {"\\p{Han}", "\346\274\242\345\255\227\343\201\213\343\201\252",
         "\346\274\242|\345\255\227|\343\201\213\343\201\252"},
        {"(a)(b)?", "abaa", "ab|a|a"},
        {"\\Aa|a\\z", "aba", "a|b|a"},
        {"x*", "axxb", "a|xx|b"},
        {"(?>a+)b", "aaab", "aaab"},
        {"a\\Kb", "abb", "a|b|b"},
        {"[\\s&&[^\\n]]+", "a \012 b", "a| |\012| |b"},
        {"(?:a|b){2}+", "ababa", "abab|a"},
        {"\\p{Upper}", "a\303\211", "a|\303\211"},
        {"[\\h]", "gf", "g|f"},
        {"[^\\S\\n]+", "a \012 b", "a| |\012| |b"},
        {"\\/", "a/b", "a|/|b"},
        {"\\\"", "a\"b", "a|\"|b"},
        {"[[:^alpha:]]+", "ab12", "ab|12"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regexp *x;
        struct err e = {0};
        struct parts p = {.text = cases[i].text};
        cr_assert_eq(regexp_compile(&x, cases[i].pattern, strlen(cases[i].pattern), "here", &e),
                     ERR_OK, "%s: %s", cases[i].pattern, e.message);
        cr_assert_eq(regexp_parts(x, p.text, strlen(p.text), join, &p, &e), ERR_OK, "%s: %s",
                     cases[i].pattern, e.message);
        cr_expect_str_eq(p.joined.text, cases[i].parts, "%s on \"%s\": %s, not %s",
                         cases[i].pattern, cases[i].text, p.joined.text, cases[i].parts);
        text_buffer_dispose(&p.joined);
        regexp_free(x);
    }
}

Test(regexp, what_is_none_is_said) {
    static const struct {
        const char *pattern;
        enum err_code code;
        const char *said;
    } cases[] = {{"(", ERR_FORMAT, "leaves a group open"},
                 {")", ERR_FORMAT, "a group that is not open"},
                 {"[a", ERR_FORMAT, "leaves a class open"},
                 {"[]", ERR_FORMAT, "empty class"},
                 {"+", ERR_FORMAT, "repeats nothing"},
                 {"a\\", ERR_FORMAT, "ends with a backslash"},
                 {"[z-a]", ERR_FORMAT, "ends before it begins"},
                 {"\\p{NoSuchThing}", ERR_FORMAT, "unknown property"},
                 {"\\xE9", ERR_UNSUPPORTED, "\\xE9"},
                 {"a(?i)b", ERR_UNSUPPORTED, "(?i"},
                 {"(?x: a )", ERR_UNSUPPORTED, "(?x"},
                 {"\\k<a>", ERR_UNSUPPORTED, "\\k"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regexp *x;
        struct err e = {0};
        cr_expect_eq(regexp_compile(&x, cases[i].pattern, strlen(cases[i].pattern), "here", &e),
                     cases[i].code, "%s: %s", cases[i].pattern, e.message);
        cr_expect(strncmp(e.message, "here: ", 6) == 0 && strstr(e.message, cases[i].said),
                  "%s: %s", cases[i].pattern, e.message);
        cr_expect_null(x);
    }
}

Test(regexp, one_character_for_several_is_refused_where_case_does_not_count) {
    static const char *const refused[] = {
        "(?i:ss)",           "(?i)\303\237",    "a(?i:x(?:s)s)",
        "(?i:s{1}S)",        "(?i:[\303\237])", "(?i:[\303\200-\303\277])",
        "(?i:f(?-i:a)i|st)", "(?i)(?:a|ffi)",   "(?i:\\x{DF})"};
    static const char *const fine[] = {"ss",
                                       "(?i:s)s",
                                       "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
                                       "(?i:[sdmt]|ll|ve|re)",
                                       "(?i:[^\303\237])",
                                       "(?i:s|s)",
                                       "(?i:s[s])",
                                       "(?i:(?-i:ss))",
                                       "[\303\237]"};
    struct regexp *x;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct err e = {0};
        cr_expect_eq(regexp_compile(&x, refused[i], strlen(refused[i]), "here", &e),
                     ERR_UNSUPPORTED, "%s", refused[i]);
        cr_expect_not_null(strstr(e.message, "U+"), "%s", e.message);
    }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct err e = {0};
        cr_expect_eq(regexp_compile(&x, fine[i], strlen(fine[i]), "here", &e), ERR_OK, "%s: %s",
                     fine[i], e.message);
        regexp_free(x);
    }
}
