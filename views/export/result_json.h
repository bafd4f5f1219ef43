/* A result in Inseq 0.7.1's JSON: what FeatureAttributionOutput.save writes. Any thread. */
#ifndef TINSEQ_VIEWS_RESULT_JSON_H
#define TINSEQ_VIEWS_RESULT_JSON_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

#include <stdbool.h>

/* Appends the JSON of a result, without a final newline (as Inseq writes it). Arrays are written as
 * they are: aggregate first to keep aggregated scores. Each step's candidates, which Inseq does not
 * know, go into info.tinseq.candidates. `how` NULL: as Inseq does unless told otherwise. */
void result_json_write(struct text_buffer *b, const struct attribution *a,
                       const struct export_how *how);

/* The same piece by piece, for results whose scores are not all in memory: what stands before its
 * sequences, each of them, and what stands behind. `a` needs its sequences' candidates alone. */
struct result_json_slot {
    const char *object, *key; /* a member of the info, or of an object in it (NULL: of itself) */
};
/* Members of the info that are not in memory: each that `a` has something for is written by `put`
 * instead, which may drain what it wrote. */
struct result_json_fill {
    const struct result_json_slot *slots; /* [n_slots], at most 100 */
    size_t n_slots;
    void (*put)(void *user, struct text_buffer *b, size_t slot);
    void *user;
};
/* `fill` NULL: all is in memory. */
void result_json_begin(struct text_buffer *b, const struct attribution *a,
                       const struct export_how *how, const struct result_json_fill *fill);
void result_json_sequence(struct text_buffer *b, const struct attribution_sequence *s, bool last,
                          const struct export_how *how);
void result_json_end(struct text_buffer *b, const struct attribution *a,
                     const struct export_how *how);

/* The class of a sequence by its name in files. Borrowed. */
const char *result_json_class(const struct attribution_sequence *s);
/* Appends a sequence's candidates: null or [per step: [[id, piece, probability] …]]. */
void result_json_candidates(struct text_buffer *b, const struct attribution_sequence *s);

#endif
