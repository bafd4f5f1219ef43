/* Where tokens stand in their text, also where normalisation changed it. */
#include "backend/base/mem.h"
#include "backend/token.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* "0-3 3-5 - ": the places of tokens, bytes separated by '|'; one in brackets is special. */
static char *places_of(const char *text, const char *pieces) {
    struct token_list list = {0};
    struct token_place *places;
    struct text_buffer out = {0};
    char *copy = mem_text(pieces), *rest = copy, *piece;
    while ((piece = strsep(&rest, "|")))
        token_list_add(&list, 7, *piece == '<', piece, piece, *piece == '<' ? 0 : strlen(piece));
    places = mem_alloc(list.n * sizeof *places);
    token_places(places, &list, text, strlen(text));
    for (size_t i = 0; i < list.n; i++)
        if (places[i].known)
            text_buffer_format(&out, "%zu-%zu ", places[i].from, places[i].to);
        else
            text_buffer_puts(&out, "- ");
    free(places);
    free(copy);
    token_list_dispose(&list);
    return text_buffer_take(&out);
}

Test(token_places, follow_the_text) {
    static const struct {
        const char *text, *pieces, *places;
    } cases[] = {
        {"The cat", "The| cat", "0-3 3-7 "},
        {"The cat", "<s>| The| cat|</s>", "- 0-3 3-7 - "},
        {"a</s> b", "a|</s>| b", "0-1 1-5 5-7 "},
        {"a \n<pad>b", "a|<pad>|b", "0-1 3-8 8-9 "},
        {"\xC3\xA9x", "\xC3|\xA9|x", "0-1 1-2 2-3 "},
        {"Hi", " |H|i", "- 0-1 1-2 "},
        {"a   b", "a| b", "0-1 1-5 "},                          /* blanks run together */
        {"THE \xC3\x89t\xC3\xA9", "the| |ete", "0-3 3-4 4-9 "}, /* lower-cased, stripped */
        {"e\xCC\x81x", "\xC3\xA9|x", "0-3 3-4 "},               /* composed */
        {"e\xCC\x81x", "\xC3|\xA9|x", "0-3 0-3 3-4 "},
        {"\xEF\xAC\x81x", "f|i|x", "0-3 0-3 3-4 "}, /* a ligature of two tokens */
        {"\xEF\xAC\x81x", "fi|x", "0-3 3-4 "},
        {"ab", "q|a|b", "- 0-1 1-2 "}, /* of nothing there */
        {"", "<s>", "- "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *places = places_of(cases[i].text, cases[i].pieces);
        cr_expect_str_eq(places, cases[i].places, "%s of \"%s\": %s", cases[i].pieces,
                         cases[i].text, places);
        free(places);
    }
}
