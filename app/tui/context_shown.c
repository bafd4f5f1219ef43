#include "app/tui/context_shown.h"

#include "app/commands/command_table.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/result/context_rank.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- from the run's own tokens to what is shown --------------------------------------------- */

static int64_t n_rows(const struct app *a, bool target) {
    return (int64_t)(target ? a->shown.target.n : a->shown.source.n);
}

static struct context_part part_of(const struct app *a, const struct context_kept_span *span) {
    struct context_part out = {.target = span->target};
    for (int64_t i = 0; span->given && i < n_rows(a, span->target); i++) {
        const struct token_span raw = app_raw_rows(a, span->target, i);
        if (raw.to <= span->from || raw.from >= span->to)
            continue;
        if (!out.given)
            out = (struct context_part){true, span->target, i, i};
        out.to = i + 1;
    }
    return out;
}

static int64_t column_of(const struct app *a, int64_t raw) {
    const int64_t n = attribution_steps(&a->shown);
    for (int64_t g = 0; g < n; g++) {
        const struct token_span columns = app_raw_columns(a, g);
        if (raw >= columns.from && raw < columns.to)
            return g;
    }
    return -1;
}

/* Several that are in one column count as the first of them. */
static void add_token(struct context_view *v, int64_t column, size_t rank) {
    size_t at = v->n;
    if (column < 0 || context_view_token(v, column))
        return;
    v->tokens = mem_resize(v->tokens, (v->n + 1) * sizeof *v->tokens);
    for (; at > 0 && v->tokens[at - 1].column > column; at--)
        v->tokens[at] = v->tokens[at - 1];
    v->tokens[at] = (struct context_token){.column = column, .rank = rank};
    v->n++;
}

/* --- cues --- */

static void add_cue(struct context_token *t, const struct context_row *row) {
    size_t at = t->n_cues;
    t->cues = mem_resize(t->cues, (t->n_cues + 1) * sizeof *t->cues);
    for (; at > 0 && fabsf(t->cues[at - 1].score) < fabsf(row->score); at--)
        t->cues[at] = t->cues[at - 1];
    t->cues[at] = *row;
    t->n_cues++;
}

/* Each context's cues are found among its own tokens. */
static void find_cues(struct context_token *t, const struct app *a, const struct context_part *p) {
    const struct scores *s =
        p->target ? &a->shown.target_attributions : &a->shown.source_attributions;
    if (!p->given || !s->data || p->to > s->dims[0] || t->column >= s->dims[1])
        return;
    const size_t n = (size_t)(p->to - p->from);
    float *scores = mem_alloc((n + 1) * sizeof *scores);
    size_t *places = mem_alloc((n + 1) * sizeof *places);
    for (size_t i = 0; i < n; i++) {
        scores[i] = s->data[(p->from + (int64_t)i) * s->dims[1] + t->column];
        const struct context_row row = {p->target, p->from + (int64_t)i, scores[i]};
        if (isnan(row.score) || (t->known && fabsf(row.score) <= fabsf(t->strongest.score)))
            continue;
        t->strongest = row;
        t->known = true;
    }
    const double from = context_threshold(scores, n, a->kept.cue_threshold);
    const size_t n_cues = context_rank(places, scores, n, from, (size_t)a->kept.cue_most);
    for (size_t i = 0; i < n_cues; i++)
        add_cue(t,
                &(struct context_row){p->target, p->from + (int64_t)places[i], scores[places[i]]});
    free(scores);
    free(places);
}

static void find_documents(struct app *a) {
    struct context_view *v = &a->context;
    const struct citations *c = &a->citations;
    v->documents = mem_alloc((c->n_documents + 1) * sizeof *v->documents);
    for (size_t i = 0; i < c->n_documents; i++) {
        const struct cited_document *d = &c->documents[i];
        const struct context_kept_span span = {true, c->on_target, d->from, d->to};
        const struct context_part part = part_of(a, &span);
        if (part.given)
            v->documents[v->n_documents++] = (struct context_document){part, i + 1};
    }
}

static void find_all(struct app *a) {
    struct context_view *v = &a->context;
    find_documents(a);
    v->parts[CONTEXT_INPUT] = part_of(a, &a->kept.input);
    v->parts[CONTEXT_OUTPUT] = part_of(a, &a->kept.output);
    for (size_t i = 0; i < a->kept.n_cues; i++)
        add_token(v, column_of(a, a->kept.cues[i].column), i + 1);
    for (size_t i = 0; i < v->n; i++)
        for (int k = 0; k < CONTEXT_PARTS; k++)
            find_cues(&v->tokens[i], a, &v->parts[k]);
}

/* A run that is looked at for the first time is seen where the context changes most. */
static void open_there(struct app *a) {
    const bool seen = a->context_run == a->current || a->current->look.known;
    const int64_t column = context_view_first(&a->context);
    a->context_run = a->current;
    if (seen || a->current == a->job.run || column < 0)
        return;
    map_go(&a->map, a->map.row, column);
    a->text.column = a->map.column;
}

const struct context_view *app_show_context(struct app *a) {
    const struct attribution_sequence *raw = app_sequence(a);
    if (a->context_of == a->shown_changes)
        return a->map.context;
    a->context_of = a->shown_changes;
    context_view_dispose(&a->context);
    context_kept_dispose(&a->kept);
    citations_dispose(&a->citations);
    a->map.context = a->text.context = NULL;
    if (!raw || !a->has_shown ||
        !context_kept_read(&a->kept, info_text_of(&a->current->result->info.context, 0), raw))
        return NULL;
    (void)citations_read(&a->citations, info_text_of(&a->current->result->info.citations, 0), raw);
    find_all(a);
    a->map.context = a->text.context = &a->context;
    open_there(a);
    return a->map.context;
}

