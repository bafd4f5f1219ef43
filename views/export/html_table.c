#include "views/export/html_table.h"

#include "views/export/html_colours.h"
#include "views/export/html_contrast.h"
#include "views/export/html_details.h"

#include <math.h>
#include <string.h>

/* A token in isolation: right-to-left text in it cannot turn its neighbours around. */
static void put_token(struct text_buffer *b, const struct html_part *p, const struct token *t) {
    if (p->contrast) {
        html_contrast_name(b, t);
        return;
    }
    text_buffer_puts(b, "<bdi>");
    html_text(b, t->printable, strlen(t->printable), false);
    text_buffer_puts(b, "</bdi>");
}

static void put_heading(struct text_buffer *b, const struct html_part *p, const struct token *t,
                        const char *scope) {
    text_buffer_format(b, "<th scope=%s%s>", scope, t->special ? " class=sp" : "");
    put_token(b, p, t);
    text_buffer_puts(b, "</th>");
}

static void put_title(struct text_buffer *b, const struct html_part *p, const struct token *row,
                      int64_t g, float value) {
    const char *column = p->flat->target.items[p->flat->attr_pos_start + g].printable;
    text_buffer_puts(b, " title=\"");
    html_text(b, row->printable, strlen(row->printable), false);
    text_buffer_puts(b, " → ");
    html_text(b, column, strlen(column), false);
    text_buffer_format(b, "  %.4g\"", (double)value);
}

/* One side of a text under way. */
struct side {
    const struct html_part *p;
    const struct token_list *tokens;
    const struct scores *scores;
    int64_t rows;
    bool target, titles;
};

static void put_cell(struct text_buffer *b, const struct side *s, int64_t r, int64_t g) {
    const float value = s->scores->data[r * s->p->steps + g];
    if (isnan(value)) { /* of a step that sees it: a number that could not be computed */
        text_buffer_format(b, "<td class=n>%s</td>",
                           attribution_sees(s->p->flat, s->target, r, g) ? "nan" : "");
        return;
    }
    text_buffer_puts(b, "<td class=");
    html_class(b, s->p, value);
    if (s->titles) /* the script takes them away and shows its own */
        put_title(b, s->p, &s->tokens->items[r], g, value);
    text_buffer_puts(b, ">");
    html_number(b, value, html_decimals(&s->p->heat));
    text_buffer_puts(b, "</td>");
}

static float largest_of(const float *values, int64_t n) {
    float largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = isfinite(values[i]) ? fmaxf(largest, fabsf(values[i])) : largest;
    return largest;
}

/* With a bar behind the number, as long as its share of the row's largest. */
static void put_step_score(struct text_buffer *b, float value, float largest, bool done) {
    if (isnan(value)) {
        text_buffer_format(b, "<td>%s</td>", done ? "nan" : "");
        return;
    }
    text_buffer_format(
        b, "<td style=\"--w:%.0f%%\">",
        largest > 0 && isfinite(value) ? 100.0 * fabs((double)value) / (double)largest : 0.0);
    html_number(b, value, HTML_DECIMALS);
    text_buffer_puts(b, "</td>");
}

static void put_step_scores(struct text_buffer *b, const struct html_part *p) {
    const struct attribution_sequence *s = p->flat;
    if (s->n_step_scores == 0)
        return;
    text_buffer_puts(b, "<tfoot>");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const float *values = s->step_scores[i].scores.data;
        const float largest = largest_of(values, p->columns);
        text_buffer_puts(b, "<tr><th scope=row>");
        html_text(b, s->step_scores[i].name, strlen(s->step_scores[i].name), false);
        text_buffer_puts(b, "</th>");
        for (int64_t g = 0; g < p->columns; g++)
            put_step_score(b, values[g], largest, attribution_done(s, g));
        text_buffer_puts(b, "</tr>\n");
    }
    text_buffer_puts(b, "</tfoot>");
}

static void put_rows(struct text_buffer *b, const struct side *s) {
    for (int64_t r = 0; r < s->rows; r++) {
        text_buffer_puts(b, "<tr>");
        put_heading(b, s->p, &s->tokens->items[r], "row");
        for (int64_t g = 0; g < s->p->columns; g++)
            put_cell(b, s, r, g);
        text_buffer_puts(b, "</tr>\n");
    }
}

static void put_table(struct text_buffer *b, const struct side *s, const char *title) {
    const struct attribution_sequence *flat = s->p->flat;
    const char *what =
        flat->map_of ? ""
                     : ": a row for each token that was read, a column for each that was generated";
    text_buffer_puts(b, "<h3>");
    html_text(b, title, strlen(title), false);
    text_buffer_puts(b, "</h3>\n<div class=frame><table class=map><caption>");
    html_text(b, title, strlen(title), false);
    text_buffer_format(b, "%s</caption><thead><tr><td></td>", what);
    for (int64_t g = 0; g < s->p->columns; g++)
        put_heading(b, s->p, &flat->target.items[flat->attr_pos_start + g], "col");
    text_buffer_puts(b, "</tr></thead>\n<tbody>\n");
    put_rows(b, s);
    text_buffer_puts(b, "</tbody>");
    put_step_scores(b, s->p);
    text_buffer_puts(b, "</table></div>\n");
}

void html_tables(struct text_buffer *b, const struct html_part *p, bool titles) {
    const struct attribution_sequence *s = p->flat;
    bool any = false;
    for (int side = 0; side < 2; side++) {
        const struct scores *scores = html_side(s, side);
        const struct side one = {
            p, side ? &s->target : &s->source, scores, p->rows[side], side == 1, titles};
        any |= scores->data != NULL;
        if (scores->data)
            put_table(b, &one, attribution_map_of(p->flat, side == 1));
    }
    if (!any)
        put_table(b, &(struct side){.p = p, .tokens = &s->target}, "step scores");
}

void html_tell_cut(struct text_buffer *b, const struct html_part *p) {
    for (int side = 0; side < 2; side++) {
        const int64_t all = attribution_visible_rows(p->flat, side == 1);
        if (p->rows[side] < all)
            text_buffer_format(b,
                               "<p class=note>The first %lld of %lld rows of %s; the saved JSON "
                               "has them all.</p>\n",
                               (long long)p->rows[side], (long long)all,
                               attribution_map_of(p->flat, side == 1));
    }
    if (p->columns < p->steps)
        text_buffer_format(b,
                           "<p class=note>The first %lld of %lld generated tokens; the saved JSON "
                           "has them all.</p>\n",
                           (long long)p->columns, (long long)p->steps);
}
