/* What was typed before, in the form and in lines that are asked for: back with Up, as in a shell,
 * or from a list. */
#include "app/commands/handlers.h"

#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS "text" /* prompts, targets and contrasts are taken from one another */

static const char *name_of(const struct form_field *field) {
    if (field->kind == FORM_LINES)
        return TEXTS;
    return field->name ? field->name : field->label + strspn(field->label, " ");
}

static void add(struct app *a, const struct history_entry *items, size_t n) {
    struct err e;
    if (history_add(&a->history, items, n, &e) != ERR_OK)
        app_say(a, STYLE_WARNING, "what was typed is not kept: %s", e.message);
}

void app_remember(struct app *a, const char *name, const char *text) {
    const struct history_entry entry = {(char *)name, (char *)text};
    if (*text)
        add(a, &entry, 1);
}

void app_remember_form(struct app *a) {
    const struct form *f = &a->form.form;
    struct history_entry *items = mem_alloc(f->n_fields * sizeof *items);
    size_t n = 0;
    for (size_t i = f->n_fields; i-- > 0;) { /* the prompt is the newest text */
        const struct form_field *field = &f->fields[i];
        const bool typed = field->kind == FORM_TEXT || field->kind == FORM_LINES;
        if (typed && form_field_differs(field))
            items[n++] =
                (struct history_entry){(char *)name_of(field), (char *)edit_text(&field->edit)};
    }
    add(a, items, n);
    free(items);
}

/* --- step by step --- */

/* The text `depth` steps back (from 1), passing over the one that was there; NULL: there is none.
 */
static const char *text_at(const struct app *a, size_t depth) {
    const struct app_recall *r = &a->recall;
    const char *text;
    for (size_t i = 0; (text = history_text(&a->history, r->name, i)); i++)
        if (strcmp(text, r->draft) != 0 && --depth == 0)
            return text;
    return NULL;
}

static size_t count(const struct app *a) {
    size_t n = 0;
    while (text_at(a, n + 1))
        n++;
    return n;
}

/* Another text is edited, or it was changed since: it begins anew from what is there. */
static void begin(struct app_recall *r, const struct edit *e, const char *name) {
    if (r->name && strcmp(r->name, name) == 0 && r->depth && r->changes == e->changes)
        return;
    mem_replace(&r->name, mem_text(name));
    mem_replace(&r->draft, mem_text(edit_text(e)));
    r->depth = 0;
}

static void say_where(struct app *a) {
    if (a->recall.depth)
        snprintf(a->message, sizeof a->message, "%zu of %zu typed before", a->recall.depth,
                 count(a));
    else
        a->message[0] = 0;
    a->message_role = STYLE_STATUS;
}

static bool recall(struct app *a, struct edit *e, const char *name, bool older) {
    struct app_recall *r = &a->recall;
    begin(r, e, name);
    if (!older && r->depth == 0)
        return false;
    const size_t depth = older ? r->depth + 1 : r->depth - 1;
    const char *text = depth ? text_at(a, depth) : r->draft;
    if (!text) {
        say_where(a);
        return r->depth > 0; /* the oldest stays */
    }
    edit_replace(e, text);
    r->depth = depth;
    r->changes = e->changes;
    say_where(a);
    return true;
}

bool app_recall(struct app *a, struct edit *e, const char *name, int key) {
    return (key == INPUT_UP || key == INPUT_DOWN) && recall(a, e, name, key == INPUT_UP);
}

bool app_recall_field(struct app *a, int key) {
    struct form *f = &a->form.form;
    struct form_field *field = form_focused(f);
    if ((key != INPUT_UP && key != INPUT_DOWN) || f->stepping || !form_takes_text(f))
        return false;
    if (edit_key(&field->edit, key)) /* within the text */
        return true;
    return app_recall(a, &field->edit, name_of(field), key);
}

/* --- the list --- */

static void chose(struct app *a, const struct overlay_answer *answer) {
    struct form_field *field = form_focused(&a->form.form);
    const char *text =
        answer->id >= 0 ? history_text(&a->history, name_of(field), (size_t)answer->id) : NULL;
    if (!text)
        return;
    edit_replace(&field->edit, text);
    form_fields_changed(&a->form, field->id);
}

void command_history(struct app *a, int unused) {
    const struct form_field *field = form_focused(&a->form.form);
    const char *text;
    struct picker p;
    (void)unused;
    if (!form_takes_text(&a->form.form)) {
        app_say(a, STYLE_NOTICE, "this field is not a text");
        return;
    }
    if (!history_text(&a->history, name_of(field), 0)) {
        app_say(a, STYLE_NOTICE, "nothing was typed here before: what is run is kept");
        return;
    }
    picker_init(&p, "typed before");
    for (size_t i = 0; (text = history_text(&a->history, name_of(field), i)); i++) {
        char *clean = text_clean_start(text);
        picker_add(&p, (int)i, clean, NULL, clean);
        free(clean);
    }
    picker_ready(&p, 0);
    overlay_pick(app_overlay(a, chose), &p);
}
