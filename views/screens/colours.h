/* The legend of a view's colours. Interface thread only. */
#ifndef TINSEQ_VIEWS_COLOURS_H
#define TINSEQ_VIEWS_COLOURS_H

#include "views/screens/map.h"
#include "views/widgets/legend.h"

#include <stdbool.h>

/* Full colour is `magnitude`, and there are negative values or not; nothing to tell where it is 0.
 * note is borrowed, may be NULL. */
struct legend colours_legend(float magnitude, bool has_signs, const char *note);
/* That of a map, at its cursor. */
struct legend colours_of_map(const struct map *m);

#endif
