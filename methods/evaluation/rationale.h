/*
 * Tokens that a person marked, the rationale of a text. Marks are parted by "|"; each is words of
 * the input (wherever they stand as words, else wherever they stand), A:B (tokens from A up to but
 * not including B, from 0, as tables number them), chars:A:B (characters of the text) or text:WORDS
 * (words that look like one of those). Behind generated: it is the same of the text that was
 * generated, of which a column sees what stands before it. Any thread.
 */
#ifndef TINSEQ_METHODS_RATIONALE_H
#define TINSEQ_METHODS_RATIONALE_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* Rows of a side's scores. */
struct rationale {
    bool target;            /* of a language model: the prompt; else the source */
    size_t first;           /* of the rows; 0, but for the output's */
    bool *counted, *marked; /* [n_rows]: all but special tokens; those that are marked */
    size_t n_rows, n_counted, n_marked;
    struct rationale *output; /* those of the generated text, owned; NULL: nothing of it is marked,
                                 and none of them counts */
};
/* `text`: the input as it was given; NULL: its tokens' own. A token that is marked in part is
 * marked. Dispose of it in any case. Errors: USAGE names what the marks were `given` by, and the
 * mark that is wrong; the output has no scores. */
enum err_code rationale_read(struct rationale *out, const struct attribution_sequence *s,
                             const char *text, const char *marks, const char *given,
                             struct err *e) ERR_CHECKED;
void rationale_dispose(struct rationale *r);

#endif
