/* Commands of a context attribution: from one token that the context changes to the next, and to
 * what in the context did it. */
#include "app/commands/handlers.h"

#include "app/tui/context_shown.h"
#include "app/tui/state.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct context_view *context_of(struct app *a) {
    const struct context_view *v = app_show_context(a);
    if (!v)
        app_say(a, STYLE_NOTICE,
                "this result is of no context: {EDIT}, and a text in the form's section Context");
    else if (v->n == 0)
        app_say(a, STYLE_NOTICE, "the context changes no token so much");
    return v && v->n ? v : NULL;
}

static void leave_cue(struct app *a) {
    a->cue_shown = false;
    a->text.focus = (struct text_focus){0};
}

void command_changed(struct app *a, int direction) {
    const struct context_view *v = context_of(a);
    if (!v)
        return;
    leave_cue(a);
    map_go(&a->map, a->map.row, context_view_step(v, a->map.column, direction));
    a->map.follow = false;
    a->text.column = a->map.column;
}

/* The row in text order of a token. */
static size_t row_of(const struct map *m, const struct context_row *row) {
    size_t i = 0;
    while (i < m->n_rows && (m->rows[i].target != row->target || m->rows[i].index != row->index))
        i++;
    return i;
}

static void say_where(struct app *a, const struct context_row *cue) {
    const size_t number = context_view_document(&a->context, cue->target, cue->index);
    const struct token_list *list = cue->target ? &a->shown.target : &a->shown.source;
    const char *text = list->items[cue->index].printable;
    char *name = text_clean(number ? a->citations.documents[number - 1].name : NULL);
    if (number)
        app_say(a, STYLE_NOTICE, "\"%s\" in document %zu, %s   {TO_CUE}: back", text, number, name);
    else
        app_say(a, STYLE_NOTICE, "\"%s\" in the context   {TO_CUE}: back", text);
    free(name);
}

static void show_cue(struct app *a, const struct context_row *cue, size_t row) {
    a->row_before_cue = map_place(&a->map);
    map_go_row(&a->map, row);
    a->map.follow = false;
    a->cue_shown = true;
    a->text.focus = (struct text_focus){true, cue->target, cue->index, a->map.column};
    say_where(a, cue);
}

void command_cue(struct app *a, int unused) {
    const struct context_view *v = context_of(a);
    const struct context_token *t = context_view_token(v, a->map.column);
    (void)unused;
    if (v && !t)
        app_say(a, STYLE_NOTICE,
                "the context does not change this token   {NEXT_CHANGED}: the "
                "next that it changes");
    else if (t && !t->known)
        app_say(a, STYLE_NOTICE, "this token's cues are not computed yet");
    if (!t || !t->known)
        return;
    const size_t row = row_of(&a->map, &t->strongest);
    if (a->cue_shown && map_cursor_row(&a->map) == row) {
        leave_cue(a);
        map_go_row(&a->map, a->row_before_cue);
    } else if (row < a->map.n_rows) {
        show_cue(a, &t->strongest, row);
    }
}

/* --- foils --- */

bool app_takes_context_foil(struct app *a) {
    const struct context_view *v = context_of(a);
    if (v && !context_view_token(v, a->map.column))
        app_say(a, STYLE_NOTICE,
                "the context does not change this token: nothing of it is held against another   "
                "{NEXT_CHANGED}: the next that it changes");
    return v && context_view_token(v, a->map.column);
}

/* As it would be typed: foils are found with or without the blank before them. */
static const char *typed(const char *printable) {
    const size_t n_blank = strlen("·");
    return printable && strncmp(printable, "·", n_blank) == 0 && printable[n_blank]
               ? printable + n_blank
               : printable;
}

void app_run_context_foil(struct app *a, const char *text) {
    const struct context_token *t = context_view_token(&a->context, a->map.column);
    struct text_buffer b = {0};
    for (size_t i = 0; t && i < a->kept.n_cues; i++) {
        const struct context_kept_cue *cue = &a->kept.cues[i];
        const char *foil = cue->foil ? cue->foil : cue->otherwise;
        if (i + 1 == t->rank)
            foil = text;
        text_buffer_format(&b, "%s%s", i ? " | " : "", typed(foil ? foil : "?"));
    }
    if (b.n) {
        edit_set(&form_find(&a->form.form, FIELD_CONTEXT_FOILS)->edit, b.text);
        form_fields_want_contrast(&a->form);
        app_run(a);
    }
    text_buffer_dispose(&b);
}
