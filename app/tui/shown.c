#include "app/tui/shown.h"

#include "aggregators/functions.h"
#include "aggregators/text/characters.h"
#include "aggregators/text/words.h"
#include "app/tui/sinks.h"
#include "app/tui/state.h"
#include "backend/base/clamp.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

struct attribution_sequence *app_sequence(const struct app *a) {
    return a->current && a->current->result && a->current->result->n_sequences
               ? &a->current->result->sequences[0]
               : NULL;
}

int32_t app_foil_of_column(const struct app *a, int64_t g) {
    const struct attribution *result = a->current ? a->current->result : NULL;
    if (!result || !result->info.foil_id.given)
        return a->current ? foil_known_id(&a->current->request.foil) : -1;
    const char *at = result->info.foil_ids;
    long id = (long)result->info.foil_id.value;
    for (char *end; at && *at && g >= 0; g--, at = end) {
        id = strtol(at, &end, 10);
        if (end == at)
            return -1;
    }
    return (int32_t)id;
}

static const struct scores *any_scores(const struct attribution_sequence *s) {
    return s->source_attributions.data ? &s->source_attributions : &s->target_attributions;
}

void app_layers_heads(const struct app *a, int64_t *layers, int64_t *heads) {
    const struct attribution_sequence *s = app_sequence(a);
    *layers = *heads = 0;
    if (!s || !any_scores(s)->data)
        return;
    const struct scores *scores = any_scores(s);
    bool multi = s->class == ATTRIBUTION_MULTI_DIMENSIONAL,
         granular = s->class == ATTRIBUTION_GRANULAR;
    if ((multi && scores->n_dims >= 3) ||
        (granular &&
         scores->n_dims == 4)) /* [rows, G, L], [rows, G, L, H] or [rows, G, L, width] */
        *layers = scores->dims[2];
    if (multi && scores->n_dims >= 4)
        *heads = scores->dims[3];
}

/* The next dimension from the last, of which `entry` is taken unless it is negative. */
static void add_reduction(struct pipeline *p, const struct app_reduction *r, int64_t entry) {
    struct aggregate_stage *s = pipeline_append(p, "scores", r->function);
    if (entry >= 0) {
        char *text = mem_format("%lld", (long long)entry);
        pipeline_set(s, "select_idx", text);
        free(text);
    }
    if (r->norm != NORM_NONE)
        pipeline_set(s, r->norm == NORM_COLUMNS ? "normalize" : "rescale", "true");
}

/* A stage for each dimension beyond rows and columns: a width first, or heads; then layers. */
static void add_reductions(struct pipeline *p, const struct app_reduction *r,
                           const struct attribution_sequence *s) {
    const int extra = any_scores(s)->n_dims - 2;
    const bool granular = s->class == ATTRIBUTION_GRANULAR;
    for (int i = 0; i < extra; i++) {
        const bool layers = granular ? i == 1 : i == extra - 1;
        const int64_t inner = granular ? -1 : r->head;
        add_reduction(p, r, layers ? r->layer : inner);
    }
}

bool app_joined(const struct app *a) {
    const struct app_reduction *r = &a->reduction;
    return a->current && r->joined_of == a->current && r->joined_text == a->current->i_text &&
           (r->joined.source.n > 0 || r->joined.target.n > 0);
}

bool app_bytes_joined(const struct app *a) {
    const struct attribution_sequence *s = app_sequence(a);
    return s && !a->reduction.bytes_apart &&
           (characters_are_split(&s->source) || characters_are_split(&s->target));
}

static size_t count_special(const struct token_list *list, int64_t from, int64_t to) {
    size_t n = 0;
    for (int64_t i = from; i < to && i < (int64_t)list->n; i++)
        n += word_stands_alone(&list->items[i]);
    return n;
}

size_t app_hidden_special(const struct app *a) {
    const struct attribution_sequence *s = app_sequence(a);
    if (!s || !a->reduction.no_special)
        return 0;
    const int64_t n_source = s->source_attributions.data ? (int64_t)s->source.n : 0,
                  first = s->target_attributions.data ? 0 : s->attr_pos_start;
    return count_special(&s->source, 0, n_source) +
           count_special(&s->target, first, s->attr_pos_end);
}

/* Rows and columns are not the run's own tokens. */
static bool regroups(const struct app *a) {
    return a->reduction.unit || app_joined(a) || app_bytes_joined(a) || app_hidden_special(a);
}

