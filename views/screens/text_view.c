#include "views/screens/text_view.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/bar.h"
#include "views/widgets/parts.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOP 3        /* values that are underlined and numbered */
#define LIST_LEAST 5 /* rows of the list of values below a text of any length */

/* A piece of running text: one token, or several that make one character. */
struct chunk {
    char *text; /* sanitised; blanks are blanks */
    int columns;
    bool word_start; /* begins with a blank, or follows a line's end */
    bool line_end;   /* a newline: the line ends after it */
    bool special, generated_now, heading;
    bool focused;    /* it is looked at instead of the one that was generated */
    float value;     /* NaN: no value at this step */
    size_t rank;     /* from 1; 0: none */
    int64_t step;    /* the column that explains it, −1: none */
    int row, column; /* where it begins */
};

struct layout {
    struct chunk *chunks;
    size_t n;
    struct chunk **ranked; /* [n_ranked], the largest first */
    size_t n_ranked;
    int n_rows;
    float magnitude;
    bool signed_values;
    bool one_step; /* all columns explain one token */
};

void text_view_show(struct text_view *v, const struct attribution_sequence *shown) {
    v->shown = shown;
    v->brought = 0;
    text_view_move(v, 0, 0);
}

void text_view_move(struct text_view *v, long columns, long rows) {
    int64_t steps = v->shown ? attribution_steps(v->shown) : 0;
    v->column = clamped(v->column + columns, 0, steps - 1);
    v->top = (int)clamped(v->top + rows, 0, v->n_rows - 1);
}

static float value_at(const struct scores *s, int64_t row, int64_t column) {
    return s->data && s->n_dims == 2 && row < s->dims[0] && column < s->dims[1]
               ? s->data[row * s->dims[1] + column]
               : NAN;
}

static void add_chunk(struct layout *l, struct chunk c) {
    if ((l->n & (l->n + 1)) == 0)
        l->chunks = mem_resize(l->chunks, (l->n * 2 + 1) * sizeof *l->chunks);
    c.columns = text_columns(c.text);
    l->chunks[l->n++] = c;
}

/* Σ over the tokens of one character; NaN when none has a value. */
static float joined_value(const struct scores *s, size_t i, size_t n, int64_t column) {
    float sum = NAN;
    for (size_t k = i; k < i + n; k++) {
        float v = value_at(s, (int64_t)k, column);
        if (!isnan(v))
            sum = isnan(sum) ? v : sum + v;
    }
    return sum;
}

static bool is_focused(const struct text_view *v, bool target, int64_t i, int64_t n) {
    const struct text_focus *f = &v->focus;
    return f->on && f->column == v->column && f->target == target && f->index >= i &&
           f->index < i + n;
}

/* What a context makes of it stands before its word: a cue of the column, or that the context
 * changes it. */
static void mark_chunk(struct chunk *c, const struct text_view *v, bool target, int64_t i) {
    const char *mark = context_view_mark(v->context, v->column, target, i);
    const bool cue = mark && strcmp(mark, CONTEXT_CUE) == 0,
               changed = c->step >= 0 && context_view_token(v->context, c->step),
               blank = c->text[0] == ' ' && c->text[1];
    if (!cue && !changed)
        return;
    mark = cue ? CONTEXT_CUE : CONTEXT_CHANGED;
    mem_replace(&c->text, mem_format("%.*s%s%s", (int)blank, c->text, mark, c->text + blank));
}

/* Tokens of one side as chunks. step_start: the first token that a column explains (−1: none
 * does). A span's name is left out: its tokens stand before it. */
