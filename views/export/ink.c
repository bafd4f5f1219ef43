#include "views/export/ink.h"

#include "backend/base/text.h"
#include "views/export/heat.h"
#include "views/export/html_details.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Light and dark, as the page's (page/base.css). */
static const uint32_t roles[2][INK_COUNT] = {{0xFFFFFF, 0x1B1F24, 0x68707B, 0xDFE3E8},
                                             {0x111417, 0xE3E7EB, 0x8E98A3, 0x2D333A}};
static const char role_letters[] = {'p', 't', 'd', 'l'};

/* A letter of the fixed faces is 0.602 of the size wide, as DejaVu Sans Mono's; of the title's no
 * more than that on the average. */
#define FIXED "'DejaVu Sans Mono','Noto Sans Mono',Menlo,Consolas,monospace"
#define SANS "'DejaVu Sans',Verdana,'Noto Sans',sans-serif"
static const struct {
    int size;
    const char *family;
} faces[INK_FACES] = {[INK_TITLE] = {14, SANS},
                      [INK_LABEL] = {12, FIXED},
                      [INK_SMALL] = {10, FIXED},
                      [INK_NUMBER] = {11, FIXED}};
#define LETTER 0.602
#define SLANT 0.7071

int ink_text_width(enum ink_face face, int columns) {
    return (int)ceil(LETTER * faces[face].size * columns);
}

int ink_text_height(enum ink_face face) {
    return faces[face].size;
}

static void reach(struct ink *k, int x, int y) {
    if (x > k->width)
        k->width = x;
    if (y > k->height)
        k->height = y;
}

/* --- texts and shapes --- */

static void put_fill(struct ink *k, enum ink_role role) {
    text_buffer_format(k->b, " class=\"%c\" fill=\"#%06x\"", role_letters[role],
                       roles[k->theme->dark][role]);
}

/* How far a text reaches: an anchor in its middle or at its end lets it reach less. */
static void reach_text(struct ink *k, const struct ink_text *how, int x, int y, const char *utf8) {
    int width = ink_text_width(how->face, text_columns(utf8));
    if (how->slanted)
        width = (int)(SLANT * width) + ink_text_height(how->face);
    if (how->anchor == INK_MIDDLE)
        width /= 2;
    reach(k, how->anchor == INK_END ? x : x + width, y + ink_text_height(how->face) / 3);
}

void ink_put(struct ink *k, const struct ink_text *how, int x, int y, const char *utf8) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    text_buffer_format(k->b, "<text font-family=\"%s\" font-size=\"%d\"%s", faces[how->face].family,
                       faces[how->face].size, anchors[how->anchor]);
    text_buffer_puts(k->b, how->bold ? " font-weight=\"bold\"" : "");
    text_buffer_puts(k->b, how->italic ? " font-style=\"italic\"" : "");
    if (how->slanted)
        text_buffer_format(k->b, " transform=\"translate(%d %d) rotate(-45)\"", x, y);
    else
        text_buffer_format(k->b, " x=\"%d\" y=\"%d\"", x, y);
    put_fill(k, how->role);
    text_buffer_puts(k->b, ">");
    html_text(k->b, utf8, strlen(utf8), false);
    text_buffer_puts(k->b, "</text>\n");
    text_buffer_puts(&k->written, utf8);
    text_buffer_puts(&k->written, "\n");
    reach_text(k, how, x, y, utf8);
}

void ink_rectangle(struct ink *k, enum ink_role role, int x, int y, int width, int height) {
    text_buffer_format(k->b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", x, y, width,
                       height);
    put_fill(k, role);
    text_buffer_puts(k->b, "/>\n");
    reach(k, x + width, y + height);
}

/* --- cells --- */

static void add_shape(struct text_buffer *b, int x, int y, int width, int height) {
    text_buffer_format(b, "M%d %dh%dv%dh-%dz", x, y, width, height, width);
}

void ink_cell(struct ink_cells *c, struct ink *k, float part, int x, int y, int width, int height) {
    const struct colour_map *map = heat_map(c->has_signs, k->map, k->theme);
    reach(k, x + width, y + height);
    add_shape(&c->shapes[colour_map_level(map, part)], x, y, width, height);
}

void ink_cell_none(struct ink_cells *c, struct ink *k, int x, int y, int width, int height) {
    reach(k, x + width, y + height);
    add_shape(&c->none, x, y, width, height);
}