static void set_text(struct aggregate_stage *s, const char *key, const char *text) {
    struct text_buffer b = {0};
    json_write_flat_string(&b, text, strlen(text));
    pipeline_set(s, key, b.text);
    text_buffer_dispose(&b);
}

static void add_unit(struct pipeline *p, const struct app_reduction *r) {
    struct aggregate_stage *s = pipeline_append(p, "units", aggregate_function_find("sum"));
    if (r->unit_side != UNIT_COLUMNS)
        set_text(s, "rows", r->unit->id);
    if (r->unit_side != UNIT_ROWS)
        set_text(s, "columns", r->unit->id);
    if (r->pattern)
        set_text(s, "split_pattern", r->pattern);
}

static void set_spans(struct aggregate_stage *s, const char *key, const struct partition *p) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < p->n; i++)
        text_buffer_format(&b, "%s[%lld,%lld]", i ? "," : "[", (long long)p->items[i].from,
                           (long long)p->items[i].to);
    text_buffer_puts(&b, "]");
    if (p->n)
        pipeline_set(s, key, b.text);
    text_buffer_dispose(&b);
}

static void add_joined(struct pipeline *p, const struct grouping *joined) {
    struct aggregate_stage *s = pipeline_append(p, "spans", aggregate_function_find("sum"));
    set_spans(s, "source_spans", &joined->source);
    set_spans(s, "target_spans", &joined->target);
}

/* What a person chose, for these scores. `own`: tokens and sinks are those of the shown text. */
static struct pipeline pipeline_of(const struct app *a, const struct attribution_sequence *s,
                                   bool own) {
    const struct app_reduction *r = &a->reduction;
    struct pipeline p = {0};
    const bool usual = r->norm == NORM_COLUMNS && r->layer < 0 && r->head < 0 && !r->function;
    if (usual)
        pipeline_append(&p, "default", NULL);
    else if (any_scores(s)->data && any_scores(s)->n_dims > 2)
        add_reductions(&p, r, s);
    else if (r->norm != NORM_NONE)
        pipeline_set(pipeline_append(&p, "default", NULL),
                     r->norm == NORM_COLUMNS ? "normalize" : "rescale", "true");
    if (own && app_leaves_out(a))
        app_add_sinks(&p, a);
    if (own && app_joined(a))
        add_joined(&p, &r->joined);
    if (!r->bytes_apart && (characters_are_split(&s->source) || characters_are_split(&s->target)))
        pipeline_append(&p, "characters", aggregate_function_find("sum"));
    if (r->unit)
        add_unit(&p, r);
    if (r->no_special)
        pipeline_append(&p, "without_special", NULL);
    return p;
}

static void show_nothing(struct app *a) {
    map_show(&a->map, NULL);
    atlas_show(&a->atlas, NULL);
    text_view_show(&a->text, NULL);
    if (a->has_shown)
        attribution_sequence_dispose(&a->shown);
    a->has_shown = false;
    grouping_dispose(&a->made);
    free(a->notices);
    a->notices = NULL;
}

/* Those of the run, and what was told when it was aggregated. */
static void show_notices(struct app *a, const struct info_texts *more) {
    struct text_buffer b = {0};
    char *raw = attribution_notices(a->current->result, "   ");
    app_sinks_lines(&b, a, app_sequence(a));
    text_buffer_format(&b, "%s%s", b.n && raw ? "   " : "", raw ? raw : "");
    for (size_t i = 0; i < more->n; i++)
        text_buffer_format(&b, "%s%s", b.n ? "   " : "", more->items[i]);
    free(a->notices);
    a->notices = b.n ? text_sanitise(b.text, b.n, false) : NULL;
    free(raw);
    text_buffer_dispose(&b);
}

/* A position of n that may be counted from the end. */
static int64_t from_start(int64_t position, int64_t n) {
    return position < 0 ? position + n : position;
}

/* How many tokens the one column of a span stands for; 0: it is none. Positions may count from the
 * end of the text, which the span's name is no part of. */
static int64_t span_of(const struct span *span, const struct attribution_sequence *s) {
    const int64_t n = (int64_t)s->target.n - 1, start = span->start.value, end = span->end.value;
    if (!span_given(span) || attribution_steps(s) != 1 ||
        s->target.items[s->attr_pos_start].id >= 0)
        return 0;
    return clamped(from_start(end, n) - from_start(start, n), 0, s->attr_pos_start);
}

