/* Groups as a table, CSV and JSON. Main thread only. */
#ifndef TINSEQ_APP_CLI_STATS_REPORT_H
#define TINSEQ_APP_CLI_STATS_REPORT_H

#include "app/cli/stats_spec.h"
#include "app/statistics/collect.h"

#include "backend/base/mem.h"

struct stats_report {
    const struct stats_request *request;
    const struct stats_collection *found;
    size_t *order, n; /* groups, owned */
    size_t most;      /* in the table; the files have all */
};

/* For a terminal of so many columns (0: any). */
void stats_report_table(struct text_buffer *b, const struct stats_report *r);
void stats_report_csv(struct text_buffer *b, const struct stats_report *r);
void stats_report_json(struct text_buffer *b, const struct stats_report *r);

#endif
