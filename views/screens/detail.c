#include "views/screens/detail.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/map_marks.h"
#include "views/widgets/bar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "+.42"; NaN is "none", or "nan" where a step should have a number. */
static void number(char *buf, size_t n, float v, bool sign, bool seen) {
    map_number(buf, n, v, 6, sign);
    if (isnan(v))
        snprintf(buf, n, "%s", seen ? "nan" : "none");
}

static char *quoted(const struct token *t) {
    return t ? mem_format("\"%s\"", t->printable) : mem_text("?");
}

/* The probability of column g's own token: the step score of that name, else the candidate with its
 * id or text. */
static float token_probability(const struct map *m, int64_t g) {
    const struct scores *s = attribution_find_step_scores(m->shown, "probability");
    const struct token *t = map_column_token(m, g);
    if (s && s->data && g < s->dims[0] && !isnan(s->data[g]))
        return s->data[g];
    const struct step_candidates *c = m->shown->candidates ? &m->shown->candidates[g] : NULL;
    for (size_t i = 0; c && t && i < c->n; i++)
        if (c->items[i].id == t->id ||
            (t->id < 0 && strcmp(c->items[i].printable, map_own_text(t)) == 0))
            return c->items[i].probability;
    return NAN;
}

static float foil_probability(const struct detail *d, int64_t g) {
    const struct step_candidates *c =
        d->map->shown->candidates ? &d->map->shown->candidates[g] : NULL;
    for (size_t i = 0; c && d->foil_id >= 0 && i < c->n; i++)
        if (c->items[i].id == d->foil_id)
            return c->items[i].probability;
    return NAN;
}

/* A share in percent; a column of zeros has none. Returns the columns used. */
static int put_share(struct grid *g, struct area a, int row, int column, const char *before,
                     const char *after, float share) {
    return isnan(share) ? grid_format(g, a, row, column, STYLE_TEXT, "%snone: all zero", before)
                        : grid_format(g, a, row, column, STYLE_TEXT, "%s%.0f%%%s", before,
                                      100 * (double)share, after);
}

/* The value against the largest of the map. */
static void draw_bar(struct grid *g, struct area a, int row, int column, int columns,
                     const struct map *m, float v) {
    const double share = m->magnitude > 0 && !isnan(v) ? (double)v / (double)m->magnitude : 0;
    const int n = columns - 7;
    if (n < 6)
        return;
    if (m->any_negative)
        bar_draw_signed(g, a, row, column, n, share, BAR_LINE);
    else
        bar_draw(g, a, row, column, n, share, STYLE_POSITIVE, BAR_LINE);
}

static bool is_own(const struct step_candidate *item, const struct token *own) {
    return own && (item->id == own->id ||
                   (own->id < 0 && strcmp(item->printable, map_own_text(own)) == 0));
}

static void draw_candidate(struct grid *g, struct area a, int row, const struct detail *d,
                           const struct step_candidate *item, bool own) {
    const bool foil = item->id == d->foil_id;
    const char *mark = foil ? "c" : " ";
    enum style_role role = foil ? STYLE_MARK_B : STYLE_TEXT;
    if (own) {
        mark = ">";
        role = STYLE_STRONG;
    }
    grid_put(g, a, row, 0, role, mark);
    grid_put_fit(g, a, row, 2, 16, role, item->printable, false);
    grid_format(g, a, row, 19, role, "%.3f", (double)item->probability);
    bar_draw(g, a, row, 25, a.columns - 26, (double)item->probability, STYLE_PROGRESS, BAR_BARE);
}

/* As many as there are rows for; what was written, and the foil, are always among them. */
static void draw_candidates(struct grid *g, struct area a, int row, const struct detail *d,
                            int64_t step) {
    const struct step_candidates *c =
        d->map->shown->candidates ? &d->map->shown->candidates[step] : NULL;
    const struct token *own = map_column_token(d->map, step);
    if (!c || c->n == 0 || row >= a.rows - 1)
        return;
    int at = grid_put(g, a, row, 0, STYLE_TITLE, "the model's candidates");
    if (d->hint)
        grid_put(g, a, row, at + 3, STYLE_TITLE, d->hint);
    row++;
    size_t pinned = 0; /* of those from i on */
    for (size_t i = 0; i < c->n; i++)
        pinned += is_own(&c->items[i], own) || c->items[i].id == d->foil_id;
    for (size_t i = 0; i < c->n && row < a.rows; i++) {
        const bool mine = is_own(&c->items[i], own), pin = mine || c->items[i].id == d->foil_id;
        if (!pin && (size_t)(a.rows - row) <= pinned)
            continue;
        draw_candidate(g, a, row++, d, &c->items[i], mine);
        pinned -= pin;
    }
}

