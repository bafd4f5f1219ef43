#include "views/export/arrays.h"

#include "backend/base/json.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether a sequence, whose arrays begin at `from`, has one of that name. */
static bool has(const struct export_arrays *a, size_t from, const char *name) {
    for (size_t i = from; i < a->n; i++)
        if (strcmp(a->items[i].name, name) == 0)
            return true;
    return false;
}

/* A name that is there already (a file may say one twice) gets a number. */
static void add_take(struct export_arrays *to, size_t from, char *name,
                     const struct scores *scores) {
    char *free_name = mem_text(name);
    for (int again = 2; has(to, from, free_name); again++)
        mem_replace(&free_name, mem_format("%s.%d", name, again));
    mem_replace(&name, free_name);
    to->items = mem_resize(to->items, (to->n + 1) * sizeof *to->items);
    to->items[to->n++] = (struct export_array){name, scores};
}

static void add_named(struct export_arrays *to, size_t from, const char *prefix, const char *group,
                      const struct named_scores *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!items[i].scores.data)
            continue;
        char *name = text_repaired(items[i].name, strlen(items[i].name));
        add_take(to, from, mem_format("%s%s.%s", prefix, group, name), &items[i].scores);
        free(name);
    }
}

static void add_sequence(struct export_arrays *to, const char *prefix,
                         const struct attribution_sequence *s) {
    const size_t from = to->n;
    if (s->source_attributions.data)
        add_take(to, from, mem_format("%ssource_attributions", prefix), &s->source_attributions);
    if (s->target_attributions.data)
        add_take(to, from, mem_format("%starget_attributions", prefix), &s->target_attributions);
    add_named(to, from, prefix, "step_scores", s->step_scores, s->n_step_scores);
    add_named(to, from, prefix, "sequence_scores", s->sequence_scores, s->n_sequence_scores);
}

struct export_arrays export_arrays_of(const struct attribution_sequence *s) {
    struct export_arrays all = {0};
    add_sequence(&all, "", s);
    return all;
}

struct export_arrays export_arrays_of_all(const struct attribution *a) {
    struct export_arrays all = {0};
    for (size_t i = 0; i < a->n_sequences; i++) {
        char *prefix = mem_format("%zu.", i);
        add_sequence(&all, prefix, &a->sequences[i]);
        free(prefix);
    }
    return all;
}

void export_arrays_dispose(struct export_arrays *a) {
    for (size_t i = 0; i < a->n; i++)
        free(a->items[i].name);
    free(a->items);
    *a = (struct export_arrays){0};
}

/* --- elements --- */

bool export_array_is_integer(const struct scores *s) {
    if (!s->integer)
        return false;
    for (int64_t i = 0, n = scores_count(s); i < n; i++)
        if (!(fabsf(s->data[i]) < 9e18f)) /* NaN too */
            return false;
    return true;
}

size_t export_array_bytes(const struct scores *s) {
    return (size_t)scores_count(s) * (export_array_is_integer(s) ? sizeof(int64_t) : sizeof(float));
}

/* Every machine that this runs on is little-endian. */
const void *export_array_data(void **owned, const struct scores *s) {
    const int64_t n = scores_count(s);
    *owned = NULL;
    if (!export_array_is_integer(s))
        return s->data;
    int64_t *whole = mem_alloc((size_t)n * sizeof *whole);
    for (int64_t i = 0; i < n; i++)
        whole[i] = (int64_t)s->data[i];
    return *owned = whole;
}

#define PIECE ((size_t)1 << 20)

void export_put_bytes(struct text_buffer *b, const void *data, size_t n) {
    for (size_t at = 0; at < n; at += PIECE) {
        text_buffer_add(b, (const char *)data + at, n - at < PIECE ? n - at : PIECE);
        text_buffer_drain(b);
    }
}

void export_tokens_json(struct text_buffer *b, const struct token_list *list) {
    text_buffer_puts(b, "[");
    for (size_t i = 0; i < list->n; i++) {
        char *piece = token_written(&list->items[i]);
        text_buffer_format(b, "%s{\"id\":%d,\"token\":", i ? "," : "", list->items[i].id);
        json_write_string(b, piece, strlen(piece));
        text_buffer_puts(b, "}");
        free(piece);
    }
    text_buffer_puts(b, "]");
}