static void add_tokens(struct layout *l, const struct text_view *v, bool target,
                       const struct token_list *list, const struct scores *s, int64_t step_start,
                       int64_t step_end) {
    const int64_t column = v->column, n_span = target ? v->n_span : 0;
    for (size_t i = 0, n; i < list->n; i += n) {
        const bool in_span =
            step_start >= 0 && (int64_t)i < step_start && (int64_t)i >= step_start - n_span;
        n = token_list_whole(list, i);
        if (l->one_step && step_start >= 0 && (int64_t)i >= step_start && (int64_t)i < step_end &&
            (int64_t)i != step_start + column)
            continue; /* the one token that all columns explain stands in the text once */
        if (n_span > 0 && (int64_t)i == step_start)
            continue;
        const struct token *t = &list->items[i];
        struct chunk c = {.text = token_list_text(list, i, n),
                          .special = t->special,
                          .value = joined_value(s, i, n, column),
                          .step = -1};
        c.word_start = c.text[0] == ' ' || t->special || l->n == 0;
        c.line_end = n == 1 && t->n_bytes > 0 && t->bytes[t->n_bytes - 1] == '\n';
        if (step_start >= 0 && (int64_t)i >= step_start && (int64_t)i < step_end)
            c.step = (int64_t)i - step_start;
        if (in_span)
            c.step = 0;
        c.generated_now = c.step >= 0 && column >= c.step && column < c.step + (int64_t)n;
        c.focused = is_focused(v, target, (int64_t)i, (int64_t)n);
        mark_chunk(&c, v, target, (int64_t)i);
        add_chunk(l, c);
    }
}

static void add_heading(struct layout *l, const char *text) {
    add_chunk(
        l,
        (struct chunk){
            .text = mem_text(text), .heading = true, .word_start = true, .value = NAN, .step = -1});
}

static int compare_chunks(const void *a, const void *b) {
    const struct chunk *x = *(struct chunk *const *)a, *y = *(struct chunk *const *)b;
    const float v = fabsf(x->value), w = fabsf(y->value);
    if (v != w)
        return v > w ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* All but zeros get ranks by magnitude; what counts as equal keeps the text's order. */
static void rank_chunks(struct layout *l) {
    l->ranked = mem_alloc((l->n + 1) * sizeof *l->ranked);
    for (size_t i = 0; i < l->n; i++) {
        const float v = l->chunks[i].value;
        if (fabsf(v) > 0)
            l->ranked[l->n_ranked++] = &l->chunks[i];
        l->signed_values = l->signed_values || v < 0;
    }
    qsort(l->ranked, l->n_ranked, sizeof *l->ranked, compare_chunks);
    for (size_t i = 0; i < l->n_ranked; i++) {
        l->ranked[i]->rank = i + 1;
        l->ranked[i]->columns += i < TOP; /* its number */
    }
    l->magnitude = l->n_ranked ? fabsf(l->ranked[0]->value) : 0;
}

/* Columns from chunk i to the next word's start. */
static int word_columns(const struct layout *l, size_t i) {
    int columns = l->chunks[i].columns;
    for (size_t k = i + 1; k < l->n && !l->chunks[k].word_start; k++)
        columns += l->chunks[k].columns;
    return columns;
}

static void place_chunks(struct layout *l, int width) {
    int row = 0, column = 0;
    for (size_t i = 0; i < l->n; i++) {
        struct chunk *c = &l->chunks[i];
        int wide = c->columns + (c->generated_now ? 2 : 0),
            word = c->word_start ? word_columns(l, i) : wide;
        if (c->heading) {
            row += column > 0 || i > 0 ? (column > 0) + 1 : 0;
            c->row = row++;
            c->column = column = 0;
            continue;
        }
        if (column > 0 && column + (word <= width ? word : wide) > width) {
            row++;
            column = 0;
        }
        c->row = row;
        c->column = column;
        column += wide;
        if (column > width) { /* longer than a row: it goes on below */
            row += (column - 1) / width;
            column = (column - 1) % width + 1;
        }
        if (c->line_end) {
            row++;
            column = 0;
        }
    }
    l->n_rows = row + 1;
}

static struct layout lay_out(const struct text_view *v, int width) {
    const struct attribution_sequence *s = v->shown;
    struct layout l = {.one_step = s->one_step};
    bool source = s->source_attributions.data != NULL;
    if (source) {
        add_heading(&l, "source");
        add_tokens(&l, v, false, &s->source, &s->source_attributions, -1, -1);
        add_heading(&l, "target");
    }
    add_tokens(&l, v, true, &s->target, &s->target_attributions, s->attr_pos_start,
               s->attr_pos_end);
    rank_chunks(&l);
    place_chunks(&l, width > 0 ? width : 1);
    return l;
}

static void dispose_layout(struct layout *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->chunks[i].text);
    free(l->chunks);
    free(l->ranked);
}

