/* The selected head's own map in the atlas, with what can be said of it below. Of
 * views/screens/atlas_draw.c alone. Interface thread only. */
#ifndef TINSEQ_VIEWS_ATLAS_HEAD_H
#define TINSEQ_VIEWS_ATLAS_HEAD_H

#include "views/screens/atlas.h"

/* Its cells can be pressed: HIT_TARGET by row and column. */
void atlas_head_draw(struct grid *g, struct area box, const struct atlas *a);

#endif
