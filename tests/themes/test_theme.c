#include "themes/theme.h"

#include "themes/roles.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static uint32_t level_rgb(const struct colour_map *m, int level) {
    return (uint32_t)m->rgb[level][0] << 16 | (uint32_t)m->rgb[level][1] << 8 | m->rgb[level][2];
}

/* CIE L*, for monotonicity. */
static double lightness(uint32_t rgb) {
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double y = 0;
    for (int i = 0; i < 3; i++) {
        double c = (double)(rgb >> (16 - 8 * i) & 0xFF) / 255;
        y += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

Test(theme, every_id_is_found_and_others_are_not) {
    size_t n;
    const struct theme *const *themes = theme_list(&n);
    cr_assert_eq(n, 4);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(theme_find(themes[i]->id), themes[i]);
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(colour_map_find(maps[i]->id), maps[i]);
    cr_expect_null(theme_find("none"));
    cr_expect_null(colour_map_find(NULL));
}

Test(theme, names_maps_of_the_right_kind_and_styles_for_every_role) {
    size_t n;
    const struct theme *const *themes = theme_list(&n);
    for (size_t i = 0; i < n; i++) {
        const struct colour_map *diverging = colour_map_find(themes[i]->diverging),
                                *sequential = colour_map_find(themes[i]->sequential);
        cr_assert(diverging && sequential);
        cr_expect(diverging->diverging && !sequential->diverging);
        cr_assert_eq(themes[i]->n_styles, STYLE_COUNT);
        for (size_t role = 0; role < STYLE_COUNT; role++) {
            const struct style *s = &themes[i]->styles[role];
            cr_expect(s->fg.index256 == -1 || s->fg.index256 >= 16,
                      "%s role %zu uses a colour that people change", themes[i]->id, role);
            cr_expect(s->fg.index8 < 8 && s->bg.index8 < 8 && s->fg.index16 < 16 &&
                      s->bg.index16 < 16);
        }
    }
}

Test(theme, text_is_readable_on_its_own_background) {
    size_t n;
    const struct theme *const *themes = theme_list(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t role = 0; role < STYLE_COUNT; role++) {
            const struct style *s = &themes[i]->styles[role];
            bool line = role == STYLE_BORDER || role == STYLE_PROGRESS_REST; /* decoration */
            if (s->fg.rgb < 0 || line)
                continue;
            uint32_t bg = themes[i]->dark ? 0x1C1C1C : 0xFFFFFF;
            if (s->bg.rgb >= 0)
                bg = (uint32_t)s->bg.rgb;
            double a = lightness((uint32_t)s->fg.rgb), b = lightness(bg);
            double ya = pow((a + 16) / 116, 3), yb = pow((b + 16) / 116, 3);
            double contrast = (fmax(ya, yb) + 0.05) / (fmin(ya, yb) + 0.05);
            cr_expect_geq(contrast, 4.5, "%s role %zu has contrast %.2f", themes[i]->id, role,
                          contrast);
        }
}

Test(theme, sequential_maps_never_turn_back_in_lightness) {
    size_t n;
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n; i++) {
        if (maps[i]->diverging)
            continue;
        double direction =
            lightness(level_rgb(maps[i], 63)) > lightness(level_rgb(maps[i], 0)) ? 1 : -1;
        for (int level = 1; level < 64; level++) {
            double step =
                lightness(level_rgb(maps[i], level)) - lightness(level_rgb(maps[i], level - 1));
            double coarse = lightness(colour_of_index256(maps[i]->index256[level])) -
                            lightness(colour_of_index256(maps[i]->index256[level - 1]));
            cr_expect_geq(step * direction, -0.3, "%s level %d", maps[i]->id, level);
            cr_expect_geq(coarse * direction, -1e-9, "%s level %d of 256", maps[i]->id, level);
        }
    }
}

Test(theme, palette_indices_are_those_that_nobody_changes) {
    size_t n;
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n; i++)
        for (int level = 0; level < 64; level++)
            cr_expect_geq(maps[i]->index256[level], 16);
}

Test(theme, published_ends_and_centres_are_exact) {
    const struct colour_map *viridis = colour_map_find("viridis"), *rdbu = colour_map_find("RdBu");
    cr_expect_eq(level_rgb(viridis, 0), 0x440154);
    cr_expect_eq(level_rgb(viridis, 63), 0xFDE725);
    cr_expect_eq(colour_map_rgb(rdbu, -1, NULL), 0x053061, "blue is negative");
    cr_expect_eq(colour_map_rgb(rdbu, 1, NULL), 0x67001F, "red is positive");
    cr_expect_eq(colour_map_rgb(rdbu, 0, NULL), 0xF6F7F7);
    cr_expect_eq(level_rgb(colour_map_find("berlin"), 0), 0x9EB0FF);
}

