/*
 * From scores to places on a colour map, for every export that has colours: the scale is that of
 * the scores themselves, or one that a person fixed so that several results can be compared. Any
 * thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_HEAT_H
#define TINSEQ_VIEWS_EXPORT_HEAT_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"
#include "themes/theme.h"

#include <stdbool.h>
#include <stddef.h>

/* The ends of a colour scale that a person fixed. */
struct heat_ends {
    bool given;
    float from, to; /* from < to, both finite */
};

/* Reads "0:0.4". ERR_USAGE says what it should be. */
enum err_code heat_ends_read(struct heat_ends *out, const char *text, struct err *e) ERR_CHECKED;

/* A colour scale. With signs zero is in the middle of a diverging map and both sides have the same
 * steps, so that equal magnitudes have equal strength; without, `from` has a map's first colour. */
struct heat {
    float from, to;
    bool has_signs; /* from < 0: a diverging map's */
    bool fixed;
};

/* `ends` may be NULL. */
struct heat heat_of(const struct attribution_sequence *s, const struct heat_ends *ends);
/* [−1, 1] with signs, else [0, 1]; what lies beyond an end is at it. NaN stays NaN. */
float heat_part(const struct heat *h, float value);
/* The map that colours them: a person's own where it fits (`own`, may be NULL), else the theme's.
 */
const struct colour_map *heat_map(bool has_signs, const struct colour_map *own,
                                  const struct theme *theme);
/* "colours from 0 to 0.4 (fixed), 3 scores beyond them"; NULL: they are the scores' own. Owned by
 * the caller. */
char *heat_told(const struct heat *h, const struct attribution_sequence *s);

#endif
