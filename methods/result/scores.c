#include "methods/result/scores.h"

#include "backend/base/mem.h"
#include "backend/base/memory.h"

#include <stdlib.h>
#include <string.h>

int64_t scores_count(const struct scores *s) {
    if (!s->data)
        return 0;
    int64_t n = 1;
    for (int i = 0; i < s->n_dims; i++)
        n *= s->dims[i];
    return n;
}

int64_t scores_cell(const struct scores *s) {
    int64_t n = 1;
    for (int i = 2; i < s->n_dims; i++)
        n *= s->dims[i];
    return n;
}

void scores_copy_column(struct scores *to, int64_t at, const struct scores *from, int64_t column) {
    const int64_t cell = scores_cell(from);
    for (int64_t row = 0; to->data && from->data && row < from->dims[0]; row++)
        memcpy(to->data + (row * to->dims[1] + at) * cell,
               from->data + (row * from->dims[1] + column) * cell, (size_t)cell * sizeof *to->data);
}

bool scores_reserve(struct scores *s, int n_dims, const int64_t *dims) {
    *s = (struct scores){.n_dims = n_dims};
    size_t n = 1;
    for (int i = 0; i < n_dims; i++) {
        s->dims[i] = dims[i];
        if (dims[i] < 0 || __builtin_mul_overflow(n, (size_t)dims[i], &n))
            return false;
    }
    size_t bytes;
    if (__builtin_mul_overflow(n, sizeof(float), &bytes))
        return false;
    s->data = memory_array(bytes);
    return s->data != NULL;
}

bool scores_init(struct scores *s, int n_dims, const int64_t *dims, float fill) {
    if (!scores_reserve(s, n_dims, dims))
        return false;
    const int64_t n = scores_count(s);
    for (int64_t i = 0; i < n; i++)
        s->data[i] = fill;
    return true;
}

void scores_dispose(struct scores *s) {
    free(s->data);
    *s = (struct scores){0};
}

void named_scores_dispose(struct named_scores *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        free(s[i].name);
        scores_dispose(&s[i].scores);
    }
    free(s);
}

bool scores_copy(struct scores *to, const struct scores *from) {
    *to = *from;
    if (!from->data)
        return true;
    size_t bytes = (size_t)scores_count(from) * sizeof(float);
    to->data = malloc(bytes ? bytes : 1);
    if (!to->data)
        return false;
    memcpy(to->data, from->data, bytes);
    return true;
}

bool named_scores_copy(struct named_scores **to, size_t *n_to, const struct named_scores *from,
                       size_t n) {
    *to = mem_alloc(n * sizeof **to);
    *n_to = n;
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        (*to)[i].name = mem_text(from[i].name);
        good = scores_copy(&(*to)[i].scores, &from[i].scores) && good;
    }
    return good;
}
