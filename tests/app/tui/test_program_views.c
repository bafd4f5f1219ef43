/* Moving about: layers and heads, search, palette, themes, sizes, the text and the log. */
#include "tests/app/tui/program.h"

PROGRAM_SUITE(app_views);

Test(app_views, layers_and_heads_can_be_stepped_and_opened_from_the_atlas) {
    start(false,
          (const char *const[]){"-m", "fake-mt", "-a", "attention", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "all layers"));
    term_key(t, "]");
    cr_assert(term_expect_text(t, "L0, mean of heads"));
    term_key(t, "}");
    cr_assert(term_expect_text(t, "L0 H0"));
    term_key(t, "[");
    cr_assert(term_expect_text(t, "H0, all layers"));
    term_keys(t, "{ 2");
    cr_assert(term_expect_text(t, "strongest heads"));
    term_keys(t, "g j l l Enter");
    cr_assert(term_expect_text(t, "L1 H2"));
    quit();
}

/* The cell that heads are ranked by moves in the atlas, and the map goes there with the head. */
Test(app_views, the_atlas_ranks_by_another_cell_and_takes_the_map_there) {
    start(false,
          (const char *const[]){"-m", "fake-mt", "-a", "attention", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "all layers"));
    term_keys(t, "g 0 2");
    cr_assert(term_expect_text(t, "I → ·Eu"));
    term_keys(t, "L .");
    cr_assert(term_expect_text(t, "·said → ·disse"));
    term_keys(t, "> Enter");
    cr_assert(term_expect_text(t, "\"·said\" -> \"·disse\""));
    quit();
}

/* Enter where there are no heads: a method that has some is chosen and run. */
Test(app_views, a_run_without_layers_leads_to_one_with_heads) {
    start(false, (const char *const[]){"-m", "fake-mt", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "2");
    cr_assert(term_expect_text(t, "Heads come with: Attention"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run a method with layers"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "run 2 done"));
    cr_assert(term_expect_text(t, "strongest heads"));
    quit();
}

Test(app_views, layers_without_heads_are_a_map_of_tokens_and_layers) {
    start(false,
          (const char *const[]){"-m", "fake-mt", "-a", "value_zeroing", "-i", "I said hi", NULL});
    cr_assert(term_expect_text(t, "all layers"));
    term_keys(t, "g 2");
    cr_assert(term_expect_text(t, "tokens × layers"));
    cr_assert(term_expect_text(t, "L0   L1   L2"));
    term_keys(t, "G k");
    cr_assert(term_expect_text(t, "▸·hi"));
    term_keys(t, "} } }");
    cr_assert(term_expect_text(t, "→ ·para"));
    term_keys(t, "{ h h l Enter");
    cr_assert(term_expect_text(t, "L1, mean of"));
    quit();
}

Test(app_views, rows_and_columns_are_words_or_sentences_by_a_key) {
    start(false,
          (const char *const[]){"-m", "fake-lm", "-i", "It rains. The Eiffel Tower is", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "U");
    cr_assert(term_expect_text(t, "Words  8 rows"));
    term_key(t, "j"); /* ·rains. */
    term_key(t, "U");
    cr_assert(term_expect_text(t, "Sentences  2 rows"));
    cr_assert(term_expect_text(t, "> 1 It rains."), "the cursor stays where it was in the text");
    term_key(t, "V"); /* all of the sentence's generated tokens */
    cr_assert(term_expect_text(t, "4 tokens, \"·Paris"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "each token's sum is 1"));
    term_key(t, "/");
    term_type(t, "eiffel");
    cr_assert(term_expect_text(t, "1 of 2 rows"));
    term_key(t, "Enter");
    term_key(t, "4");
    cr_assert(term_expect_text(t, "Sentences, their tokens' scores summed"));
    term_keys(t, "1 U U U");
    cr_assert(term_expect_text(t, "There is no turn among"), "a notice tells");
    term_key(t, "U");
    cr_assert(term_expect_text(t, "── 9 rows"));
    term_key(t, ":");
    term_type(t, "choose the unit");
    cr_assert(term_expect_text(t, "1 of"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "paragraph"));
    term_type(t, "regex");
    cr_assert(term_expect_text(t, "1 of 17"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "regular expression"));
    term_key(t, "Ctrl-U");
    term_type(t, "iff");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "A regular expression  3 rows"));
    term_key(t, ":");
    term_type(t, "choose the unit");
    cr_assert(term_expect_text(t, "1 of"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "paragraph"));
    term_type(t, "Sentences (rows");
    cr_assert(term_expect_text(t, "1 of 17"));
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "Sentences (rows)  5 rows × 4 generated"));
    quit();
}

