/* The models of this machine: what is typed filters them, or is the path of another. */
#include "app/tui/view.h"

#include "app/commands/command_table.h"
#include "app/tui/state.h"
#include "backend/base/clamp.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 10

/* On the one that is loaded. */
static void enter_models(struct app *a) {
    if (!a->has_found)
        app_find_models(a);
    edit_set(&a->model_path, "");
    a->models.found = &a->found;
    a->models.typed = &a->model_path;
    for (size_t i = 0; i < a->found.n; i++)
        if (strcmp(a->found.items[i].name, a->model.name) == 0)
            a->models.cursor = i;
}

static void draw(struct grid *g, struct area body, struct app *a) {
    a->models.found = a->has_found ? &a->found : NULL;
    a->models.loaded = a->model.name;
    a->models.folder = a->models_folder;
    a->models.typed = &a->model_path;
    char *hint = app_hint("{LOOK_AGAIN} looks again.", false);
    a->models.hint = hint;
    models_draw(g, body, &a->models);
    a->models.hint = NULL;
    free(hint);
}

static void move_models(struct app *a, long rows, long columns) {
    (void)columns;
    const int64_t n = (int64_t)models_matching(&a->models);
    a->models.cursor = (size_t)clamped((int64_t)a->models.cursor + rows, 0, n - 1);
}

static bool press_models(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    (void)m;
    if (hit->kind != HIT_ROW || hit->row >= (int64_t)models_matching(&a->models))
        return false;
    a->models.cursor = (size_t)hit->row;
    return true;
}

/* Characters are text, and so is what edits it. */
static bool key_models(struct app *a, int key) {
    const unsigned before = a->model_path.changes;
    const int by = (key == INPUT_PAGE_DOWN) * PAGE - (key == INPUT_PAGE_UP) * PAGE +
                   (key == INPUT_TAB) - (key == (INPUT_SHIFT | INPUT_TAB));
    if (by) {
        move_models(a, by, 0);
        return true;
    }
    if (key == INPUT_UP || key == INPUT_DOWN || key == INPUT_ENTER ||
        (!input_is_text(key) && edit_is_empty(&a->model_path)))
        return false;
    const bool taken = edit_key(&a->model_path, key) || input_is_text(key);
    if (a->model_path.changes != before)
        a->models.cursor = 0;
    return taken;
}

static bool back_models(struct app *a) {
    const bool typed = !edit_is_empty(&a->model_path);
    edit_set(&a->model_path, "");
    return typed;
}

static const char *hints_models(const struct app *a) {
    if (!edit_is_empty(&a->model_path))
        return "{OPEN_MODEL} use it, or the path that is typed  {BACK} all models  {HELP while "
               "typing} help";
    return NULL;
}

const struct view_ops view_models = {
    .title = "Models",
    .hints = "{OPEN_MODEL}: use it  {LOOK_AGAIN}: look again  {PALETTE} commands  {BACK} back  "
             "{HELP} help",
    .hints_now = hints_models,
    .enter = enter_models,
    .draw = draw,
    .move = move_models,
    .key = key_models,
    .press = press_models,
    .back = back_models};
