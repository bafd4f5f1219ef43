/* What the tokens of a text's input are to roles. Internal to app/statistics. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_ROLES_H
#define TINSEQ_APP_STATISTICS_ROLES_H

#include "app/statistics/text.h"

/* Of a role NAME the tokens "NAME first", "NAME middle", "NAME last" (that alone, where it is one
 * token), of its first place in the input; others as app/jobs/row_roles.h has them. Errors: USAGE.
 */
enum err_code stats_roles_read(struct stats_text *t, const struct stats_spec *spec,
                               struct err *e) ERR_CHECKED;
/* Of raw tokens [from, to) of a side, what they are to roles: that of the first which has one.
 * Borrowed. */
const char *stats_role_of(const struct stats_text *t, bool target, int64_t from, int64_t to);

/* All labels that roles can have, in their order, before the first text. */
void stats_roles_name(struct groups *g, const struct stats_spec *spec);

#endif
