/* Several results in one, the file of a run over several inputs, and each of them again. Any
 * thread. */
#ifndef TINSEQ_METHODS_JOIN_H
#define TINSEQ_METHODS_JOIN_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* Appends b's sequences to a, and what its info says of them. b is consumed. */
void attribution_join_take(struct attribution *a, struct attribution *b);

/* Results of several files or rows joined one by one; zero before the first. */
struct result_join {
    struct attribution *all; /* NULL: nothing was joined yet */
    struct info_values same; /* what all of them must say alike */
    struct info_seconds last;
};
/* Joins a result that nobody else holds; it is consumed. ERR_UNSUPPORTED: it was made otherwise
 * than those before, and one result has one info: what Inseq compares, and the attributed function.
 */
enum err_code result_join_take(struct result_join *j, struct attribution *one,
                               struct err *e) ERR_CHECKED;
void result_join_dispose(struct result_join *j);

/* The i-th sequence alone, with what the info says of it. The sequence is borrowed from `a`: of
 * what is returned only the info is to be disposed of. */
struct attribution attribution_part(const struct attribution *a, size_t i);

#endif