Test(app_views, rows_and_columns_are_joined_by_hand) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "&");
    cr_assert(term_expect_text(t, "v selects rows and columns"));
    term_keys(t, "g j v j &");
    cr_assert(term_expect_text(t, "joined  7 rows"));
    cr_assert(term_expect_text(t, "> 2 ·Eiffel Tower"));
    term_keys(t, "0 v l l &");
    cr_assert(term_expect_text(t, "joined  5 rows × 2 generated"));
    term_key(t, "&");
    cr_assert(term_expect_text(t, "apart again"));
    cr_assert(term_expect_text(t, "── 8 rows"));
    term_keys(t, "o v j &"); /* sorted by values */
    cr_assert(term_expect_text(t, "sorted rows are no neighbours"));
    quit();
}

Test(app_views, search_is_incremental_and_can_be_left) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "/");
    term_type(t, "tow");
    cr_assert(term_expect_text(t, "1 of 8 rows"));
    cr_assert(term_expect_text(t, "> 3 ·Tower"));
    term_key(t, "Esc");
    cr_assert(term_expect_text(t, "> 1 The"));
    term_key(t, "/");
    term_type(t, "i");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "> 2 ·Eiffel"));
    term_key(t, "n");
    cr_assert(term_expect_text(t, "> 4 ·is"));
    term_keys(t, "N N");
    cr_assert(term_expect_text(t, "> 6 ·Paris"));
    quit();
}

Test(app_views, a_run_is_followed_and_cancelled_on_the_smallest_screen) {
    start(true,
          (const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in a long text", NULL});
    steps(2 + 4 + 2);
    cr_assert(term_expect_text(t, "attributing"));
    term_resize(t, 5, 20);
    cr_assert(term_expect_text(t, "need 60x16"));
    cr_assert(term_expect_text(t, "% attributing"));
    cr_assert(term_expect_text(t, "Ctrl-C cancels"));
    term_resize(t, 2, 20);
    cr_assert(term_expect_text(t, "% attributing"));
    term_resize(t, 15, 50);
    cr_assert(term_expect_text(t, "% attributing  Ctrl-C cancels"));
    term_key(t, "Ctrl-C");
    steps(100);
    cr_assert(term_expect_text(t, "the finished columns are kept"));
    quit();
}

Test(app_views, follows_resizes_and_says_when_it_is_too_small) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_resize(t, 50, 160);
    cr_assert(term_expect_text(t, "the model's candidates"));
    cr_assert(term_expect_text(t, "what to run"));
    term_resize(t, 5, 20);
    cr_assert(term_expect_text(t, "need 60x16"));
    cr_assert(term_expect_no_text(t, "Eiffel"));
    term_resize(t, 16, 60);
    cr_assert(term_expect_text(t, "> 1 The"));
    term_resize(t, 24, 80);
    cr_assert(term_expect_text(t, "d: hide"));
    quit();
}

/* Seeing what the second key changes, one cell alone, all that was drawn before has been seen. */
static char *search_further(const char *before, const char *after) {
    term_key(t, "z");
    cr_assert(term_expect_text(t, before));
    term_key(t, "z");
    cr_assert(term_expect_text(t, after));
    return term_text(t);
}

/* The map under a search for zzzz, after `rows` by `columns` if that is more than 0. */
static char *map_in_search(int rows, int columns) {
    term_key(t, "/");
    free(search_further("search: z", "search: zz"));
    if (rows) {
        term_spoil(t);
        term_resize(t, rows, columns);
    }
    char *text = search_further("search: zzz", "search: zzzz");
    term_key(t, "Esc");
    cr_assert(term_expect_no_text(t, "search: "));
    return text;
}

Test(app_views, after_any_resize_the_picture_is_as_painted_anew) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    uint32_t random = 1;
    for (int i = 0; i < 40; i++) {
        random = random * 1664525 + 1013904223;
        const int rows = 16 + (int)(random >> 16) % 45, columns = 60 + (int)(random >> 8) % 141;
        char *resized = map_in_search(rows, columns);
        term_key(t, "Ctrl-L");
        char *anew = map_in_search(0, 0);
        cr_assert_str_eq(resized, anew, "%dx%d, resize %d", columns, rows, i);
        free(resized);
        free(anew);
    }
    quit();
}

