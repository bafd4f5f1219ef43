/*
 * Tokens of the input that a person marked, the rationale of a text. Marks are parted by "|"; each
 * is words of the text (wherever they stand as words, else wherever they stand), A:B (tokens from A
 * up to but not including B, from 0, as tables number them), chars:A:B (characters of the text) or
 * text:WORDS (words that look like one of those). Any thread.
 */
#ifndef TINSEQ_METHODS_RATIONALE_H
#define TINSEQ_METHODS_RATIONALE_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

struct rationale {
    bool target;            /* of a language model: the prompt; else the source */
    bool *counted, *marked; /* [n_rows]: all but special tokens; those that are marked */
    size_t n_rows, n_counted, n_marked;
};
/* `text`: the input as it was given; NULL: its tokens' own. A token that is marked in part is
 * marked. Dispose of it in any case. Errors: USAGE names what the marks were `given` by, and the
 * mark that is wrong. */
enum err_code rationale_read(struct rationale *out, const struct attribution_sequence *s,
                             const char *text, const char *marks, const char *given,
                             struct err *e) ERR_CHECKED;
void rationale_dispose(struct rationale *r);

#endif
