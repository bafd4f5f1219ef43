/* Groups by two keys as a map, which every view and export of results can show. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_MAP_H
#define TINSEQ_APP_STATISTICS_MAP_H

#include "app/statistics/text.h"

/* A sequence whose rows are the labels of the first key and whose columns are those of the second
 * ("mean", where there is one key): means, NaN where there is no group. `out` needs no
 * initialisation; dispose of it. Errors: NOMEM; USAGE: no key, or more than two. */
enum err_code stats_map(struct attribution_sequence *out, const struct groups *g,
                        const struct stats_spec *spec, struct err *e) ERR_CHECKED;
/* Scores of one text by position and layer (or head), headed by what it was that was explained
 * ("false → true"), its rows named by their tokens. The layers are those that pass the spec's
 * filters. Errors: as stats_observe. */
enum err_code stats_example(struct attribution_sequence *out, const struct stats_text *t,
                            const struct stats_spec *spec, struct err *e) ERR_CHECKED;

#endif
