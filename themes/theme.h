/*
 * Themes and colour maps: what turns a role or a score into colours, at each colour depth. Plain
 * data; knows no terminal library. Any thread.
 */
#ifndef TINSEQ_THEMES_THEME_H
#define TINSEQ_THEMES_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum colour_depth { COLOUR_MONO, COLOUR_8, COLOUR_16, COLOUR_256, COLOUR_DIRECT };

/* A colour at every rung: the renderer takes the one it can show. −1: the terminal's default. */
struct colour {
    int32_t rgb;
    int16_t index256, index16, index8;
};
struct style {
    struct colour fg, bg;
    bool bold, reverse, underline, dim;
};

struct colour_map {
    const char *id, *title; /* "viridis", "RdBu", "berlin", … */
    bool diverging;
    uint8_t rgb[64][3];   /* 64 levels, low to high; zero at the centre when diverging */
    uint8_t index256[64]; /* indices 16–255 only */
};

struct theme {
    const char *id, *title; /* "dark", "light", "high-contrast", "mono" */
    bool dark;
    const char *diverging, *sequential; /* default maps */
    const struct style *styles;         /* [STYLE_COUNT], indexed by role: themes/roles.h */
    size_t n_styles;
};

const struct theme *const *theme_list(size_t *n);
const struct theme *theme_find(const char *id);
const struct colour_map *const *colour_map_list(size_t *n);
const struct colour_map *colour_map_find(const char *id);

/* The same map before a dark or a light background: what is next to nothing is next to the
 * background, and lightness leads away from it. Borrowed; a map that is none of the list's is
 * returned as it is. */
const struct colour_map *colour_map_on(const struct colour_map *m, bool dark);

/* Level 0–63 of a value: diverging [−1, 1], sequential [0, 1]; NaN and outside are clamped (NaN
 * to the centre or 0). */
int colour_map_level(const struct colour_map *m, float value);
/* RGB 0xRRGGBB of a value, and whether black text reads better on it than white (WCAG
 * luminance). */
uint32_t colour_map_rgb(const struct colour_map *m, float value, bool *dark_text);
/* The same of any colour. */
bool colour_wants_dark_text(uint32_t rgb);
/* RGB of an xterm-256 index; 0–15 as xterm has them (people change those). */
uint32_t colour_of_index256(int index);

/* Hue shows the sign where there are 16 or 8 colours: red above zero, blue below, and shade glyphs
 * the size. 0: nothing, at every depth; 1–4: ░ ▒ ▓ █; the same steps in ASCII: ". : = #". */
int colour_shade_step(float magnitude);
const char *colour_shade_glyph(int step, bool ascii);
/* Without colour what is negative has strokes instead: ¦ = ≡ ■; in ASCII: "- ~ % @". */
const char *colour_stroke_glyph(int step, bool ascii);

#endif
