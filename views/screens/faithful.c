#include "views/screens/faithful.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The verdict, a chart's title, axis and its ends, the legend. */
#define ROWS_BESIDE_PLOT 5
#define LEAST_PLOT 4
#define MOST_PLOT 14
#define GAP 2 /* columns between the charts */

int faithful_rows(int rows) {
    if (rows < ROWS_BESIDE_PLOT + LEAST_PLOT)
        return 0;
    return rows < ROWS_BESIDE_PLOT + MOST_PLOT ? rows : ROWS_BESIDE_PLOT + MOST_PLOT;
}

static const char *const verdicts[] = {[CURVES_UNKNOWN] = "",
                                       [CURVES_BETTER] = "better",
                                       [CURVES_EVEN] = "no better",
                                       [CURVES_WORSE] = "worse"};

/* By how much it differs from random orders, or what it is where there are none. */
static char *title_of(const char *name, const struct curves_measure *m) {
    const bool known = m->verdict != CURVES_UNKNOWN;
    char number[24];
    curves_number(number, sizeof number, known ? m->value - m->random : m->value, known);
    return known ? mem_format("%s %s: %s", name, number, verdicts[m->verdict])
                 : mem_format("%s %s", name, number);
}

static struct chart chart_of(const struct curves_measure *m, size_t n, const char *title,
                             const char *order) {
    const bool random = m->mean && !isnan(m->mean[0]);
    return (struct chart){.title = title,
                          .ends = {order, "100 %"},
                          .n = n,
                          .line = m->curve,
                          .other = random ? m->mean : NULL,
                          .deviation = random ? m->deviation : NULL};
}

/* "⠒⠒ saliency   ── mean of 5 random orders   ░░ their deviation" */
static void draw_legend(struct grid *g, struct area line, const struct curves *c) {
    char *method = text_clean(c->method ? c->method : "the scores");
    int at = grid_put(g, line, 0, 0, STYLE_STRONG, "⠒⠒ ");
    at += grid_put(g, line, 0, at, STYLE_TEXT, method);
    if (c->n_random > 0) {
        at += grid_put(g, line, 0, at + 3, STYLE_NOTICE, "── ") + 3;
        at += grid_format(g, line, 0, at, STYLE_TEXT, "mean of %lld random order%s",
                          (long long)c->n_random, c->n_random == 1 ? "" : "s");
    }
    if (c->n_random > 1) {
        at += grid_put(g, line, 0, at + 3, STYLE_DIM, "░░ ") + 3;
        grid_put(g, line, 0, at, STYLE_TEXT, "their deviation");
    }
    free(method);
}

static enum style_role verdict_role(enum curves_verdict verdict) {
    static const enum style_role roles[] = {[CURVES_UNKNOWN] = STYLE_TEXT,
                                            [CURVES_BETTER] = STYLE_STATUS,
                                            [CURVES_EVEN] = STYLE_WARNING,
                                            [CURVES_WORSE] = STYLE_ERROR};
    return roles[verdict];
}

