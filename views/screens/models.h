/*
 * The models found on this machine, and what to do when there is none. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MODELS_H
#define TINSEQ_VIEWS_MODELS_H

#include "backend/discovery.h"
#include "views/terminal/grid.h"
#include "views/widgets/edit.h"

#include <stdbool.h>

struct models_view {
    const struct found_models *found; /* NULL: not looked yet */
    const char *loaded;               /* name of the loaded one, "" if none */
    const char *folder;               /* that `make models` fills */
    const char *hint;                 /* how to look again: "F4 looks again." */
    struct edit *typed;               /* the first line: what filters them, or a path */
    size_t cursor, top;               /* among those that match */
};

/* How many match what is typed: none where it is a path. */
size_t models_matching(const struct models_view *v);
/* The one under the cursor, borrowed; NULL: what is typed is the model. */
const struct found_model *models_selected(const struct models_view *v);
void models_draw(struct grid *g, struct area a, struct models_view *v);

#endif
