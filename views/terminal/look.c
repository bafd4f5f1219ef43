#include "views/terminal/look.h"

#include <math.h>
#include <string.h>

static int pick(const struct colour *c, enum colour_depth depth) {
    switch (depth) {
    case COLOUR_DIRECT:
        return c->rgb;
    case COLOUR_256:
        return c->index256;
    case COLOUR_16:
        return c->index16;
    case COLOUR_8:
        return c->index8;
    default:
        return -1;
    }
}

static void set_text(struct look *out, const char *text) {
    strcpy(out->text, text);
}

static const struct {
    const char *glyph, *ascii, *console;
} replacements[] = {
    {"─", "-", "─"},   {"│", "|", "│"},   {"╭", "+", "┌"}, {"╮", "+", "┐"},  {"╰", "+", "└"},
    {"╯", "+", "┘"},   {"├", "+", "├"},   {"┤", "+", "┤"}, {"┬", "+", "┬"},  {"┴", "+", "┴"},
    {"┼", "+", "┼"},   {"·", "_", "·"},   {"→", ">", "→"}, {"←", "<", "←"},  {"↑", "^", "↑"},
    {"↓", "v", "↓"},   {"⏎", "n", "¶"},   {"⇥", "t", "»"}, {"…", "~", "~"},  {"░", ".", "░"},
    {"▒", ":", "▒"},   {"▓", "=", "▓"},   {"█", "#", "█"}, {"▀", "\"", "▀"}, {"▄", "_", "▄"},
    {"▌", "|", "▌"},   {"▐", "#", "▐"},   {"━", "=", "─"}, {"╸", "-", "─"},  {"╺", "-", "─"},
    {"▸", ">", ">"},   {"▾", "v", "v"},   {"▴", "^", "^"}, {"●", "*", "*"},  {"○", "o", "o"},
    {"✓", "x", "x"},   {"×", "x", "x"},   {"−", "-", "-"}, {"∞", "8", "∞"},  {"≈", "~", "≈"},
    {"Δ", "d", "d"},   {"—", "-", "-"},   {"–", "-", "-"}, {"‘", "'", "'"},  {"’", "'", "'"},
    {"“", "\"", "\""}, {"”", "\"", "\""}, {"▁", "_", "_"}, {"▂", "_", "_"},  {"▃", "_", "_"},
    {"▅", "=", "▄"},   {"▆", "=", "▄"},   {"▇", "#", "█"}, {"▪", "*", "*"},  {"▏", "|", "│"},
    {"▎", "|", "│"},   {"¦", "-", "¦"},   {"≡", "%", "≡"}, {"■", "@", "■"},  {"▍", "|", "│"},
    {"▋", "#", "▌"},   {"▊", "#", "█"},   {"▉", "#", "█"},
};

/* U+2800 and its dots, the line of a chart: 0xE2, 0xA0 to 0xA3, … */
static bool is_braille(const char *text) {
    return (unsigned char)text[0] == 0xE2 && ((unsigned char)text[1] & 0xFC) == 0xA0;
}

/* Poorer character sets get the nearest sign they have; letters that have none become question
 * marks. */
static void reduce_text(struct look *out, const struct cell *c, const struct palette *p) {
    if (!(p->ascii || p->console) || (unsigned char)out->text[0] < 0x80) {
        if (p->ascii && out->text[0])
            out->text[1] = '\0'; /* without its marks */
        return;
    }
    if (is_braille(out->text)) {
        set_text(out, "*");
        return;
    }
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        if (strcmp(replacements[i].glyph, out->text) == 0) {
            set_text(out, p->ascii ? replacements[i].ascii : replacements[i].console);
            return;
        }
    if (p->ascii)
        set_text(out, c->width == 2 ? "??" : "?");
}

static const struct colour_map *map_of(const struct cell *c, const struct palette *p) {
    return c->scale == HEAT_SIGNED ? p->diverging : p->sequential;
}

/* A value's colour, and whether black text suits it. coarse: only every second level, so that pairs
 * of halves stay few enough. */
static int heat_colour(bool *dark_text, float value, const struct cell *c, const struct palette *p,
                       bool coarse) {
    const struct colour_map *map = map_of(c, p);
    int level = colour_map_level(map, value) & (coarse ? ~1 : ~0);
    const uint8_t *rgb = map->rgb[level];
    uint32_t exact = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
    bool direct = p->depth == COLOUR_DIRECT;
    *dark_text = colour_wants_dark_text(direct ? exact : colour_of_index256(map->index256[level]));
    return direct ? (int)exact : map->index256[level];
}

