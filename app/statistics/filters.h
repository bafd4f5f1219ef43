/* What passes the filters. Internal to app/statistics. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_FILTERS_H
#define TINSEQ_APP_STATISTICS_FILTERS_H

#include "app/statistics/labels.h"

/* Clears what does not pass in kept[scope][i], of the filter's scope. ERR_USAGE: there is no such
 * field. */
enum err_code stats_filter_apply(bool *const *kept, const struct stats_view *v,
                                 const struct stats_filter *f, struct err *e) ERR_CHECKED;
/* Whether a text passes those of texts alone. */
enum err_code stats_filter_text(bool *passes, const struct stats_text *t,
                                const struct stats_spec *spec, struct err *e) ERR_CHECKED;

/* ERR_USAGE: there is no such field here, but others. */
enum err_code stats_no_field(const struct stats_view *v, const struct stats_by *by, struct err *e);

#endif
