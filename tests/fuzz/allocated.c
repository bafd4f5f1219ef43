#include "tests/fuzz/allocated.h"

size_t fuzz_allocated;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n) {
    fuzz_allocated += n;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size) {
    fuzz_allocated += n * size;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n) {
    fuzz_allocated += n;
    return __real_realloc(p, n);
}
