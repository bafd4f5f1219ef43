/* One sequence of a JSON of Inseq's that is too large to be read at once. Internal to app/files.
 * Untrusted. Any thread. */
#ifndef TINSEQ_APP_RESULT_SEQUENCE_H
#define TINSEQ_APP_RESULT_SEQUENCE_H

#include "app/files/piece_text.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stddef.h>

/* A result of this one element of sequence_attributions. `info`, of which it takes what is in it,
 * is what the file says of this sequence. *kind is how pieces are written as far as is known, and
 * learnt. Errors: FORMAT, NOMEM. */
enum err_code result_sequence_parse(struct attribution **out, const char *text, size_t n,
                                    struct result_info *info, enum piece_kind *kind,
                                    struct err *e) ERR_CHECKED;

/* Its candidates from the file's list, which has those of all; NULL: there is none. */
void result_sequence_candidates(struct attribution_sequence *s, const char *list, size_t i,
                                enum piece_kind kind);

#endif
