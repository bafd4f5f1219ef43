/*
 * Which rows of a data set are meant, as the datasets library spells it: "train", "train[10:20]",
 * "train[50%:]", "train[-5:]". Pure. Any thread.
 */
#ifndef TINSEQ_APP_SPLIT_H
#define TINSEQ_APP_SPLIT_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct split_end {
    bool given, percent;
    int64_t value; /* negative: from the end */
};
struct split {
    struct split_end from, to;
};

/* ERR_USAGE: no such slice; several of them ("+"), which would be read twice; a name that is not
 * "train", the one that files have. */
enum err_code split_parse(struct split *out, const char *text, struct err *e) ERR_CHECKED;
/* The rows [*from, *to) of n. Percents are rounded to the nearest, halves to even, as there. */
void split_place(int64_t *from, int64_t *to, const struct split *s, int64_t n);

#endif
