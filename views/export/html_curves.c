#include "views/export/html_curves.h"

#include "methods/result/curves.h"
#include "views/export/html_details.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT = 56, TOP = 26, WIDTH = 300, HEIGHT = 150, BELOW = 40, RIGHT = 16 };

/* One of the two pictures. */
struct picture {
    const struct curves_measure *m;
    size_t n;
    double low, high; /* of the axis */
};

static double across(const struct picture *p, size_t i) {
    return LEFT + WIDTH * (double)i / (double)(p->n - 1);
}

static double down(const struct picture *p, double value) {
    return TOP + HEIGHT * (p->high - value) / (p->high - p->low);
}

static void widen(struct picture *p, double value) {
    if (!isfinite(value))
        return;
    p->low = fmin(p->low, value);
    p->high = fmax(p->high, value);
}

/* Of a random order's deviation; 0 where it is not known. */
static double deviation_at(const struct picture *p, size_t i) {
    return p->m->deviation && isfinite(p->m->deviation[i]) ? p->m->deviation[i] : 0;
}

static void widen_by(struct picture *p, const struct curves_measure *m) {
    const struct picture own = {.m = m};
    for (size_t i = 0; m->curve && i < p->n; i++) {
        widen(p, m->curve[i]);
        if (!m->mean)
            continue;
        widen(p, m->mean[i] - deviation_at(&own, i));
        widen(p, m->mean[i] + deviation_at(&own, i));
    }
}

/* Of both, so that they can be compared; 0 is between, or at an end. */
static struct picture scale_of(const struct curves *c) {
    struct picture scale = {.n = c->n};
    widen_by(&scale, &c->comprehensiveness);
    widen_by(&scale, &c->sufficiency);
    if (scale.low == scale.high)
        scale.high = 1;
    return scale;
}

/* A line through the points that are numbers. */
static void put_line(struct text_buffer *b, const struct picture *p, const char *class,
                     const double *values) {
    bool pen = false;
    text_buffer_format(b, "<path class=%s d=\"", class);
    for (size_t i = 0; i < p->n; i++) {
        const bool there = isfinite(values[i]);
        if (there)
            text_buffer_format(b, "%s%.1f %.1f", pen ? "L" : "M", across(p, i), down(p, values[i]));
        pen = there;
    }
    text_buffer_puts(b, "\"/>");
}

static bool all_finite(const double *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static void put_band(struct text_buffer *b, const struct picture *p) {
    const struct curves_measure *m = p->m;
    if (!m->deviation || !all_finite(m->mean, p->n))
        return;
    text_buffer_puts(b, "<path class=band d=\"");
    for (size_t i = 0; i < p->n; i++)
        text_buffer_format(b, "%s%.1f %.1f", i ? "L" : "M", across(p, i),
                           down(p, m->mean[i] + deviation_at(p, i)));
    for (size_t i = p->n; i-- > 0;)
        text_buffer_format(b, "L%.1f %.1f", across(p, i), down(p, m->mean[i] - deviation_at(p, i)));
    text_buffer_puts(b, "Z\"/>");
}

static void put_axes(struct text_buffer *b, const struct picture *p, const char *order) {
    const int bottom = TOP + HEIGHT;
    text_buffer_format(b, "<path class=axis d=\"M%d %dV%dH%d\"/>", LEFT, TOP, bottom, LEFT + WIDTH);
    text_buffer_format(b, "<text class=end x=%d y=%d>%.3g</text>", LEFT - 6, TOP + 9, p->high);
    text_buffer_format(b, "<text class=end x=%d y=%d>%.3g</text>", LEFT - 6, bottom, p->low);
    text_buffer_format(b, "<text x=%d y=%d>0 %%</text>", LEFT, bottom + 14);
    text_buffer_format(b, "<text class=end x=%d y=%d>100 %%</text>", LEFT + WIDTH, bottom + 14);
    text_buffer_format(b, "<text class=middle x=%d y=%d>tokens taken away, %s scores first</text>",
                       LEFT + WIDTH / 2, bottom + 30, order);
}

/* "comprehensiveness 0.7, random orders 0.4", as far as it was measured. */
static void put_numbers(struct text_buffer *b, const char *name, const struct curves_measure *m) {
    text_buffer_puts(b, name);
    if (isfinite(m->value))
        text_buffer_format(b, " %.3g", m->value);
    if (isfinite(m->random))
        text_buffer_format(b, ", random orders %.3g", m->random);
}

static void put_picture(struct text_buffer *b, const struct picture *scale,
                        const struct curves_measure *m, const char *name, const char *order) {
    struct picture p = *scale;
    const int width = LEFT + WIDTH + RIGHT, height = TOP + HEIGHT + BELOW;
    p.m = m;
    if (!m->curve)
        return;
    text_buffer_format(b, "<svg width=%d height=%d viewBox=\"0 0 %d %d\" role=img aria-label=\"",
                       width, height, width, height);
    put_numbers(b, name, m);
    text_buffer_format(b, "\"><text class=name x=%d y=14>", LEFT);
    put_numbers(b, name, m);
    text_buffer_puts(b, "</text>");
    if (m->mean) {
        put_band(b, &p);
        put_line(b, &p, "random", m->mean);
    }
    put_axes(b, &p, order);
    put_line(b, &p, "own", m->curve);
    text_buffer_puts(b, "</svg>\n");
}

static void put_verdict(struct text_buffer *b, const struct curves *c) {
    char *verdict = curves_verdict_text(c);
    text_buffer_puts(b, "<p class=verdict>");
    if (c->method) {
        html_text(b, c->method, strlen(c->method), false);
        text_buffer_puts(b, ": ");
    }
    html_text(b, verdict, strlen(verdict), false);
    text_buffer_puts(b, "</p>\n");
    free(verdict);
}

static void put_legend(struct text_buffer *b, const struct curves *c) {
    const char *what = c->function ? c->function : "what is attributed";
    text_buffer_puts(b, "<p class=note><span class=own>━</span> ");
    html_text(b, what, strlen(what), false);
    text_buffer_puts(b, " as tokens are taken away in the order of the scores");
    if (c->n_random)
        text_buffer_format(b, "; <span class=random>┅</span> in random order, mean of %lld",
                           (long long)c->n_random);
    if (c->n_random > 1)
        text_buffer_puts(b, " with a deviation either way");
    text_buffer_puts(b, ".</p>\n");
}

void html_curves(struct text_buffer *b, const char *json) {
    struct curves c = {0};
    if (!curves_read(&c, json))
        return;
    text_buffer_puts(b, "<div class=curves><h3>faithfulness</h3>\n");
    put_verdict(b, &c);
    const struct picture scale = scale_of(&c);
    if (isfinite(scale.high - scale.low)) {
        text_buffer_puts(b, "<div class=\"plot pictures\">");
        put_picture(b, &scale, &c.comprehensiveness, "comprehensiveness", "highest");
        put_picture(b, &scale, &c.sufficiency, "sufficiency", "lowest");
        text_buffer_puts(b, "</div>\n");
    } else {
        text_buffer_puts(b, "<p class=note>Numbers too far apart for a picture.</p>\n");
    }
    put_legend(b, &c);
    text_buffer_puts(b, "</div>\n");
    curves_dispose(&c);
}
