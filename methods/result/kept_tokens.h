/* Of which tokens something is said that is kept beside a result: it is void where they were
 * joined. Any thread. */
#ifndef TINSEQ_METHODS_RESULT_KEPT_TOKENS_H
#define TINSEQ_METHODS_RESULT_KEPT_TOKENS_H

#include "methods/result/attribution.h"

struct json_value;

/* "[source, target, start, end]", owned by the caller. */
char *kept_tokens_text(const struct attribution_sequence *s);
/* Whether it was said of a sequence of these tokens. `v` may be NULL: it was not. */
bool kept_tokens_are(const struct json_value *v, const struct attribution_sequence *s);

#endif
