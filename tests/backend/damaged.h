/* A tiny checkpoint with one weight that is no number. */
#ifndef TINSEQ_TESTS_BACKEND_DAMAGED_H
#define TINSEQ_TESTS_BACKEND_DAMAGED_H

#include <stdint.h>

/* A copy of tests/fixtures/tiny/<name> in which element `element` of a float32 tensor is `value`;
 * a folder for tree_free. */
char *damaged_copy(const char *name, const char *tensor, int64_t element, float value);

#endif
