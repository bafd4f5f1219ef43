#include "methods/result/context_kept.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "methods/result/context_rank.h"
#include "methods/result/kept_tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void context_kept_dispose(struct context_kept *k) {
    for (size_t i = 0; i < k->n_cues; i++) {
        free(k->cues[i].foil);
        free(k->cues[i].with);
        free(k->cues[i].without);
        free(k->cues[i].otherwise);
    }
    free(k->cues);
    free(k->metric);
    free(k->request);
    *k = (struct context_kept){0};
}

/* --- what is written --------------------------------------------------------------------- */

static void put_span(struct text_buffer *b, const char *key, const struct context_kept_span *span) {
    struct text_buffer members = {0};
    json_put_string(&members, "side", span->target ? "target" : "source");
    json_put_number(&members, "from", (double)span->from);
    json_put_number(&members, "to", (double)span->to);
    char *json = json_take_object(&members);
    json_put_value(b, key, span->given ? json : "null");
    free(json);
}

static char *cue_json(const struct context_kept_cue *cue) {
    struct text_buffer b = {0};
    json_put_number(&b, "column", (double)cue->column);
    json_put_number(&b, "score", cue->score);
    if (cue->has_foil)
        json_put_number(&b, "foil_id", cue->foil_id);
    json_put_string(&b, "foil", cue->foil);
    json_put_string(&b, "with", cue->with);
    json_put_string(&b, "without", cue->without);
    json_put_string(&b, "otherwise", cue->otherwise);
    return json_take_object(&b);
}

static void put_cues(struct text_buffer *b, const struct context_kept *k) {
    struct text_buffer list = {0};
    text_buffer_puts(&list, "[");
    for (size_t i = 0; i < k->n_cues; i++) {
        char *json = cue_json(&k->cues[i]);
        text_buffer_format(&list, "%s%s", i ? "," : "", json);
        free(json);
    }
    text_buffer_puts(&list, "]");
    json_put_value(b, "cues", list.text);
    text_buffer_dispose(&list);
}

char *context_kept_json(const struct context_kept *k, const struct attribution_sequence *s) {
    struct text_buffer b = {0};
    char *tokens = kept_tokens_text(s);
    json_put_string(&b, "metric", k->metric);
    json_put_number(&b, "threshold", k->threshold);
    json_put_value(&b, "tokens", tokens);
    put_span(&b, "input", &k->input);
    put_span(&b, "output", &k->output);
    json_put_number(&b, "cue_threshold", k->cue_threshold);
    json_put_number(&b, "cue_most", (double)k->cue_most);
    put_cues(&b, k);
    if (k->request)
        json_put_value(&b, "request", k->request);
    free(tokens);
    return json_take_object(&b);
}

/* --- what is read: a file is not to be trusted ---------------------------------------------- */

static char *read_text(const struct json_value *v) {
    return v && v->type == JSON_STRING ? mem_text_n(v->text, v->n_text) : NULL;
}

static char *read_object(const struct json_value *v) {
    struct text_buffer b = {0};
    if (!v || v->type != JSON_OBJECT)
        return NULL;
    json_write_flat(&b, v);
    return text_buffer_take(&b);
}

/* NaN: it is no number. */
static double read_number(const struct json_value *v) {
    double value;
    return json_number(&value, v) ? value : NAN;
}

static bool read_count(int64_t *out, const struct json_value *v, int64_t below) {
    return json_integer(out, v) && *out >= 0 && *out < below;
}

static struct context_kept_span read_span(const struct json_value *v,
                                          const struct attribution_sequence *s) {
    struct context_kept_span out = {.target = json_is(json_get(v, "side"), "target")};
    const size_t n = out.target ? s->target.n : s->source.n;
    out.given = read_count(&out.from, json_get(v, "from"), (int64_t)n + 1) &&
                read_count(&out.to, json_get(v, "to"), (int64_t)n + 1) && out.from <= out.to;
    return out.given ? out : (struct context_kept_span){0};
}

