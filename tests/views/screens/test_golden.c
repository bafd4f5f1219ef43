/* Whole views through the screen into a terminal, compared with the files of tests/views/golden
 * (UPDATE_GOLDEN=1 writes them). */
#include "harness/term.h"
#include "tests/views/screens/samples.h"
#include "views/screens/atlas.h"
#include "views/screens/compare.h"
#include "views/screens/map.h"
#include "views/screens/text_view.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct screen *s;
static struct term *t;
static struct grid g;

static void finish(void) {
    grid_dispose(&g);
    term_free(t);
}

TestSuite(golden, .fini = finish);

static void start(int rows, int columns, enum colour_depth depth, bool ascii) {
    struct err e = {0};
    t = term_screen(&s, rows, columns, NULL, depth, ascii, &e);
    cr_assert_not_null(t, "%s", e.message);
    grid_init(&g, rows, columns);
}

static void expect(const char *theme, const char *name) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    char *path =
        mem_format("%s/../views/golden/%s.screen", fixtures ? fixtures : "tests/fixtures", name);
    screen_blit(s, &g, theme_find(theme), NULL, NULL);
    cr_expect(term_expect_screen(t, path));
    free(path);
}

static void draw_map(int64_t done) {
    struct attribution_sequence r;
    struct map m;
    sample_scores(&r, done, 3);
    map_init(&m);
    map_show(&m, &r);
    map_go(&m, 3, 1);
    map_fit(&m, g.rows, g.columns);
    map_draw(&g, grid_area(&g), &m);
    map_dispose(&m);
    attribution_sequence_dispose(&r);
}

/* Shades above zero, strokes below, and numbers; the first rung where a dark terminal's near-zero
 * was purple. */
Test(golden, map_without_colour) {
    start(14, 60, COLOUR_MONO, false);
    draw_map(4);
    expect("mono", "map-mono");
}

Test(golden, map_in_ascii_without_colour) {
    start(14, 60, COLOUR_MONO, true);
    draw_map(4);
    expect("mono", "map-ascii");
}

Test(golden, map_in_256_colours) {
    start(14, 60, COLOUR_256, false);
    draw_map(6);
    expect("dark", "map-256");
}

static void draw_text(void) {
    struct attribution_sequence r;
    struct text_view v = {0};
    sample_translation(&r, 3);
    text_view_show(&v, &r);
    text_view_move(&v, 4, 0);
    text_view_draw(&g, grid_area(&g), &v);
    attribution_sequence_dispose(&r);
}

Test(golden, text_in_256_colours_has_plain_words_where_nothing_matters) {
    start(18, 80, COLOUR_256, false);
    draw_text();
    expect("dark", "text-256");
}

Test(golden, text_without_colour) {
    start(18, 80, COLOUR_MONO, false);
    draw_text();
    expect("mono", "text-mono");
}

static void draw_atlas(void) {
    struct attribution_sequence r;
    struct atlas a;
    sample_attention(&r, 6, 8, 6, 4);
    atlas_init(&a);
    atlas_show(&a, &r);
    atlas_set_cell(&a, 4, 0);
    atlas_go(&a, 3, 5);
    atlas_draw(&g, grid_area(&g), &a);
    atlas_dispose(&a);
    attribution_sequence_dispose(&r);
}

Test(golden, atlas_in_256_colours) {
    start(20, 80, COLOUR_256, false);
    draw_atlas();
    expect("dark", "atlas-256");
}

Test(golden, atlas_in_eight_colours) {
    start(20, 80, COLOUR_8, false);
    draw_atlas();
    expect("dark", "atlas-8");
}

Test(golden, atlas_in_ascii_without_colour) {
    start(20, 80, COLOUR_MONO, true);
    draw_atlas();
    expect("mono", "atlas-mono");
}

/* Folded rows, the overview at the right and below, the cursor where the first column's largest is.
 */
static void draw_long_map(int rows, int columns) {
    struct attribution_sequence r;
    struct map m;
    sample_long(&r, 40);
    map_init(&m);
    m.follow = false;
    map_show(&m, &r);
    map_fit(&m, rows, columns);
    map_draw(&g, grid_area(&g), &m);
    map_dispose(&m);
    attribution_sequence_dispose(&r);
}

Test(golden, map_of_a_long_text) {
    start(20, 120, COLOUR_256, false);
    draw_long_map(20, 120);
    expect("dark", "map-long-256");
}

Test(golden, map_of_a_long_text_in_ascii_without_colour) {
    start(20, 80, COLOUR_MONO, true);
    draw_long_map(20, 80);
    expect("mono", "map-long-mono");
}

Test(golden, text_of_a_translation_on_light) {
    start(18, 80, COLOUR_DIRECT, false);
    draw_text();
    expect("light", "text-direct");
}

Test(golden, comparison) {
    struct attribution_sequence x, y;
    struct compare c;
    start(20, 80, COLOUR_256, false);
    sample_scores(&x, 6, 3);
    sample_scores(&y, 6, 9);
    compare_init(&c);
    compare_show(&c, (struct compare_side){&x, "7 integrated gradients"},
                 (struct compare_side){&y, "5 saliency"});
    c.hint = "< > column";
    compare_draw(&g, grid_area(&g), &c);
    expect("high-contrast", "compare-256");
    compare_dispose(&c);
    attribution_sequence_dispose(&x);
    attribution_sequence_dispose(&y);
}
