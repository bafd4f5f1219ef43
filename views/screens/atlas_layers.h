/*
 * The part of the atlas for results with layers but no heads: tokens × layers for one step, in
 * place of layers × heads. See views/screens/atlas.h, which alone uses it. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_LAYERS_H
#define TINSEQ_VIEWS_ATLAS_LAYERS_H

#include "views/screens/atlas.h"

/* A token's style in the atlas, the selected one being strong. */
enum style_role atlas_token_role(const struct token *t, bool selected, enum style_role usual);
/* Columns that its box wants of so many. */
int atlas_layers_columns(const struct atlas *a, int columns);
/* HIT_CELL, HIT_ROW and HIT_COLUMN are by token and layer. */
void atlas_layers_draw(struct grid *g, struct area box, struct atlas *a);

#endif
