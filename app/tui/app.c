#include "app/tui/app.h"

#include "app/files/request.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUIT_AGAIN_MS 2000

void app_say(struct app *a, enum style_role role, const char *format, ...) {
    char text[1024], when[16] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    char *clean = text_sanitise(text, strlen(text), false);
    snprintf(a->message, sizeof a->message, "%s", clean);
    a->message_role = role;
    time_t now = (time_t)a->now;
    struct tm tm;
    localtime_r(&now, &tm);
    strftime(when, sizeof when, "%H:%M:%S", &tm);
    log_view_add(&a->log, when, role, clean);
    free(clean);
}

struct overlay *
app_overlay_watched(struct app *a,
                    void (*answered)(struct app *a, const struct overlay_answer *answer),
                    void (*watched)(struct app *a, const struct overlay_answer *answer)) {
    overlay_close(&a->overlay);
    a->answered = answered;
    a->watched = watched;
    return &a->overlay;
}

struct overlay *app_overlay(struct app *a,
                            void (*answered)(struct app *a, const struct overlay_answer *answer)) {
    return app_overlay_watched(a, answered, NULL);
}

/* --- begin and end
 * --------------------------------------------------------------------------------------------------------------------------
 */

static void use_settings(struct app *a, const struct tui_options *o) {
    struct settings *s = &a->settings;
    a->theme = o->theme ? theme_find(o->theme) : s->theme ? theme_find(s->theme) : NULL;
    const struct colour_map *map = o->colour_map ? colour_map_find(o->colour_map) : NULL;
    a->diverging = map && map->diverging ? map
                   : s->diverging        ? colour_map_find(s->diverging)
                                         : NULL;
    a->sequential = map && !map->diverging ? map
                    : s->sequential        ? colour_map_find(s->sequential)
                                           : NULL;
    if (s->zoom >= 0 && s->zoom < MAP_ZOOMS)
        a->map.zoom = s->zoom;
    if (s->scale >= 0 && s->scale < MAP_SCALES)
        a->map.scale = (enum map_scale)s->scale;
    if (s->range >= 0 && s->range < MAP_RANGES)
        a->map.range = (enum map_range)s->range;
    if (s->norm >= 0 && s->norm < NORM_COUNT)
        a->reduction.norm = (enum app_norm)s->norm;
    a->map.numbers = !s->no_numbers;
    a->map.raw_tokens = s->raw_tokens;
    a->detail = !s->no_detail;
    a->mouse = !s->no_mouse && !o->no_mouse;
}

/* True when the command line filled in anything of the request. */
static bool was_given(const struct attribute_request *r) {
    return r->input_text || r->generated_text || r->method || r->attributed_fn ||
           r->contrast_targets || r->contrast_sources || r->attribution_kwargs ||
           r->generation_kwargs || r->n_step_scores || r->span_start || r->span_end ||
           r->foil_step >= 0;
}

void app_init(struct app *a, const struct tui_options *o, struct worker *worker,
              const char *settings_path, const char *runs_folder, int rows, int columns) {
    *a = (struct app){.worker = worker,
                      .rows = rows,
                      .columns = columns,
                      .reduction = {.layer = -1, .head = -1},
                      .message_role = STYLE_TEXT,
                      .offer.request = request_defaults()};
    map_init(&a->map);
    atlas_init(&a->atlas);
    compare_init(&a->compare);
    log_view_init(&a->log);
    settings_load(&a->settings, settings_path);
    use_settings(a, o);
    if (!a->theme)
        a->theme = theme_find("dark");
    run_store_open(&a->store, runs_folder);
    form_fields_init(&a->form);
    const char *model = o->model ? o->model : a->settings.model;
    bool given = was_given(&o->request);
    form_fields_fill(&a->form, model ? model : "",
                     given || !a->settings.has_request ? &o->request : &a->settings.request);
    form_focus(&a->form.form, FIELD_PROMPT);
    a->models_folder = models_folder();
    a->view = VIEW_MAP;
    a->form_focus = !o->run && !o->open_path;
}

