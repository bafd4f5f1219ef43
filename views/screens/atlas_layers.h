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
void atlas_layers_draw(struct grid *g, struct area box, struct atlas *a);
/* The layer and the token's row drawn at a row and column of the grid; false: none there. */
bool atlas_layers_hit(const struct atlas *a, struct area box, int row, int column, int64_t *layer,
                      int64_t *token);

#endif
