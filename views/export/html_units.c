/* Tokens as the page's script knows them: {"steps": [names], "units": [UNIT]}, tokens first. A UNIT
 * is {"id", "title", "label", "note", "at": first column's token, "columns": n, "source": SIDE,
 * "target": SIDE, "scores": [[step scores]], "done": [0 or 1]}, or {"id", "title", "none": true}
 * where nothing is joined. A SIDE is {"names", "special": [which], "from": [each one's first
 * token], "rows": how many have scores, "limits": [rows that a column sees], "text": [running text;
 * null: it is part of the one before]}. Scripts of a page end where "</" is: none stands in it. */
#include "aggregators/aggregate.h"
#include "aggregators/functions.h"
#include "aggregators/grouping.h"
#include "aggregators/unit_list.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "views/export/html_contrast.h"
#include "views/export/html_data.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_string(struct text_buffer *b, const char *text) {
    char *shown = text_sanitise(text, strlen(text), false);
    json_write_flat_string(b, shown, strlen(shown));
    free(shown);
}

static void put_comma(struct text_buffer *b, int64_t i) {
    text_buffer_puts(b, i > 0 ? "," : "");
}

static void put_names(struct text_buffer *b, const struct token_list *list) {
    bool any = false;
    text_buffer_puts(b, "\"names\":[");
    for (size_t i = 0; i < list->n; i++) {
        put_comma(b, (int64_t)i);
        put_string(b, list->items[i].printable);
    }
    text_buffer_puts(b, "],\"special\":[");
    for (size_t i = 0; i < list->n; i++)
        if (list->items[i].special) {
            text_buffer_format(b, "%s%zu", any ? "," : "", i);
            any = true;
        }
    text_buffer_puts(b, "]");
}

static void put_text(struct text_buffer *b, const struct token_list *list) {
    text_buffer_puts(b, ",\"text\":[");
    for (size_t i = 0, n; i < list->n; i += n) {
        n = token_list_whole(list, i);
        char *text = token_list_text(list, i, n);
        put_comma(b, (int64_t)i);
        json_write_flat_string(b, text, strlen(text));
        for (size_t k = 1; k < n; k++)
            text_buffer_puts(b, ",null");
        free(text);
    }
    text_buffer_puts(b, "]");
}

/* Rows of a side that column g sees. */
static int64_t limit_of(const struct attribution_sequence *s, bool target, int64_t g,
                        int64_t rows) {
    int64_t limit = 0;
    while (limit < rows && attribution_sees(s, target, limit, g))
        limit++;
    return limit;
}

/* One unit of a part under way: the sequence that it makes, and of which tokens; NULL: of each. */
struct made {
    const struct attribution_sequence *s;
    const struct grouping *of;
    int64_t columns, rows[2];
};

static void put_side(struct text_buffer *b, const struct made *m, bool target) {
    const struct token_list *list = target ? &m->s->target : &m->s->source;
    const int64_t rows = m->rows[target];
    text_buffer_format(b, ",\"%s\":{", target ? "target" : "source");
    put_names(b, list);
    if (m->of) {
        const struct partition *p = target ? &m->of->target : &m->of->source;
        text_buffer_puts(b, ",\"from\":[");
        for (size_t i = 0; i < p->n; i++)
            text_buffer_format(b, "%s%lld", i ? "," : "", (long long)p->items[i].from);
        text_buffer_puts(b, "]");
    } else {
        put_text(b, list);
    }
    text_buffer_format(b, ",\"rows\":%lld,\"limits\":[", (long long)rows);
    for (int64_t g = 0; rows > 0 && g < m->columns; g++) {
        put_comma(b, g);
        text_buffer_format(b, "%lld", (long long)limit_of(m->s, target, g, rows));
    }
    text_buffer_puts(b, "]}");
}

static void put_values(struct text_buffer *b, const float *values, int64_t n) {
    text_buffer_puts(b, "[");
    for (int64_t g = 0; g < n; g++) {
        put_comma(b, g);
        if (isfinite(values[g]))
            number_exact(b, values[g]);
        else
            text_buffer_puts(b, "null");
    }
    text_buffer_puts(b, "]");
}

/* Whether what is shown was joined before it came here. */
static bool is_joined(const struct attribution_sequence *s) {
    bool any = false;
    for (size_t i = 0; i < s->target.n && !any; i++)
        any = s->target.items[i].id < 0 && !strstr(s->target.items[i].printable, HTML_ARROW);
    return any;
}

