#include "views/export/result_json.h"

#include "backend/base/json.h"
#include "methods/result/scores_text.h"
#include "views/export/export.h"
#include "views/export/result_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void result_out_key(struct text_buffer *b, int depth, const char *key) {
    json_write_line(b, depth);
    json_write_string(b, key, strlen(key));
    text_buffer_puts(b, ": ");
}

int result_out_inside(const struct result_out *o) {
    return o->how.primitives ? 1 : 2;
}

void result_out_open(const struct result_out *o, int depth, const char *module, const char *name) {
    struct text_buffer *b = o->b;
    text_buffer_puts(b, "{");
    if (o->how.primitives)
        return;
    result_out_key(b, depth + 1, "__instance_type__");
    text_buffer_puts(b, "[");
    json_write_line(b, depth + 2);
    json_write_string(b, module, strlen(module));
    text_buffer_puts(b, ",");
    json_write_line(b, depth + 2);
    json_write_string(b, name, strlen(name));
    json_write_line(b, depth + 1);
    text_buffer_puts(b, "],");
    result_out_key(b, depth + 1, "attributes");
    text_buffer_puts(b, "{");
}

void result_out_close(const struct result_out *o, int depth) {
    for (int d = depth + result_out_inside(o) - 1; d >= depth; d--) {
        json_write_line(o->b, d);
        text_buffer_puts(o->b, "}");
    }
}

void result_out_tokens(const struct result_out *o, int depth, const struct token_list *list) {
    text_buffer_puts(o->b, "[");
    for (size_t i = 0; i < list->n; i++) {
        char *piece = token_written(&list->items[i]);
        const int member = depth + 1 + result_out_inside(o);
        json_write_line(o->b, depth + 1);
        result_out_open(o, depth + 1, "inseq.utils.typing", "TokenWithId");
        result_out_key(o->b, member, "id");
        text_buffer_format(o->b, "%d,", list->items[i].id);
        result_out_key(o->b, member, "token");
        json_write_string(o->b, piece, strlen(piece));
        free(piece);
        result_out_close(o, depth + 1);
        if (i + 1 < list->n)
            text_buffer_puts(o->b, ",");
    }
    if (list->n)
        json_write_line(o->b, depth);
    text_buffer_puts(o->b, "]");
}

static void write_scores(const struct result_out *o, const struct scores *s) {
    if (!s->data) {
        text_buffer_puts(o->b, "null");
        return;
    }
    text_buffer_puts(o->b, "\"");
    scores_text_write(o->b, s, o->how.precision);
    text_buffer_puts(o->b, "\"");
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const struct named_scores *const *)a)->name,
                  (*(const struct named_scores *const *)b)->name);
}

const struct named_scores **result_out_sorted(const struct named_scores *items, size_t n) {
    const struct named_scores **sorted = mem_alloc((n + 1) * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &items[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    return sorted;
}

static void write_named(const struct result_out *o, int depth, const struct named_scores *items,
                        size_t n) {
    const struct named_scores **sorted = result_out_sorted(items, n);
    text_buffer_puts(o->b, "{");
    for (size_t i = 0; i < n; i++) {
        result_out_key(o->b, depth + 1, sorted[i]->name);
        write_scores(o, &sorted[i]->scores);
        if (i + 1 < n)
            text_buffer_puts(o->b, ",");
    }
    if (n)
        json_write_line(o->b, depth);
    text_buffer_puts(o->b, "}");
    free(sorted);
}

const char *result_json_class(const struct attribution_sequence *s) {
    static const char *const names[] = {
        [ATTRIBUTION_COARSE] = "CoarseFeatureAttributionSequenceOutput",
        [ATTRIBUTION_GRANULAR] = "GranularFeatureAttributionSequenceOutput",
        [ATTRIBUTION_MULTI_DIMENSIONAL] = "MultiDimensionalFeatureAttributionSequenceOutput",
        [ATTRIBUTION_PLAIN] = "FeatureAttributionSequenceOutput",
    };
    return s->class_name ? s->class_name : names[s->class];
}

static void write_sequence(const struct result_out *o, int depth,
                           const struct attribution_sequence *s) {
    struct text_buffer *b = o->b;
    const int member = depth + result_out_inside(o);
    result_out_open(o, depth, "inseq.data.attribution", result_json_class(s));
    result_out_key(b, member, "attr_pos_end");
    text_buffer_format(b, "%lld,", (long long)s->attr_pos_end);
    result_out_key(b, member, "attr_pos_start");
    text_buffer_format(b, "%lld,", (long long)s->attr_pos_start);
    result_out_key(b, member, "sequence_scores");
    write_named(o, member, s->sequence_scores, s->n_sequence_scores);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "source");
    result_out_tokens(o, member, &s->source);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "source_attributions");
    write_scores(o, &s->source_attributions);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "step_scores");
    write_named(o, member, s->step_scores, s->n_step_scores);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "target");
    result_out_tokens(o, member, &s->target);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "target_attributions");
    write_scores(o, &s->target_attributions);
    result_out_close(o, depth);
}

void result_json_candidates(struct text_buffer *b, const struct attribution_sequence *s) {
    text_buffer_puts(b, s->candidates ? "[" : "null");
    for (int64_t g = 0; s->candidates && g < attribution_steps(s); g++) {
        text_buffer_puts(b, g ? ",[" : "[");
        for (size_t k = 0; k < s->candidates[g].n; k++) {
            const struct step_candidate *c = &s->candidates[g].items[k];
            text_buffer_format(b, "%s[%d,", k ? "," : "", c->id);
            json_write_string(b, c->piece, strlen(c->piece));
            text_buffer_format(b, ",%.6g]",
                               isfinite(c->probability) ? (double)c->probability : 0.0);
        }
        text_buffer_puts(b, "]");
    }
    text_buffer_puts(b, s->candidates ? "]" : "");
}

