#include "app/tui/front.h"

#include "app/tui/state.h"

const struct view_ops *view_ops(enum app_view view) {
    static const struct view_ops *const all[VIEW_COUNT] = {
#define TAB(ID, key, title, ops) [VIEW_##ID] = &ops,
#define VIEW(ID, ops) [VIEW_##ID] = &ops,
#include "app/tui/views.def"
#undef TAB
#undef VIEW
    };
    return all[view];
}

/* What has the keys: the form, or the view in front. */
static enum app_view view_now(const struct app *a) {
    return a->form_focus ? VIEW_FORM : a->view;
}

const struct view_ops *app_ops(const struct app *a) {
    return view_ops(view_now(a));
}

uint32_t app_context(const struct app *a) {
    return 1u << view_now(a);
}

void app_go(struct app *a, enum app_view view) {
    a->form_focus = false;
    a->view = view;
    if (view_ops(view)->enter)
        view_ops(view)->enter(a);
}
