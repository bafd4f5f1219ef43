/* Words of tokens, and links between them. */
#include "methods/request/align.h"
#include "methods/request/align_words.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_words(const char *const *pieces, size_t n, const char *const *want,
                         size_t n_want, const struct word_range *of_token) {
    struct token_list list = {0};
    struct words w;
    for (size_t i = 0; i < n; i++)
        token_list_add(&list, 0, pieces[i][0] == '<', pieces[i], pieces[i], strlen(pieces[i]));
    words_init(&w, &list);
    cr_expect_eq(w.n, n_want, "%zu words, not %zu", w.n, n_want);
    for (size_t i = 0; i < w.n && i < n_want; i++)
        cr_expect(w.items[i].to - w.items[i].from == strlen(want[i]) &&
                      memcmp(w.text + w.items[i].from, want[i], strlen(want[i])) == 0,
                  "word %zu is not %s", i, want[i]);
    for (size_t i = 0; i < n; i++)
        cr_expect(w.of_token[i].from == of_token[i].from && w.of_token[i].to == of_token[i].to,
                  "token %zu (%s) is of words %zu to %zu", i, pieces[i], w.of_token[i].from,
                  w.of_token[i].to);
    words_dispose(&w);
    token_list_dispose(&list);
}

Test(align, words_end_at_spaces_and_where_letters_meet_other_characters) {
    expect_words(
        (const char *const[]){"<s>", "The", " ci", "ty's", " 5.0", "0_x", "--", "é", "中", "</s>"},
        10, (const char *const[]){"The", "city", "'", "s", "5", ".", "00_x", "--", "é中"}, 9,
        (const struct word_range[]){
            {0, 0}, {0, 1}, {1, 2}, {1, 4}, {4, 7}, {6, 7}, {7, 8}, {8, 9}, {8, 9}, {0, 0}});
}

Test(align, a_lone_space_belongs_to_the_word_after_it) {
    expect_words((const char *const[]){"a", " ", "\n", "b", " "}, 5,
                 (const char *const[]){"a", "b"}, 2,
                 (const struct word_range[]){{0, 1}, {1, 2}, {1, 2}, {1, 2}, {0, 0}});
}

Test(align, a_character_in_two_tokens_is_one_word_with_both) {
    expect_words((const char *const[]){"x \xC3", "\xA9t", "\xFF"}, 3,
                 (const char *const[]){"x", "ét", "\xFF"}, 3,
                 (const struct word_range[]){{0, 2}, {1, 2}, {2, 3}});
}

Test(align, of_several_links_the_first_to_a_free_token_counts) {
    int64_t alignment[4] = {9, 9, 9, 9};
    struct align_link links[] = {{3, 3}, {2, 3}, {2, 1}, {1, 1}, {3, 1}, {3, 99}, {7, 2}, {2, 1}};
    align_by_links(alignment, 5, 1, 5, links, sizeof links / sizeof *links);
    cr_expect_eq(alignment[0], 1);
    cr_expect_eq(alignment[1], 3, "its first is taken by the token before");
    cr_expect_eq(alignment[2], 1, "all are taken: its first");
    cr_expect_eq(alignment[3], 9, "no link");
}