/* Of each sequence, compact, because indent 4 would give each number a line. */
static char *candidates_text(const struct attribution *a) {
    struct text_buffer b = {0};
    bool any = false;
    text_buffer_puts(&b, "[");
    for (size_t i = 0; i < a->n_sequences; i++) {
        any = any || a->sequences[i].candidates;
        text_buffer_puts(&b, i ? "," : "");
        result_json_candidates(&b, &a->sequences[i]);
    }
    text_buffer_puts(&b, "]");
    if (!any)
        text_buffer_dispose(&b);
    return any ? text_buffer_take(&b) : NULL;
}

/* Stands before a slot's number, and nowhere else in JSON, which escapes it. */
#define SLOT_MARK '\1'

/* The slot's value becomes its mark, which is written as a number is: as it stands. */
static void mark_slot(struct json_document *d, const struct result_json_slot *slot,
                      const char *mark) {
    const struct json_value *object = json_root(d);
    if (slot->object)
        object = json_get(object, slot->object);
    struct json_value *v = object ? json_get(object, slot->key) : NULL;
    if (v) {
        v->type = JSON_NUMBER;
        v->text = mark;
        v->n_text = strlen(mark);
    }
}

/* With what is put in the place of each mark. */
static void write_filled(struct text_buffer *b, const char *text,
                         const struct result_json_fill *fill) {
    for (const char *mark; (mark = strchr(text, SLOT_MARK)); text = mark + 3) {
        text_buffer_add(b, text, (size_t)(mark - text));
        fill->put(fill->user, b, (size_t)(mark[1] - '0') * 10 + (size_t)(mark[2] - '0'));
    }
    text_buffer_puts(b, text);
}

static void write_values(struct text_buffer *b, int depth, struct json_document *d,
                         const struct result_json_fill *fill) {
    struct text_buffer marked = {0};
    char marks[100][4];
    for (size_t i = 0; fill && i < fill->n_slots; i++) {
        snprintf(marks[i], sizeof marks[i], "%c%zu%zu", SLOT_MARK, i / 10 % 10, i % 10);
        mark_slot(d, &fill->slots[i], marks[i]);
    }
    json_write(&marked, json_root(d), depth);
    write_filled(b, marked.text, fill);
    text_buffer_dispose(&marked);
}

/* What the result was made of, and its candidates, which Inseq has no place for either. */
static void write_info(struct text_buffer *b, int depth, const struct attribution *a,
                       const struct result_json_fill *fill) {
    struct result_info info = a->info; /* borrows all but the candidates */
    struct json_document *d = NULL;
    struct err ignored;
    info.candidates = candidates_text(a);
    char *text = result_info_text(&info);
    if (json_parse(&d, text, strlen(text), &ignored) == ERR_OK)
        write_values(b, depth, d, fill);
    json_free(d);
    free(info.candidates);
    free(text);
}

static struct result_out out_of(struct text_buffer *b, const struct export_how *how) {
    return (struct result_out){b, how ? *how : (struct export_how){0}};
}

void result_json_begin(struct text_buffer *b, const struct attribution *a,
                       const struct export_how *how, const struct result_json_fill *fill) {
    const struct result_out o = out_of(b, how);
    const int member = result_out_inside(&o);
    result_out_open(&o, 0, "inseq.data.attribution", "FeatureAttributionOutput");
    result_out_key(b, member, "info");
    write_info(b, member, a, fill);
    text_buffer_puts(b, ",");
    result_out_key(b, member, "sequence_attributions");
    text_buffer_puts(b, "[");
}

void result_json_sequence(struct text_buffer *b, const struct attribution_sequence *s, bool last,
                          const struct export_how *how) {
    const struct result_out o = out_of(b, how);
    const int member = result_out_inside(&o);
    json_write_line(b, member + 1);
    write_sequence(&o, member + 1, s);
    if (last)
        json_write_line(b, member);
    else
        text_buffer_puts(b, ",");
}

void result_json_end(struct text_buffer *b, const struct attribution *a,
                     const struct export_how *how) {
    const struct result_out o = out_of(b, how);
    const int member = result_out_inside(&o);
    text_buffer_puts(b, "],");
    result_out_key(b, member, "step_attributions");
    result_out_steps(&o, member, a);
    result_out_close(&o, 0);
}

void result_json_write(struct text_buffer *b, const struct attribution *a,
                       const struct export_how *how) {
    result_json_begin(b, a, how, NULL);
    for (size_t i = 0; i < a->n_sequences; i++)
        result_json_sequence(b, &a->sequences[i], i + 1 == a->n_sequences, how);
    result_json_end(b, a, how);
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    (void)e;
    for (size_t i = 0; i < in->result->n_sequences; i++)
        if (in->result->sequences[i].one_step) {
            export_tell(in, "Inseq's file has one target: the token that is explained stands in it "
                            "once for each of its foils");
            break;
        }
    result_json_write(b, in->result, &in->how);
    return ERR_OK;
}

const struct export export_json = {
    .id = "json",
    .title = "JSON",
    .noun = "attributions",
    .help = "The raw scores as Inseq's FeatureAttributionOutput.load reads them.",
    .endings = {".json", ".json.gz"},
    .keeps_result = true,
    .write = write,
};
