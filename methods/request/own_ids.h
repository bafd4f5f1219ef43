/* Whether a generated text keeps the ids that the model wrote, and what becomes of them where it is
 * encoded again. Any thread. */
#ifndef TINSEQ_METHODS_OWN_IDS_H
#define TINSEQ_METHODS_OWN_IDS_H

#include "backend/base/err.h"
#include "backend/token.h"

/* generated_ids of a request: NULL or "encoded" (Inseq's way: the text is encoded again), "own".
 * ERR_USAGE. */
enum err_code own_ids_parse(bool *own, const char *rule, struct err *e) ERR_CHECKED;

/* Where a text that was encoded again has other tokens than the model wrote, as a sentence that
 * names them, owned by the caller; NULL: nowhere. n_prompt: tokens before the first step. */
char *own_ids_notice(const struct token_list *written, const struct token_list *encoded,
                     int64_t n_prompt);

#endif
