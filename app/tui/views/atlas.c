/* Layers and heads at a glance. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/shown.h"
#include "app/tui/sinks.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "methods/declare/declare.h"
#include "views/screens/atlas_sinks.h"

#include <stdlib.h>

/* "Value zeroing, Logit lens": of methods with these axes. Owned by the caller. */
static char *methods_with(enum method_axes axes) {
    struct text_buffer b = {0};
    size_t n;
    const struct method_decl *const *decls = method_decls(&n);
    for (size_t i = 0; i < n; i++)
        if (decls[i]->axes == axes)
            text_buffer_format(&b, "%s%s", b.n ? ", " : "", decls[i]->title);
    return text_buffer_take(&b);
}

static void enter_atlas(struct app *a) {
    const size_t row = map_place(&a->map);
    if (!a->has_shown || row >= a->map.n_rows)
        return;
    const struct map_row *r = &a->map.rows[row];
    atlas_enter(&a->atlas, r->target, app_raw_rows(a, r->target, r->index).from,
                app_raw_columns(a, a->map.column).from);
    if (a->atlas.n_layers == 0 || a->atlas.has_heads)
        return;
    char *names = methods_with(AXES_TOKENS_LAYERS_HEADS);
    app_say(a, STYLE_NOTICE, "layers, but no heads: those come with %s   {METHOD}: method", names);
    free(names);
}

/* What is said where there are no layers; owned by the caller. */
static char *what_has_layers(void) {
    char *heads = methods_with(AXES_TOKENS_LAYERS_HEADS),
         *layers = methods_with(AXES_TOKENS_LAYERS),
         *run = app_hint("{OPEN_HEAD} chooses one and runs it.", false),
         *text = mem_format("Heads come with: %s. Layers with: %s. %s", heads, layers, run);
    free(heads);
    free(layers);
    free(run);
    return text;
}

/* Of the side that is shown; owned by the caller, NULL: it has none. */
static char *sinks_line(const struct app *a) {
    const struct sinks *sinks = atlas_sinks(&a->atlas);
    return sinks ? app_sinks_line(a, sinks, a->atlas.sides[a->atlas.i_side].row_tokens, true)
                 : NULL;
}

static void draw(struct grid *g, struct area body, struct app *a) {
    char *hint = app_hint("{OPEN_HEAD}: map", false), *without = what_has_layers(),
         *below = sinks_line(a);
    a->atlas.hint = hint;
    a->atlas.without = without;
    a->atlas.below = below;
    atlas_draw(g, body, &a->atlas);
    a->atlas.hint = a->atlas.without = a->atlas.below = NULL;
    free(hint);
    free(without);
    free(below);
}

static const char *hints_now(const struct app *a) {
    if (!atlas_has(app_sequence(a)))
        return "{OPEN_HEAD} run a method with layers  {METHOD} any method  {BACK} back  {HELP} "
               "help";
    if (!a->atlas.has_heads)
        return "{LEFT}{RIGHT} layer  {UP}{DOWN} token  {TARGET_LEFT} {TARGET_RIGHT} step  "
               "{OPEN_HEAD}: on the map  {BACK} back  {HELP} help";
    return NULL;
}

/* Rows are layers; where there are no heads they are tokens. */
static void move_atlas(struct app *a, long rows, long columns) {
    if (a->atlas.has_heads)
        atlas_move(&a->atlas, rows, columns);
    else
        atlas_move(&a->atlas, columns, rows);
}

/* The grid's rows are layers and its columns heads; without heads tokens and layers. */
static void go(struct atlas *atlas, int64_t row, int64_t column) {
    if (atlas->has_heads)
        atlas_go(atlas, row, column);
    else
        atlas_go(atlas, column, row);
}

static bool press(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    struct atlas *atlas = &a->atlas;
    const int64_t row = atlas->has_heads ? atlas->layer : atlas->row,
                  column = atlas->has_heads ? atlas->head : atlas->layer;
    (void)m;
    if (hit->kind == HIT_RANK)
        atlas_go_rank(atlas, hit->row);
    else if (hit->kind == HIT_TARGET)
        atlas_set_cell(atlas, hit->row, hit->column);
    else if (hit->kind == HIT_CELL)
        go(atlas, hit->row, hit->column);
    else if (hit->kind == HIT_ROW)
        go(atlas, hit->row, column);
    else if (hit->kind == HIT_COLUMN)
        go(atlas, row, hit->column);
    else
        return false;
    return true;
}

/* Over the list of the strongest it goes by rank. */
static void wheel(struct app *a, const struct hit *hit, long rows, long columns) {
    if (hit->kind == HIT_RANK)
        atlas_step_rank(&a->atlas, rows + columns < 0 ? -1 : 1);
    else
        move_atlas(a, rows, columns);
}

const struct view_ops view_atlas = {
    .title = "Atlas",
    .hints = "{LEFT}{DOWN}{UP}{RIGHT} head  {PREVIOUS_PEAK} {NEXT_PEAK} rank  "
             "{TARGET_LEFT} {TARGET_RIGHT} {TARGET_UP} {TARGET_DOWN} cell  {METRIC} metric  "
             "{OPEN_HEAD}: map  {BACK} back  {HELP} help",
    .hints_now = hints_now,
    .result = true,
    .enter = enter_atlas,
    .draw = draw,
    .move = move_atlas,
    .press = press,
    .wheel = wheel};