void app_aggregate(struct app *a) {
    struct attribution_sequence *raw = app_sequence(a), shown;
    struct err e;
    a->shown_changes++;
    if (!raw) {
        show_nothing(a);
        return;
    }
    int64_t layers, heads;
    app_layers_heads(a, &layers, &heads);
    if (a->reduction.layer >= layers)
        a->reduction.layer = -1;
    if (a->reduction.head >= heads)
        a->reduction.head = -1;
    atlas_set_sinks(&a->atlas, a->reduction.sinks);
    atlas_show(&a->atlas, raw); /* it finds the attention sinks */
    struct info_texts notices = {0};
    struct grouping made = {0};
    struct pipeline p = pipeline_of(a, raw, true);
    const struct aggregate_context context = {.notices = &notices, .made = &made};
    const enum err_code code = aggregate_sequence(&shown, raw, &p, &context, &e);
    pipeline_dispose(&p);
    if (code) {
        app_say(a, STYLE_ERROR, "cannot show this: %s", e.message);
        show_nothing(a);
        grouping_dispose(&made);
        info_texts_dispose(&notices);
        return;
    }
    struct attribution_sequence before = a->shown;
    bool had = a->has_shown;
    a->shown = shown;
    a->has_shown = true;
    grouping_dispose(&a->made);
    a->made = made;
    map_show(&a->map, &a->shown);
    a->text.n_span = a->made.target.items ? 0 : span_of(&a->current->request.span, raw);
    text_view_show(&a->text, &a->shown);
    show_notices(a, &notices);
    info_texts_dispose(&notices);
    if (had)
        attribution_sequence_dispose(&before);
}

enum err_code app_aggregate_all(struct attribution **out, const struct app *a,
                                const struct attribution *result, struct err *e) {
    struct pipeline p = pipeline_of(a, &result->sequences[0], result->n_sequences == 1);
    const enum err_code code = aggregate_result(out, result, &p, NULL, NULL, e);
    pipeline_dispose(&p);
    return code;
}

struct token_span app_raw_columns(const struct app *a, int64_t g) {
    const struct attribution_sequence *raw = app_sequence(a);
    const struct partition *p = &a->made.target;
    const size_t at = (size_t)(a->shown.attr_pos_start + g);
    if (!raw || !p->items || at >= p->n)
        return (struct token_span){g, g + 1};
    const struct token_span *s = &p->items[at];
    const int64_t from = s->from > raw->attr_pos_start ? s->from : raw->attr_pos_start,
                  to = s->to < raw->attr_pos_end ? s->to : raw->attr_pos_end;
    return (struct token_span){from - raw->attr_pos_start, to - raw->attr_pos_start};
}

struct token_span app_raw_rows(const struct app *a, bool target, int64_t index) {
    const struct partition *p = target ? &a->made.target : &a->made.source;
    return p->items && index < (int64_t)p->n ? p->items[index]
                                             : (struct token_span){index, index + 1};
}

/* The column of what is shown that a raw column is in. */
static int64_t column_of(const struct app *a, int64_t raw) {
    int64_t g = 0;
    while (g + 1 < a->map.n_columns && app_raw_columns(a, g).to <= raw)
        g++;
    return g;
}

/* The row in text order that a raw token's row is in. */
static size_t row_of(const struct app *a, bool target, int64_t raw) {
    size_t at = 0;
    for (size_t i = 0; i < a->map.n_rows; i++)
        if (a->map.rows[i].target == target &&
            app_raw_rows(a, target, a->map.rows[i].index).from <= raw)
            at = i;
    return at;
}

void app_go_raw(struct app *a, bool target, int64_t row, int64_t column) {
    if (!a->has_shown || a->map.n_columns < 1)
        return;
    map_go_row(&a->map, row_of(a, target, row));
    map_go(&a->map, a->map.row, column_of(a, column));
    a->text.column = a->map.column;
}

/* Aggregates anew; the cursor stays where it is in the text. */
static void aggregate_in_place(struct app *a) {
    const size_t row = map_place(&a->map);
    const bool any = a->has_shown && row < a->map.n_rows && a->map.n_columns > 0,
               target = any && a->map.rows[row].target;
    const int64_t raw_row = any ? app_raw_rows(a, target, a->map.rows[row].index).from : 0,
                  raw_column = any ? app_raw_columns(a, a->map.column).from : 0;
    a->map.selecting = false;
    for (size_t i = 0; i < a->map.n_rows; i++)
        a->map.rows[i].marked = a->map.rows[i].opened = false; /* of rows that there are no more */
    app_aggregate(a);
    if (!any || !a->has_shown)
        return;
    app_go_raw(a, target, raw_row, raw_column);
}

