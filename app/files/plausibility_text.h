/*
 * How far scores lie where a person marked a text, as JSON and as a table. Plain data in, text out.
 * Any thread.
 */
#ifndef TINSEQ_APP_PLAUSIBILITY_TEXT_H
#define TINSEQ_APP_PLAUSIBILITY_TEXT_H

#include "backend/base/mem.h"
#include "methods/evaluation/plausibility.h"

struct cJSON;

/* All borrowed. */
struct plausibility_told {
    const struct rationale *rationale;
    const struct attribution_sequence *tokens; /* at least the rationale's rows */
    double threshold;                          /* NaN: its size chooses */
    const struct plausibility *methods;
    size_t n_methods;
};

/* Adds "rationale" to an evaluation and "plausibility" to each of its methods. */
void plausibility_json(struct cJSON *evaluation, const struct plausibility_told *p);
void plausibility_table(struct text_buffer *b, const struct plausibility_told *p,
                        const char *const *names);

#endif
