/* The tiny checkpoints of every family, in tests/fixtures/tiny and, made again from seeds
 * (tests/fixtures/families), in the build folder: a new one takes part in every loop over them. */
#ifndef TINSEQ_TESTS_BACKEND_TINY_H
#define TINSEQ_TESTS_BACKEND_TINY_H

#include "backend/config.h"

#include <stddef.h>
#include <stdint.h>

/* Their folders, sorted; *n of them. Owned by the caller, as one block. */
char **tiny_folders(size_t *n);
/* The folder of one, by its name; owned by the caller. */
char *tiny_folder(const char *name);

/* A copy of the tiny Llama (tests/backend/tree.h) that says it is a Mistral with this window. */
char *tiny_mistral(int window);

/* Made-up texts that fit a checkpoint; a source where it has an encoder. */
struct tiny_text {
    int32_t source[6], target[9];
    int64_t n_source, n_target;
};
struct tiny_text tiny_text_of(const struct model_config *c);

#endif