static uint32_t level_rgb(const struct colour_map *map, int level) {
    const uint8_t *c = map->rgb[level];
    return (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];
}

void ink_cells_take(struct ink *k, struct ink_cells *c) {
    const struct colour_map *map = heat_map(c->has_signs, k->map, k->theme);
    text_buffer_puts(k->b, "<g shape-rendering=\"crispEdges\">\n");
    for (int level = 0; level < 64; level++) {
        if (c->shapes[level].n)
            text_buffer_format(k->b, "<path class=\"%c%d\" fill=\"#%06x\" d=\"%s\"/>\n",
                               c->has_signs ? 'h' : 's', level, level_rgb(map, level),
                               c->shapes[level].text);
        text_buffer_dispose(&c->shapes[level]);
    }
    if (c->none.n)
        text_buffer_format(k->b, "<path fill=\"url(#none)\" d=\"%s\"/>\n", c->none.text);
    text_buffer_dispose(&c->none);
    text_buffer_puts(k->b, "</g>\n");
    k->used[c->has_signs] = true;
}

void ink_open_numbers(struct ink *k) {
    text_buffer_format(k->b, "<g font-family=\"%s\" font-size=\"%d\" text-anchor=\"middle\">\n",
                       faces[INK_NUMBER].family, faces[INK_NUMBER].size);
}

void ink_close_numbers(struct ink *k) {
    text_buffer_puts(k->b, "</g>\n");
}

void ink_number(struct ink *k, bool has_signs, float part, int x, int y, const char *text) {
    const struct colour_map *map = heat_map(has_signs, k->map, k->theme);
    const int level = colour_map_level(map, part);
    text_buffer_format(k->b, "<text class=\"%c%d\" x=\"%d\" y=\"%d\" fill=\"#%s\">%s</text>\n",
                       has_signs ? 'u' : 'v', level, x, y,
                       colour_wants_dark_text(level_rgb(map, level)) ? "000" : "fff", text);
}

/* --- the document --- */

static void put_map_rules(struct text_buffer *b, const struct colour_map *map, bool has_signs) {
    for (int level = 0; level < 64; level++) {
        const uint32_t rgb = level_rgb(map, level);
        text_buffer_format(b, ".%c%d{fill:#%06x}.%c%d{fill:#%s}", has_signs ? 'h' : 's', level, rgb,
                           has_signs ? 'u' : 'v', level,
                           colour_wants_dark_text(rgb) ? "000" : "fff");
    }
}

/* What is other where the viewer is dark. */
static void put_dark_rules(struct text_buffer *b, const struct ink *k) {
    const struct theme *dark = theme_find("dark");
    text_buffer_puts(b, "<style>@media (prefers-color-scheme:dark){");
    for (int role = 0; role < INK_COUNT; role++)
        text_buffer_format(b, ".%c{fill:#%06x}", role_letters[role], roles[1][role]);
    text_buffer_format(b, ".r{stroke:#%06x}", roles[1][INK_LINE]);
    for (int signs = 0; signs < 2; signs++)
        if (k->used[signs] && heat_map(signs, k->map, dark) != heat_map(signs, k->map, k->theme))
            put_map_rules(b, heat_map(signs, k->map, dark), signs);
    text_buffer_puts(b, "}</style>\n");
}

static void put_element(struct text_buffer *b, const char *name, const char *text) {
    text_buffer_format(b, "<%s>", name);
    html_text(b, text, strlen(text), false);
    text_buffer_format(b, "</%s>\n", name);
}

void ink_document(struct text_buffer *b, const struct ink *k, bool follows, const char *title,
                  const char *description) {
    const uint32_t *fills = roles[k->theme->dark];
    text_buffer_format(b,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                       "viewBox=\"0 0 %d %d\" xml:space=\"preserve\" role=\"img\">\n",
                       k->width, k->height, k->width, k->height);
    put_element(b, "title", title);
    put_element(b, "desc", description);
    if (follows)
        put_dark_rules(b, k);
    text_buffer_format(b,
                       "<defs><pattern id=\"none\" width=\"6\" height=\"6\" "
                       "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
                       "<path class=\"r\" d=\"M0 0V6\" stroke=\"#%06x\" stroke-width=\"2\"/>"
                       "</pattern></defs>\n"
                       "<rect class=\"p\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                       fills[INK_LINE], k->width, k->height, fills[INK_PAGE]);
    text_buffer_add(b, k->b->text ? k->b->text : "", k->b->n);
    text_buffer_puts(b, "</svg>\n");
}
