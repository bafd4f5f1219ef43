/*
 * The arrays of a result by name, as formats of arrays keep them. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_ARRAYS_H
#define TINSEQ_VIEWS_EXPORT_ARRAYS_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>

struct export_array {
    char *name; /* "source_attributions", "step_scores.probability"; valid UTF-8, no other array of
                   the list has it */
    const struct scores *scores; /* borrowed; has data */
};
struct export_arrays {
    struct export_array *items;
    size_t n;
};

/* Those of one sequence, attributions first. Dispose of them. */
struct export_arrays export_arrays_of(const struct attribution_sequence *s);
/* Those of all sequences, each name with its sequence's number from 0 before it:
 * "0.step_scores.probability". */
struct export_arrays export_arrays_of_all(const struct attribution *a);
void export_arrays_dispose(struct export_arrays *a);

/* Whether an array is kept as int64: whole numbers, none of them missing. Else it is float32. */
bool export_array_is_integer(const struct scores *s);
size_t export_array_bytes(const struct scores *s);
/* The elements in C order, little-endian: export_array_bytes of them, borrowed from the scores, or
 * *owned, to be freed, where they are converted. */
const void *export_array_data(void **owned, const struct scores *s);

/* Appends bytes piece by piece, so that a file's need not all be in memory. */
void export_put_bytes(struct text_buffer *b, const void *data, size_t n);

/* Appends a list of tokens as JSON: [{"id":1,"token":"\u0120Paris"}]. */
void export_tokens_json(struct text_buffer *b, const struct token_list *list);

#endif
