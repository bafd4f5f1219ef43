/*
 * Values put into groups by labels (a layer and a role, a word), text after text. Plain data, any
 * thread.
 */
#ifndef TINSEQ_METHODS_STATISTICS_GROUPS_H
#define TINSEQ_METHODS_STATISTICS_GROUPS_H

#include "methods/statistics/bootstrap.h"
#include "methods/statistics/running.h"

#include <stdint.h>

#define GROUPS_MOST_KEYS 6

struct group {
    uint32_t labels[GROUPS_MOST_KEYS]; /* a number for each key: groups_label_text */
    struct running values;
    struct text_sample texts;
    size_t n_texts, n_skipped; /* values that are no numbers */
    double text_sum;           /* of the text under way */
    size_t text_n;
};

struct groups;

struct groups *groups_new(size_t n_keys); /* at most GROUPS_MOST_KEYS */
void groups_free(struct groups *g);       /* NULL is legal */

/* The number of a key's label, which is kept at its first use; numbers count from 0. */
uint32_t groups_label(struct groups *g, size_t key, const char *label);
const char *groups_label_text(const struct groups *g, size_t key, uint32_t number);
size_t groups_n_labels(const struct groups *g, size_t key);

/* Adds a value of the text under way to the group of these labels [n_keys]. */
void groups_add(struct groups *g, const uint32_t *labels, double value);
/* Ends a text. `each` (may be NULL) is called with every group that it had numbers of. */
void groups_end_text(struct groups *g, void (*each)(void *user, size_t group, double mean),
                     void *user);

size_t groups_count(const struct groups *g);
const struct group *groups_get(const struct groups *g, size_t i); /* in the order of first use */
/* The group of these labels; NULL: there is none. */
const struct group *groups_find(const struct groups *g, const uint32_t *labels);

#endif
