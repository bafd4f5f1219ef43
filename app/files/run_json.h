/* A run as JSON: the small file beside its result, and its part of the result's info (tinseq.run).
 * Internal to the run store. Interface thread only. */
#ifndef TINSEQ_APP_RUN_JSON_H
#define TINSEQ_APP_RUN_JSON_H

#include "app/files/run_store.h"

/* The small file's text, owned by the caller. */
char *run_json_text(const struct run *r);
/* What a text of that kind says, into `r`; what it does not say gets a default. False, and nothing
 * happens: it is no JSON object. */
bool run_json_parse(struct run *r, const char *text, size_t n);
/* Its result's info with this run in it; owned by the caller. */
struct result_info run_json_info(const struct run *r);
/* What the info of its result says of a run that this program may not have made. */
void run_json_read_info(struct run *r);

#endif