/* Its tokens were joined; a contrast's name has an arrow. */
static bool is_merged(const struct token *t) {
    return t->id < 0 && !strstr(t->piece, " → ");
}

/* The functions that follow draw from row `at` on and return the row after. */
static int draw_row_token(struct grid *g, struct area a, int at, const struct map *m, size_t row) {
    const struct token *t = map_row_token(m, row);
    char *text = quoted(t);
    grid_format(g, a, at++, 0, STYLE_STRONG, "%s %lld  %s",
                m->rows[row].target ? "target" : "source", (long long)m->rows[row].index + 1, text);
    free(text);
    if (!t)
        return at;
    char *piece = text_sanitise(t->piece, strlen(t->piece), true);
    if (is_merged(t))
        grid_format(g, a, at++, 2, STYLE_DIM, "several tokens  %s", piece);
    else
        grid_format(g, a, at++, 2, STYLE_DIM, "id %d  piece %s", t->id, piece);
    free(piece);
    return at;
}

static int draw_column_token(struct grid *g, struct area a, int at, const struct detail *d) {
    const struct token *gen = map_column_token(d->map, d->map->column);
    char *text = quoted(gen);
    if (d->span)
        grid_format(g, a, at++, 0, STYLE_STRONG, "span %s", text);
    else
        grid_format(g, a, at++, 0, STYLE_STRONG, "generated %lld  %s",
                    (long long)d->map->column + 1, text);
    free(text);
    if (d->span)
        grid_format(g, a, at++, 2, STYLE_DIM, "positions %s over them", d->span);
    else if (gen && is_merged(gen))
        grid_put(g, a, at++, 2, STYLE_DIM, "several tokens");
    else if (gen)
        grid_format(g, a, at++, 2, STYLE_DIM, gen->id >= 0 ? "id %d" : "foil -> token", gen->id);
    return at;
}

static int draw_range(struct grid *g, struct area a, int at, const struct map *m) {
    size_t n_cells;
    char sum[32];
    if (!m->selecting)
        return at;
    number(sum, sizeof sum, map_selection_sum(m, &n_cells), m->any_negative, false);
    grid_format(g, a, at++, 0, STYLE_MARK_A, "range  %s over %zu cells", sum, n_cells);
    return at;
}

static int draw_values(struct grid *g, struct area a, int at, const struct map *m, size_t row) {
    const float v = map_value(m, row, m->column);
    char value[32], sum[32];
    number(value, sizeof value, v, m->any_negative, map_sees(m, row, m->column));
    grid_format(g, a, at++, 0, STYLE_TEXT, "value  %s%s", value,
                !map_column_done(m, m->column) && isnan(v) ? " (pending)" : "");
    if (!isnan(v)) {
        grid_format(g, a, at++, 0, STYLE_TEXT, "rank   %zu of %zu", map_rank(m, row, m->column),
                    m->n_rows);
        put_share(g, a, at++, 0, "share  ", " of the column", map_share(m, row, m->column));
    }
    number(sum, sizeof sum, m->rows[row].sum, m->any_negative, false);
    grid_format(g, a, at++, 0, STYLE_TEXT, "row    %s in all", sum);
    at = draw_range(g, a, at, m);
    draw_bar(g, a, at++, 0, a.columns, m, v);
    return at + 1;
}

/* What the rows of the fold under the cursor have together. */
static int draw_fold_values(struct grid *g, struct area a, int at, const struct map *m) {
    char sum[32];
    number(sum, sizeof sum, map_line_value(m, m->row, m->column), m->any_negative, false);
    grid_format(g, a, at++, 0, STYLE_TEXT, "value  %s together", sum);
    put_share(g, a, at++, 0, "share  ", " of the column", map_line_share(m, m->row, m->column));
    number(sum, sizeof sum, map_line_value(m, m->row, -1), m->any_negative, false);
    grid_format(g, a, at++, 0, STYLE_TEXT, "rows   %s in all", sum);
    return draw_range(g, a, at, m) + 1;
}

