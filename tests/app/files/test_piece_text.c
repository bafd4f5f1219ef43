#include "app/files/piece_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void expect(enum piece_kind kind, const char *piece, bool joined, const char *shown) {
    char *text = piece_printable(kind, piece, joined);
    cr_expect_str_eq(text, shown);
    free(text);
}

Test(piece_text, a_joined_tokens_parts_are_shown_each_as_a_token) {
    expect(PIECE_BYTE_LEVEL, "ĠParis … ĠFrance", true, "·Paris … ·France");
    expect(PIECE_SENTENCEPIECE, "▁a → ▁o", true, "·a → ·o");
    expect(PIECE_BYTE_LEVEL, "Ġa → Ġb → Ċ", true, "·a → ·b → ⏎");
    expect(PIECE_PLAIN, "one", true, "one");
    expect(PIECE_BYTE_LEVEL, "", true, "");
}

Test(piece_text, an_arrow_inside_one_token_is_no_joint) {
    expect(PIECE_PLAIN, "x → y", false, "x <U+2192> y");
}