static enum err_code keep_settings(struct app *a, struct err *e) {
    struct settings *s = &a->settings;
    struct attribute_request request;
    s->zoom = a->map.zoom;
    s->scale = (int)a->map.scale;
    s->range = (int)a->map.range;
    s->norm = (int)a->reduction.norm;
    s->no_numbers = !a->map.numbers;
    s->raw_tokens = a->map.raw_tokens;
    s->no_detail = !a->detail;
    s->no_mouse = !a->mouse;
    settings_set(&s->diverging, a->diverging ? a->diverging->id : NULL);
    settings_set(&s->sequential, a->sequential ? a->sequential->id : NULL);
    if (*form_fields_model(&a->form))
        settings_set(&s->model, form_fields_model(&a->form));
    if (form_fields_read(&request, &a->form)) {
        request_dispose(&s->request);
        s->request = request;
        s->has_request = true;
    }
    return settings_save(s, e);
}

void app_keep_settings(struct app *a) {
    struct err e;
    if (keep_settings(a, &e) != ERR_OK)
        app_say(a, STYLE_WARNING, "settings are not kept: %s", e.message);
}

void app_keep_draft(struct app *a) {
    struct err e;
    enum err_code code = keep_settings(a, &e);
    (void)code; /* said when the form is run */
}

void app_dispose(struct app *a) {
    overlay_close(&a->overlay);
    memory_offer_dispose(&a->offer);
    free(a->job.generated);
    if (a->has_shown)
        attribution_sequence_dispose(&a->shown);
    free(a->notices);
    attribution_sequence_dispose(&a->shown_a);
    attribution_sequence_dispose(&a->shown_b);
    free(a->title_a);
    free(a->title_b);
    free(a->copy);
    free(a->export_path);
    free(a->models_folder);
    map_dispose(&a->map);
    atlas_dispose(&a->atlas);
    compare_dispose(&a->compare);
    log_view_dispose(&a->log);
    form_fields_dispose(&a->form);
    edit_dispose(&a->model_path);
    if (a->has_found)
        found_models_dispose(&a->found);
    run_store_close(&a->store);
    settings_dispose(&a->settings);
}

void app_find_models(struct app *a) {
    if (a->has_found)
        found_models_dispose(&a->found);
    models_discover(&a->found);
    a->has_found = true;
}

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

void app_begin(struct app *a, const struct tui_options *o) {
    struct run *r;
    struct err e;
    if (o->open_path) {
        if (run_store_add_file(&r, &a->store, o->open_path, &e) == ERR_OK)
            app_show_run(a, r);
        else
            app_say(a, STYLE_ERROR, "%s", e.message);
        return;
    }
    choose_model(a);
    if (o->run)
        app_run(a);
    else if (*form_fields_model(&a->form))
        app_use_model(a, form_fields_model(&a->form));
}

/* --- events
 * ---------------------------------------------------------------------------------------------------------------------------------
 */

enum command_context app_context(const struct app *a) {
    static const enum command_context contexts[] = {
        [VIEW_MAP] = CONTEXT_MAP,      [VIEW_ATLAS] = CONTEXT_ATLAS,
        [VIEW_RUNS] = CONTEXT_RUNS,    [VIEW_TEXT] = CONTEXT_TEXT,
        [VIEW_LOG] = CONTEXT_LOG,      [VIEW_COMPARE] = CONTEXT_COMPARE,
        [VIEW_MODELS] = CONTEXT_MODELS};
    return a->form_focus ? CONTEXT_FORM : contexts[a->view];
}

static void control_c(struct app *a) {
    bool again = a->quit_asked_ms && a->now_ms - a->quit_asked_ms < QUIT_AGAIN_MS;
    if (again) {
        a->wants |= WANT_QUIT;
        return;
    }
    a->quit_asked_ms = a->now_ms ? a->now_ms : 1;
    if (a->job.generation && !a->job.cancelling) {
        app_cancel(a);
        app_say(a, STYLE_WARNING, "cancelling; Ctrl-C again quits");
    } else {
        app_say(a, STYLE_NOTICE, "Ctrl-C again quits");
    }
}

