/*
 * The atlas on a large screen: below each head's number a small picture of its map, two values a
 * cell. A picture's point is the largest value of the scores that it stands for, against the head's
 * own largest, so that weak heads show their pattern, too. Of views/screens/atlas_draw.c alone.
 * Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_PICTURES_H
#define TINSEQ_VIEWS_ATLAS_PICTURES_H

#include "views/screens/atlas.h"

/* Columns that its box wants of at most so many. */
int atlas_pictures_columns(const struct atlas *a, int most);
/* HIT_CELL, HIT_ROW and HIT_COLUMN are by layer and head. */
void atlas_pictures_draw(struct grid *g, struct area box, struct atlas *a);

#endif
