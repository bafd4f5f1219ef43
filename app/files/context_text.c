#include "app/files/context_text.h"

#include "backend/base/text.h"
#include "methods/result/context_rank.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One of the two contexts, and the scores of its tokens in a column. */
struct side {
    const char *name, *text;
    const struct token_list *tokens;
    const struct scores *scores;
    struct context_span span;
};

static struct side input_side(const struct context_told *c) {
    const struct context_result *r = c->result;
    const struct attribution_sequence *s = c->reduced;
    const bool own = !r->input_on_target;
    return (struct side){"Input", r->input_context, own ? &s->source : &s->target,
                         own ? &s->source_attributions : &s->target_attributions,
                         r->input_context_tokens};
}

static struct side output_side(const struct context_told *c) {
    const struct context_result *r = c->result;
    return (struct side){"Output", r->output_context, &c->reduced->target,
                         &c->reduced->target_attributions, r->output_context_tokens};
}

static size_t side_tokens(const struct side *s) {
    return s->span.given ? (size_t)(s->span.to - s->span.from) : 0;
}

/* The side's scores in a column, owned. */
static float *column_of(const struct side *s, int64_t g) {
    const size_t n = side_tokens(s);
    float *out = mem_alloc((n + 1) * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = s->scores->data
                     ? s->scores->data[(s->span.from + (int64_t)i) * s->scores->dims[1] + g]
                     : NAN;
    return out;
}

/* --- JSON -------------------------------------------------------------------------------- */

static void add_text(cJSON *to, const char *key, const char *text) {
    if (text)
        cJSON_AddStringToObject(to, key, text);
    else
        cJSON_AddNullToObject(to, key);
}

static void add_pieces(cJSON *to, const char *key, const struct token_list *tokens, int64_t from,
                       int64_t end, bool given) {
    if (!given) {
        cJSON_AddNullToObject(to, key);
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(to, key);
    for (int64_t i = from; i < end; i++) {
        char *piece = token_written(&tokens->items[i]);
        cJSON_AddItemToArray(list, cJSON_CreateString(piece));
        free(piece);
    }
}

/* A number that is none is null: no JSON reader takes NaN. */
static cJSON *number(double x) {
    return isfinite(x) ? cJSON_CreateNumber(x) : cJSON_CreateNull();
}

static void add_scores(cJSON *to, const char *key, const struct side *s, int64_t g) {
    if (!s->span.given) {
        cJSON_AddNullToObject(to, key);
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(to, key);
    float *scores = column_of(s, g);
    for (size_t i = 0; i < side_tokens(s); i++)
        cJSON_AddItemToArray(list, number((double)scores[i]));
    free(scores);
}

static cJSON *cue_json(const struct context_told *c, const struct context_cue *cue) {
    const struct side input = input_side(c), output = output_side(c);
    cJSON *out = cJSON_CreateObject();
    char *piece = token_written(&c->result->current.items[cue->column]);
    cJSON_AddNumberToObject(out, "cti_idx", (double)cue->column);
    cJSON_AddStringToObject(out, "cti_token", piece);
    cJSON_AddItemToObject(out, "cti_score", number(cue->score));
    add_text(out, "contextual_output", cue->contextual_output);
    add_text(out, "contrast_token", cue->foil);
    add_text(out, "contextless_output", cue->contextless_output);
    add_scores(out, "input_context_scores", &input, cue->column);
    add_scores(out, "output_context_scores", &output, cue->column);
    free(piece);
    return out;
}

cJSON *context_json(const struct context_told *c) {
    const struct context_result *r = c->result;
    const struct side input = input_side(c), output = output_side(c);
    const int64_t n = (int64_t)r->current.n;
    cJSON *out = cJSON_CreateObject();
    add_text(out, "input_context", r->input_context);
    add_pieces(out, "input_context_tokens", input.tokens, input.span.from, input.span.to,
               input.span.given);
    add_text(out, "output_context", r->output_context);
    add_pieces(out, "output_context_tokens", output.tokens, output.span.from, output.span.to,
               output.span.given);
    add_text(out, "output_current", r->output_current);
    add_pieces(out, "output_current_tokens", &r->current, 0, n, true);
    cJSON *scores = cJSON_AddArrayToObject(out, "cti_scores");
    for (int64_t g = 0; g < n; g++)
        cJSON_AddItemToArray(scores, number((double)r->scores[g]));
    cJSON *cues = cJSON_AddArrayToObject(out, "cci_scores");
    for (size_t i = 0; i < r->n_cues; i++)
        cJSON_AddItemToArray(cues, cue_json(c, &r->cues[i]));
    return out;
}

/* --- lines ------------------------------------------------------------------------------- */

enum mark { MARK_SENSITIVE, MARK_CUE };

static void put_marked(struct text_buffer *b, const struct context_told *c, enum mark mark,
                       const char *text, double score) {
    static const char *const colours[] = {
        [MARK_SENSITIVE] = "\x1b[1;34m", [MARK_CUE] = "\x1b[1;32m"};
    if (c->colour)
        text_buffer_format(b, "%s%s(%.3f)\x1b[0m", colours[mark], text, score);
    else
        text_buffer_format(b, "%s(%.3f)", text, score);
}

static char *clean_token(const struct token *t) {
    return text_sanitise(t->bytes, t->n_bytes, false);
}

static void put_line(struct text_buffer *b, const char *name, const char *text) {
    char *clean = text_clean(text);
    text_buffer_format(b, "%-15s %s\n", name, clean);
    free(clean);
}

/* "std λ=1.00, top 2", or "all". */
static void put_limits(struct text_buffer *b, double deviations, size_t most) {
    if (deviations != 0)
        text_buffer_format(b, "std λ=%.2f", deviations);
    if (most)
        text_buffer_format(b, "%stop %zu", deviations != 0 ? ", " : "", most);
    if (deviations == 0 && !most)
        text_buffer_puts(b, "all");
}

static void put_heading(struct text_buffer *b, const struct context_told *c) {
    const struct context_request *r = c->request;
    const char *f = r->how.attributed_fn;
    text_buffer_puts(b, "\nContext with contextual cues (");
    put_limits(b, r->cue_threshold, (size_t)r->cue_most);
    text_buffer_puts(b, ") followed by output sentence with context-sensitive target spans (");
    put_limits(b, r->threshold, (size_t)r->most);
    text_buffer_format(b, ")\n(CTI = \"%s\", CCI = \"%s\" w/ \"%s\" target)\n\n", c->result->metric,
                       r->how.method ? r->how.method : "saliency", f ? f : "probability");
    if (c->result->input_context)
        put_line(b, "Input context:", c->result->input_context);
    put_line(b, "Input current:", r->input_current);
    if (c->result->output_context)
        put_line(b, "Output context:", c->result->output_context);
    put_line(b, "Output current:", c->result->output_current);
}

static void put_output(struct text_buffer *b, const struct context_told *c,
                       const struct context_cue *cue) {
    text_buffer_format(b, "Generated output (CTI > %.3f):\t", c->result->threshold);
    for (size_t i = 0; i < c->result->current.n; i++) {
        char *text = clean_token(&c->result->current.items[i]);
        if ((int64_t)i == cue->column)
            put_marked(b, c, MARK_SENSITIVE, text, cue->score);
        else
            text_buffer_puts(b, text);
        free(text);
    }
    text_buffer_puts(b, "\n");
}

static void put_cues(struct text_buffer *b, const struct context_told *c, const struct side *s,
                     const struct context_cue *cue) {
    const size_t n = side_tokens(s);
    if (!s->span.given)
        return;
    float *scores = column_of(s, cue->column);
    size_t *places = mem_alloc((n + 1) * sizeof *places);
    bool *marked = mem_alloc((n + 1) * sizeof *marked);
    const double threshold = context_threshold(scores, n, c->request->cue_threshold);
    const size_t n_kept = context_rank(places, scores, n, threshold, (size_t)c->request->cue_most);
    for (size_t i = 0; i < n_kept; i++)
        marked[places[i]] = true;
    text_buffer_format(b, "%s context (CCI > %.3f):\t", s->name, threshold);
    for (size_t i = 0; i < n; i++) {
        char *text = clean_token(&s->tokens->items[s->span.from + (int64_t)i]);
        if (marked[i])
            put_marked(b, c, MARK_CUE, text, (double)scores[i]);
        else
            text_buffer_puts(b, text);
        free(text);
    }
    text_buffer_puts(b, "\n");
    free(scores);
    free(places);
    free(marked);
}

void context_lines(struct text_buffer *b, const struct context_told *c) {
    const struct side input = input_side(c), output = output_side(c);
    put_heading(b, c);
    for (size_t i = 0; i < c->result->n_cues; i++) {
        text_buffer_format(b, "\n#%zu.\n", i + 1);
        put_output(b, c, &c->result->cues[i]);
        put_cues(b, c, &input, &c->result->cues[i]);
        put_cues(b, c, &output, &c->result->cues[i]);
    }
    if (!c->result->n_cues)
        text_buffer_puts(b, "\nNo token of the output depends on the context so much.\n");
}
