/*
 * How sure a mean over texts is: what it would have been with other texts of the same kind
 * (bootstrap, Efron 1979; the percentile interval, Efron and Tibshirani 1993, chapter 13). Scores
 * within a text depend on each other, so whole texts are drawn again with all their values. As
 * scipy 1.17.1's bootstrap(method="percentile") of the same draws. Any thread.
 */
#ifndef TINSEQ_METHODS_STATISTICS_BOOTSTRAP_H
#define TINSEQ_METHODS_STATISTICS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

/* Above so many texts, each further one is put together with one of those, by chance (rows that
 * follow each other may be of a kind), and drawn with it: memory is bounded, and of so many the
 * interval is as good. */
#define BOOTSTRAP_MOST 2048

struct text_values {
    double sum, n; /* of the values of a text, or of several */
};
/* Zero-initialised: of no text. */
struct text_sample {
    struct text_values *items;
    size_t n, room, n_texts;
};

/* A text with n > 0 values. */
void text_sample_add(struct text_sample *s, double sum, size_t n);
void text_sample_dispose(struct text_sample *s);

struct bootstrap_interval {
    double low, high; /* NaN: of fewer than two texts, or nothing was drawn */
};
/* Of the mean Σ sum / Σ n: `draws` times as many texts as there are, with replacement. Draw i of
 * number b is the one at floor(n · uniform(seed, b, i)), methods/random.h. level: 0.95. */
struct bootstrap_interval bootstrap_mean(const struct text_sample *s, size_t draws, double level,
                                         uint64_t seed);

#endif
