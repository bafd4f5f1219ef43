#include "app/tui/dispatch.h"

#include "app/commands/handlers.h"
#include "app/commands/keymap.h"
#include "app/tui/draw.h"
#include "app/tui/front.h"
#include "app/tui/layout.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "views/widgets/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHEEL_CELLS 3
#define LEFT_BUTTON 1
#define WORD_MS 1000 /* between two characters of a word, at most */

/* The model of the form, or the first one that runs here when the form names none. */
static void choose_model(struct app *a) {
    if (*form_fields_model(&a->form))
        return;
    app_find_models(a);
    for (size_t i = 0; i < a->found.n; i++)
        if (!a->found.items[i].why_not) {
            edit_set(&form_find(&a->form.form, FIELD_MODEL)->edit, a->found.items[i].name);
            return;
        }
    app_go(a, VIEW_MODELS);
}

/* The first of them that can be shown is. */
static void open_files(struct app *a, const struct tui_options *o) {
    struct run *first = NULL;
    for (size_t i = 0; i < o->n_opened; i++) {
        struct run *r;
        struct err e;
        if (!o->opened[i]) {
            app_open_later(a, o->open_paths[i]);
            continue;
        }
        enum err_code code = run_store_add_file(&r, &a->store, o->open_paths[i], o->opened[i], &e);
        o->opened[i] = NULL;
        if (code)
            app_say(a, STYLE_ERROR, "%s", e.message);
        first = first ? first : r;
    }
    if (first)
        app_show_opened(a, first, o->n_opened);
}

void app_begin(struct app *a, const struct tui_options *o) {
    if (o->n_opened) {
        open_files(a, o);
        return;
    }
    choose_model(a);
    if (o->run)
        app_run(a);
    else if (*form_fields_model(&a->form))
        app_use_model(a, form_fields_model(&a->form));
    app_tell_lost(a);
}

/* Gives an overlay's answer to who waits for it, then runs the command that was chosen, if any. */
static void take_answer(struct app *a, struct overlay_answer *answer) {
    void (*then)(struct app *, const struct overlay_answer *) =
        answer->said == OVERLAY_CHOSEN ? a->answered : a->watched;
    if (answer->said != OVERLAY_SAID_NOTHING && then)
        then(a, answer);
    free(answer->text);
    free(answer->marked);
    int next = a->next_command;
    a->next_command = COMMAND_NONE;
    if (next != COMMAND_NONE && !app_command(a, next))
        app_say(a, STYLE_NOTICE, "this does not work here");
}

/* --- keys --- */

static void open_field(struct app *a, int field) {
    if (field == FIELD_MODEL)
        app_go(a, VIEW_MODELS);
    else if (field == FIELD_METHOD)
        app_command_anywhere(a, COMMAND_METHOD);
    else if (field == FIELD_FUNCTION)
        app_command_anywhere(a, COMMAND_FUNCTION);
    else if (field == FIELD_FOIL)
        app_pick_foil(a);
    else if (field == FIELD_SOURCE_LANGUAGE || field == FIELD_TARGET_LANGUAGE)
        app_pick_language(a, field);
    else
        app_pick_choice(a);
}

/* Empties a field whose text is picked. False: it is none that can be emptied. */
static bool erase_field(struct app *a, int field) {
    if (field == FIELD_FOIL)
        form_fields_remove_foil(&a->form);
    else if (field == FIELD_SOURCE_LANGUAGE || field == FIELD_TARGET_LANGUAGE)
        form_fields_set_language(&a->form, field, NULL);
    else
        return false;
    return true;
}

static void say_too_much(struct app *a) {
    app_say(a, STYLE_ERROR, "too much text: at most %d bytes", EDIT_MOST_BYTES);
}

/* In the form, characters are text; keys that are none may be commands. */
static void key_form(struct app *a, int key) {
    int id = app_find_command(CONTEXT_FORM, key);
    if (input_is_text(key) && (id != COMMAND_HELP || form_takes_text(&a->form.form)))
        id = COMMAND_NONE;
    const struct form_field *field = form_focused(&a->form.form);
    if (id >= 0) {
        form_deselect(&a->form.form);
        app_command(a, id);
        return;
    }
    if (field && widget_key(WIDGET_ERASE, key) && erase_field(a, field->id))
        return;
    int field_id = field ? field->id : -1;
    if (app_recall_field(a, key)) {
        form_fields_changed(&a->form, field_id);
        return;
    }
    switch (form_key(&a->form.form, key)) {
    case FORM_CHANGED:
        form_fields_changed(&a->form, field_id);
        if (field_id == FIELD_METHOD || field_id == FIELD_FUNCTION || field_id == FIELD_STRATEGY ||
            field_id == FIELD_ALIGNMENT || field_id == FIELD_STEP_SCORES)
            form_fields_refresh(&a->form);
        break;
    case FORM_OPENED:
        open_field(a, field_id);
        break;
    case FORM_IGNORED:
        if (input_is_text(key) && form_takes_text(&a->form.form))
            say_too_much(a);
        break;
    case FORM_HANDLED:
        break;
    }
}

