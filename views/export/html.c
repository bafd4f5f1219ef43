#include "views/export/html.h"

#include "aggregators/aggregate.h"
#include "backend/base/clamp.h"
#include "views/export/export.h"
#include "views/export/heat.h"
#include "views/export/html_citations.h"
#include "views/export/html_colours.h"
#include "views/export/html_contents.h"
#include "views/export/html_context.h"
#include "views/export/html_contrast.h"
#include "views/export/html_curves.h"
#include "views/export/html_data.h"
#include "views/export/html_details.h"
#include "views/export/html_pair.h"
#include "views/export/html_part.h"
#include "views/export/html_plot.h"
#include "views/export/html_still.h"
#include "views/export/html_table.h"
#include "views/export/numbers.h"

#include <stdlib.h>
#include <string.h>

/* One page under way. */
struct page {
    struct text_buffer *b;
    const struct html_options *o;
    int64_t cells_left, tables_left, raw_left;
    size_t n_contexts;
};

/* --- the page ---------------------------------------------------------------------------- */

static void put_paragraph(struct text_buffer *b, const char *title, const char *text) {
    if (!text || !*text)
        return;
    text_buffer_format(b, "<p class=text dir=auto><b>%s</b>", title);
    html_text(b, text, strlen(text), false);
    text_buffer_puts(b, "</p>\n");
}