Test(app_views, a_theme_chosen_stays_chosen) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "T");
    term_type(t, "light");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "light"));
    quit();
    term_free(t);
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "2 threads  light"));
    quit();
}

Test(app_views, the_palette_finds_commands_by_name) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, ":");
    term_type(t, "the runs");
    term_key(t, "Enter");
    cr_assert(term_expect_text(t, "[3 Runs]"));
    quit();
}

Test(app_views, a_run_can_be_watched_in_the_text_view_and_the_log_tells_what_happened) {
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    term_key(t, "4");
    cr_assert(term_expect_text(t, "[4 Text]"));
    cr_assert(term_expect_text(t, "Eiffel Tower"));
    term_key(t, "5");
    cr_assert(term_expect_text(t, "run 1: Saliency with fake"));
    quit();
}

/* What lies over the map is whole at 80 by 24 and 60 by 16, and harmless at 20 columns. */
Test(app_views, every_chooser_survives_any_size) {
    static const struct {
        const char *key, *shows;
    } choosers[] = {{"m", "─ method ─"},      {"t", "what is attributed"},
                    {"c", "contrast \""},     {"V", "as the target"},
                    {":", "─ commands ─"},    {"?", "help: Map"},
                    {"T", "─ theme ─"},       {"C", "colours of"},
                    {"A", "─ aggregation ─"}, {"E", "export as"},
                    {"/", "search: "}};
    start(false, RUN_EIFFEL);
    cr_assert(term_expect_text(t, "run 1 done"));
    for (size_t i = 0; i < sizeof choosers / sizeof *choosers; i++) {
        term_key(t, choosers[i].key);
        cr_assert(term_expect_text(t, choosers[i].shows), "%s", choosers[i].key);
        term_resize(t, 24, 20);
        cr_assert(term_expect_text(t, "need 60x16"), "%s", choosers[i].key);
        term_resize(t, 3, 7);
        cr_assert(term_expect_text(t, "need"), "%s", choosers[i].key);
        term_key(t, "Down");
        term_resize(t, 16, 60);
        cr_assert(term_expect_text(t, choosers[i].shows), "%s", choosers[i].key);
        term_resize(t, 24, 80);
        cr_assert(term_expect_text(t, "F8Export F9Cancel F10Quit"), "%s",
                  choosers[i].key); /* the last of the frame at this width */
        cr_assert(term_expect_text(t, choosers[i].shows), "%s", choosers[i].key);
        term_key(t, "Esc");
        cr_assert(term_expect_no_text(t, choosers[i].shows), "%s", choosers[i].key);
    }
    quit();
}

/* A notice of a run outlives the line that told it, and the program. */
Test(app_views, what_a_result_says_beside_its_numbers_stays_with_it) {
    static const char *const said = "There is nothing to compare ^[[31m with.";
    start(false, (const char *const[]){"-m", "fake", "-i", "The Eiffel Tower is in", "-fn",
                                       "contrast_logits_diff", NULL});
    cr_assert(term_expect_text(t, "run 1 done"));
    cr_expect(term_expect_text(t, said));
    term_resize(t, 60, 200);
    cr_expect(term_expect_text(t, said));
    term_resize(t, 16, 60);
    cr_expect(term_expect_text(t, said));
    quit();
    term_free(t);
    start(false, (const char *const[]){"-m", "fake", NULL});
    leave_form();
    term_keys(t, "3 Enter");
    cr_expect(term_expect_text(t, said));
    quit();
}
