/*
 * Attention sinks in the atlas: found in every side that is complete, and left out of its scores
 * where somebody wants that. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_SINKS_H
#define TINSEQ_VIEWS_ATLAS_SINKS_H

#include "views/screens/atlas_state.h"

/* Those of the side that is shown; NULL: it has none. Borrowed until atlas_show. */
const struct sinks *atlas_sinks(const struct atlas *a);
/* A score of the side as it is shown, NaN of what is left out; i counts its layers and heads. */
float atlas_score(const struct atlas *a, int64_t row, int64_t column, int64_t i);

/* --- for atlas.c --- */

/* Looks for them in what was not looked at yet; nothing is the same as before: in all. */
void atlas_sinks_find(struct atlas *a, bool same);
/* The row, or the one with the largest scores in this column where it is left out. */
int64_t atlas_sinks_row(const struct atlas *a, int64_t row, int64_t column);
/* What the others share, where they do, of the side that is shown. */
void atlas_sinks_share(struct atlas *a);
void atlas_sinks_dispose(struct atlas *a);

#endif