static enum style_role chunk_role(const struct chunk *c, int64_t column) {
    if (c->heading)
        return STYLE_TITLE;
    if (c->special)
        return STYLE_SPECIAL_TOKEN;
    return c->step > column ? STYLE_DIM : STYLE_TEXT;
}

/* Draws one chunk; it may go on over several rows. The number of a rank stands behind it. */
static void draw_chunk(struct grid *g, struct area a, const struct text_view *v,
                       const struct layout *l, const struct chunk *c) {
    static const char *const numbers[] = {"", "¹", "²", "³"};
    bool coloured = !isnan(c->value) && !c->heading;
    enum heat_scale scale = l->signed_values ? HEAT_SIGNED : HEAT_UNSIGNED;
    enum style_role role = chunk_role(c, v->column);
    int row = c->row - v->top, column = c->column;
    char *text =
        c->generated_now ? mem_format("[%s]", c->text + (c->text[0] == ' ')) : mem_text(c->text);
    const char *at = text;
    char glyph[CELL_BYTES];
    bool blank = text[0] == ' ' && text[1];
    const int blank_first = blank;
    if (c->generated_now && c->text[0] == ' ')
        column++;
    hit_add(&g->hits, a, (struct area){row, column, 1, c->columns + (c->generated_now ? 2 : 0)},
            (struct hit){HIT_TEXT, 0, c->step});
    for (int wide; (wide = grid_next_glyph(glyph, &at)) > 0; column += wide, blank = false) {
        if (column + wide > a.columns) {
            row++;
            column = 0;
        }
        if (coloured)
            grid_put_heat_text(g, a, row, column, wide, scale,
                               l->magnitude > 0 ? c->value / l->magnitude : 0, glyph);
        else
            grid_put(g, a, row, column, c->generated_now ? STYLE_STRONG : role, glyph);
        if (c->rank > 0 && c->rank <= TOP && !blank)
            grid_mark(g, a, row, column, wide, false, true, true);
    }
    if (c->rank > 0 && c->rank <= TOP)
        grid_put(g, a, row, column, STYLE_STRONG, numbers[c->rank]);
    if (c->focused)
        grid_mark(g, a, c->row - v->top, c->column + blank_first, c->columns - blank_first, true,
                  false, true);
    if (c->generated_now)
        grid_set_cursor(g, a, c->row - v->top, c->column + (c->text[0] == ' ') + 1);
    free(text);
}

static void draw_line(struct grid *g, struct area a, const struct layout *l, int row) {
    const struct chunk *c = l->ranked[row];
    char number[16];
    map_number(number, sizeof number, c->value, 6, l->signed_values);
    const int most = (int)clamped((int64_t)l->n_ranked, 0, a.rows),
              label = snprintf(NULL, 0, "%d ", most);
    grid_format(g, a, row, 0, STYLE_STRONG, "%d", row + 1);
    grid_put_fit(g, a, row, label, 18 - label, STYLE_TEXT, c->text + (c->text[0] == ' '), false);
    grid_put(g, a, row, 19, STYLE_TEXT, number);
    enum style_role by_sign = c->value < 0 ? STYLE_NEGATIVE : STYLE_POSITIVE;
    bar_draw(g, a, row, 27, a.columns - 28, (double)(c->value / l->magnitude),
             l->signed_values ? by_sign : STYLE_PROGRESS, BAR_BARE);
}

/* The strongest values as a list with bars, as many as there are rows for; above it, where they are
 * not all, how many there are. */
static void draw_list(struct grid *g, struct area a, const struct layout *l) {
    struct area above = area_take_top(&a, 1);
    if (l->n_ranked > (size_t)a.rows)
        grid_format(g, above, 0, 0, STYLE_DIM, "the %d largest of %zu", a.rows, l->n_ranked);
    for (int row = 0; row < a.rows && (size_t)row < l->n_ranked; row++)
        draw_line(g, a, l, row);
}

