/*
 * The mean of several texts' attributions, as a result like any other. Texts with as many tokens
 * each are averaged place by place (a place is named by its token where all have the same, else
 * "[3]"); others by what their tokens are (row_roles.h), the mean over all tokens of a role as
 * `tinseq stats` has it. Layers and heads stay. A number that could not be computed is left out.
 * Any thread.
 */
#ifndef TINSEQ_APP_MEAN_MAP_H
#define TINSEQ_APP_MEAN_MAP_H

#include "app/jobs/row_roles.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

#define MEAN_MAP_STEPS 32 /* of different texts: the first ones */

struct mean_map;

/* by_role: even where all texts have as many tokens. */
struct mean_map *mean_map_new(bool by_role);
void mean_map_free(struct mean_map *m); /* NULL is legal */
/* A result of one text. What has neither layers nor heads is reduced as show() does. Errors: SHAPE
 * (other layers than the texts before, scores that cannot be reduced): nothing is added. */
enum err_code mean_map_add(struct mean_map *m, const struct attribution *a,
                           const struct row_roles *roles, struct err *e) ERR_CHECKED;
size_t mean_map_count(const struct mean_map *m); /* texts */
/* The mean, with one reference; NULL: of no text. `what` says of what: "47 rows, language = pt". */
struct attribution *mean_map_result(const struct mean_map *m, const char *what);

#endif