/* In the form, characters are text; keys that are none may be commands. */
static void key_form(struct app *a, int key) {
    bool help = key == '?' && !form_takes_text(&a->form.form);
    int id =
        input_is_text(key) && !help ? -1 : app_find_command(CONTEXT_FORM, help ? INPUT_F1 : key);
    const struct form_field *field = form_focused(&a->form.form);
    if (id >= 0) {
        app_command(a, id);
        return;
    }
    if (field && field->id == FIELD_FOIL && (key == INPUT_BACKSPACE || key == INPUT_DELETE)) {
        form_fields_remove_foil(&a->form);
        return;
    }
    int field_id = field ? field->id : -1;
    switch (form_key(&a->form.form, key)) {
    case FORM_CHANGED:
        if (field_id == FIELD_METHOD || field_id == FIELD_FUNCTION || field_id == FIELD_STRATEGY ||
            field_id == FIELD_ALIGNMENT || field_id == FIELD_STEP_SCORES)
            form_fields_refresh(&a->form);
        break;
    case FORM_OPENED:
        if (field_id == FIELD_MODEL)
            app_go(a, VIEW_MODELS);
        else if (field_id == FIELD_METHOD || field_id == FIELD_FUNCTION)
            app_command(a, app_find_command(CONTEXT_MAP, field_id == FIELD_METHOD ? 'm' : 't'));
        else if (field_id == FIELD_FOIL)
            app_pick_foil(a);
        break;
    case FORM_HANDLED:
    case FORM_IGNORED:
        break;
    }
}

/* The list of models takes its own few keys; its last line is a path to type. */
static bool key_models(struct app *a, int key) {
    struct models_view *v = &a->models;
    size_t n = a->has_found ? a->found.n : 0;
    bool path = v->cursor == n;
    if (key == INPUT_ENTER) {
        const char *name = path ? edit_text(&a->model_path) : a->found.items[v->cursor].name;
        if (!*name)
            return true;
        if (!path && a->found.items[v->cursor].why_not) {
            app_say(a, STYLE_WARNING, "%s cannot run here: %s", name,
                    a->found.items[v->cursor].why_not);
            return true;
        }
        edit_set(&form_find(&a->form.form, FIELD_MODEL)->edit, name);
        app_use_model(a, name);
        app_go(a, VIEW_MAP);
        a->form_focus = true;
        form_focus(&a->form.form, FIELD_PROMPT);
        return true;
    }
    if (key == INPUT_UP || (key == 'k' && !path))
        v->cursor -= v->cursor > 0;
    else if (key == INPUT_DOWN || key == INPUT_TAB || (key == 'j' && !path))
        v->cursor += v->cursor < n;
    else if (!(path && (input_is_text(key) || !edit_is_empty(&a->model_path)) &&
               edit_key(&a->model_path, key)))
        return false;
    return true;
}

void app_take_answer(struct app *a, struct overlay_answer *answer) {
    void (*then)(struct app *, const struct overlay_answer *) =
        answer->said == OVERLAY_CHOSEN ? a->answered : a->watched;
    if (answer->said != OVERLAY_SAID_NOTHING && then)
        then(a, answer);
    free(answer->text);
}

void app_key(struct app *a, int key) {
    if (key == (INPUT_CTRL | 'C')) {
        control_c(a);
        return;
    }
    a->quit_asked_ms = 0;
    if (overlay_is_open(&a->overlay)) {
        struct overlay_answer answer;
        overlay_key(&answer, &a->overlay, key);
        app_take_answer(a, &answer);
        return;
    }
    a->message[0] = 0;
    if (a->form_focus) {
        key_form(a, key);
        return;
    }
    if (a->view == VIEW_MODELS && key_models(a, key))
        return;
    int id = app_find_command(app_context(a), key);
    if (id >= 0)
        app_command(a, id);
    else if (key != INPUT_NONE) {
        char name[INPUT_NAME_SIZE];
        input_name(name, key);
        app_say(a, STYLE_DIM, "%s means nothing here; ? shows what does", name);
    }
}

void app_paste(struct app *a, const char *text, size_t n) {
    struct form_field *field = form_focused(&a->form.form);
    if (overlay_is_open(&a->overlay)) {
        struct overlay_answer answer;
        overlay_paste(&answer, &a->overlay, text, n);
        app_take_answer(a, &answer);
    } else if (a->form_focus && field && form_takes_text(&a->form.form)) {
        if (!edit_insert(&field->edit, text, n))
            app_say(a, STYLE_ERROR, "too much text: at most %d bytes", EDIT_MOST_BYTES);
    } else if (a->view == VIEW_MODELS) {
        a->models.cursor = a->has_found ? a->found.n : 0;
        edit_insert(&a->model_path, text, n);
    } else {
        app_say(a, STYLE_WARNING, "pasted text was dropped: e edits the prompt");
    }
}
