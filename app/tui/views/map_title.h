/* What the map's title says: what rows and columns are, and how the scores are shown. */
#ifndef TINSEQ_APP_MAP_TITLE_H
#define TINSEQ_APP_MAP_TITLE_H

#include "views/widgets/parts.h"

struct app;

/* Adds its parts, the most important of most weight. */
void map_title(struct parts *p, const struct app *a);

#endif
