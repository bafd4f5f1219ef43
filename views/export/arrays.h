/*
 * The arrays of a result by name, as formats of arrays keep them. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_ARRAYS_H
#define TINSEQ_VIEWS_EXPORT_ARRAYS_H

#include "methods/result/attribution.h"

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
void export_arrays_dispose(struct export_arrays *a);

#endif
