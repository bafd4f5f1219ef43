/* The models of this machine; the last line is a path to type. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"
#include "backend/base/clamp.h"

#include <stdlib.h>

static size_t n_models(const struct app *a) {
    return a->has_found ? a->found.n : 0;
}

static void enter_models(struct app *a) {
    if (!a->has_found)
        app_find_models(a);
}

static void draw(struct grid *g, struct area body, struct app *a) {
    a->models.found = a->has_found ? &a->found : NULL;
    a->models.loaded = a->model.name;
    a->models.folder = a->models_folder;
    a->models.path = &a->model_path;
    char *hint = app_hint("{LOOK_AGAIN} looks again.", false);
    a->models.hint = hint;
    models_draw(g, body, &a->models);
    a->models.hint = NULL;
    free(hint);
}

static void move_models(struct app *a, long rows, long columns) {
    (void)columns;
    a->models.cursor = (size_t)clamped((int64_t)a->models.cursor + rows, 0, (int64_t)n_models(a));
}

static bool press_models(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    (void)m;
    if (hit->kind != HIT_ROW || hit->row > (int64_t)n_models(a))
        return false;
    a->models.cursor = (size_t)hit->row;
    return true;
}

/* Characters are text while the cursor is on the path, and so is what edits it. */
static bool key_models(struct app *a, int key) {
    if (key == INPUT_TAB) {
        move_models(a, 1, 0);
        return true;
    }
    if (a->models.cursor < n_models(a) || key == INPUT_UP || key == INPUT_DOWN ||
        key == INPUT_ENTER || (!input_is_text(key) && edit_is_empty(&a->model_path)))
        return false;
    return edit_key(&a->model_path, key) || input_is_text(key);
}

const struct view_ops view_models = {
    .title = "Models",
    .hints = "{OPEN_MODEL}: use it  {LOOK_AGAIN}: look again  {BACK} back  {HELP} help",
    .enter = enter_models,
    .draw = draw,
    .move = move_models,
    .key = key_models,
    .press = press_models};