static void draw_long(struct grid *g, struct area a, const struct detail *d) {
    const struct map *m = d->map;
    const size_t row = map_cursor_row(m);
    char value[96];
    int at = 0;
    if (row < m->n_rows) {
        at = draw_row_token(g, a, at, m, row);
    } else if (map_on_fold(m)) {
        map_fold_text(value, sizeof value, m, m->row, a.columns);
        grid_put(g, a, at++, 0, STYLE_STRONG, value);
    }
    at = draw_column_token(g, a, at, d) + 1;
    if (row < m->n_rows)
        at = draw_values(g, a, at, m, row);
    else if (map_on_fold(m))
        at = draw_fold_values(g, a, at, m);
    for (size_t i = 0; i < m->shown->n_step_scores && at < a.rows; i++) {
        const struct named_scores *s = &m->shown->step_scores[i];
        if (!s->scores.data || m->column >= s->scores.dims[0])
            continue;
        char *name = text_sanitise(s->name, strlen(s->name), false);
        number(value, sizeof value, s->scores.data[m->column], s->scores.data[m->column] < 0,
               map_column_done(m, m->column));
        grid_put_fit(g, a, at, 0, a.columns - 9, STYLE_TEXT, name, false);
        grid_put_fit(g, a, at++, a.columns - 9, 8, STYLE_STRONG, value, true);
        free(name);
    }
    draw_candidates(g, a, at + 1, d, m->column);
}

/* Two or three lines: the value, the step, the candidates. */
static void draw_short(struct grid *g, struct area a, const struct detail *d) {
    const struct map *m = d->map;
    size_t row = map_cursor_row(m), n_cells;
    char value[96], sum[32];
    int at = 0;
    if (map_on_fold(m) && a.rows > 0) {
        map_fold_text(value, sizeof value, m, m->row, a.columns);
        at += grid_format(g, a, 0, at, STYLE_STRONG, " %s", value);
        number(sum, sizeof sum, map_line_value(m, m->row, m->column), m->any_negative, false);
        at += grid_format(g, a, 0, at, STYLE_TEXT, "  together %s", sum);
        put_share(g, a, 0, at, "  share ", "", map_line_share(m, m->row, m->column));
    } else if (row < m->n_rows && a.rows > 0) {
        float v = map_value(m, row, m->column);
        number(value, sizeof value, v, m->any_negative, map_sees(m, row, m->column));
        at += grid_format(g, a, 0, at, STYLE_STRONG, " value %s", value);
        if (!isnan(v)) {
            at += grid_format(g, a, 0, at, STYLE_TEXT, "  rank %zu/%zu",
                              map_rank(m, row, m->column), m->n_rows);
            at += put_share(g, a, 0, at, "  share ", "", map_share(m, row, m->column));
        }
        if (m->selecting) {
            number(sum, sizeof sum, map_selection_sum(m, &n_cells), m->any_negative, false);
            grid_format(g, a, 0, at, STYLE_MARK_A, "  range %s over %zu cells", sum, n_cells);
        } else {
            draw_bar(g, a, 0, at + 2, a.columns - at - 2 > 40 ? 40 : a.columns - at - 2, m, v);
        }
    }
    float p = token_probability(m, m->column), q = foil_probability(d, m->column);
    at = 1;
    const struct token *own = map_column_token(m, m->column);
    if (!isnan(p) && own)
        at +=
            grid_format(g, a, 1, at, STYLE_TEXT, "p(\"%s\") %.3f  ", map_own_text(own), (double)p);
    if (d->span)
        at += grid_format(g, a, 1, at, STYLE_MARK_A, "span %s over them  ", d->span);
    if (!isnan(q))
        at += grid_format(g, a, 1, at, STYLE_MARK_B, "p(foil) %.3f  ", (double)q);
    const struct step_candidates *c =
        m->shown->candidates ? &m->shown->candidates[m->column] : NULL;
    if (c && c->n)
        at += grid_put(g, a, 1, at, STYLE_DIM, "next: ");
    for (size_t i = 0; c && i < c->n && at + 12 < a.columns; i++)
        at += grid_format(g, a, 1, at, c->items[i].id == d->foil_id ? STYLE_MARK_B : STYLE_TEXT,
                          "%s %.3f  ", c->items[i].printable, (double)c->items[i].probability);
    at = 1;
    for (size_t i = 0; i < m->shown->n_step_scores && a.rows > 2; i++) {
        const struct named_scores *s = &m->shown->step_scores[i];
        if (!s->scores.data || m->column >= s->scores.dims[0])
            continue;
        char *name = text_sanitise(s->name, strlen(s->name), false);
        number(value, sizeof value, s->scores.data[m->column], s->scores.data[m->column] < 0,
               map_column_done(m, m->column));
        at += grid_format(g, a, 2, at, STYLE_DIM, "%s %s   ", name, value);
        free(name);
    }
}

void detail_draw(struct grid *g, struct area a, const struct detail *d) {
    const struct map *m = d->map;
    if (!m->shown || m->column >= m->n_columns)
        return;
    if (a.rows <= DETAIL_SHORT_ROWS)
        draw_short(g, a, d);
    else
        draw_long(g, a, d);
}
