#include "views/export/html_plot.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/export/html_details.h"

#include <math.h>
#include <string.h>

enum {
    LEFT = 56, /* of numbers at the axis */
    TOP = 22,  /* of its name */
    WIDEST = 30,
    MOST_NAME = 400,
    LABELLED = 14, /* a bar at least this wide has its token below */
    TITLED = 60,   /* so few bars say their number when they are pointed at */
    BARS = 64,     /* height of a picture's bars, of the tokens below */
    TOKENS = 62
};

/* A text's pictures. */
struct plots {
    const struct attribution_sequence *s;
    int64_t columns;
    int bar; /* width of a bar with its gap */
};

/* One of them. */
struct plot {
    const char *name;
    const float *values;
    double low, high; /* of the axis, with 0 between or at an end */
};

static const char *token_of(const struct plots *p, int64_t g) {
    return p->s->target.items[p->s->attr_pos_start + g].printable;
}

static void put_escaped(struct text_buffer *b, const char *text) {
    html_text(b, text, strlen(text), false);
}

static void find_range(struct plot *one, int64_t n) {
    one->low = one->high = 0;
    for (int64_t g = 0; g < n; g++) {
        if (!isfinite(one->values[g]))
            continue;
        one->low = fmin(one->low, (double)one->values[g]);
        one->high = fmax(one->high, (double)one->values[g]);
    }
    if (one->low == one->high)
        one->high = 1;
}

static double height_of(const struct plot *one, double value) {
    return TOP + BARS * (one->high - value) / (one->high - one->low);
}

/* A number that is not finite reaches to its end of the picture. */
static double held(const struct plot *one, float value) {
    if (isinf(value))
        return value > 0 ? one->high : one->low;
    return value;
}

static void put_bar(struct text_buffer *b, const struct plots *p, const struct plot *one,
                    int64_t g) {
    const float value = one->values[g];
    if (isnan(value))
        return;
    const double to = height_of(one, held(one, value)), zero = height_of(one, 0);
    const int width = p->bar > 4 ? p->bar - 2 : p->bar;
    text_buffer_format(b, "<rect x=%lld y=%.1f width=%d height=%.1f>",
                       (long long)(LEFT + g * p->bar), fmin(to, zero), width,
                       fmax(fabs(to - zero), 1));
    if (p->columns <= TITLED) {
        text_buffer_puts(b, "<title>");
        put_escaped(b, token_of(p, g));
        text_buffer_format(b, ": %.4g</title>", (double)value);
    }
    text_buffer_puts(b, "</rect>");
}

static void put_axis(struct text_buffer *b, const struct plots *p, const struct plot *one) {
    const double zero = height_of(one, 0);
    const long long right = (long long)(LEFT + p->columns * p->bar);
    text_buffer_format(b, "<text class=end x=%d y=%d>%.3g</text>", LEFT - 6, TOP + 9, one->high);
    if (one->low < 0)
        text_buffer_format(b, "<text class=end x=%d y=%d>%.3g</text>", LEFT - 6, TOP + BARS,
                           one->low);
    text_buffer_format(b, "<path class=axis d=\"M%d %.1fH%lld\"/>", LEFT, zero, right);
}

static void put_plot(struct text_buffer *b, const struct plots *p, const struct plot *one) {
    text_buffer_format(b, "<text class=name x=%d y=%d>", LEFT, TOP - 7);
    put_escaped(b, one->name);
    text_buffer_puts(b, "</text>");
    put_axis(b, p, one);
    text_buffer_puts(b, "<g class=bars>");
    for (int64_t g = 0; g < p->columns; g++)
        put_bar(b, p, one, g);
    text_buffer_puts(b, "</g>\n");
}

static void put_tokens(struct text_buffer *b, const struct plots *p) {
    for (int64_t g = 0; g < p->columns; g++) {
        char fitted[64];
        const long long x = (long long)(LEFT + g * p->bar + p->bar / 2);
        text_fit(fitted, sizeof fitted, token_of(p, g), 10, false);
        text_buffer_format(b, "<text class=token transform=\"translate(%lld %d)rotate(-45)\">", x,
                           TOP + BARS + 12);
        put_escaped(b, fitted);
        text_buffer_puts(b, "</text>");
    }
}

/* What the picture says to those who do not see it; the numbers are in the table. */
static void put_label(struct text_buffer *b, const struct plots *p, const struct plot *one) {
    put_escaped(b, one->name);
    text_buffer_format(b, " of %lld generated tokens, on a scale from %.3g to %.3g",
                       (long long)p->columns, one->low, one->high);
}

/* As wide as its bars and its name. */
static int width_of(const struct plots *p, const struct plot *one) {
    const int bars = (int)p->columns * p->bar + 24, name = 8 * text_columns(one->name);
    return LEFT + (int)clamped(name, bars, MOST_NAME);
}

static void put_picture(struct text_buffer *b, const struct plots *p, const struct plot *one) {
    const bool labelled = p->bar >= LABELLED;
    const int width = width_of(p, one), height = TOP + BARS + (labelled ? TOKENS : 6);
    text_buffer_format(b, "<svg width=%d height=%d viewBox=\"0 0 %d %d\" role=img aria-label=\"",
                       width, height, width, height);
    put_label(b, p, one);
    text_buffer_puts(b, "\">\n");
    put_plot(b, p, one);
    if (labelled)
        put_tokens(b, p);
    text_buffer_puts(b, "</svg>\n");
}

void html_plots(struct text_buffer *b, const struct attribution_sequence *s, int64_t columns) {
    const struct plots p = {s, columns, (int)clamped(720 / (columns + 1), 3, WIDEST)};
    if (s->n_step_scores == 0 || columns < 2)
        return;
    text_buffer_puts(b, "<h3>step scores by token</h3>\n<div class=\"plot pictures\">");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        struct plot one = {.name = s->step_scores[i].name, .values = s->step_scores[i].scores.data};
        find_range(&one, columns);
        put_picture(b, &p, &one);
    }
    text_buffer_puts(b, "</div>\n");
}