static void put_unit(struct text_buffer *b, const struct unit *unit, const struct made *m,
                     const char *note) {
    const struct attribution_sequence *s = m->s;
    text_buffer_format(b, "{\"id\":\"%s\",\"title\":", unit->id);
    put_string(b, unit->title);
    if (note) {
        text_buffer_puts(b, ",\"note\":");
        put_string(b, note);
    }
    if (!m->of && is_joined(s))
        text_buffer_puts(b, ",\"label\":\"as shown\"");
    text_buffer_format(b, ",\"at\":%lld,\"columns\":%lld", (long long)s->attr_pos_start,
                       (long long)m->columns);
    put_side(b, m, false);
    put_side(b, m, true);
    text_buffer_puts(b, ",\"scores\":[");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        put_comma(b, (int64_t)i);
        put_values(b, s->step_scores[i].scores.data, m->columns);
    }
    text_buffer_puts(b, "],\"done\":[");
    for (int64_t g = 0; s->done && g < m->columns; g++)
        text_buffer_format(b, "%s%d", g ? "," : "", s->done[g]);
    text_buffer_puts(b, "]}");
}

static void put_none(struct text_buffer *b, const struct unit *unit, const char *note) {
    text_buffer_format(b, "{\"id\":\"%s\",\"title\":", unit->id);
    put_string(b, unit->title);
    if (note) {
        text_buffer_puts(b, ",\"note\":");
        put_string(b, note);
    }
    text_buffer_puts(b, ",\"none\":true}");
}

/* Rows and columns of a unit, by their sums. */
static struct pipeline pipeline_of(const struct unit *unit) {
    struct pipeline p = {0};
    struct aggregate_stage *s = pipeline_append(&p, "units", aggregate_function_find("sum"));
    struct text_buffer id = {0};
    json_write_flat_string(&id, unit->id, strlen(unit->id));
    pipeline_set(s, "rows", id.text);
    pipeline_set(s, "columns", id.text);
    text_buffer_dispose(&id);
    return p;
}

static bool joins(const struct attribution_sequence *made, const struct attribution_sequence *of) {
    return made->target.n < of->target.n || made->source.n < of->source.n;
}

/* Rows that some step can see, whatever the layer and head: the script leaves out the last one
 * where it has no number, as attribution_visible_rows does. */
static int64_t most_rows(const struct attribution_sequence *s, bool target) {
    const int64_t last = s->attr_pos_end - 1, rows = attribution_visible_rows(s, target);
    const bool joined = target && s->target_attributions.data && last >= 0 &&
                        last < (int64_t)s->target.n && s->target.items[last].id < 0;
    return joined ? last + 1 : rows;
}

/* One that does not fit these tokens, or wants to be told more, is left out. */
static void put_joined(struct text_buffer *b, const struct html_part *p, const struct unit *unit) {
    struct attribution_sequence s;
    struct grouping of = {0};
    struct info_texts notices = {0};
    struct err ignored;
    struct pipeline pipeline = pipeline_of(unit);
    const struct aggregate_context context = {.notices = &notices, .made = &of};
    const enum err_code code = aggregate_sequence(&s, p->flat, &pipeline, &context, &ignored);
    const char *note = notices.n ? notices.items[0] : NULL;
    if (!code) {
        const struct made m = {
            &s, &of, attribution_steps(&s), {most_rows(&s, false), most_rows(&s, true)}};
        text_buffer_puts(b, ",");
        if (joins(&s, p->flat))
            put_unit(b, unit, &m, note);
        else
            put_none(b, unit, note);
        attribution_sequence_dispose(&s);
    }
    pipeline_dispose(&pipeline);
    grouping_dispose(&of);
    info_texts_dispose(&notices);
}

/* A part of a unit would have a wrong sum: only a whole text is joined. */
static void put_all(struct text_buffer *b, const struct html_part *p) {
    const struct attribution_sequence *s = p->flat;
    size_t n;
    const struct unit *const *all = units(&n);
    text_buffer_puts(b, "{\"steps\":[");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        put_comma(b, (int64_t)i);
        put_string(b, s->step_scores[i].name);
    }
    text_buffer_puts(b, "],\"units\":[");
    put_unit(b, all[0], &(struct made){s, NULL, p->columns, {p->rows[0], p->rows[1]}}, NULL);
    for (size_t i = 1; i < n && html_is_whole(p); i++)
        put_joined(b, p, all[i]);
    text_buffer_puts(b, "]}");
}

void html_tokens(struct text_buffer *b, const struct html_part *p) {
    struct text_buffer json = {0};
    put_all(&json, p);
    text_buffer_puts(b, "<script class=tokens type=\"application/json\">");
    for (const char *at = json.text; *at; at++)
        if (*at == '<')
            text_buffer_puts(b, "\\u003c");
        else
            text_buffer_add(b, at, 1);
    text_buffer_puts(b, "</script>\n");
    text_buffer_dispose(&json);
}
