/* Maps of groups, or one for each example: printed, and saved as pages and pictures. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_STATS_MAPS_H
#define TINSEQ_APP_CLI_STATS_MAPS_H

#include "app/cli/options.h"
#include "app/cli/stats_spec.h"
#include "app/statistics/collect.h"

/* Whether a map is printed, or saved in any file. */
bool cli_stats_wants_map(const struct cli_arguments *a, const struct stats_request *r);
/* Before anything is computed: names that cannot be written to, and what makes no map. Errors:
 * USAGE, IO. */
enum err_code cli_stats_check_maps(const struct cli_arguments *a, const struct stats_request *r,
                                   struct err *e) ERR_CHECKED;

/* Saves it as the options say, and prints it unless it is `saved` alone. Errors: IO, NOMEM, SHAPE.
 */
enum err_code cli_stats_deliver_map(struct attribution *map, bool saved,
                                    const struct stats_collection *found,
                                    const struct cli_arguments *a, struct err *e) ERR_CHECKED;

#endif
