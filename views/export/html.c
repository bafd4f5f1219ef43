#include "views/export/html.h"

#include "aggregators/aggregate.h"
#include "backend/base/base64.h"
#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/export/export.h"
#include "views/export/heat.h"
#include "views/export/html_details.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One page under way. */
struct page {
    struct text_buffer *b;
    const struct html_options *o;
    int64_t cells_left, raw_left;
};

/* One sequence's tables: what of it is shown. */
struct part {
    const struct attribution_sequence *raw, *flat;
    struct heat heat;
    int64_t steps, columns; /* G, and how many of them are shown */
    bool own_map;           /* the caller's sequential map colours it */
    bool titles;            /* cells say their value without script too: small tables */
};

/* A token in isolation: right-to-left text in it cannot turn its neighbours around. */
static void put_token(struct text_buffer *b, const struct token *t) {
    text_buffer_puts(b, "<bdi>");
    html_text(b, t->printable, strlen(t->printable), false);
    text_buffer_puts(b, "</bdi>");
}

/* --- colours ----------------------------------------------------------------------------- */

static const struct colour_map *theme_map(const char *theme) {
    return colour_map_find(theme_find(theme)->diverging);
}

static void put_rules(struct text_buffer *b, const struct colour_map *map, char letter) {
    for (int level = 0; level < 64; level++) {
        uint32_t rgb = (uint32_t)map->rgb[level][0] << 16 | (uint32_t)map->rgb[level][1] << 8 |
                       map->rgb[level][2];
        text_buffer_format(b, ".%c%d{background:#%06x;color:#%s}", letter, level, rgb,
                           colour_wants_dark_text(rgb) ? "000" : "fff");
    }
    text_buffer_puts(b, "\n");
}

/* Classes h0 … h63 are a diverging map's levels, of which scores without signs use the upper
 * half; s0 … s63 a sequential map of the caller's. */
static void put_colours(struct text_buffer *b, const struct colour_map *given) {
    if (given && !given->diverging)
        put_rules(b, given, 's');
    if (given && given->diverging) {
        put_rules(b, given, 'h');
        return;
    }
    put_rules(b, theme_map("light"), 'h');
    text_buffer_puts(b, "@media screen and (prefers-color-scheme:dark){");
    put_rules(b, theme_map("dark"), 'h');
    text_buffer_puts(b, "}\n");
}

static void put_class(struct text_buffer *b, const struct part *p, float value) {
    const float part = heat_part(&p->heat, value);
    if (p->own_map)
        text_buffer_format(b, "s%ld", lroundf(part * 63));
    else
        text_buffer_format(b, "h%ld", 32 + lroundf(part * (part < 0 ? 32 : 31)));
}

static void put_number(struct text_buffer *b, float value) {
    if (fabsf(value) >= 1e5f || (value != 0 && fabsf(value) < 5e-4f))
        text_buffer_format(b, "%.2e", (double)value);
    else
        text_buffer_format(b, "%.3f", (double)value);
}

/* Eight steps from an end to zero, or to the other end. */
static void put_scale(struct text_buffer *b, const struct part *p) {
    const struct heat *h = &p->heat;
    const int steps = h->has_signs ? 16 : 8;
    text_buffer_puts(b, "<span class=scale><span>");
    put_number(b, h->from);
    text_buffer_puts(b, "</span><i>");
    for (int i = 0; i <= steps; i++) {
        text_buffer_puts(b, "<s class=");
        put_class(b, p, h->from + (h->to - h->from) * (float)i / (float)steps);
        text_buffer_puts(b, "></s>");
    }
    text_buffer_puts(b, "</i><span>");
    put_number(b, h->to);
    text_buffer_puts(b, "</span></span>");
    char *told = heat_told(h, p->flat);
    if (told)
        text_buffer_format(b, "<span class=fixed>%s</span>", told);
    free(told);
}

/* --- tables ------------------------------------------------------------------------------ */

static int64_t shown_rows(const struct scores *s) {
    return s->data ? clamped(s->dims[0], 0, HTML_MAX_ROWS) : 0;
}

static void put_heading(struct text_buffer *b, const struct token *t, const char *scope) {
    text_buffer_format(b, "<th scope=%s%s>", scope, t->special ? " class=sp" : "");
    put_token(b, t);
    text_buffer_puts(b, "</th>");
}

