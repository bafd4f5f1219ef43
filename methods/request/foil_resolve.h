/*
 * Foils chosen by rank or typed, and what a person should know of foils and forced texts. The
 * worker thread where a model is run; else any.
 */
#ifndef TINSEQ_METHODS_FOIL_RESOLVE_H
#define TINSEQ_METHODS_FOIL_RESOLVE_H

#include "backend/base/run_ctl.h"
#include "backend/token.h"
#include "methods/declare/foil.h"

struct model;

/* A forced token is very unlikely below this probability; a forced text where its tokens' geometric
 * mean is below the second. */
#define FORCED_LEAST_TOKEN 1e-5
#define FORCED_LEAST_MEAN 1e-3

/* The foil f for the token at `position` of target: its own id, or by rank the model's
 * rank-th choice besides that token (one forward of the text before it), or the first piece that
 * what was typed has after the text before it. *notice: a sentence on what became of it, owned by
 * the caller; NULL: none. Errors: USAGE, and the model's. */
enum err_code foil_resolve(int32_t *id, char **notice, struct model *m, const struct foil *foil,
                           const struct token_list *source, const struct token_list *target,
                           int64_t position, const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* Where a contrast text differs from the target within [start, end) in how many pieces it has, or
 * in where words begin, as a sentence, owned by the caller. NULL: it does not, or the difference is
 * before `start`. alignment [end − start]. */
char *foil_split_notice(const struct token_list *target, const struct token_list *contrast,
                        int64_t start, int64_t end, const int64_t *alignment);

/* A sentence on a forced text whose tokens [start, start + n) have these log-probabilities (nats,
 * NaN: not known); NULL: it is not very unlikely. */
char *forced_notice(const struct token_list *target, int64_t start, int64_t n,
                    const double *log_probabilities);

#endif
