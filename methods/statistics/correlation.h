/*
 * How far two columns of numbers go together, and how likely that is by chance where they do not,
 * both ways. Of equal values and few pairs as scipy 1.17.1 has it: Kendall's τ-b with kendalltau's
 * "auto", spearmanr, pearsonr. Any thread.
 */
#ifndef TINSEQ_METHODS_STATISTICS_CORRELATION_H
#define TINSEQ_METHODS_STATISTICS_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct correlation {
    double value, p; /* NaN: not defined (fewer than two pairs, or one does not vary) */
};

/* Of n pairs of numbers that are finite. */
struct correlation correlation_pearson(const double *x, const double *y, size_t n);
/* Pearson's of the ranks; equal values share the mean of theirs. p is that of a t distribution. */
struct correlation correlation_spearman(const double *x, const double *y, size_t n);
/* Kendall 1945, with ties: (concordant − discordant) / √(pairs not tied in x · those in y). p is
 * exact where nothing is tied and n ≤ 33 or all pairs but one agree (Kendall, Rank Correlation
 * Methods, 4th edition, p. 68), else that of a normal distribution with the variance of ties. */
struct correlation correlation_kendall(const double *x, const double *y, size_t n);

#endif
