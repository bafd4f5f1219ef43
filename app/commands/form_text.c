/* Commands on the text that is edited in the form. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"

/* NULL: the field is none; says so. */
static struct edit *edited(struct app *a) {
    if (form_takes_text(&a->form.form))
        return &form_focused(&a->form.form)->edit;
    app_say(a, STYLE_NOTICE, "this field is not a text");
    return NULL;
}

static void changed(struct app *a) {
    form_fields_changed(&a->form, form_focused(&a->form.form)->id);
}

void command_undo(struct app *a, int unused) {
    struct edit *e = edited(a);
    (void)unused;
    if (e && !edit_undo_step(e))
        app_say(a, STYLE_NOTICE, "nothing to take back in this text");
    else if (e)
        changed(a);
}

void command_redo(struct app *a, int unused) {
    struct edit *e = edited(a);
    (void)unused;
    if (e && !edit_redo_step(e))
        app_say(a, STYLE_NOTICE, "nothing was taken back in this text");
    else if (e)
        changed(a);
}

void command_trim(struct app *a, int unused) {
    struct edit *e = edited(a);
    (void)unused;
    if (!e)
        return;
    const size_t n = edit_trim(e);
    if (n)
        app_say(a, STYLE_NOTICE, "%zu character%s of the text's end trimmed; {UNDO} takes it back",
                n, n == 1 ? "" : "s");
    else
        app_say(a, STYLE_NOTICE, "the text ends in no blank and no line end");
    changed(a);
}
