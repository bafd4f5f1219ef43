#include "views/export/html_still.h"

#include "backend/base/base64.h"
#include "views/export/html_colours.h"
#include "views/export/html_details.h"
#include "views/export/html_table.h"
#include "views/export/indexed_png.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_SCORE HTML_LEVELS /* the level of what is no number */

static uint8_t *pixels_of(const struct html_part *p, int side) {
    const float *data = html_side(p->flat, side)->data;
    uint8_t *pixels = mem_alloc((size_t)(p->rows[side] * p->columns));
    for (int64_t r = 0; r < p->rows[side]; r++)
        for (int64_t g = 0; g < p->columns; g++) {
            const float value = data[r * p->steps + g];
            pixels[r * p->columns + g] = isnan(value) ? NO_SCORE : (uint8_t)html_level(p, value);
        }
    return pixels;
}

/* "data:image/png;base64,…" */
static enum err_code put_address(struct text_buffer *b, const struct html_part *p, int side,
                                 const uint8_t *pixels, const struct colour_map *map,
                                 struct err *e) {
    uint8_t palette[HTML_LEVELS + 1][3] = {{0}};
    struct text_buffer png = {0};
    memcpy(palette, map->rgb, sizeof map->rgb);
    const enum err_code code = indexed_png(&png, pixels, (uint32_t)p->columns,
                                           (uint32_t)p->rows[side], palette, NO_SCORE + 1, e);
    if (!code) {
        text_buffer_puts(b, "\"data:image/png;base64,");
        base64_add(b, png.text, png.n);
        text_buffer_puts(b, "\"");
    }
    text_buffer_dispose(&png);
    return code;
}

static enum err_code put_picture(struct text_buffer *b, const struct html_part *p, int side,
                                 const struct colour_map *given, struct err *e) {
    const struct colour_map *light = html_map(p, given, false), *dark = html_map(p, given, true);
    uint8_t *pixels = pixels_of(p, side);
    enum err_code code = ERR_OK;
    text_buffer_puts(b, "<div class=frame><picture>");
    if (dark != light) {
        text_buffer_puts(b, "<source media=\"screen and (prefers-color-scheme:dark)\" srcset=");
        code = put_address(b, p, side, pixels, dark, e);
        text_buffer_puts(b, ">");
    }
    if (code)
        goto out;
    text_buffer_format(b,
                       "<img width=%lld height=%lld alt=\"The map: %lld rows, %lld columns\" src=",
                       (long long)p->columns * 4, (long long)p->rows[side] * 4,
                       (long long)p->rows[side], (long long)p->columns);
    code = put_address(b, p, side, pixels, light, e);
    text_buffer_puts(b, "></picture></div>\n");
out:
    free(pixels);
    return code;
}

static void put_tokens(struct text_buffer *b, const char *what, const struct token *tokens,
                       int64_t n) {
    text_buffer_format(b, "<details><summary>The %lld %s</summary><pre class=tokens>", (long long)n,
                       what);
    for (int64_t i = 0; i < n; i++) {
        text_buffer_format(b, "%lld\t", (long long)i + 1);
        html_text(b, tokens[i].printable, strlen(tokens[i].printable), false);
        text_buffer_puts(b, "\n");
    }
    text_buffer_puts(b, "</pre></details>\n");
}

enum err_code html_still(struct text_buffer *b, const struct html_part *p,
                         const struct colour_map *given, struct err *e) {
    const struct attribution_sequence *s = p->flat;
    enum err_code code = ERR_OK;
    text_buffer_puts(b, "<div class=still>\n");
    for (int side = 0; side < 2 && !code; side++) {
        if (p->rows[side] < 1)
            continue;
        const char *title = attribution_map_of(s, side == 1);
        text_buffer_puts(b, "<h3>");
        html_text(b, title, strlen(title), false);
        text_buffer_puts(b, "</h3>\n");
        code = put_picture(b, p, side, given, e);
        put_tokens(b, "rows, from the top", (side ? &s->target : &s->source)->items, p->rows[side]);
    }
    put_tokens(b, "columns, from the left", s->target.items + s->attr_pos_start, p->columns);
    text_buffer_format(b,
                       "<p class=note>A picture of %lld cells, one pixel each enlarged: as a "
                       "table they are too many for a page without script. Every number is in the "
                       "CSV: <code>tinseq show RESULT.json --export map.csv</code></p>\n</div>\n",
                       (long long)html_cells(p));
    return code;
}
