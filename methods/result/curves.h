/*
 * How faithful a result's scores are, as it is kept with the result and drawn: what the attributed
 * function says while tokens are taken away in the order of the scores, beside random orders.
 * methods/evaluation/faithfulness.h says what is measured. Plain data. Any thread.
 *
 * In a file (info, "tinseq", "faithfulness"), for each text one object or null:
 *
 *   method, function, columns (how many tokens were explained), random_orders
 *   removed_percent       [n] where the points of all curves are, from 0 to 100
 *   verdict               one line for a person
 *   overall               comprehensiveness − sufficiency: higher is better
 *   comprehensiveness     the tokens of the highest scores are taken away first: higher is better
 *   sufficiency           those of the lowest first: lower is better
 *
 * The last three have value and random (means over columns), difference, interval (two numbers or
 * null) and verdict: "better", "no better", "worse" or "unknown"; the last two also curve,
 * random_curve and random_deviation [n].
 */
#ifndef TINSEQ_METHODS_CURVES_H
#define TINSEQ_METHODS_CURVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum curves_verdict { CURVES_UNKNOWN, CURVES_BETTER, CURVES_EVEN, CURVES_WORSE };

/* NaN: not measured. */
struct curves_measure {
    double value, random; /* the method's, and the mean of random orders */
    double low, high;     /* 95 % of the difference value − random by chance */
    enum curves_verdict verdict;
    double *curve, *mean, *deviation; /* [n]; NULL: it has none. deviation: of a random order's */
};

/* Zero-initialised: nothing. */
struct curves {
    char *method, *function; /* NULL: not known */
    int64_t n_columns, n_random;
    size_t n; /* points of a curve, at least 2: evenly from nothing removed to all */
    struct curves_measure overall, comprehensiveness, sufficiency;
};
void curves_dispose(struct curves *c);

/* One line: "better than random by 0.53 (95 %: 0.24 to 0.82)"; owned by the caller. */
char *curves_verdict_text(const struct curves *c);

/* A number in few characters; a sign, if asked for, also where it is positive. */
void curves_number(char *out, size_t n_out, double value, bool sign);

/* The object on one line, owned by the caller. */
char *curves_json(const struct curves *c);
/* Fills a zero-initialised one from such a text; false, and nothing is there: it is none. `json`
 * may be NULL. */
bool curves_read(struct curves *out, const char *json);

#endif
