/* Several results in one: the file of a run over several inputs. Any thread. */
#ifndef TINSEQ_METHODS_JOIN_H
#define TINSEQ_METHODS_JOIN_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* Appends b's sequences to a (several inputs in one file): b's info.generated_texts and input_texts
 * are joined. b is consumed. */
enum err_code attribution_join_take(struct attribution *a, struct attribution *b,
                                    struct err *e) ERR_CHECKED;

#endif