static void key_overlay(struct app *a, int key) {
    struct overlay_answer answer;
    char *asked = overlay_is_input(&a->overlay) ? mem_text(a->overlay.title) : NULL;
    if (asked && app_recall(a, &a->overlay.edit, asked, key)) {
        free(asked);
        return;
    }
    overlay_key(&answer, &a->overlay, key);
    if (asked && answer.said == OVERLAY_CHOSEN)
        app_remember(a, asked, answer.text);
    free(asked);
    take_answer(a, &answer);
}

/* A character that means nothing may be the first of a word: what follows it soon is no command
 * either. */
static bool goes_on(const struct app *a, int key) {
    return input_is_text(key) && a->stray[0] && a->now_ms - a->stray_ms < WORD_MS;
}

static void stray_key(struct app *a, int key) {
    char name[INPUT_NAME_SIZE];
    const size_t n = goes_on(a, key) ? strlen(a->stray) : 0;
    input_name(name, key);
    snprintf(a->stray + n, sizeof a->stray - n, "%s", key == ' ' && n > 0 ? " " : name);
    a->stray_ms = a->now_ms;
    app_say(a, STYLE_DIM, "%s means nothing here; {HELP} shows what does", a->stray);
    if (!input_is_text(key))
        a->stray[0] = 0;
}

static void key_view(struct app *a, int key) {
    const struct view_ops *ops = app_ops(a);
    if (ops->key && ops->key(a, key))
        return;
    const int id = app_find_command(app_context(a), key);
    if (key != INPUT_NONE && id != COMMAND_HELP && (id == COMMAND_NONE || goes_on(a, key))) {
        stray_key(a, key);
        return;
    }
    a->stray[0] = 0;
    app_command(a, id);
}

void app_key(struct app *a, int key) {
    if (app_find_command(app_context(a), key) == COMMAND_INTERRUPT) { /* under an overlay, too */
        app_command(a, COMMAND_INTERRUPT);
        return;
    }
    a->quit_asked_ms = 0;
    if (overlay_is_open(&a->overlay)) {
        key_overlay(a, key);
        return;
    }
    a->message[0] = 0;
    if (a->form_focus)
        key_form(a, key);
    else
        key_view(a, key);
}

/* No text is edited. What came at once may have been typed, too, if very fast. */
static void say_dropped(struct app *a, size_t n) {
    if (overlay_is_open(&a->overlay))
        app_say(a, STYLE_WARNING, "pasted text was dropped (%zu bytes at once)", n);
    else if (a->form_focus)
        app_say(a, STYLE_WARNING,
                "pasted text was dropped (%zu bytes at once): this field is not a text", n);
    else
        app_say(a, STYLE_WARNING,
                "pasted text was dropped (%zu bytes at once): {EDIT} edits the prompt", n);
}

/* Editors leave them out: no text can hold one. */
static void tell_of_nul(struct app *a, const char *text, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += text[i] == '\0';
    if (count)
        app_say(a, STYLE_WARNING, "%zu NUL byte%s of the pasted text %s left out", count,
                count == 1 ? "" : "s", count == 1 ? "is" : "are");
}

/* The model would see them. */
static void tell_of_end(struct app *a, const struct form_field *field) {
    const char *text = edit_text(&field->edit);
    size_t n = edit_bytes(&field->edit), blanks = 0, lines = 0;
    if (field->kind != FORM_LINES || field->edit.cursor < n)
        return;
    for (; n > 0 && strchr(" \t\n", text[n - 1]); n--)
        *(text[n - 1] == '\n' ? &lines : &blanks) += 1;
    const size_t count = lines ? lines : blanks;
    if (count == 0 || n == 0)
        return;
    app_say(a, STYLE_WARNING, "{TRIM} trims %zu %s%s%s at its end, which the model would see",
            count, lines ? "line end" : "blank", count == 1 ? "" : "s",
            lines && blanks ? " and blanks" : "");
}

static void paste_overlay(struct app *a, const char *text, size_t n) {
    struct overlay_answer answer;
    const bool takes_text = overlay_takes_text(&a->overlay),
               taken = overlay_paste(&answer, &a->overlay, text, n);
    take_answer(a, &answer);
    if (!takes_text)
        say_dropped(a, n);
    else if (!taken)
        say_too_much(a);
    else
        tell_of_nul(a, text, n);
}

