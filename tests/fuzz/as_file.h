#ifndef TINSEQ_TESTS_FUZZ_AS_FILE_H
#define TINSEQ_TESTS_FUZZ_AS_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The bytes as a file, the same one each time. Its path, borrowed for ever. */
char *as_file(const uint8_t *data, size_t n);

#endif
