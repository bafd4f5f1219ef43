/*
 * What is known of families that do not run here (relatives.def), so that a refusal says why, and
 * what would run. Internal to backend/. Any thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_RELATIVES_H
#define TINSEQ_BACKEND_ARCHITECTURES_RELATIVES_H

#include "backend/config.h"

#include <stddef.h>

struct relative {
    const char *type, *class; /* Transformers' */
    const char *gguf;         /* GGUF's architecture; "": it has none */
    const char *has;          /* what no family here has */
    const char *nearest;      /* a class that runs */
};

const struct relative *relatives(size_t *n); /* [n]; static */

/* "X does not run here: it has …; the nearest that does is Y (…)", for a class or, where that is
 * empty, a type; or for a GGUF's architecture. Owned by the caller. */
char *relative_refusal(enum model_layout layout, const char *name, const char *type);

#endif
