#include "views/widgets/chart.h"

#include "backend/base/clamp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABEL_COLUMNS 7 /* "0.703┤" */

void chart_fit(double *low, double *high, const struct chart *c) {
    for (size_t i = 0; i < c->n; i++) {
        const double spread = c->deviation && !isnan(c->deviation[i]) ? c->deviation[i] : 0,
                     other = c->other ? c->other[i] : NAN;
        *low = fmin(*low, fmin(c->line[i], other - spread));
        *high = fmax(*high, fmax(c->line[i], other + spread));
    }
}

/* A line's value at a part of the way; NaN where a neighbour is none. */
static double value_at(const double *y, size_t n, double part) {
    const double at = part * (double)(n - 1);
    const size_t i = (size_t)fmin(floor(at), (double)(n - 2));
    const double t = at - (double)i;
    if (t <= 0)
        return y[i];
    return t >= 1 ? y[i + 1] : y[i] + t * (y[i + 1] - y[i]);
}

/* Steps from the top of `n` that a value lies at. */
static int64_t step_of(const struct chart *c, double value, int64_t n) {
    const double part = c->high > c->low ? (value - c->low) / (c->high - c->low) : 0.5;
    return clamped((int64_t)lround((1 - part) * (double)(n - 1)), 0, n - 1);
}

/* --- the dashes and the band --- */

static void draw_other(struct grid *g, struct area plot, const struct chart *c) {
    for (int column = 0; column < plot.columns; column++) {
        const double part = plot.columns > 1 ? (double)column / (plot.columns - 1) : 0,
                     y = value_at(c->other, c->n, part),
                     spread = c->deviation ? value_at(c->deviation, c->n, part) : NAN;
        if (isnan(y))
            continue;
        if (!isnan(spread)) {
            const int64_t bottom = step_of(c, y - spread, plot.rows);
            for (int64_t row = step_of(c, y + spread, plot.rows); row <= bottom; row++)
                grid_put(g, plot, (int)row, column, STYLE_DIM, "░");
        }
        grid_put(g, plot, (int)step_of(c, y, plot.rows), column, STYLE_NOTICE, "─");
    }
}

/* --- the line: two dots a column, four a row --- */

static void put_dot(struct grid *g, struct area plot, int64_t x, int64_t y) {
    static const unsigned char bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const int row = (int)(y / 4), column = (int)(x / 2);
    const struct cell *c = grid_at(g, plot.row + row, plot.column + column);
    unsigned char dots = bits[y % 4][x % 2];
    char text[4] = "";
    if (!c)
        return;
    if ((unsigned char)c->text[0] == 0xE2 && ((unsigned char)c->text[1] & 0xFC) == 0xA0)
        dots |= (unsigned char)(((unsigned char)c->text[1] & 0x03) << 6 |
                                ((unsigned char)c->text[2] & 0x3F));
    text[0] = (char)0xE2; /* U+2800 and the dots */
    text[1] = (char)(0xA0 | dots >> 6);
    text[2] = (char)(0x80 | (dots & 0x3F));
    grid_put(g, plot, row, column, STYLE_STRONG, text);
}

/* Each column of dots up to where the one before it ended, so that no jump leaves a hole. */
static void draw_line(struct grid *g, struct area plot, const struct chart *c) {
    const int64_t columns = 2 * (int64_t)plot.columns, rows = 4 * (int64_t)plot.rows;
    int64_t before = -1;
    for (int64_t x = 0; x < columns; x++) {
        const double y = value_at(c->line, c->n, (double)x / (double)(columns - 1));
        if (isnan(y)) {
            before = -1;
            continue;
        }
        const int64_t at = step_of(c, y, rows), from = before < 0 ? at : before,
                      step = at < from ? -1 : 1;
        for (int64_t dot = from == at ? at : from + step; dot != at; dot += step)
            put_dot(g, plot, x, dot);
        put_dot(g, plot, x, at);
        before = at;
    }
}

/* --- axes --- */

static void number(char *out, size_t n_out, double value) {
    const double size = fabs(value);
    const int decimals = size < 9.9995 ? 3 : 1;
    if (size < 9999.5)
        snprintf(out, n_out, "%.*f", decimals, value);
    else
        snprintf(out, n_out, "%.0e", value);
}

static void draw_axes(struct grid *g, struct area a, struct area plot, const struct chart *c) {
    const struct area left = {plot.row, a.column, plot.rows, LABEL_COLUMNS},
                      below = {plot.row + plot.rows, a.column, 2, a.columns};
    char text[32];
    for (int row = 0; row < plot.rows; row++) {
        const bool top = row == 0, bottom = row == plot.rows - 1;
        if (top || bottom) {
            number(text, sizeof text, top ? c->high : c->low);
            grid_put_fit(g, left, row, 0, LABEL_COLUMNS - 1, STYLE_DIM, text, true);
        }
        grid_put(g, left, row, LABEL_COLUMNS - 1, STYLE_DIM, top || bottom ? "┤" : "│");
    }
    grid_put(g, below, 0, LABEL_COLUMNS - 1, STYLE_DIM, "╰");
    for (int column = 0; column < plot.columns; column++)
        grid_put(g, below, 0, LABEL_COLUMNS + column, STYLE_DIM,
                 column == plot.columns / 2 ? "┴" : "─");
    grid_put(g, below, 1, LABEL_COLUMNS, STYLE_DIM, c->ends[0]);
    const int end = (int)strlen(c->ends[1]);
    grid_put_fit(g, below, 1, a.columns - end, end, STYLE_DIM, c->ends[1], true);
}

void chart_draw(struct grid *g, struct area a, const struct chart *c) {
    struct area plot = a;
    const struct area title = area_take_top(&plot, 1);
    area_take_bottom(&plot, 2);
    area_take_left(&plot, LABEL_COLUMNS);
    grid_put_fit(g, title, 0, 0, title.columns, STYLE_TEXT, c->title, false);
    if (plot.rows < 2 || plot.columns < 4 || c->n < 2)
        return;
    draw_axes(g, a, plot, c);
    if (c->other)
        draw_other(g, plot, c);
    draw_line(g, plot, c);
}