/* The text that has the keys, but for an overlay's; NULL: none. */
static struct edit *edited(struct app *a) {
    if (a->form_focus && form_takes_text(&a->form.form))
        return &form_focused(&a->form.form)->edit;
    if (a->form_focus || a->view != VIEW_MODELS)
        return NULL;
    a->models.cursor = 0;
    return &a->model_path;
}

void app_paste(struct app *a, const char *text, size_t n) {
    if (overlay_is_open(&a->overlay)) {
        paste_overlay(a, text, n);
        return;
    }
    struct edit *edit = edited(a);
    a->message[0] = 0;
    if (!edit)
        say_dropped(a, n);
    else if (!edit_insert(edit, text, n))
        say_too_much(a);
    else
        tell_of_nul(a, text, n);
    if (!edit || !a->form_focus)
        return;
    form_fields_changed(&a->form, form_focused(&a->form.form)->id);
    if (!a->message[0])
        tell_of_end(a, form_focused(&a->form.form));
}

/* --- the mouse: it presses what keys reach, where it was drawn --- */

/* The command of a printed key. The form may have the keys while the view's are pressed. */
static void press_command(struct app *a, int id) {
    size_t n;
    const struct command *commands = app_commands(&n);
    if (id >= 0 && (size_t)id < n && commands[id].context & 1u << a->view)
        app_command_anywhere(a, id);
    else if (!app_command(a, id))
        app_say(a, STYLE_NOTICE, "this does not work here");
}

/* A double click. On a text it goes nowhere: Enter would go on to the next field. */
static void press_enter(struct app *a) {
    const bool text = a->form_focus && form_takes_text(&a->form.form);
    if (!text && (a->form_focus || app_find_command(app_context(a), INPUT_ENTER) != COMMAND_NONE))
        app_key(a, INPUT_ENTER);
}

static void press_view(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    const struct view_ops *ops = app_ops(a);
    if (ops->press && ops->press(a, hit, m) && m->kind == MOUSE_DOUBLE)
        press_enter(a);
}

static void turn_wheel(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    const struct view_ops *ops = app_ops(a);
    const int by = m->kind == MOUSE_WHEEL_UP ? -WHEEL_CELLS : WHEEL_CELLS;
    const long rows = m->shift ? 0 : by, columns = m->shift ? by : 0;
    if (ops->wheel)
        ops->wheel(a, hit, rows, columns);
    else if (ops->move)
        ops->move(a, rows, columns);
}

static void mouse_overlay(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    struct overlay_answer answer;
    overlay_mouse(&answer, &a->overlay, hit, m);
    take_answer(a, &answer);
}

static void mouse_view(struct app *a, const struct hit *hit, const struct input_mouse *m) {
    if (m->kind == MOUSE_RELEASE || (m->kind == MOUSE_DRAG && hit->kind != HIT_CELL))
        return;
    const bool wheel = m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN;
    if (!wheel)
        a->message[0] = 0;
    if (wheel)
        turn_wheel(a, hit, m);
    else if (hit->kind == HIT_KEY)
        press_command(a, (int)hit->row);
    else if (hit->kind == HIT_TAB)
        app_go(a, (enum app_view)hit->row);
    else
        press_view(a, hit, m);
}

/* The text that has the keys now, which a press may just have given them. */
static void press_edit(struct app *a, const struct hit *hit) {
    struct edit *edit = overlay_is_open(&a->overlay) ? a->overlay.typed : edited(a);
    if (edit)
        edit_press(edit, (size_t)hit->row, hit->column);
}

void app_mouse(struct app *a, const struct input_mouse *m) {
    if (!a->mouse || !a->drawn)
        return;
    const bool wheel = m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN;
    if (!wheel && m->button != LEFT_BUTTON) { /* they paste or open a menu elsewhere */
        if (m->kind == MOUSE_PRESS)
            app_say(a, STYLE_NOTICE,
                    "the left button alone presses; with Shift the terminal takes "
                    "the others, to paste or select");
        return;
    }
    const struct hit edit = hit_find_edit(&a->drawn->hits, m->row, m->column);
    const struct hit hit = wheel ? hit_find_below_keys(&a->drawn->hits, m->row, m->column)
                                 : hit_find(&a->drawn->hits, m->row, m->column);
    if (overlay_is_open(&a->overlay) && !(wheel && overlay_is_search(&a->overlay)))
        mouse_overlay(a, &hit, m);
    else
        mouse_view(a, &hit, m);
    if (m->kind == MOUSE_PRESS && edit.kind == HIT_EDIT)
        press_edit(a, &edit);
}
