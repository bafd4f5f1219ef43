/* A text of a result, made ready for its groups. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_PREPARE_H
#define TINSEQ_APP_STATISTICS_PREPARE_H

#include "app/statistics/text.h"

/* Everything borrowed but what is computed; dispose of it in any case. Errors: those of the
 * pipeline; USAGE, of scores without the layers or heads that are asked for (how to save them), of
 * a role whose field is missing or is not in the text; NOMEM. */
enum err_code stats_text_make(struct stats_text *out, const struct attribution *result,
                              const struct stats_spec *spec, const char *joined, const char *file,
                              size_t number, struct err *e) ERR_CHECKED;
void stats_text_dispose(struct stats_text *t);

#endif
