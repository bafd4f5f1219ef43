#include "views/export/html_context.h"

#include "methods/result/context_kept.h"
#include "views/export/html_details.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CUES 200

/* One text under way. Rows are numbered through: the source's, then the target's. */
struct part {
    struct text_buffer *b;
    const struct context_kept *kept;
    const struct attribution_sequence *flat;
    size_t place, n_shown; /* cues that are told one by one */
};

static const struct token_list *list_of(const struct part *p, bool target) {
    return target ? &p->flat->target : &p->flat->source;
}

static bool within(const struct context_kept_span *span, bool target, int64_t i) {
    return span->given && span->target == target && i >= span->from && i < span->to;
}

/* "input", "output", or NULL: the token is part of no context. */
static const char *context_of(const struct part *p, bool target, int64_t i) {
    if (within(&p->kept->input, target, i))
        return "input";
    return within(&p->kept->output, target, i) ? "output" : NULL;
}

/* Which of the cues it is; n_shown: none. */
static size_t cue_of(const struct part *p, bool target, int64_t i) {
    size_t k = 0;
    while (k < p->n_shown && !(target && p->flat->attr_pos_start + p->kept->cues[k].column == i))
        k++;
    return k;
}

static void put_tokens(struct text_buffer *b, const struct token_list *list, size_t i, size_t n) {
    char *text = token_list_text(list, i, n);
    html_text(b, text, strlen(text), false);
    free(text);
}

/* A number that is none has no title. */
static void put_title(struct text_buffer *b, double score) {
    if (isfinite(score))
        text_buffer_format(b, " title=\"%.4g\"", score);
}

/* --- the text ------------------------------------------------------------------------------- */

static void put_sensitive(const struct part *p, const struct token_list *list, size_t i, size_t n,
                          size_t cue) {
    text_buffer_format(p->b, "<a class=sensitive href=\"#cue-%zu-%zu\" data-column=%lld", p->place,
                       cue + 1, (long long)p->kept->cues[cue].column);
    put_title(p->b, p->kept->cues[cue].score);
    text_buffer_puts(p->b, ">");
    put_tokens(p->b, list, i, n);
    text_buffer_puts(p->b, "</a>");
}

/* Tokens [from, to) of a side. Those that make a character together stand together. */
static void put_side(const struct part *p, bool target, size_t from, size_t to) {
    const struct token_list *list = list_of(p, target);
    const char *inside = NULL;
    for (size_t i = from, n; i < to; i += n) {
        const char *context = context_of(p, target, (int64_t)i);
        const size_t cue = cue_of(p, target, (int64_t)i);
        n = token_list_whole(list, i);
        if (context != inside && inside)
            text_buffer_puts(p->b, "</span>");
        if (context != inside && context)
            text_buffer_format(p->b, "<span class=context-of title=\"the %s's context\">", context);
        inside = context;
        if (cue < p->n_shown) {
            put_sensitive(p, list, i, n, cue);
            continue;
        }
        text_buffer_format(p->b, "<span data-row=%c%zu>", target ? 't' : 's', i);
        put_tokens(p->b, list, i, n);
        text_buffer_puts(p->b, "</span>");
    }
    text_buffer_puts(p->b, inside ? "</span>" : "");
}

static void put_text(const struct part *p) {
    const struct context_kept_span *input = &p->kept->input;
    const bool own = p->flat->source_attributions.data || (input->given && !input->target);
    if (own) {
        text_buffer_puts(p->b, "<p class=running dir=auto>");
        put_side(p, false, 0, p->flat->source.n);
        text_buffer_puts(p->b, "</p>\n");
    }
    text_buffer_puts(p->b, "<p class=running dir=auto>");
    put_side(p, true, 0, p->flat->target.n);
    text_buffer_puts(p->b, "</p>\n");
}

/* --- its cues ------------------------------------------------------------------------------- */

/* "t3 t5": where the script finds them in the text above. */
static void put_rows(const struct part *p, const struct context_kept_span *side,
                     const struct context_kept_cue *cue) {
    size_t *rows = mem_alloc((p->flat->source.n + p->flat->target.n + 1) * sizeof *rows);
    const size_t n = context_kept_rows(rows, NULL, p->kept, side, p->flat, cue->column);
    for (size_t i = 0; i < n; i++)
        text_buffer_format(p->b, " %c%zu", side->target ? 't' : 's', rows[i]);
    free(rows);
}

static double score_at(const struct part *p, bool target, size_t row, int64_t column) {
    const struct scores *s = target ? &p->flat->target_attributions : &p->flat->source_attributions;
    return (double)s->data[(int64_t)row * s->dims[1] + column];
}