/* seen: by the step, so that NaN is a number that could not be computed. */
static void put_cell(struct text_buffer *b, const struct part *p, const struct token *row,
                     int64_t g, float value, bool seen) {
    const struct attribution_sequence *s = p->flat;
    if (isnan(value)) {
        text_buffer_format(b, "<td class=n>%s</td>", seen ? "nan" : "");
        return;
    }
    text_buffer_puts(b, "<td class=");
    put_class(b, p, value);
    if (p->titles) { /* the script takes them away and shows its own */
        const char *column = s->target.items[s->attr_pos_start + g].printable;
        text_buffer_puts(b, " title=\"");
        html_text(b, row->printable, strlen(row->printable), false);
        text_buffer_puts(b, " → ");
        html_text(b, column, strlen(column), false);
        text_buffer_format(b, "  %.4g\"", (double)value);
    }
    text_buffer_puts(b, ">");
    put_number(b, value);
    text_buffer_puts(b, "</td>");
}

/* Step scores with a bar behind each number, as long as its share of the row's largest. */
static void put_step_scores(struct text_buffer *b, const struct part *p) {
    const struct attribution_sequence *s = p->flat;
    if (s->n_step_scores == 0)
        return;
    text_buffer_puts(b, "<tfoot>");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const float *values = s->step_scores[i].scores.data;
        float largest = 0;
        for (int64_t g = 0; g < p->columns; g++)
            largest = isfinite(values[g]) ? fmaxf(largest, fabsf(values[g])) : largest;
        text_buffer_puts(b, "<tr><th scope=row>");
        html_text(b, s->step_scores[i].name, strlen(s->step_scores[i].name), false);
        text_buffer_puts(b, "</th>");
        for (int64_t g = 0; g < p->columns; g++) {
            if (isnan(values[g])) {
                text_buffer_format(b, "<td>%s</td>", attribution_done(s, g) ? "nan" : "");
                continue;
            }
            text_buffer_format(b, "<td style=\"--w:%.0f%%\">",
                               largest > 0 && isfinite(values[g])
                                   ? 100.0 * fabs((double)values[g]) / (double)largest
                                   : 0.0);
            put_number(b, values[g]);
            text_buffer_puts(b, "</td>");
        }
        text_buffer_puts(b, "</tr>\n");
    }
    text_buffer_puts(b, "</tfoot>");
}

static void put_table(struct text_buffer *b, const struct part *p, const char *title,
                      const struct token_list *tokens, const struct scores *scores) {
    const struct attribution_sequence *s = p->flat;
    int64_t rows = shown_rows(scores);
    text_buffer_format(b, "<h3>%s</h3>\n<div class=frame><table class=map><thead><tr><th></th>",
                       title);
    for (int64_t g = 0; g < p->columns; g++)
        put_heading(b, &s->target.items[s->attr_pos_start + g], "col");
    text_buffer_puts(b, "</tr></thead>\n<tbody>\n");
    for (int64_t r = 0; r < rows; r++) {
        text_buffer_puts(b, "<tr>");
        put_heading(b, &tokens->items[r], "row");
        for (int64_t g = 0; g < p->columns; g++)
            put_cell(b, p, &tokens->items[r], g, scores->data[r * p->steps + g],
                     attribution_sees(s, scores == &s->target_attributions, r, g));
        text_buffer_puts(b, "</tr>\n");
    }
    text_buffer_puts(b, "</tbody>");
    put_step_scores(b, p);
    text_buffer_puts(b, "</table></div>\n");
    if (scores->data && rows < scores->dims[0])
        text_buffer_format(
            b, "<p class=note>The first %lld of %lld rows; the saved JSON has them all.</p>\n",
            (long long)rows, (long long)scores->dims[0]);
}

/* --- data for the script ----------------------------------------------------------------- */

/* The shown rows and columns of both sides, one after the other, each cell with its trailing
 * scores: what the script indexes. */
static void put_floats(struct text_buffer *b, const struct scores *const sides[2],
                       const struct part *p, int64_t cell, bool half) {
    struct text_buffer data = {0};
    for (int side = 0; side < 2; side++)
        for (int64_t r = 0; r < shown_rows(sides[side]); r++) {
            const float *row = sides[side]->data + r * p->steps * cell;
            for (int64_t i = 0; !half && i < p->columns * cell; i++)
                text_buffer_add(&data, (const char *)&row[i], sizeof row[i]);
            for (int64_t i = 0; half && i < p->columns * cell; i++) {
                union {
                    float f;
                    uint32_t u;
                } bits = {.f = row[i]}, scaled = {.f = fabsf(row[i])};
                uint16_t h = (uint16_t)(bits.u >> 16 & 0x8000);
                if (isnan(row[i]))
                    h = 0x7E00;
                else if (scaled.f >= 65520)
                    h |= 0x7C00;
                else if (scaled.f < 6.1035156e-5f) /* subnormal: multiples of 2^-24 */
                    h = (uint16_t)(h | (uint16_t)lroundf(scaled.f * 16777216));
                else
                    h = (uint16_t)(h | (uint16_t)((scaled.u - (112u << 23) + 0xFFF +
                                                   (scaled.u >> 13 & 1)) >>
                                                  13));
                text_buffer_add(&data, (const char *)&h, sizeof h);
            }
        }
    base64_add(b, data.text, data.n);
    text_buffer_dispose(&data);
}

