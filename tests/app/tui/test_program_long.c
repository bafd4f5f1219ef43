/* A map whose rows do not fit: where it opens, and the keys that get about in it. */
#include "tests/app/tui/session.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct app *app;

Test(app_head, a_key_goes_to_the_strongest_head, .fini = session_end) {
    struct attribute_request r = {.input_text = "I said hi", .method = "attention"};
    app = session_begin("fake-mt", &r, false);
    session_wait();
    session_keys("2 } ] *");
    const struct atlas *atlas = &app->atlas;
    cr_expect_eq(atlas_rank(atlas, atlas->layer, atlas->head), 1);
    session_keys("] } *");
    cr_expect_eq(atlas_rank(atlas, atlas->layer, atlas->head), 1);
}

static void begin(void) {
    struct attribute_request r = {0};
    r.input_text = "a wide text of five words"; /* more rows than fit in 24 */
    app = session_begin("fake", &r, false);
    session_wait();
    cr_assert(session_shows("map-long"));
}

TestSuite(app_long, .init = begin, .fini = session_end);

static float here(void) {
    const size_t row = map_cursor_row(&app->map);
    return row < app->map.n_rows ? map_value(&app->map, row, app->map.column) : NAN;
}

Test(app_long, a_run_ends_on_the_largest_of_its_first_column_and_a_key_goes_to_the_largest_of_all) {
    cr_expect_eq(app->map.column, 0);
    cr_expect_float_eq(here(), app->map.column_magnitude[0], 1e-7);
    session_keys("G $");
    cr_expect_neq(here(), app->map.magnitude);
    session_keys("*");
    cr_expect_float_eq(here(), app->map.magnitude, 1e-7);
    cr_expect_eq(app->text.column, app->map.column, "the text goes along");
}

Test(app_long, small_rows_fold_and_open_by_a_key) {
    struct map *m = &app->map;
    for (size_t i = 4; i < 12; i++) /* as a text of noise has none that are small */
        m->rows[i].magnitude = 1e-6f;
    map_set_page(m, 11); /* as in 24 rows */
    map_set_fold(m, MAP_FOLD_LONG);
    cr_expect_eq(map_n_folded(m), 8);
    session_keys("g j j j j");
    cr_expect(map_on_fold(m));
    session_keys("Space");
    cr_expect(strstr(app->message, "opens these rows"), "%s", app->message);
    session_keys("Z");
    cr_expect_eq(map_n_folded(m), 0);
    cr_expect(strstr(app->message, "rows are shown"), "%s", app->message);
    session_keys("Z g j j j j Enter");
    cr_expect_eq(map_n_folded(m), 0);
    cr_expect_eq(map_cursor_row(m), 4);
    cr_expect_eq(app->view, VIEW_MAP);
    session_keys("Enter");
    cr_expect_eq(app->view, VIEW_TEXT, "on a row it is the text's key, as ever");
}

Test(app_long, sorted_rows_follow_the_column) {
    session_keys("o g");
    for (int i = 0; i < 3; i++) {
        cr_expect_float_eq(fabsf(here()), app->map.column_magnitude[app->map.column], 1e-7);
        session_keys("l");
    }
    cr_expect(session_shows("map-sorted"));
}