/* --- another run --- */

static struct run_look look_of(const struct app *a) {
    return (struct run_look){.known = a->has_shown,
                             .order = (int)a->map.sorted,
                             .row = map_place(&a->map),
                             .column = a->map.column,
                             .layer = a->reduction.layer,
                             .head = a->reduction.head,
                             .sinks = (int)a->reduction.sinks};
}

void app_set_current(struct app *a, struct run *r) {
    const bool same = r == a->current;
    if (a->current && !same)
        a->current->look = look_of(a);
    a->current = r;
    if (r)
        a->listed.at = r;
    if (r && !same && r->look.known) {
        a->reduction.layer = r->look.layer;
        a->reduction.head = r->look.head;
        a->reduction.sinks = (enum sinks_choice)r->look.sinks;
    }
    a->map.sorted = same ? a->map.sorted : MAP_ORDER_TEXT;
    a->map.selecting = false;
    app_aggregate(a);
    if (same || !r || !r->look.known || !a->has_shown)
        return;
    map_go(&a->map, a->map.row, r->look.column);
    map_set_order(&a->map, (enum map_order)r->look.order);
    map_go_row(&a->map, r->look.row);
}

void app_set_unit(struct app *a, const struct unit *unit, enum app_unit_side side,
                  const char *pattern) {
    a->reduction.unit = unit;
    a->reduction.unit_side = side;
    mem_replace(&a->reduction.pattern, mem_text(pattern));
    aggregate_in_place(a);
}

void app_set_special(struct app *a, bool hidden) {
    a->reduction.no_special = hidden;
    aggregate_in_place(a);
}

void app_set_bytes(struct app *a, bool apart) {
    a->reduction.bytes_apart = apart;
    aggregate_in_place(a);
}

const char *app_unit_side_name(enum app_unit_side side) {
    static const char *const names[] = {
        [UNIT_BOTH] = "", [UNIT_ROWS] = " (rows)", [UNIT_COLUMNS] = " (columns)"};
    return names[side];
}

void app_join(struct app *a, bool target, struct token_span span) {
    struct app_reduction *r = &a->reduction;
    if (!app_joined(a))
        grouping_dispose(&r->joined);
    r->joined_of = a->current;
    r->joined_text = a->current->i_text;
    partition_unite(target ? &r->joined.target : &r->joined.source, span.from, span.to);
    aggregate_in_place(a);
}

void app_take_apart(struct app *a) {
    grouping_dispose(&a->reduction.joined);
    aggregate_in_place(a);
}

void app_aggregate_column(struct app *a, int64_t g) {
    struct attribution_sequence *raw = app_sequence(a), shown;
    struct err e;
    a->shown_changes++;
    if (!raw || !a->has_shown || a->reduction.norm == NORM_LARGEST || regroups(a) ||
        attribution_steps(&a->shown) != attribution_steps(raw)) {
        app_aggregate(a);
        if (raw && a->has_shown)
            map_update_column(&a->map, column_of(a, g)); /* the cursor may follow */
        return;
    }
    struct worker_column *column = worker_column_copy(raw, g);
    if (!column)
        return;
    /* A sequence of this one column, its scores borrowed from the copy. */
    struct attribution_sequence one = *raw;
    one.attr_pos_start += g;
    one.attr_pos_end = one.attr_pos_start + 1;
    one.source_attributions = column->source;
    one.target_attributions = column->target;
    one.step_scores = NULL;
    one.sequence_scores = NULL;
    one.n_step_scores = one.n_sequence_scores = 0;
    one.candidates = NULL;
    one.done = NULL;
    struct pipeline p = pipeline_of(a, raw, true);
    const enum err_code code = aggregate_sequence(&shown, &one, &p, NULL, &e);
    pipeline_dispose(&p);
    if (!code) {
        struct worker_column reduced = *column;
        reduced.source = shown.source_attributions;
        reduced.target = shown.target_attributions;
        bool stored = worker_column_store(&a->shown, &reduced);
        attribution_sequence_dispose(&shown);
        if (stored) {
            map_update_column(&a->map, g);
            atlas_show(&a->atlas, raw);
        } else {
            app_aggregate(a);
        }
    }
    struct worker_event holder = {.column = column};
    worker_event_dispose(&holder);
}
