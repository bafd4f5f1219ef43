/* What Transformers makes of texts with an encoder (tests/fixtures/encoder/cases.json,
 * make_encoder.py), for tests of the tokenizer and of the states. */
#ifndef TINSEQ_TESTS_BACKEND_ENCODER_CASES_H
#define TINSEQ_TESTS_BACKEND_ENCODER_CASES_H

#include <cjson/cJSON.h>

cJSON *encoder_cases(void); /* the file; owned by the caller */
const cJSON *encoder_case(const cJSON *cases, const char *encoder); /* one encoder's part */
/* Encodes every text with the tokenizer of the folder and compares. */
void encoder_cases_check_tokens(const char *encoder, const char *folder);

#endif