/* A language model's text begins with what it was given, which is told already. */
static void put_generated(struct text_buffer *b, const char *input, const char *text) {
    const size_t given = input ? strlen(input) : 0;
    if (!text || given == 0 || strncmp(text, input, given) != 0 || !text[given]) {
        put_paragraph(b, "Generated", text);
        return;
    }
    text_buffer_puts(b, "<p class=text dir=auto><b>Generated</b><span class=given>");
    html_text(b, text, given, false);
    text_buffer_puts(b, "</span>");
    html_text(b, text + given, strlen(text) - given, false);
    text_buffer_puts(b, "</p>\n");
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

/* `name` is one of ours, among several results of a text; NULL: it stands alone. */
static void put_section(struct text_buffer *b, const struct html_part *p, const char *name,
                        const char *command) {
    const struct scores *any = html_side(p->raw, html_side(p->raw, 0)->data ? 0 : 1);
    const bool dims = any->data && p->raw->class != ATTRIBUTION_GRANULAR;
    text_buffer_format(
        b, "<section class=result data-steps=%lld data-layers=%lld data-heads=%lld data-map=%s",
        (long long)p->columns, (long long)(dims && any->n_dims > 2 ? any->dims[2] : 0),
        (long long)(dims && any->n_dims > 3 ? any->dims[3] : 0), p->own_map ? "s" : "h");
    if (p->contrast)
        text_buffer_puts(b, " data-contrast");
    if (name)
        text_buffer_format(b, " aria-label=\"%s\"", name);
    if (command) {
        text_buffer_puts(b, " data-command=\"");
        html_text(b, command, strlen(command), false);
        text_buffer_puts(b, "\"");
    }
    put_fixed_ends(b, &p->heat);
    text_buffer_puts(b, ">\n");
}

/* What cannot be done without a script. */
static void tell_without_script(struct text_buffer *b, const struct html_part *p) {
    const struct scores *any = html_side(p->raw, html_side(p->raw, 0)->data ? 0 : 1);
    if (html_cells(p) == 0)
        return;
    text_buffer_puts(b, "<noscript><p class=note>");
    if (p->raw->class != ATTRIBUTION_GRANULAR && any->data && any->n_dims > 2)
        text_buffer_puts(b, "Layers and heads are joined here; to choose among them, ");
    else
        text_buffer_puts(b, "For ");
    text_buffer_puts(b, "the text view, units and search, let the browser run this page's script: "
                        "it asks for nothing from the network.</p></noscript>\n");
}

/* The map, for those with a script and those without. */
static enum err_code put_map(struct page *page, const struct html_part *p, struct err *e) {
    struct text_buffer *b = page->b;
    enum err_code code = ERR_OK;
    text_buffer_puts(b, "<div class=bar>");
    if (html_cells(p) > 0)
        html_scale(b, p);
    text_buffer_puts(b, "</div>\n");
    if (p->still)
        code = html_still(b, p, page->o->map, e);
    else
        html_tables(b, p, html_cells(p) <= HTML_TITLED_CELLS);
    html_tell_cut(b, p);
    if (p->contrast)
        html_contrast_told(b, p->flat, p->columns);
    html_plots(b, p->flat, p->columns);
    tell_without_script(b, p);
    if (html_cells(p) > 0) {
        html_scores(b, p);
        html_tokens(b, p);
        html_raw(b, p, &page->raw_left);
    }
    return code;
}

static void put_texts(struct text_buffer *b, const struct attribution *a, size_t i, size_t n) {
    const struct result_info *info = &a->info;
    char *heading = attribution_heading(&a->sequences[i], i, n);
    if (n > 1) {
        text_buffer_format(b, "<h2 id=text-%zu>", i + 1);
        html_text(b, heading, strlen(heading), false);
        text_buffer_puts(b, "</h2>\n");
    }
    free(heading);
    put_paragraph(b, "Input", info_text_of(&info->input_texts, i));
    put_generated(b, info_text_of(&info->input_texts, i), info_text_of(&info->generated_texts, i));
}

/* What follows a text, or a name among several results of it, up to the section's end. */
static enum err_code put_result(struct page *page, const struct html_part *p,
                                const struct result_info *info, size_t i, struct err *e) {
    struct text_buffer *b = page->b;
    enum err_code code = ERR_OK;
    if (p->steps < 1) {
        text_buffer_puts(b, "<p class=note>No step was attributed.</p></section>\n");
        return ERR_OK;
    }
    if (html_cells(p) > page->cells_left) {
        text_buffer_puts(b, "<p class=note>Left out: the page is full. The saved JSON has this "
                            "result.</p></section>\n");
        return ERR_OK;
    }
    page->cells_left -= html_cells(p);
    if (!p->still)
        page->tables_left -= html_cells(p);
    code = put_map(page, p, e);
    html_curves(b, info_text_of(&info->faithfulness, i));
    text_buffer_puts(b, "</section>\n");
    return code;
}

/* A line each. */
static void put_notes(struct text_buffer *b, const struct info_texts *notes) {
    if (notes->n == 0 || notes->alone)
        return;
    text_buffer_format(b, "<p class=text dir=auto><b>%s</b>", notes->n > 1 ? "Notes" : "Note");
    for (size_t i = 0; i < notes->n; i++) {
        if (!notes->items[i])
            continue;
        html_text(b, notes->items[i], strlen(notes->items[i]), false);
        text_buffer_puts(b, "\n");
    }
    text_buffer_puts(b, "</p>\n");
}

/* Owned by the caller. */
static char *title_of(const struct html_options *o, const struct result_info *info) {
    const char *method = info->method ? info->method : "attribution";
    const char *other = o->pair.sides[1] ? o->pair.sides[1]->info.method : NULL;
    if (!other || strcmp(method, other) == 0)
        return mem_text(method);
    return mem_format("%s and %s", method, other);
}

static void put_head(struct text_buffer *b, const struct html_options *o,
                     const struct result_info *info) {
    const char *model = info->model_name;
    char *method = title_of(o, info);
    text_buffer_puts(
        b, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
           "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
           "<meta name=viewport content=\"width=device-width, "
           "initial-scale=1\">\n<meta name=generator content=tinseq>\n<title>");
    html_text(b, method, strlen(method), false);
    if (model) {
        text_buffer_puts(b, " · ");
        html_text(b, model, strlen(model), false);
    }
    text_buffer_puts(b, "</title>\n<style>\n");
    text_buffer_puts(b, html_style);
    html_colours(b, o->map);
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
    put_notes(b, &info->notices);
    free(method);
}

/* As many rows and columns as a page holds of one text. */
static void find_shown(struct html_part *p) {
    p->columns = clamped(p->steps, 0, HTML_MAX_COLUMNS);
    for (int side = 0; side < 2; side++)
        p->rows[side] = clamped(attribution_visible_rows(p->flat, side == 1), 0, HTML_MAX_ROWS);
    if (html_cells(p) <= HTML_MAX_CELLS)
        return;
    const int64_t most = HTML_MAX_CELLS / p->columns;
    p->rows[0] = most * p->rows[0] / (p->rows[0] + p->rows[1]);
    p->rows[1] = most - p->rows[0];
}

/* A difference of two results that was kept as one. */
static bool is_difference(const struct result_info *info) {
    const struct info_texts *p = &info->pipeline;
    return p->n > 0 && p->items[p->n - 1] && strncmp(p->items[p->n - 1], "pair", 4) == 0;
}

/* A result of a text, of as many texts as there are. */
struct shown {
    const struct attribution *result; /* aggregated */
    const struct attribution_sequence *raw;
    const struct attribution_sequence *like; /* whose tokens a difference has; NULL: it is none */
    const struct heat_ends *ends;
    const char *place, *name; /* NULL: it stands alone, below its text */
    const char *minus;        /* what is subtracted from its name; NULL: it is no difference */
    size_t i, n;
};

/* "first: saliency a.json" */
static void put_name(struct text_buffer *b, const struct shown *s) {
    const char *method = s->result->info.method;
    text_buffer_puts(b, "<h3 class=side title=\"");
    if (s->name)
        html_text(b, s->name, strlen(s->name), false);
    text_buffer_format(b, "\">%s", s->place);
    if (s->minus)
        text_buffer_format(b, ": %s", s->minus);
    if (s->name && method) {
        text_buffer_puts(b, ": ");
        html_text(b, method, strlen(method), false);
    }
    if (s->name) {
        text_buffer_puts(b, " <span class=note>");
        html_text(b, s->name, strlen(s->name), false);
        text_buffer_puts(b, "</span>");
    }
    text_buffer_puts(b, "</h3>\n");
}

static enum err_code put_sequence(struct page *page, const struct shown *s, struct err *e) {
    const struct result_info *info = &s->result->info;
    struct attribution_sequence flat;
    enum err_code code = aggregate_default(&flat, &s->result->sequences[s->i], e);
    if (code)
        return code;
    struct html_part p = {.raw = s->raw,
                          .flat = &flat,
                          .heat = heat_of(&flat, s->ends),
                          .steps = attribution_steps(&flat)};
    find_shown(&p);
    p.contrast = (s->like || !is_difference(info)) && html_contrast(&flat, s->like);
    p.still = html_cells(&p) > page->tables_left;
    p.own_map = page->o->map && !page->o->map->diverging && !p.heat.has_signs;
    put_section(page->b, &p, s->place, info_text_of(&info->commands, s->i));
    if (s->place)
        put_name(page->b, s);
    else
        put_texts(page->b, s->result, s->i, s->n);
    if (!s->like) {
        html_citations(page->b, info_text_of(&info->citations, s->i), &flat, ++page->n_contexts);
        html_context(page->b, info_text_of(&info->context, s->i), &flat, page->n_contexts);
    }
    code = put_result(page, &p, info, s->i, e);
    attribution_sequence_dispose(&flat);
    return code;
}

/* "second − first", owned by the caller. */
static char *difference_of(const struct export_pair *pair) {
    const char *from = pair->labels[pair->minuend], *what = pair->labels[!pair->minuend];
    return from && what ? mem_format("%s − %s", from, what) : NULL;
}

/* Both results in the same colours, and their difference. */
static enum err_code put_pair(struct page *page, const struct shown *difference, struct err *e) {
    const struct export_pair *pair = &page->o->pair;
    struct heat_ends ends;
    enum err_code code = html_pair_ends(&ends, pair, difference->i, e);
    if (code)
        return code;
    put_texts(page->b, difference->result, difference->i, difference->n);
    text_buffer_puts(page->b, "<div class=pair>\n");
    for (int side = 0; side < 2 && !code; side++) {
        struct shown one = *difference;
        one.result = pair->sides[side];
        one.raw = &one.result->sequences[one.i];
        one.ends = &ends;
        one.like = NULL;
        one.minus = NULL;
        one.place = pair->labels[side];
        one.name = pair->names[side];
        code = put_sequence(page, &one, e);
    }
    if (!code)
        code = put_sequence(page, difference, e);
    text_buffer_puts(page->b, "</div>\n");
    return code;
}

enum err_code html_write(struct text_buffer *b, const struct attribution *raw,
                         const struct attribution *shown, const struct html_options *o,
                         struct err *e) {
    struct page page = {.b = b,
                        .o = o,
                        .cells_left = HTML_MAX_CELLS,
                        .tables_left = HTML_MAX_TABLES,
                        .raw_left = HTML_MAX_RAW};
    const struct result_info *info = &shown->info;
    put_head(b, o, info);
    html_contents(b, info, shown->n_sequences);
    enum err_code code = ERR_OK;
    const bool paired = o->pair.sides[0] && o->pair.sides[1];
    char *minus = difference_of(&o->pair);
    for (size_t i = 0; i < shown->n_sequences && !code; i++) {
        const struct shown one = {.result = shown,
                                  .raw = &raw->sequences[i],
                                  .like = paired ? &o->pair.sides[!o->pair.minuend]->sequences[i]
                                                 : NULL,
                                  .ends = &o->ends,
                                  .place = paired ? "difference" : NULL,
                                  .minus = paired ? minus : NULL,
                                  .i = i,
                                  .n = shown->n_sequences};
        code = paired ? put_pair(&page, &one, e) : put_sequence(&page, &one, e);
    }
    free(minus);
    html_details(b, info, o->function);
    text_buffer_puts(b,
                     "<footer>Made with tinseq. Point at a cell, or move with arrows, Home, End, "
                     "Page Up and Down (Ctrl: to the ends), to read it; Enter chooses the column "
                     "that Text explains, / finds a token, Ctrl+C copies a cell.</footer>\n"
                     "<div id=tip role=status></div>\n<div id=said class=hide role=status></div>\n"
                     "<script>\n");
    text_buffer_puts(b, html_script);
    text_buffer_puts(b, "</script>\n</body>\n</html>\n");
    return code;
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    const struct html_options options = {
        .map = in->map, .function = in->function, .ends = in->ends, .pair = in->pair};
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
