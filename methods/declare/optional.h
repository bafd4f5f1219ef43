/* A whole number of a request that may be given or not, and how far positions may go, wherever they
 * are written. Zero-initialised: it is not given. Any thread. */
#ifndef TINSEQ_METHODS_DECLARE_OPTIONAL_H
#define TINSEQ_METHODS_DECLARE_OPTIONAL_H

#include <stdbool.h>
#include <stdint.h>

#define MOST_POSITION 1000000000 /* and −MOST_POSITION from the end */

struct optional {
    bool given;
    int64_t value;
};

static inline struct optional optional_of(int64_t value) {
    return (struct optional){true, value};
}

static inline bool optional_equal(const struct optional *a, const struct optional *b) {
    return a->given == b->given && (!a->given || a->value == b->value);
}

/* A number that may be given or not. */
struct optional_number {
    bool given;
    double value;
};

static inline double number_or(const struct optional_number *n, double otherwise) {
    return n->given ? n->value : otherwise;
}

struct json_value;

/* A position in a text: "3", " -1 ". False: it is none, or beyond MOST_POSITION. */
bool position_parse(struct optional *out, const char *text);
/* The same of JSON: a whole number, however it is written (3, 3.0). */
bool position_read(struct optional *out, const struct json_value *v);

#endif