/* Layers and heads, if the scores have them and the page has room. */
static void put_raw(struct page *page, const struct part *p) {
    const struct scores *const sides[2] = {&p->raw->source_attributions,
                                           &p->raw->target_attributions};
    const struct scores *any = sides[0]->data ? sides[0] : sides[1];
    if (p->raw->class == ATTRIBUTION_GRANULAR || !any->data || any->n_dims < 3 || any->n_dims > 4)
        return;
    int64_t cell = scores_cell(any),
            count = (shown_rows(sides[0]) + shown_rows(sides[1])) * p->columns * cell;
    if (count > page->raw_left) {
        text_buffer_puts(page->b, "<p class=note>Too many layer and head scores for a page: open "
                                  "the saved JSON in tinseq to look at each.</p>\n");
        return;
    }
    bool half = count > HTML_MAX_RAW / 4;
    page->raw_left -= count;
    text_buffer_format(page->b, "<script class=raw type=\"text/plain\" data-half=%d>", half);
    put_floats(page->b, sides, p, cell, half);
    text_buffer_puts(page->b, "</script>\n");
}

/* --- the page ---------------------------------------------------------------------------- */

static void put_paragraph(struct text_buffer *b, const char *title, const char *text) {
    if (!text)
        return;
    text_buffer_format(b, "<p class=text dir=auto><b>%s</b>", title);
    html_text(b, text, strlen(text), false);
    text_buffer_puts(b, "</p>\n");
}

static void put_sides(struct text_buffer *b, const struct part *p) {
    const struct attribution_sequence *s = p->flat;
    bool source = s->source_attributions.data, target = s->target_attributions.data;
    if (source)
        put_table(b, p, "source × generated", &s->source, &s->source_attributions);
    if (target)
        put_table(b, p, source ? "target × generated" : "input × generated", &s->target,
                  &s->target_attributions);
    if (!source && !target)
        put_table(b, p, "step scores", &s->target, &(struct scores){0});
    if (p->columns < p->steps)
        text_buffer_format(b,
                           "<p class=note>The first %lld of %lld generated tokens; the saved JSON "
                           "has them all.</p>\n",
                           (long long)p->columns, (long long)p->steps);
}

/* For the script, which draws other layers and heads by the same scale. */
static void put_fixed_ends(struct text_buffer *b, const struct heat *h) {
    if (!h->fixed)
        return;
    text_buffer_puts(b, " data-from=");
    number_exact(b, h->from);
    text_buffer_puts(b, " data-to=");
    number_exact(b, h->to);
}

static void put_result(struct page *page, const struct part *p, const struct result_info *info,
                       size_t i, size_t n) {
    struct text_buffer *b = page->b;
    const struct attribution_sequence *s = p->flat;
    const struct scores *any = p->raw->source_attributions.data ? &p->raw->source_attributions
                                                                : &p->raw->target_attributions;
    bool dims = any->data && p->raw->class != ATTRIBUTION_GRANULAR;
    text_buffer_format(
        b, "<section class=result data-steps=%lld data-layers=%lld data-heads=%lld data-map=%s",
        (long long)p->columns, (long long)(dims && any->n_dims > 2 ? any->dims[2] : 0),
        (long long)(dims && any->n_dims > 3 ? any->dims[3] : 0), p->own_map ? "s" : "h");
    put_fixed_ends(b, &p->heat);
    text_buffer_puts(b, ">\n");
    if (n > 1)
        text_buffer_format(b, "<h2>Text %zu of %zu</h2>\n", i + 1, n);
    put_paragraph(b, "Input", info_text_of(&info->input_texts, i));
    put_paragraph(b, "Generated", info_text_of(&info->generated_texts, i));
    int64_t cells =
        (shown_rows(&s->source_attributions) + shown_rows(&s->target_attributions)) * p->columns;
    if (p->steps < 1) {
        text_buffer_puts(b, "<p class=note>No step was attributed.</p></section>\n");
        return;
    }
    if (cells > page->cells_left) {
        text_buffer_puts(b, "<p class=note>Left out: the page is full. The saved JSON has this "
                            "result.</p></section>\n");
        return;
    }
    page->cells_left -= cells;
    text_buffer_puts(b, "<div class=bar>");
    if (cells > 0)
        put_scale(b, p);
    text_buffer_puts(b, "</div>\n");
    put_sides(b, p);
    if (cells > 0) {
        const struct scores *const sides[2] = {&s->source_attributions, &s->target_attributions};
        text_buffer_puts(b, "<script class=data type=\"text/plain\">");
        put_floats(b, sides, p, 1, false);
        text_buffer_puts(b, "</script>\n");
        put_raw(page, p);
    }
    text_buffer_puts(b, "</section>\n");
}

