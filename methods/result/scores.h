/* Arrays of scores: plain data. Any thread. */
#ifndef TINSEQ_METHODS_SCORES_H
#define TINSEQ_METHODS_SCORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCORES_MAX_DIMS 5

/* A dense float array in C order; data is NULL when there is none (null in JSON). NaN marks what a
 * step cannot see, and elsewhere what could not be computed (attribution_sees). */
struct scores {
    float *data;
    int n_dims;
    int64_t dims[SCORES_MAX_DIMS]; /* attributions: rows, G, then D, or L (, H) */
    bool integer;                  /* stored as int64 in files (top_p_size) */
};

struct named_scores {
    char *name;
    struct scores scores;
};

/* Allocates data of the given dims, every element `fill` (NAN for attributions). ERR-free: returns
 * false when memory is out. */
bool scores_init(struct scores *s, int n_dims, const int64_t *dims, float fill);
bool scores_reserve(struct scores *s, int n_dims,
                    const int64_t *dims); /* the same with elements of any value */
void scores_dispose(struct scores *s);
int64_t scores_count(const struct scores *s); /* elements; 0 when data is NULL */
/* Elements behind one [row, column]: the product of the trailing dims. */
int64_t scores_cell(const struct scores *s);

/* Copies column `column` of `from` to column `at` of `to`: as many rows as `from` has, cells alike.
 * Nothing where one of them is empty. */
void scores_copy_column(struct scores *to, int64_t at, const struct scores *from, int64_t column);

/* Deep copies: false when memory is out, and what was copied is still to be disposed of. */
bool scores_copy(struct scores *to, const struct scores *from);
bool named_scores_copy(struct named_scores **to, size_t *n_to, const struct named_scores *from,
                       size_t n);
void named_scores_dispose(struct named_scores *s, size_t n);

#endif
