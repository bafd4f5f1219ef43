/* A text's scores into groups. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_OBSERVE_H
#define TINSEQ_APP_STATISTICS_OBSERVE_H

#include "app/statistics/text.h"

/* Adds what passes the filters; the text is not ended. *found: there was any such score. Errors:
 * USAGE, of a field or a score that is not there (with what there is), and of a key that the score
 * has nothing of. */
enum err_code stats_observe(struct groups *g, bool *found, const struct stats_text *t,
                            const struct stats_spec *spec, struct err *e) ERR_CHECKED;

#endif