static bool read_cue(struct context_kept_cue *out, const struct json_value *v,
                     const struct attribution_sequence *s) {
    int64_t id;
    *out = (struct context_kept_cue){.score = read_number(json_get(v, "score"))};
    if (!read_count(&out->column, json_get(v, "column"), attribution_steps(s)))
        return false;
    out->has_foil = read_count(&id, json_get(v, "foil_id"), INT32_MAX);
    out->foil_id = out->has_foil ? (int32_t)id : 0;
    out->foil = read_text(json_get(v, "foil"));
    out->with = read_text(json_get(v, "with"));
    out->without = read_text(json_get(v, "without"));
    out->otherwise = read_text(json_get(v, "otherwise"));
    return true;
}

static void read_cues(struct context_kept *out, const struct json_value *list,
                      const struct attribution_sequence *s) {
    if (!list || list->type != JSON_ARRAY)
        return;
    out->cues = mem_alloc((list->n_members + 1) * sizeof *out->cues);
    for (const struct json_value *v = list->first; v; v = v->next)
        out->n_cues += read_cue(&out->cues[out->n_cues], v, s);
}

static bool read_kept(struct context_kept *out, const struct json_value *v,
                      const struct attribution_sequence *s) {
    if (!kept_tokens_are(json_get(v, "tokens"), s))
        return false;
    out->metric = read_text(json_get(v, "metric"));
    out->threshold = read_number(json_get(v, "threshold"));
    out->input = read_span(json_get(v, "input"), s);
    out->output = read_span(json_get(v, "output"), s);
    out->cue_threshold = read_number(json_get(v, "cue_threshold"));
    if (!read_count(&out->cue_most, json_get(v, "cue_most"), INT32_MAX))
        out->cue_most = 0;
    read_cues(out, json_get(v, "cues"), s);
    out->request = read_object(json_get(v, "request"));
    return true;
}

bool context_kept_read(struct context_kept *out, const char *json,
                       const struct attribution_sequence *s) {
    struct json_document *d;
    struct err ignored;
    *out = (struct context_kept){0};
    if (!json || json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return false;
    const bool good = read_kept(out, json_root(d), s);
    json_free(d);
    return good;
}

bool context_kept_done(struct attribution_sequence *s, const char *json) {
    struct context_kept kept;
    if (!context_kept_read(&kept, json, s))
        return false;
    const int64_t n = attribution_steps(s);
    free(s->done);
    s->done = mem_alloc((size_t)(n > 0 ? n : 1) * sizeof *s->done);
    s->n_done = 0;
    for (size_t i = 0; i < kept.n_cues; i++) {
        s->n_done += !s->done[kept.cues[i].column];
        s->done[kept.cues[i].column] = true;
    }
    context_kept_dispose(&kept);
    return true;
}

/* --- cues ----------------------------------------------------------------------------------- */

size_t context_kept_rows(size_t *rows, double *threshold, const struct context_kept *k,
                         const struct context_kept_span *side,
                         const struct attribution_sequence *flat, int64_t column) {
    const struct scores *s = side->target ? &flat->target_attributions : &flat->source_attributions;
    const int64_t n = side->given && s->data ? side->to - side->from : 0;
    if (n <= 0 || side->to > s->dims[0] || column >= s->dims[1])
        return 0;
    float *scores = mem_alloc((size_t)n * sizeof *scores);
    for (int64_t i = 0; i < n; i++)
        scores[i] = s->data[(side->from + i) * s->dims[1] + column];
    const double from = context_threshold(scores, (size_t)n, k->cue_threshold);
    const size_t n_cues = context_rank(rows, scores, (size_t)n, from, (size_t)k->cue_most);
    for (size_t i = 0; i < n_cues; i++)
        rows[i] += (size_t)side->from;
    if (threshold)
        *threshold = from;
    free(scores);
    return n_cues;
}
