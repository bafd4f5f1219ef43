/*
 * An evaluation of results as JSON and as a table. Plain data in, text out. Any thread.
 */
#ifndef TINSEQ_APP_EVALUATION_TEXT_H
#define TINSEQ_APP_EVALUATION_TEXT_H

#include "backend/base/mem.h"
#include "methods/evaluation/faithfulness.h"

struct cJSON;

/* What an evaluation is about. All borrowed. */
struct evaluated {
    const char *model, *function;
    const struct attribution_sequence *tokens;
    const char *picture; /* drawn between the numbers and the points, lines; NULL: none */
};

/* Owned by the caller. What was not measured is null. */
struct cJSON *evaluation_json(const struct faithfulness *f, const struct evaluated *about);
void evaluation_table(struct text_buffer *b, const struct faithfulness *f,
                      const struct evaluated *about);

#endif
