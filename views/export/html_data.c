#include "views/export/html_data.h"

#include "backend/base/base64.h"
#include "views/export/html.h"

#include <math.h>
#include <stdlib.h>

/* The nearest half float, which has 11 significant bits. */
static uint16_t half_of(float value) {
    union {
        float f;
        uint32_t u;
    } bits = {.f = value}, scaled = {.f = fabsf(value)};
    const uint16_t sign = (uint16_t)(bits.u >> 16 & 0x8000);
    if (isnan(value))
        return 0x7E00;
    if (scaled.f >= 65520)
        return sign | 0x7C00;
    if (scaled.f < 6.1035156e-5f) /* subnormal: multiples of 2^-24 */
        return (uint16_t)(sign | (uint16_t)lroundf(scaled.f * 16777216));
    return (uint16_t)(sign |
                      (uint16_t)((scaled.u - (112u << 23) + 0xFFF + (scaled.u >> 13 & 1)) >> 13));
}

static void add_row(struct text_buffer *data, const float *row, int64_t n, bool half) {
    if (!half)
        text_buffer_add(data, (const char *)row, (size_t)n * sizeof *row);
    for (int64_t i = 0; half && i < n; i++) {
        const uint16_t h = half_of(row[i]);
        text_buffer_add(data, (const char *)&h, sizeof h);
    }
}

/* The shown rows and columns of both sides, one after the other, each cell with its trailing
 * scores: what the script indexes. */
static void put_floats(struct text_buffer *b, const struct attribution_sequence *s,
                       const struct html_part *p, int64_t cell, bool half) {
    struct text_buffer data = {0};
    for (int side = 0; side < 2; side++)
        for (int64_t r = 0; r < p->rows[side]; r++)
            add_row(&data, html_side(s, side)->data + r * p->steps * cell, p->columns * cell, half);
    base64_add(b, data.text, data.n);
    text_buffer_dispose(&data);
}

void html_scores(struct text_buffer *b, const struct html_part *p) {
    text_buffer_puts(b, "<script class=data type=\"text/plain\">");
    put_floats(b, p->flat, p, 1, false);
    text_buffer_puts(b, "</script>\n");
}

void html_raw(struct text_buffer *b, const struct html_part *p, int64_t *left) {
    const struct scores *any = html_side(p->raw, p->rows[0] ? 0 : 1);
    if (p->raw->class == ATTRIBUTION_GRANULAR || !any->data || any->n_dims < 3 || any->n_dims > 4)
        return;
    const int64_t cell = scores_cell(any), count = html_cells(p) * cell;
    if (count > *left || !html_is_whole(p)) {
        text_buffer_puts(b, "<p class=note>Too many layer and head scores for a page: open "
                            "the saved JSON in tinseq to look at each.</p>\n");
        return;
    }
    const bool half = count > HTML_MAX_RAW / 4;
    *left -= count;
    text_buffer_format(b, "<script class=raw type=\"text/plain\" data-half=%d>", half);
    put_floats(b, p->raw, p, cell, half);
    text_buffer_puts(b, "</script>\n");
}
