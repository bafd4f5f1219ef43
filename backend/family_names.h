/* The families of models that run here, by their names, for lists. Plain C. Any thread. */
#ifndef TINSEQ_BACKEND_FAMILY_NAMES_H
#define TINSEQ_BACKEND_FAMILY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct family_name {
    const char *class; /* Transformers' */
    const char *type;  /* its model type; NULL: it comes as a GGUF or native file only */
    const char *gguf;  /* GGUF's architecture; NULL: it has none */
    bool encoder_decoder;
    bool pair; /* of two models: see family_pairs */
};

/* Those that write texts, at most `most` of them into `out`; how many there are. Strings are
 * static. */
size_t family_names(struct family_name *out, size_t most);
/* "encoder (a and b) and decoder (c and d)": the types that a pair's sides may have. Owned by the
 * caller. */
char *family_pairs(void);

#endif
