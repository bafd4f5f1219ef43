/* Step attributions in Inseq's JSON: objects of numpy's arrays, as its serializer writes them. */
#include "views/export/result_out.h"

#include "backend/base/base64.h"
#include "backend/base/json.h"
#include "methods/result/scores_type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number as Python prints a float, or an int. */
static void put_number(struct text_buffer *b, float value, bool integer) {
    const size_t before = b->n;
    if (isnan(value)) {
        text_buffer_puts(b, "NaN");
        return;
    }
    if (isinf(value)) {
        text_buffer_puts(b, value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    json_write_number(b, (double)value);
    if (!integer && !b->text[before + strspn(b->text + before, "-0123456789")])
        text_buffer_puts(b, ".0");
}

/* Lists inside each other from dimension `dim` on, of the numbers from *at. */
static void put_lists(struct text_buffer *b, int depth, const struct scores *s, int dim,
                      int64_t *at) {
    if (dim == s->n_dims) {
        put_number(b, s->data[(*at)++], s->integer);
        text_buffer_drain(b);
        return;
    }
    text_buffer_puts(b, "[");
    for (int64_t i = 0; i < s->dims[dim]; i++) {
        text_buffer_puts(b, i ? "," : "");
        json_write_line(b, depth + 1);
        put_lists(b, depth + 1, s, dim + 1, at);
    }
    if (s->dims[dim])
        json_write_line(b, depth);
    text_buffer_puts(b, "]");
}

static void put_packed(struct text_buffer *b, const struct scores *s) {
    const enum scores_type type = scores_type_of(s, SCORES_F32);
    const size_t n = (size_t)scores_count(s) * scores_type_about(type)->size;
    unsigned char *bytes = mem_alloc(n);
    scores_encode(bytes, s->data, scores_count(s), type);
    text_buffer_puts(b, "\"b64:");
    base64_add(b, bytes, n);
    text_buffer_puts(b, "\"");
    free(bytes);
}

static void put_array(const struct result_out *o, int depth, const struct scores *s) {
    struct text_buffer *b = o->b;
    int64_t at = 0;
    if (!s->data) {
        text_buffer_puts(b, "null");
        return;
    }
    if (o->how.primitives) {
        put_lists(b, depth, s, 0, &at);
        return;
    }
    text_buffer_puts(b, "{");
    if (s->n_dims > 1) {
        result_out_key(b, depth + 1, "Corder");
        text_buffer_puts(b, "true,");
    }
    result_out_key(b, depth + 1, "__ndarray__");
    if (o->how.lists)
        put_lists(b, depth + 1, s, 0, &at);
    else
        put_packed(b, s);
    text_buffer_puts(b, ",");
    result_out_key(b, depth + 1, "dtype");
    text_buffer_puts(b, s->integer ? "\"int64\"," : "\"float32\",");
    result_out_key(b, depth + 1, "shape");
    text_buffer_puts(b, "[");
    for (int i = 0; i < s->n_dims; i++) {
        text_buffer_puts(b, i ? "," : "");
        json_write_line(b, depth + 2);
        text_buffer_format(b, "%lld", (long long)s->dims[i]);
    }
    json_write_line(b, depth + 1);
    text_buffer_puts(b, "]");
    json_write_line(b, depth);
    text_buffer_puts(b, "}");
    text_buffer_drain(b);
}

static void put_named(const struct result_out *o, int depth, const struct named_scores *items,
                      size_t n) {
    const struct named_scores **sorted = result_out_sorted(items, n);
    text_buffer_puts(o->b, "{");
    for (size_t i = 0; i < n; i++) {
        result_out_key(o->b, depth + 1, sorted[i]->name);
        put_array(o, depth + 1, &sorted[i]->scores);
        text_buffer_puts(o->b, i + 1 < n ? "," : "");
    }
    if (n)
        json_write_line(o->b, depth);
    text_buffer_puts(o->b, "}");
    free(sorted);
}

static void put_tokens(const struct result_out *o, int depth, const struct step_tokens *t) {
    if (!t->items) {
        text_buffer_puts(o->b, "null");
        return;
    }
    text_buffer_puts(o->b, "[");
    for (size_t i = 0; i < t->n; i++) {
        text_buffer_puts(o->b, i ? "," : "");
        json_write_line(o->b, depth + 1);
        result_out_tokens(o, depth + 1, &t->items[i]);
    }
    if (t->n)
        json_write_line(o->b, depth);
    text_buffer_puts(o->b, "]");
}

/* The class of the steps of sequences of a class. */
static const char *usual_class(const struct attribution *a) {
    static const char *const names[] = {
        [ATTRIBUTION_COARSE] = "CoarseFeatureAttributionStepOutput",
        [ATTRIBUTION_GRANULAR] = "GranularFeatureAttributionStepOutput",
        [ATTRIBUTION_MULTI_DIMENSIONAL] = "MultiDimensionalFeatureAttributionStepOutput",
        [ATTRIBUTION_PLAIN] = "FeatureAttributionStepOutput",
    };
    return names[a->n_sequences ? a->sequences[0].class : ATTRIBUTION_PLAIN];
}

static void put_step(const struct result_out *o, int depth, const struct attribution_step *s,
                     const char *class) {
    struct text_buffer *b = o->b;
    const int member = depth + result_out_inside(o);
    result_out_open(o, depth, "inseq.data.attribution", class);
    result_out_key(b, member, "prefix");
    put_tokens(o, member, &s->prefix);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "sequence_scores");
    put_named(o, member, s->sequence_scores, s->n_sequence_scores);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "source");
    put_tokens(o, member, &s->source);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "source_attributions");
    put_array(o, member, &s->source_attributions);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "step_scores");
    put_named(o, member, s->step_scores, s->n_step_scores);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "target");
    put_tokens(o, member, &s->target);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "target_attributions");
    put_array(o, member, &s->target_attributions);
    result_out_close(o, depth);
}

void result_out_steps(const struct result_out *o, int depth, const struct attribution *a) {
    if (!a->steps.items) {
        text_buffer_puts(o->b, "null");
        return;
    }
    text_buffer_puts(o->b, "[");
    for (size_t i = 0; i < a->steps.n; i++) {
        const struct attribution_step *s = &a->steps.items[i];
        text_buffer_puts(o->b, i ? "," : "");
        json_write_line(o->b, depth + 1);
        put_step(o, depth + 1, s, s->class_name ? s->class_name : usual_class(a));
    }
    if (a->steps.n)
        json_write_line(o->b, depth);
    text_buffer_puts(o->b, "]");
}
