/*
 * Which method is best on several texts: evaluations of one text each, held against each other.
 * Plain data in, text out. Any thread.
 */
#ifndef TINSEQ_APP_OVER_TEXTS_H
#define TINSEQ_APP_OVER_TEXTS_H

#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

/* How sure a mean over texts is. */
struct over_texts_how {
    bool bootstrap; /* else Student's interval */
    uint64_t seed;  /* of the texts that are drawn again */
};

/* Of an array that evaluation_json and plausibility_json made, all of the same methods: each
 * number's mean over texts with an interval at 95 %, and how far a method lies behind the
 * best one, text by text. Adds "over_texts" to the first evaluation, and a table; nothing of fewer
 * than two texts. */
void over_texts_add(struct text_buffer *b, struct cJSON *evaluations,
                    const struct over_texts_how *how);

#endif
