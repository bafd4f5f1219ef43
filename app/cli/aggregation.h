/* The options that say how scores are aggregated, as one pipeline. Main thread only. */
#ifndef TINSEQ_APP_CLI_AGGREGATION_H
#define TINSEQ_APP_CLI_AGGREGATION_H

#include "aggregators/pipeline.h"
#include "app/cli/options.h"

/* Dispose of it in any case. ERR_USAGE names what is wrong, and the nearest. */
enum err_code cli_pipeline(struct pipeline *out, const struct cli_arguments *a,
                           struct err *e) ERR_CHECKED;
/* Whether any of these options is given beside scaling: what is saved then is aggregated. */
bool cli_aggregates(const struct cli_arguments *a);
/* The same or a scaling. */
bool cli_changes_scores(const struct cli_arguments *a);
/* Before anything is computed: the options alone, and that they fit a method's scores, whose name
 * may be NULL. ERR_USAGE. */
enum err_code cli_check_aggregation(const struct cli_arguments *a, const char *method,
                                    struct err *e) ERR_CHECKED;

#endif
