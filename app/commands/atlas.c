/* What the atlas shows, and where it leads. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/shown.h"
#include "app/tui/sinks.h"
#include "app/tui/state.h"
#include "views/screens/atlas_sinks.h"

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

/* Of the run: the map leaves out what the atlas does. */
void command_sinks(struct app *a, int unused) {
    static const char *const said[] = {
        [SINKS_KEPT] = "attention sinks are shown again",
        [SINKS_LEFT_OUT] = "attention sinks are left out, the rest is as it was",
        [SINKS_RENORMALISED] = "attention sinks are left out, the rest shares what they had"};
    (void)unused;
    if (!app_sinks(a, false) && !app_sinks(a, true) && !atlas_sinks(&a->atlas)) {
        app_say(a, STYLE_NOTICE,
                "no token takes so much attention that it is a sink, or these are no weights");
        return;
    }
    a->reduction.sinks = (enum sinks_choice)((a->reduction.sinks + 1) % SINKS_CHOICES);
    app_aggregate(a);
    app_say(a, STYLE_NOTICE, "%s", said[a->reduction.sinks]);
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
