/* Several results in one: the file of a run over several inputs. Any thread. */
#ifndef TINSEQ_METHODS_JOIN_H
#define TINSEQ_METHODS_JOIN_H

#include "methods/result/attribution.h"

/* Appends b's sequences to a, and what its info says of them. b is consumed. */
void attribution_join_take(struct attribution *a, struct attribution *b);

#endif
