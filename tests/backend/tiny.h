/* The tiny checkpoints of every family, in tests/fixtures/tiny: a new one takes part in every loop
 * over them. */
#ifndef TINSEQ_TESTS_BACKEND_TINY_H
#define TINSEQ_TESTS_BACKEND_TINY_H

#include <stddef.h>

/* Their folders, sorted; *n of them. Owned by the caller, as one block. */
char **tiny_folders(size_t *n);

#endif
