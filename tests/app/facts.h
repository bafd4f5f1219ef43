/*
 * A made-up file of rows, as attribute-dataset writes them: facts with a true and a false answer,
 * so that each number is known. Of row i (from 0): the place is i mod 4, of which two begin with
 * the same words; probability (i mod 10) / 10, contrast_prob_diff i mod 3 − 1; the strongest token
 * is that of the place; fields "subject", "year" (1800 + i) and "language", en or pt.
 */
#ifndef TINSEQ_TESTS_APP_FACTS_H
#define TINSEQ_TESTS_APP_FACTS_H

#include <stddef.h>

/* The text of n rows, owned by the caller. `damaged` < n: that row is cut short. */
char *facts_text(size_t n, size_t damaged);

#endif
