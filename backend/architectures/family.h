/*
 * A family of models: one const table in families/, which says what its blocks are made of.
 * families.def lists them. Internal to backend/. Any thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_FAMILY_H
#define TINSEQ_BACKEND_ARCHITECTURES_FAMILY_H

#include "backend/config.h"

struct family {
    struct stack_plan encoder, decoder;
    bool zero_start; /* see model_config */
};

#define FAMILY(architecture, id) extern const struct family family_##id;
#include "backend/architectures/families.def"
#undef FAMILY

const struct family *family_of(enum architecture a); /* static */

#endif