/* --- a line of it --------------------------------------------------------------------------- */

/* What goes first where there is no room: the order of these. */
enum { THRESHOLD, FOIL, CUE, WITH, WITHOUT, CITED, SCORE };
#define DIGITS 5
#define LEAST_NAME 6 /* columns that a document's is cut to */

static const char *trimmed(const char *text) {
    while (*text == ' ')
        text++;
    return text;
}

static void put_number(char *buf, size_t n, double value) {
    char text[32];
    map_number(text, sizeof text, (float)value, DIGITS, value < 0);
    snprintf(buf, n, "%s", trimmed(text));
}

static float measure_at(const struct app *a, int64_t raw) {
    const struct attribution_sequence *s = app_sequence(a);
    const struct scores *scores =
        a->kept.metric ? attribution_find_step_scores(s, a->kept.metric) : NULL;
    return scores && scores->data && raw < scores->dims[0] ? scores->data[raw] : NAN;
}

static void add_score(struct parts *p, const struct app *a, const struct context_token *t) {
    char number[32], from[32];
    char *metric = text_clean(a->kept.metric ? a->kept.metric : "score");
    const int64_t raw = app_raw_columns(a, a->map.column).from;
    put_number(number, sizeof number,
               t ? a->kept.cues[t->rank - 1].score : (double)measure_at(a, raw));
    put_number(from, sizeof from, a->kept.threshold);
    if (t)
        parts_add(p, SCORE, STYLE_MARK_B, CONTEXT_CHANGED "%zu of %zu  %s %s", t->rank,
                  a->context.n, metric, number);
    else
        parts_add(p, SCORE, STYLE_TEXT, "not changed by the context: %s %s", metric, number);
    if (!isnan(a->kept.threshold))
        parts_add(p, THRESHOLD, STYLE_DIM, "(from %s)", from);
    free(metric);
}

/* Which document a cue is in: its name may be of a file. */
static void add_document(struct parts *p, const struct app *a, size_t number) {
    if (!number)
        return;
    char *name = text_clean(a->citations.documents[number - 1].name);
    parts_add(p, CUE, STYLE_MARK_A, "in %zu %s", number, name);
    parts_shrink(p, LEAST_NAME);
    free(name);
}

/* The documents that the column's sentence rests on. */
static void add_citations(struct parts *p, const struct app *a) {
    const int64_t raw = app_raw_columns(a, a->map.column).from;
    for (size_t i = 0; i < a->citations.n_sentences; i++) {
        const struct cited_sentence *s = &a->citations.sentences[i];
        if (raw < s->from || raw >= s->to)
            continue;
        char *marks = citation_marks(&s->list);
        parts_add(p, CITED, STYLE_MARK_A, "cites %s", *marks ? marks : "none");
        free(marks);
    }
}

static void add_cue_text(struct parts *p, const struct app *a, const struct context_token *t) {
    const struct token_list *list = t->strongest.target ? &a->shown.target : &a->shown.source;
    char number[32];
    if (!t->known || t->strongest.index >= (int64_t)list->n)
        return;
    put_number(number, sizeof number, (double)t->strongest.score);
    parts_add(p, CUE, STYLE_MARK_A, "%s “%s” %s", t->n_cues ? CONTEXT_CUE : "strongest",
              list->items[t->strongest.index].printable, number);
    add_document(p, a, context_view_document(&a->context, t->strongest.target, t->strongest.index));
}

/* text may be of a file, or NULL. */
static void add_token_text(struct parts *p, int weight, const char *what, const char *text) {
    char *clean = text_clean(text ? text : "");
    if (*clean)
        parts_add(p, weight, STYLE_TEXT, "%s “%s”", what, clean);
    free(clean);
}

void app_context_state(struct parts *p, const struct app *a) {
    const struct context_token *t = context_view_token(&a->context, a->map.column);
    const struct token *own = map_column_token(&a->map, a->map.column);
    add_score(p, a, t);
    add_citations(p, a);
    if (!t || !own)
        return;
    const struct context_kept_cue *found = &a->kept.cues[t->rank - 1];
    add_token_text(p, WITH, "with", map_own_text(own));
    add_token_text(p, WITHOUT, "without", found->otherwise);
    if (!found->otherwise || !found->foil || strcmp(found->foil, found->otherwise) != 0)
        add_token_text(p, FOIL, "foil", found->foil);
    add_cue_text(p, a, t);
}

/* The first that fits. */
char *app_context_legend(int columns) {
    static const char *const all[] = {
        CONTEXT_CHANGED " changed by the context, 1 most   " CONTEXT_PART " context   " CONTEXT_CUE
                        " cue of the column's token   {NEXT_CHANGED} {PREVIOUS_CHANGED} next, "
                        "previous   {TO_CUE} to its cue and back",
        CONTEXT_CHANGED " changed  " CONTEXT_PART " context  " CONTEXT_CUE
                        " its cue  {NEXT_CHANGED} {PREVIOUS_CHANGED} next, previous  {TO_CUE} to "
                        "the cue and back",
        CONTEXT_CHANGED " changed  " CONTEXT_PART " context  " CONTEXT_CUE " cue"};
    char *text = NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        mem_replace(&text, app_hint(all[i], false));
        if (text_columns(text) <= columns)
            break;
    }
    return text;
}