/* Long lines are hard to read. */
#define MOST_COLUMNS 110
#define LEAST_ROWS 12 /* with fewer there is no list */

static struct area inner_of(struct area a) {
    struct area inner = area_inner(a);
    area_take_left(&inner, 1);
    area_take_right(&inner, 1);
    if (inner.columns > MOST_COLUMNS)
        inner.columns = MOST_COLUMNS;
    return inner;
}

/* Cuts the list off: what a text of so many rows leaves free, a third at least. */
static struct area take_list(struct area *body, int n_rows) {
    const int third = body->rows / 3 > LIST_LEAST ? body->rows / 3 : LIST_LEAST,
              free_rows = body->rows - n_rows - 1;
    if (body->rows < LEAST_ROWS)
        return (struct area){0};
    return area_take_bottom(body, 1 + (free_rows > third ? free_rows : third));
}

static void draw_title(struct grid *g, struct area a, const struct text_view *v) {
    const struct token *now = &v->shown->target.items[v->shown->attr_pos_start + v->column];
    struct parts p = {0};
    parts_add(&p, 2, STYLE_TITLE, "what made “%s”", now->printable);
    parts_add_right(&p, 1, STYLE_DIM, "%s %ld of %ld", v->shown->one_step ? "foil" : "step",
                    (long)v->column + 1, (long)attribution_steps(v->shown));
    parts_fit(&p, a.columns - 9);
    char *left = parts_text(&p, false), *right = parts_text(&p, true);
    grid_box(g, a, true, left, right);
    free(left);
    free(right);
    parts_dispose(&p);
}

/* The token that a column is about, or the one that is looked at, comes onto the screen once: from
 * there a person may scroll. */
static void bring(struct text_view *v, const struct layout *l, int rows) {
    const bool focus = v->focus.on && v->focus.column == v->column;
    const int64_t wanted = focus ? -1 - v->focus.index : v->column + 1;
    if (v->brought == wanted)
        return;
    v->brought = wanted;
    for (size_t i = 0; i < l->n; i++) {
        const int row = l->chunks[i].row;
        if (focus ? !l->chunks[i].focused : !l->chunks[i].generated_now)
            continue;
        if (row < v->top || row >= v->top + rows)
            v->top = row - rows / 2;
        return;
    }
}

static void draw_text(struct grid *g, struct area a, struct text_view *v) {
    struct area body = inner_of(a);
    struct layout l = lay_out(v, body.columns);
    const struct area list = take_list(&body, l.n_rows);
    v->n_rows = l.n_rows;
    bring(v, &l, body.rows);
    v->top = (int)clamped(v->top, 0, l.n_rows - body.rows);
    const struct scroll s = {.rows =
                                 scroll_axis((size_t)v->top, (size_t)body.rows, (size_t)l.n_rows)};
    const struct legend legend = colours_legend(l.magnitude, l.signed_values, "in this step");
    scroll_box(g, a, &s);
    legend_box(g, a, &legend, &s);
    for (size_t i = 0; i < l.n; i++)
        draw_chunk(g, body, v, &l, &l.chunks[i]);
    if (list.rows > 0 && l.n_ranked > 0)
        draw_list(g, list, &l);
    dispose_layout(&l);
}

void text_view_draw(struct grid *g, struct area a, struct text_view *v) {
    int64_t steps = v->shown ? attribution_steps(v->shown) : 0;
    hit_add(&g->hits, a, (struct area){0, 0, a.rows, a.columns}, (struct hit){HIT_TEXT, 0, -1});
    if (steps == 0 || v->shown->attr_pos_start + v->column >= (int64_t)v->shown->target.n) {
        grid_box(g, a, true, "text", NULL);
        grid_put(g, area_inner(a), 1, 2, STYLE_DIM, "Nothing is attributed yet.");
        return;
    }
    draw_title(g, a, v);
    draw_text(g, a, v);
    if (v->shown->done && !v->shown->done[v->column])
        grid_put(g, area_inner(a), area_inner(a).rows - 1, 1, STYLE_NOTICE,
                 v->context && !context_view_token(v->context, v->column)
                     ? "the context does not change this token"
                     : "this step is not computed yet");
}