static void half_look(struct look *out, const struct cell *c, const struct palette *p) {
    bool dark, upper = colour_shade_step(c->heat) > 0, lower = colour_shade_step(c->lower) > 0,
               coarse = p->depth == COLOUR_DIRECT;
    if (!upper && !lower) {
        set_text(out, " ");
        return;
    }
    if (p->ascii) { /* one value must do for both: the larger */
        bool first = upper && (!lower || fabsf(c->heat) >= fabsf(c->lower));
        set_text(out, " ");
        out->bg = heat_colour(&dark, first ? c->heat : c->lower, c, p, coarse);
        return;
    }
    set_text(out, upper ? "▀" : "▄");
    out->fg = heat_colour(&dark, upper ? c->heat : c->lower, c, p, coarse);
    if (upper && lower)
        out->bg = heat_colour(&dark, c->lower, c, p, coarse);
}

/* 256 colours and more: the background is the value. */
static void rich_heat(struct look *out, const struct cell *c, const struct palette *p) {
    static const int inks[2][2] = {{231, 16}, {0xFFFFFF, 0x000000}}; /* direct or not; on dark */
    bool dark;
    if (c->heat_kind == HEAT_HALF) {
        half_look(out, c, p);
        return;
    }
    if (colour_shade_step(c->heat) == 0) /* next to nothing, or nothing: the background itself */
        return;
    out->bg = heat_colour(&dark, c->heat, c, p, false);
    if (c->heat_kind <= HEAT_END) /* blank cells keep one foreground: fewer bytes */
        out->fg = inks[p->depth == COLOUR_DIRECT][dark];
}

/* Without colour a glyph stands for the size, in cells without text and in the blanks of those with
 * some; its kind for the sign. */
static void shade_look(struct look *out, const struct cell *c, float value, bool ascii) {
    const int step = colour_shade_step(value);
    const bool is_text = c->heat_kind <= HEAT_END, blank = strcmp(out->text, " ") == 0;
    if (is_text && ascii && step < 2) /* a "." would be taken for a number's point */
        return;
    if (!is_text || (c->heat_kind < HEAT_END && blank))
        set_text(out,
                 value < 0 ? colour_stroke_glyph(step, ascii) : colour_shade_glyph(step, ascii));
    else
        out->bold = out->bold || step >= 3;
}

/* 16 colours and fewer: hue for the sign, a shade glyph or the strength of the colour for the
 * size. */
static void poor_heat(struct look *out, const struct cell *c, const struct palette *p) {
    float value = c->heat;
    if (c->heat_kind == HEAT_HALF && (isnan(value) || fabsf(c->lower) > fabsf(value)))
        value = c->lower;
    if (p->depth == COLOUR_MONO) {
        shade_look(out, c, value, p->ascii);
        return;
    }
    int step = colour_shade_step(value);
    int hue = value < 0 ? 4 : 1;
    if (c->scale == HEAT_UNSIGNED)
        hue = 6;
    int ink = hue == 6 ? 0 : 7;
    if (c->heat_kind > HEAT_END) {
        set_text(out, colour_shade_glyph(step, p->ascii));
        out->fg = step > 0 ? hue : out->fg;
    } else if (step >= 3) {
        out->bg = hue;
        out->fg = ink;
        out->bold = true;
    } else if (step > 0) {
        out->fg = hue;
    }
    if (p->depth == COLOUR_16 && out->fg == hue && out->bg == -1 && p->theme->dark)
        out->fg = hue + 8; /* the bright one is the readable one on black */
}

void look_of_cell(struct look *out, const struct cell *c, const struct palette *p) {
    static const struct style plain = {.fg = {-1, -1, -1, -1}, .bg = {-1, -1, -1, -1}};
    const struct style *s = c->role < p->theme->n_styles ? &p->theme->styles[c->role] : &plain;
    *out = (struct look){.fg = pick(&s->fg, p->depth),
                         .bg = pick(&s->bg, p->depth),
                         .bold = s->bold || c->bold,
                         .dim = s->dim,
                         .underline = s->underline || c->underline,
                         .reverse = s->reverse != c->reverse};
    memcpy(out->text, c->text, CELL_BYTES);
    /* Text and background of one role may fall on one colour, or on none, where there are few: then
     * the roles stand out by attributes. */
    bool few = p->depth == COLOUR_MONO || p->depth == COLOUR_8;
    if (few && s->bg.rgb >= 0 && out->bg < 0 && c->role != STYLE_FIELD && c->role != STYLE_TEXT &&
        s->bg.rgb != 0)
        out->reverse = !out->reverse;
    if (c->role == STYLE_HEAT && p->depth >= COLOUR_256)
        rich_heat(out, c, p);
    else if (c->role == STYLE_HEAT)
        poor_heat(out, c, p);
    reduce_text(out, c, p);
}
