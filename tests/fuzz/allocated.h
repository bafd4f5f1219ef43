/* How many bytes were asked for, in all, since it was set to 0: a target that is linked with it
 * can hold a reader to its factor. Not those of shared libraries. */
#ifndef TINSEQ_TESTS_FUZZ_ALLOCATED_H
#define TINSEQ_TESTS_FUZZ_ALLOCATED_H

#include <stddef.h>

extern size_t fuzz_allocated;

#endif