static void draw_verdict(struct grid *g, struct area line, const struct curves *c) {
    char *verdict = curves_verdict_text(c), *text = mem_text(verdict);
    if (*text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    grid_put_fit(g, line, 0, 0, line.columns, verdict_role(c->overall.verdict), text, false);
    free(verdict);
    free(text);
}

void faithful_draw(struct grid *g, struct area a, const struct curves *c) {
    const struct area verdict = area_take_top(&a, 1), legend = area_take_bottom(&a, 1);
    struct area right = a, left = area_take_left(&right, (a.columns - GAP) / 2);
    area_take_left(&right, GAP);
    char *titles[2] = {title_of("comprehensiveness", &c->comprehensiveness),
                       title_of("sufficiency", &c->sufficiency)};
    const bool narrow = left.columns < 35;
    struct chart charts[2] = {chart_of(&c->comprehensiveness, c->n, titles[0],
                                       narrow ? "highest first" : "highest removed first"),
                              chart_of(&c->sufficiency, c->n, titles[1],
                                       narrow ? "lowest first" : "lowest removed first")};
    double low = NAN, high = NAN; /* one axis for both, from zero where nothing is negative */
    chart_fit(&low, &high, &charts[0]);
    chart_fit(&low, &high, &charts[1]);
    const bool above = fmin(charts[0].line[0], charts[0].line[c->n - 1]) >= 0;
    for (size_t i = 0; i < 2; i++) {
        charts[i].low = above ? 0 : low;
        charts[i].high = high;
    }
    draw_verdict(g, verdict, c);
    chart_draw(g, left, &charts[0]);
    chart_draw(g, right, &charts[1]);
    draw_legend(g, legend, c);
    free(titles[0]);
    free(titles[1]);
}

/* --- lines to read --- */

static void write_measure(struct text_buffer *b, const char *name, const struct curves_measure *m) {
    char texts[5][24];
    const double numbers[] = {m->value, m->random, m->value - m->random, m->low, m->high};
    for (size_t i = 0; i < 5; i++)
        curves_number(texts[i], sizeof texts[i], numbers[i], i > 1);
    text_buffer_format(b, "%-17s%8s%8s%8s", name, texts[0], texts[1], texts[2]);
    if (!isnan(m->low))
        text_buffer_format(b, "  %7s to %-7s %s", texts[3], texts[4], verdicts[m->verdict]);
    text_buffer_puts(b, "\n");
}

/* Of all points, at most nine; the i-th of those. */
static size_t shown_points(const struct curves *c) {
    return c->n < 9 ? c->n : 9;
}

static size_t shown_point(const struct curves *c, size_t i) {
    return i * (c->n - 1) / (shown_points(c) - 1);
}

static void write_points(struct text_buffer *b, const char *name, const double *y,
                         const struct curves *c) {
    char text[24];
    text_buffer_format(b, "%-8s", name);
    for (size_t i = 0; i < shown_points(c); i++) {
        curves_number(text, sizeof text, y[shown_point(c, i)], false);
        text_buffer_format(b, "%7s", text);
    }
    text_buffer_puts(b, "\n");
}

static void write_curves(struct text_buffer *b, const struct curves *c, const char *title,
                         const struct curves_measure *m) {
    text_buffer_format(b, "\n%s\n%-8s", title, "removed");
    for (size_t i = 0; i < shown_points(c); i++)
        text_buffer_format(b, "%6.0f%%", 100 * (double)shown_point(c, i) / (double)(c->n - 1));
    text_buffer_puts(b, "\n");
    write_points(b, "scores", m->curve, c);
    if (m->mean)
        write_points(b, "random", m->mean, c);
    if (m->deviation)
        write_points(b, "  +-", m->deviation, c);
}

char *faithful_lines(const struct curves *c) {
    struct text_buffer b = {0};
    char *function = text_clean(c->function ? c->function : "the function");
    text_buffer_format(&b, "%17s%8s%8s%8s  95 %% by chance\n", "", "scores", "random", "differ.");
    write_measure(&b, "comprehensiveness", &c->comprehensiveness);
    write_measure(&b, "sufficiency", &c->sufficiency);
    write_measure(&b, "their difference", &c->overall);
    text_buffer_format(&b,
                       "Of %s, means over %lld column%s.\n"
                       "Comprehensiveness: how far it falls when the tokens of the highest\n"
                       "scores are taken away; high is faithful. Sufficiency: how far it falls\n"
                       "when only they are left; low is faithful. The interval is where one\n"
                       "more random order would lie, on this text.\n",
                       function, (long long)c->n_columns, c->n_columns == 1 ? "" : "s");
    write_curves(&b, c, "Tokens of the highest scores taken away first", &c->comprehensiveness);
    write_curves(&b, c, "Tokens of the lowest scores taken away first", &c->sufficiency);
    free(function);
    return text_buffer_take(&b);
}
