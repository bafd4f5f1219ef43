/* What `tinseq stats` is asked for. Main thread only. */
#ifndef TINSEQ_APP_CLI_STATS_SPEC_H
#define TINSEQ_APP_CLI_STATS_SPEC_H

#include "app/cli/options.h"
#include "app/statistics/text.h"

struct stats_request {
    struct stats_spec spec;
    struct pipeline pipeline;
    struct stats_filter *filters;
    struct stats_role *roles;
    char **texts; /* what filters and roles are made of */
    size_t n_texts;
    const char *column;   /* of --correlate; NULL: none */
    double distance_from; /* NaN: not asked for */
    size_t draws;
    double level;
    uint64_t seed;
    size_t n_examples; /* of --multiples at most; 0: not asked for */
};

/* All of it borrows from `a`. Dispose of it in any case. ERR_USAGE names what is wrong. */
enum err_code cli_stats_read(struct stats_request *out, const struct cli_arguments *a,
                             struct err *e) ERR_CHECKED;
/* Files that hold statistics rather than a map. */
bool cli_stats_is_text(const char *path);
void cli_stats_dispose(struct stats_request *r);

#endif
