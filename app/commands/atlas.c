/* What the atlas shows, and where it leads. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"

/* --- what it shows --- */

void command_metric(struct app *a, int unused) {
    (void)unused;
    atlas_set_metric(&a->atlas, (enum atlas_metric)((a->atlas.metric + 1) % ATLAS_METRICS));
    app_say(a, STYLE_NOTICE, "heads show: %s", atlas_metric_title(a->atlas.metric));
}

void command_side(struct app *a, int unused) {
    (void)unused;
    if (a->atlas.n_sides)
        atlas_set_side(&a->atlas, (a->atlas.i_side + 1) % a->atlas.n_sides);
}

void command_by_rank(struct app *a, int unused) {
    (void)unused;
    a->atlas.by_rank = !a->atlas.by_rank;
}

void command_target_column(struct app *a, int direction) {
    atlas_move_cell(&a->atlas, 0, direction);
}

void command_target_row(struct app *a, int direction) {
    atlas_move_cell(&a->atlas, direction, 0);
}

/* --- where it leads --- */

/* The map shows the head, and its cursor is where the heads were ranked. */
static void open_head(struct app *a, bool heads) {
    const struct atlas *atlas = &a->atlas;
    const struct atlas_side *side = &atlas->sides[atlas->i_side];
    a->reduction.layer = atlas->layer;
    a->reduction.head = heads ? atlas->head : -1;
    app_aggregate(a);
    if (side->steps)
        app_go_raw(a, side->target, atlas->row, atlas->column);
    app_go(a, VIEW_MAP);
}

void command_open_head(struct app *a, int unused) {
    int64_t layers, heads;
    (void)unused;
    app_layers_heads(a, &layers, &heads);
    if (layers)
        open_head(a, heads > 0);
    else
        app_pick_layered(a);
}