static void put_head(struct text_buffer *b, const struct html_options *o,
                     const struct result_info *info) {
    const char *method = info->method ? info->method : "attribution", *model = info->model_name;
    text_buffer_puts(b, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                        "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                        "<meta name=viewport content=\"width=device-width, "
                        "initial-scale=1\">\n<meta name=generator content=tinseq>\n<title>");
    html_text(b, method, strlen(method), false);
    if (model) {
        text_buffer_puts(b, " · ");
        html_text(b, model, strlen(model), false);
    }
    text_buffer_puts(b, "</title>\n<style>\n");
    text_buffer_puts(b, html_style);
    put_colours(b, o->map);
    text_buffer_puts(b, "</style>\n</head>\n<body>\n<h1>");
    html_text(b, method, strlen(method), false);
    text_buffer_puts(b, "</h1>\n<p class=sub>");
    if (o->function) {
        text_buffer_puts(b, "of <code>");
        html_text(b, o->function, strlen(o->function), false);
        text_buffer_puts(b, "</code> ");
    }
    if (model) {
        text_buffer_puts(b, "with <code>");
        html_text(b, model, strlen(model), false);
        text_buffer_puts(b, "</code>");
    }
    text_buffer_puts(b, "</p>\n");
    for (size_t i = 0; i < info->notices.n && !info->notices.alone; i++)
        put_paragraph(b, "Note", info->notices.items[i]);
}

static enum err_code put_sequence(struct page *page, const struct attribution_sequence *raw,
                                  const struct attribution_sequence *shown,
                                  const struct result_info *info, size_t i, size_t n,
                                  struct err *e) {
    struct attribution_sequence flat;
    enum err_code code = aggregate_default(&flat, shown, e);
    if (code)
        return code;
    struct part p = {.raw = raw,
                     .flat = &flat,
                     .heat = heat_of(&flat, &page->o->ends),
                     .steps = attribution_steps(&flat)};
    p.columns = p.steps < HTML_MAX_COLUMNS ? p.steps : HTML_MAX_COLUMNS;
    p.titles = p.columns * (shown_rows(&flat.source_attributions) +
                            shown_rows(&flat.target_attributions)) <=
               4000;
    p.own_map = page->o->map && !page->o->map->diverging && !p.heat.has_signs;
    put_result(page, &p, info, i, n);
    attribution_sequence_dispose(&flat);
    return ERR_OK;
}

enum err_code html_write(struct text_buffer *b, const struct attribution *raw,
                         const struct attribution *shown, const struct html_options *o,
                         struct err *e) {
    struct page page = {.b = b, .o = o, .cells_left = HTML_MAX_CELLS, .raw_left = HTML_MAX_RAW};
    const struct result_info *info = &shown->info;
    put_head(b, o, info);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < shown->n_sequences && !code; i++)
        code = put_sequence(&page, &raw->sequences[i], &shown->sequences[i], info, i,
                            shown->n_sequences, e);
    html_details(b, info, o->function);
    text_buffer_puts(b, "<footer>Made with tinseq. Point at a cell, or move over the cells with "
                        "the arrow keys, to read its value.</footer>\n"
                        "<div id=tip role=status></div>\n<script>\n");
    text_buffer_puts(b, html_script);
    text_buffer_puts(b, "</script>\n</body>\n</html>\n");
    return code;
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    const struct html_options options = {
        .map = in->map, .function = in->function, .ends = in->ends};
    return html_write(b, in->choices, in->shown, &options, e);
}

const struct export export_html = {
    .id = "html",
    .title = "HTML",
    .noun = "the page",
    .help = "One page with the heatmap, for any browser, without network.",
    .endings = {".html", ".htm"},
    .coloured = true,
    .write = write,
};
