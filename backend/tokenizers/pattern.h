/* What Split and Replace look for: a text, or an expression. Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PATTERN_H
#define TINSEQ_BACKEND_TOKENIZERS_PATTERN_H

#include "backend/tokenizers/regexp.h"

struct cJSON;

struct pattern {
    char *text; /* NULL: an expression */
    size_t n;
    struct regexp *expression;
};

/* From an object's member "pattern", {"String": …} or {"Regex": …}. */
enum err_code pattern_open(struct pattern *out, const struct cJSON *json, const char *where,
                           struct err *e) ERR_CHECKED;
void pattern_dispose(struct pattern *p);
/* As regexp_parts. */
enum err_code pattern_parts(const struct pattern *p, const char *s, size_t n, regexp_part *part,
                            void *user, struct err *e) ERR_CHECKED;

#endif
