/* What keys call the parts of a text's scores. Internal to app/statistics. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_LABELS_H
#define TINSEQ_APP_STATISTICS_LABELS_H

#include "app/statistics/text.h"

/* Scores of one side [rows, columns, layers, heads], of what a text has. All borrowed. */
struct stats_view {
    const struct stats_text *text;
    const struct scores *scores;
    bool target, of_tokens, of_step; /* rows are of this side, and attributed; a number a step */
    const struct token_list *rows, *columns;
    int64_t first;           /* of the columns among their tokens */
    int64_t n[STATS_SCOPES]; /* how many there are of each */
};

/* What a key calls the i-th of its scope, owned by the caller. NULL: a field that is not there. */
char *stats_label(const struct stats_view *v, const struct stats_by *by, int64_t i);

#endif
