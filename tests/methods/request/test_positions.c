/* Where attribution starts and ends, and which token of a contrast each attributed one is held
 * against: Inseq's rules on plain numbers. */
#include "methods/request/positions.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define UNSET INT64_MIN

static struct optional given(int64_t value) {
    return value == UNSET ? (struct optional){0} : optional_of(value);
}

/* foil_step −1: none. */
static struct attribute_request request(int64_t start, int64_t end, int64_t foil_step) {
    return (struct attribute_request){.attr_pos_start = given(start),
                                      .attr_pos_end = given(end),
                                      .foil.step = given(foil_step < 0 ? UNSET : foil_step)};
}

static void expect_place(struct attribute_request r, int64_t n, int64_t n_prompt,
                         bool encoder_decoder, int64_t start, int64_t end) {
    struct err e = {0};
    int64_t a = -1, b = -1;
    cr_expect_eq(positions_place(&a, &b, &r, n, n_prompt, encoder_decoder, &e), ERR_OK, "%s",
                 e.message);
    cr_expect(a == start && b == end, "%d to %d, should be %d to %d", (int)a, (int)b, (int)start,
              (int)end);
}

static void expect_refused(struct attribute_request r, int64_t n, int64_t n_prompt,
                           bool encoder_decoder, const char *said) {
    struct err e = {0};
    int64_t a, b;
    cr_expect_eq(positions_place(&a, &b, &r, n, n_prompt, encoder_decoder, &e), ERR_USAGE);
    cr_expect_not_null(strstr(e.message, said), "%s", e.message);
}

Test(positions, by_default_everything_generated_is_attributed) {
    expect_place(request(UNSET, UNSET, -1), 8, 3, false, 3, 8);
    expect_place(request(UNSET, UNSET, -1), 8, 1, true, 1, 8);
}

Test(positions, a_decoder_only_prompt_is_never_attributed) {
    expect_place(request(0, UNSET, -1), 8, 3, false, 3, 8);
    expect_place(request(-2, UNSET, -1), 8, 3, false, 3, 8);
    expect_place(request(5, UNSET, -1), 8, 3, false, 5, 8);
}

Test(positions, an_encoder_decoders_negative_start_counts_from_the_end) {
    expect_place(request(-2, UNSET, -1), 8, 1, true, 6, 8);
    expect_refused(request(-8, UNSET, -1), 8, 1, true, "is -8");
    expect_refused(request(0, UNSET, -1), 8, 1, true, "is 0");
}

Test(positions, the_end_is_exclusive_cut_to_the_text_and_negative_from_its_end) {
    expect_place(request(UNSET, 6, -1), 8, 3, false, 3, 6);
    expect_place(request(UNSET, 6, -1), 8, 1, true, 1, 6);
    expect_place(request(UNSET, 100, -1), 8, 3, false, 3, 8);
    expect_place(request(UNSET, INT64_MAX, -1), 8, 3, false, 3, 8);
    expect_place(request(UNSET, -1, -1), 8, 3, false, 3, 7);
}

Test(positions, a_range_without_tokens_is_refused) {
    expect_refused(request(5, 5, -1), 8, 3, false,
                   "nothing to attribute from position 5 to 5 of 8 tokens");
    expect_refused(request(6, 5, -1), 8, 1, true, "nothing to attribute");
    expect_refused(request(INT64_MAX, UNSET, -1), 8, 1, true, "nothing to attribute");
    expect_refused(request(UNSET, 0, -1), 8, 1, true, "nothing to attribute");
    expect_refused(request(UNSET, INT64_MIN + 1, -1), 8, 1, true, "nothing to attribute");
    expect_refused(request(INT64_MIN + 1, UNSET, -1), 8, 1, true, "--start_pos");
    expect_refused(request(UNSET, UNSET, -1), 3, 3, false, "adds no token to its prompt");
}

Test(positions, a_foil_narrows_to_its_step) {
    expect_place(request(UNSET, UNSET, 0), 8, 3, false, 3, 4);
    expect_place(request(UNSET, UNSET, 4), 8, 3, false, 7, 8);
    expect_place(request(4, 7, 1), 8, 3, false, 5, 6);
    expect_refused(request(UNSET, UNSET, 5), 8, 3, false, "outside the 5 attributed steps");
    expect_refused(request(UNSET, UNSET, INT64_MAX), 8, 3, false, "outside");
}

static void expect_alignment(int64_t n_contrast, int64_t start, int64_t end, const int64_t *want) {
    struct err e = {0};
    int64_t got[16] = {0};
    cr_assert_eq(positions_align(got, n_contrast, start, end, &e), ERR_OK, "%s", e.message);
    for (int64_t g = 0; g < end - start; g++)
        cr_expect_eq(got[g], want[g], "%d tokens, %d to %d: step %d is held against %d, not %d",
                     (int)n_contrast, (int)start, (int)end, (int)g, (int)got[g], (int)want[g]);
}

/* The pairs that Inseq 0.7.1 wrote into info for the contrasts of tests/fixtures/inseq (llama: 14
 * tokens against 8, marian: 20 against 19). */
Test(positions, a_contrast_is_aligned_from_the_end) {
    expect_alignment(14, 3, 8, (int64_t[]){9, 10, 11, 12, 13});
    expect_alignment(20, 15, 19, (int64_t[]){16, 17, 18, 19});
    expect_alignment(8, 3, 8, (int64_t[]){3, 4, 5, 6, 7});
}

Test(positions, steps_that_a_short_contrast_does_not_reach_take_its_last_token) {
    expect_alignment(3, 3, 8, (int64_t[]){2, 2, 2, 1, 2});
    expect_alignment(2, 1, 3, (int64_t[]){1, 1});
}

Test(positions, a_contrast_of_one_token_is_refused) {
    struct err e = {0};
    int64_t alignment[1];
    cr_expect_eq(positions_align(alignment, 1, 1, 2, &e), ERR_USAGE);
    cr_expect_eq(positions_align(alignment, 0, 1, 2, &e), ERR_USAGE);
}

Test(positions, tokens_that_differ_from_their_foil_are_named_after_both) {
    struct attribution_sequence s = {.attr_pos_start = 1, .attr_pos_end = 3};
    struct token_list contrast = {0};
    token_list_add(&s.target, 5, false, "ĠThe", " The", 4);
    token_list_add(&s.target, 6, false, "Ġcat", " cat", 4);
    token_list_add(&s.target, 7, false, "Ġsat", " sat", 4);
    token_list_add(&contrast, 5, false, "ĠThe", " The", 4);
    token_list_add(&contrast, 9, false, "Ġdog", " dog", 4);
    token_list_add(&contrast, 7, false, "Ġsat", " sat", 4);
    positions_name_contrast(&s, &contrast, (int64_t[]){1, 2});
    cr_expect_str_eq(s.target.items[1].piece, "Ġdog → Ġcat");
    cr_expect_eq(s.target.items[1].id, -1);
    cr_expect_not_null(strstr(s.target.items[1].printable, "dog → "));
    cr_expect_str_eq(s.target.items[2].piece, "Ġsat");
    cr_expect_eq(s.target.items[2].id, 7);
    cr_expect_eq(s.target.items[0].id, 5);
    attribution_sequence_dispose(&s);
    token_list_dispose(&contrast);
}
