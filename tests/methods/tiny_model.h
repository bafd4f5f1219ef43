/* A tiny checkpoint, open. */
#ifndef TINSEQ_TESTS_METHODS_TINY_MODEL_H
#define TINSEQ_TESTS_METHODS_TINY_MODEL_H

#include "backend/model.h"

/* That of tests/fixtures/tiny by its name, as usual; fails the test where it cannot be opened.
 * Owned by the caller. */
struct model *tiny_model_open(const char *name);

#endif