/* A context with the cues marked. */
static void put_context(const struct part *p, const char *name,
                        const struct context_kept_span *side, const struct context_kept_cue *cue) {
    const struct token_list *list = list_of(p, side->target);
    size_t *rows = mem_alloc((list->n + 1) * sizeof *rows);
    bool *marked = mem_alloc((list->n + 1) * sizeof *marked);
    double threshold = NAN;
    const size_t n_rows = context_kept_rows(rows, &threshold, p->kept, side, p->flat, cue->column);
    for (size_t i = 0; i < n_rows; i++)
        marked[rows[i]] = true;
    text_buffer_format(p->b, "<p class=cue-of dir=auto><b>%s's context", name);
    if (isfinite(threshold))
        text_buffer_format(p->b, ": cues from %.3g", threshold);
    text_buffer_puts(p->b, "</b>");
    for (size_t i = (size_t)side->from, n; i < (size_t)side->to; i += n) {
        n = token_list_whole(list, i);
        if (marked[i]) {
            text_buffer_puts(p->b, "<mark");
            put_title(p->b, score_at(p, side->target, i, cue->column));
            text_buffer_puts(p->b, ">");
        }
        put_tokens(p->b, list, i, n);
        text_buffer_puts(p->b, marked[i] ? "</mark>" : "");
    }
    text_buffer_puts(p->b, n_rows ? "</p>\n" : " <span class=note>no cue</span></p>\n");
    free(rows);
    free(marked);
}

static void put_output(struct text_buffer *b, const char *title, const char *text) {
    if (!text)
        return;
    text_buffer_format(b, "<p class=cue-of dir=auto><b>%s</b>", title);
    html_text(b, text, strlen(text), false);
    text_buffer_puts(b, "</p>\n");
}

static void put_cue(const struct part *p, size_t i) {
    const struct context_kept_cue *cue = &p->kept->cues[i];
    const size_t at = (size_t)(p->flat->attr_pos_start + cue->column);
    text_buffer_format(p->b, "<li id=cue-%zu-%zu data-column=%lld data-rows=\"", p->place, i + 1,
                       (long long)cue->column);
    put_rows(p, &p->kept->input, cue);
    put_rows(p, &p->kept->output, cue);
    text_buffer_puts(p->b, "\"><bdi class=changed>");
    put_tokens(p->b, &p->flat->target, at, token_list_whole(&p->flat->target, at));
    text_buffer_puts(p->b, "</bdi>");
    if (isfinite(cue->score))
        text_buffer_format(p->b, " %.3f", cue->score);
    if (cue->foil) {
        text_buffer_puts(p->b, ", against <bdi class=foil>");
        html_text(p->b, cue->foil, strlen(cue->foil), false);
        text_buffer_puts(p->b, "</bdi>");
    }
    text_buffer_puts(p->b, "\n");
    if (p->kept->input.given)
        put_context(p, "the input", &p->kept->input, cue);
    if (p->kept->output.given)
        put_context(p, "the output", &p->kept->output, cue);
    put_output(p->b, "with the context", cue->with);
    put_output(p->b, "without it", cue->without);
    text_buffer_puts(p->b, "</li>\n");
}

static void put_heading(const struct part *p) {
    const struct context_kept *k = p->kept;
    text_buffer_puts(p->b, "<div class=context><h3>context</h3>\n<p class=note>");
    if (k->n_cues)
        text_buffer_format(p->b, "%zu token%s of the output %s", k->n_cues,
                           k->n_cues == 1 ? "" : "s",
                           k->n_cues == 1 ? "depends on the context" : "depend on the context");
    else
        text_buffer_puts(p->b, "No token of the output depends on the context");
    if (isfinite(k->threshold))
        text_buffer_format(p->b, " by at least %.3g", k->threshold);
    text_buffer_puts(p->b, " (");
    html_text(p->b, k->metric ? k->metric : "?", strlen(k->metric ? k->metric : "?"), false);
    text_buffer_puts(p->b, k->n_cues ? "). Click one to see its cues.</p>\n" : ").</p>\n");
    if (p->n_shown < k->n_cues)
        text_buffer_format(p->b, "<p class=note>The first %zu are told.</p>\n", p->n_shown);
}

void html_context(struct text_buffer *b, const char *json, const struct attribution_sequence *flat,
                  size_t place) {
    struct context_kept kept;
    if (!json)
        return;
    if (!context_kept_read(&kept, json, flat)) {
        text_buffer_puts(b, "<p class=note>What the context changes is not told here: it was found "
                            "for other tokens than these.</p>\n");
        return;
    }
    const struct part p = {.b = b,
                           .kept = &kept,
                           .flat = flat,
                           .place = place,
                           .n_shown = kept.n_cues < MOST_CUES ? kept.n_cues : MOST_CUES};
    put_heading(&p);
    put_text(&p);
    text_buffer_puts(b, "<ol class=cues>\n");
    for (size_t i = 0; i < p.n_shown; i++)
        put_cue(&p, i);
    text_buffer_puts(b, "</ol></div>\n");
    context_kept_dispose(&kept);
}
