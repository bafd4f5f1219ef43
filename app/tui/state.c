#include "app/tui/state.h"

#include "app/commands/command_table.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "methods/request/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t n_marks(const char *text) {
    size_t n = 0;
    for (; *text; text++)
        n += text_mark(text, NULL) > 0;
    return n;
}

/* Made safe to show, owned by the caller. Its keys can be pressed, unless an argument brought a
 * mark along that nobody put there. */
static char *clean_message(const char *format, bool typing, bool marks, va_list args) {
    char text[1024], *with_keys = app_hint_format(format, typing, marks);
    struct text_buffer b = {0};
    va_list again;
    va_copy(again, args);
    vsnprintf(text, sizeof text, with_keys, again);
    va_end(again);
    const bool own = marks && n_marks(text) == n_marks(with_keys);
    free(with_keys);
    if (marks && !own)
        return clean_message(format, typing, false, args);
    for (const char *at = text; *at;) {
        const size_t mark = own ? text_mark(at, NULL) : 0;
        const size_t n = mark + strcspn(at + mark, own ? "\016" : "");
        char *clean = text_sanitise(at + mark, n > mark ? n - mark : 1, false);
        text_buffer_add(&b, at, mark);
        text_buffer_puts(&b, clean);
        free(clean);
        at += n > mark ? n : mark + 1;
    }
    return text_buffer_take(&b);
}

void app_say(struct app *a, enum style_role role, const char *format, ...) {
    char when[16] = "";
    va_list args;
    va_start(args, format);
    char *marked = clean_message(format, app_types(a), true, args),
         *clean = clean_message(format, app_types(a), false, args);
    va_end(args);
    snprintf(a->message, sizeof a->message, "%s", marked);
    free(marked);
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

/* --- begin and end --- */

static const struct colour_map *colours_of(const char *id) {
    return id ? colour_map_find(id) : NULL;
}

static void use_settings(struct app *a, const struct tui_options *o) {
    struct settings *s = &a->settings;
    const char *theme = o->theme ? o->theme : s->theme;
    const struct colour_map *given = colours_of(o->colour_map);
    a->theme = theme ? theme_find(theme) : NULL;
    a->diverging = given && given->diverging ? given : colours_of(s->diverging);
    a->sequential = given && !given->diverging ? given : colours_of(s->sequential);
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
    const struct attribute_request nothing = {0};
    return !request_equal(r, &nothing);
}

/* Beside the runs. */
static void open_history(struct app *a, const char *runs_folder) {
    char *folder = file_folder(runs_folder), *path = file_join(folder, "history.json");
    struct err e;
    if (history_open(&a->history, path, &e) != ERR_OK)
        app_say(a, STYLE_WARNING, "%s", e.message);
    free(path);
    free(folder);
}

void app_init(struct app *a, const struct tui_options *o, struct worker *worker,
              struct background *background, struct background *runner, const char *settings_path,
              const char *runs_folder, int rows, int columns) {
    *a = (struct app){.worker = worker,
                      .background = background,
                      .runner = runner,
                      .program = "/proc/self/exe",
                      .engine_options = o->engine_options,
                      .rows = rows,
                      .columns = columns,
                      .next_command = COMMAND_NONE,
                      .reduction = {.layer = -1, .head = -1},
                      .message_role = STYLE_TEXT};
    map_init(&a->map);
    atlas_init(&a->atlas);
    compare_init(&a->compare);
    log_view_init(&a->log);
    struct err damage;
    if (settings_load(&a->settings, settings_path, &damage))
        app_say(a, STYLE_WARNING, "settings are the defaults: %s", damage.message);
    use_settings(a, o);
    if (!a->theme)
        a->theme = theme_find("dark");
    run_store_open(&a->store, runs_folder);
    run_store_purge(&a->store);
    open_history(a, runs_folder);
    form_fields_init(&a->form);
    const char *model = o->model ? o->model : a->settings.model;
    bool given = was_given(&o->request);
    form_fields_fill(&a->form, model ? model : "",
                     given || !a->settings.has_request ? &o->request : &a->settings.request);
    form_focus(&a->form.form, FIELD_PROMPT);
    if (!given)
        edit_select(&form_find(&a->form.form, FIELD_PROMPT)->edit);
    a->models_folder = models_folder();
    a->view = VIEW_MAP;
    a->form_focus = !o->run && !o->n_opened;
}

/* Takes the form's request; an opened file's that nobody has changed is not this person's. */
static void keep_form(struct app *a, struct attribute_request *request) {
    struct settings *s = &a->settings;
    if (request_equal(request, &a->opened)) {
        request_dispose(request);
        return;
    }
    request_dispose(&s->request);
    s->request = *request;
    s->has_request = true;
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
    if (form_fields_read(&request, &a->form))
        keep_form(a, &request);
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
    request_dispose(&a->tour.request);
    request_dispose(&a->tour.before);
    free(a->tour.model_before);
    free(a->job.generated);
    free(a->job.model);
    if (a->has_shown)
        attribution_sequence_dispose(&a->shown);
    context_view_dispose(&a->context);
    context_kept_dispose(&a->kept);
    citations_dispose(&a->citations);
    grouping_dispose(&a->made);
    free(a->reduction.pattern);
    grouping_dispose(&a->reduction.joined);
    free(a->notices);
    attribution_sequence_dispose(&a->shown_a);
    attribution_sequence_dispose(&a->shown_b);
    attribution_release(a->result_a);
    attribution_release(a->result_b);
    free(a->title_a);
    free(a->title_b);
    free(a->copy);
    free(a->export_path);
    free(a->dataset);
    free(a->dataset_output);
    free(a->open_folder);
    runs_list_dispose(&a->listed);
    free(a->models_folder);
    map_dispose(&a->map);
    atlas_dispose(&a->atlas);
    compare_dispose(&a->compare);
    compare_many_dispose(&a->many);
    for (size_t i = 0; i < RUN_MARKS; i++) {
        attribution_sequence_dispose(&a->shown_more[i]);
        free(a->title_more[i]);
    }
    log_view_dispose(&a->log);
    form_fields_dispose(&a->form);
    request_dispose(&a->opened);
    edit_dispose(&a->model_path);
    if (a->has_found)
        found_models_dispose(&a->found);
    run_store_close(&a->store);
    history_dispose(&a->history);
    free(a->recall.name);
    free(a->recall.draft);
    settings_dispose(&a->settings);
}

void app_find_models(struct app *a) {
    if (a->has_found)
        found_models_dispose(&a->found);
    models_discover(&a->found);
    a->has_found = true;
}

struct run *app_selected_run(const struct app *a) {
    return a->listed.at;
}

char app_mark_of(const struct app *a, const struct run *r) {
    for (size_t i = 0; i < a->n_marks; i++)
        if (a->marks[i] == r)
            return (char)('A' + i);
    return 0;
}

bool app_unmark(struct app *a, const struct run *r) {
    const char mark = app_mark_of(a, r);
    if (!mark)
        return false;
    const size_t i = (size_t)(mark - 'A');
    memmove(a->marks + i, a->marks + i + 1, (a->n_marks - i - 1) * sizeof(struct run *));
    a->n_marks--;
    return true;
}

void app_set_theme(struct app *a, const struct theme *theme) {
    if (theme)
        a->theme = theme;
}
