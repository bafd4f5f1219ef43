/*
 * Where models lie on a machine: names and paths only, nothing of a model is opened. Any thread.
 */
#ifndef TINSEQ_BACKEND_DISCOVERY_PLACES_H
#define TINSEQ_BACKEND_DISCOVERY_PLACES_H

#include <stddef.h>

struct place {
    char *name, *path; /* owned */
    const char *where; /* a literal */
};

struct places {
    struct place *items;
    size_t n, capacity;
};

/* In the order tinseq, Hugging Face, Ollama, LM Studio; a name of a place is there once. */
void places_collect(struct places *out);
void places_dispose(struct places *p);

#endif
