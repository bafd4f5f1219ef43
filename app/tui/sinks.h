/* Attention sinks of the run that is shown: the atlas found them, the map leaves out the same.
 * Interface thread only. */
#ifndef TINSEQ_APP_SINKS_H
#define TINSEQ_APP_SINKS_H

#include "aggregators/pipeline.h"
#include "aggregators/sinks.h"
#include "backend/base/mem.h"

struct app;

/* Among the current run's source or target; NULL: none. Borrowed until app_aggregate. */
const struct sinks *app_sinks(const struct app *a, bool target);
/* There are some, and they are left out. */
bool app_leaves_out(const struct app *a);
/* The stage of a pipeline that leaves them out as the person wants it. */
void app_add_sinks(struct pipeline *p, const struct app *a);
/* What they are, and what the key does, with marks of keys or without; owned by the caller. */
char *app_sinks_line(const struct app *a, const struct sinks *sinks,
                     const struct token_list *tokens, bool marks);
/* The same of both sides of a sequence, appended. */
void app_sinks_lines(struct text_buffer *b, const struct app *a,
                     const struct attribution_sequence *raw);

#endif
