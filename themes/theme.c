#include "themes/theme.h"

#include "themes/tables.h"

#include <math.h>
#include <string.h>

const struct theme *const *theme_list(size_t *n) {
    static const struct theme *const all[] = {
#define X(name) &theme_##name,
        THEMES(X)
#undef X
    };
    *n = sizeof all / sizeof *all;
    return all;
}

const struct colour_map *const *colour_map_list(size_t *n) {
    static const struct colour_map *const all[] = {
#define X(name) &map_##name,
        COLOUR_MAPS(X)
#undef X
    };
    *n = sizeof all / sizeof *all;
    return all;
}

const struct theme *theme_find(const char *id) {
    size_t n;
    const struct theme *const *all = theme_list(&n);
    for (size_t i = 0; id && i < n; i++)
        if (strcmp(all[i]->id, id) == 0)
            return all[i];
    return NULL;
}

const struct colour_map *colour_map_find(const char *id) {
    size_t n;
    const struct colour_map *const *all = colour_map_list(&n);
    for (size_t i = 0; id && i < n; i++)
        if (strcmp(all[i]->id, id) == 0)
            return all[i];
    return NULL;
}

/* Zero of a diverging map is level 32, with 32 levels below and 31 above: the centre colour
 * exactly, not its neighbour. */
int colour_map_level(const struct colour_map *m, float value) {
    if (isnan(value))
        return m->diverging ? 32 : 0;
    if (!m->diverging)
        return (int)lroundf(fminf(fmaxf(value, 0), 1) * 63);
    value = fminf(fmaxf(value, -1), 1);
    return 32 + (int)lroundf(value * (value < 0 ? 32 : 31));
}

uint32_t colour_map_rgb(const struct colour_map *m, float value, bool *dark_text) {
    const uint8_t *c = m->rgb[colour_map_level(m, value)];
    uint32_t rgb = (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];
    if (dark_text)
        *dark_text = colour_wants_dark_text(rgb);
    return rgb;
}

/* WCAG 2: relative luminance of sRGB. Black and white contrast equally with luminance 0.179, so one
 * of them always reaches 4.5:1. */
bool colour_wants_dark_text(uint32_t rgb) {
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double luminance = 0;
    for (int i = 0; i < 3; i++) {
        double c = (double)(rgb >> (16 - 8 * i) & 0xFF) / 255;
        luminance += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return luminance > 0.179;
}

uint32_t colour_of_index256(int index) {
    static const uint32_t first[16] = {0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
                                       0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00,
                                       0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};
    static const uint32_t cube[6] = {0, 95, 135, 175, 215, 255};
    if (index < 0 || index > 255)
        return 0;
    if (index < 16)
        return first[index];
    if (index >= 232)
        return (uint32_t)(8 + (index - 232) * 10) * 0x010101;
    int i = index - 16;
    return cube[i / 36] << 16 | cube[i / 6 % 6] << 8 | cube[i % 6];
}

#define SHADES 5

int colour_shade_step(float magnitude) {
    static const float from[SHADES] = {0, 0.05f, 0.3f, 0.55f, 0.8f};
    const float size = fabsf(magnitude);
    int step = 0;
    while (step < SHADES - 1 && size >= from[step + 1]) /* never of NaN */
        step++;
    return step;
}

static int held_step(int step) {
    if (step < 0)
        return 0;
    return step < SHADES ? step : SHADES - 1;
}

const char *colour_shade_glyph(int step, bool ascii) {
    static const char *const glyphs[2][SHADES] = {{" ", "░", "▒", "▓", "█"},
                                                  {" ", ".", ":", "=", "#"}};
    return glyphs[ascii][held_step(step)];
}

const char *colour_stroke_glyph(int step, bool ascii) {
    static const char *const glyphs[2][SHADES] = {{" ", "¦", "=", "≡", "■"},
                                                  {" ", "-", "~", "%", "@"}};
    return glyphs[ascii][held_step(step)];
}
