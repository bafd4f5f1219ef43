/*
 * A context attribution as Inseq's JSON and as lines for a person. Plain data in, text out. Any
 * thread.
 */
#ifndef TINSEQ_APP_CONTEXT_TEXT_H
#define TINSEQ_APP_CONTEXT_TEXT_H

#include "backend/base/mem.h"
#include "methods/context/context.h"

struct cJSON;

/* What there is to tell. All borrowed. */
struct context_told {
    const struct context_result *result;
    const struct context_request *request;
    const struct attribution_sequence *reduced; /* the result's, a score per token and column */
    const struct citations *citations;          /* of its documents; NULL: it has none */
    bool colour; /* marks in the terminal's colours, else in brackets */
};

/* The keys of Inseq 0.7.1's AttributeContextOutput, without `info`; owned by the caller. Context
 * scores are each side's own. */
struct cJSON *context_json(const struct context_told *c);
/* As Inseq prints it: the texts, then for each sensitive token the output and the cues. */
void context_lines(struct text_buffer *b, const struct context_told *c);

#endif
