/* Reference tokenizations made by the scripts in tests/fixtures: gzip-compressed JSON, {"texts": …,
 * "cases": [{…, "sources": [[ids]], "targets": …, "decoded": [text]}]}. */
#ifndef TINSEQ_TESTS_BACKEND_TOKENIZERS_REFERENCE_CASES_H
#define TINSEQ_TESTS_BACKEND_TOKENIZERS_REFERENCE_CASES_H

#include "backend/tokenizer.h"

#include <cjson/cJSON.h>

/* tests/fixtures/NAME; freed by cJSON_Delete. A failure to read is the test's. */
cJSON *cases_read(const char *name);
/* How many texts have other ids than they should; the first few are printed, with `what`. */
int cases_wrong_ids(const struct tokenizer *t, enum text_side side, const cJSON *texts,
                    const cJSON *ids, const char *what);
/* How many ids are decoded into other texts than they should, special tokens skipped. */
int cases_wrong_texts(const struct tokenizer *t, enum text_side side, const cJSON *ids,
                      const cJSON *decoded, const char *what);

#endif
