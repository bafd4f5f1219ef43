/* How a Llama's tensors look under another family's name, where that family can say the same model:
 * with biases of zero, with maps fused, with multipliers of one. */
#ifndef TINSEQ_TESTS_TOOLS_FAMILY_LAYOUT_H
#define TINSEQ_TESTS_TOOLS_FAMILY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct family_layout_name {
    const char *name;         /* Transformers' model type */
    const char *class;        /* and class */
    const char *keys;         /* of its configuration beside Llama's, as a JSON object; %d stands
                                 for a list of 1 a layer */
    const char *architecture; /* GGUF's name; NULL: it is llama's */
    bool biases;              /* of query, key and value */
    bool fused;               /* query, key, value are one map; gate and up too */
    bool permuted;            /* GGUF's queries and keys are, as Llama's */
};
/* NULL: there is none such. */
const struct family_layout_name *family_layout_find(const char *name);

/* A tensor to be written: rows of these tensors of the Llama, one below the other; of none: zeros
 * [rows of what `like` names]. Names are GGUF's behind "blk.N.", without ".weight". */
struct layout_row {
    const char *from[3], *like;
    const char *transformers; /* behind "model.layers.N." */
    const char *gguf;         /* behind "blk.N." */
};
/* The tensors of a block; *n of them. */
const struct layout_row *family_layout_rows(const struct family_layout_name *f, size_t *n);

#endif
