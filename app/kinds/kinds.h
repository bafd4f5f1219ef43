/* All kinds, those of kinds.def. Any thread. */
#ifndef TINSEQ_APP_KINDS_KINDS_H
#define TINSEQ_APP_KINDS_KINDS_H

#include "app/kinds/kind.h"

/* In the order of `tinseq list`. */
const struct kind *const *kinds(size_t *n);

#endif
