/* Files of tests/fixtures/weights/. */
#ifndef TINSEQ_TESTS_WEIGHTS_FIXTURES_H
#define TINSEQ_TESTS_WEIGHTS_FIXTURES_H

#include <stddef.h>

struct weights;

struct weights *open_fixture(const char *name);
/* Its bytes, owned by the caller. */
char *read_fixture(const char *name, size_t *n);

#endif