Test(theme, levels_clamp_and_zero_is_the_centre) {
    const struct colour_map *berlin = colour_map_find("berlin"),
                            *viridis = colour_map_find("viridis");
    cr_expect_eq(colour_map_level(berlin, 0), 32);
    cr_expect_eq(colour_map_level(berlin, NAN), 32);
    cr_expect_eq(colour_map_level(berlin, -7), 0);
    cr_expect_eq(colour_map_level(berlin, INFINITY), 63);
    cr_expect_eq(colour_map_level(viridis, NAN), 0);
    cr_expect_eq(colour_map_level(viridis, -0.5f), 0);
    cr_expect_eq(colour_map_level(viridis, 0.5f), 32);
    for (float v = -1; v < 1; v += 0.01f)
        cr_expect_leq(colour_map_level(berlin, v), colour_map_level(berlin, v + 0.01f));
}

Test(theme, text_on_a_cell_always_reaches_four_and_a_half_to_one) {
    size_t n;
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n; i++)
        for (int level = 0; level < 64; level++) {
            uint32_t rgb = level_rgb(maps[i], level);
            double y = pow((lightness(rgb) + 16) / 116, 3);
            double contrast = colour_wants_dark_text(rgb) ? (y + 0.05) / 0.05 : 1.05 / (y + 0.05);
            cr_expect_geq(contrast, 4.5, "%s level %d: %.2f", maps[i]->id, level, contrast);
        }
}

/* Zero is no further from the background than 8 of lightness and has next to no hue there; from it
 * on lightness leads away, exactly and in 256 colours. */
static void expect_fades(const struct colour_map *m, bool dark, int from, int to) {
    const double ground = dark ? 5.6 : 100;
    const int step = to < from ? -1 : 1;
    double before = lightness(level_rgb(m, from)), coarse_before = ground;
    cr_expect_leq(fabs(before - ground), 3, "%s on %s", m->id, dark ? "dark" : "light");
    for (int level = from; level != to + step; level += step) {
        const double here = lightness(level_rgb(m, level)),
                     coarse = lightness(colour_of_index256(m->index256[level]));
        cr_expect_leq(dark ? before - here : here - before, 0.5, "%s level %d", m->id, level);
        if (level != from)
            cr_expect_leq(dark ? coarse_before - coarse : coarse - coarse_before, 1e-9,
                          "%s level %d of 256, dark %d", m->id, level, dark);
        if (abs(level - from) <= 3)
            cr_expect_leq(fabs(coarse - ground), 15, "%s level %d of 256, dark %d: %d", m->id,
                          level, dark, m->index256[level]);
        before = here;
        coarse_before = coarse;
    }
    cr_expect_geq(fabs(before - ground), 40, "%s stands out on %s", m->id, dark ? "dark" : "light");
}

Test(theme, every_map_begins_at_the_background_be_it_dark_or_light) {
    size_t n;
    const struct colour_map *const *maps = colour_map_list(&n);
    for (size_t i = 0; i < n; i++)
        for (int dark = 0; dark < 2; dark++) {
            const struct colour_map *m = colour_map_on(maps[i], dark);
            cr_expect_str_eq(m->id, maps[i]->id);
            expect_fades(m, dark, m->diverging ? 32 : 0, 63);
            if (m->diverging)
                expect_fades(m, dark, 31, 0);
        }
    struct colour_map own = *maps[0];
    cr_expect_eq(colour_map_on(&own, true), &own);
}

Test(theme, signs_differ_without_colour) {
    for (int ascii = 0; ascii < 2; ascii++)
        for (int step = 1; step < 5; step++)
            for (int other = 1; other < 5; other++)
                cr_expect_str_neq(colour_shade_glyph(step, ascii),
                                  colour_stroke_glyph(other, ascii));
    cr_expect_str_eq(colour_stroke_glyph(0, true), " ");
    cr_expect_str_eq(colour_stroke_glyph(9, true), "@");
}

Test(theme, shades_grow_with_size) {
    cr_expect_eq(colour_shade_step(0), 0);
    cr_expect_eq(colour_shade_step(NAN), 0);
    cr_expect_eq(colour_shade_step(-1), 4);
    for (float v = 0; v < 1; v += 0.01f)
        cr_expect_leq(colour_shade_step(v), colour_shade_step(v + 0.01f));
    cr_expect_str_eq(colour_shade_glyph(4, true), "#");
    cr_expect_str_eq(colour_shade_glyph(2, false), "▒");
}
