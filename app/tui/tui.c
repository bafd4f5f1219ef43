/* The main loop: terminal events and the worker's in, frames out. */
#include "app/tui/tui.h"

#include "app/commands/handlers.h"
#include "app/files/saver.h"
#include "app/jobs/background.h"
#include "app/tui/dataset_follow.h"
#include "app/tui/dispatch.h"
#include "app/tui/draw.h"
#include "app/tui/editor.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "views/terminal/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MS 40    /* between frames that only the worker asked for */
#define BUSY_MS 500    /* without a frame while input goes on waiting */
#define DRAFT_MS 10000 /* between saves of what is being typed */
#define STOP_MS 700    /* how long a library call that cannot be stopped may hold the end up */

struct loop {
    struct screen *screen;
    struct saver *saver;
    struct background *background, *runner;
    struct app app;
    struct grid grid;
    int64_t drawn_ms, saved_ms;
    bool awaited;      /* something to draw that a person waits for */
    bool dirty, typed; /* something else to draw; something typed since the last save */
    bool theme_given;
};

static struct screen *exhausted_screen;
static void leave_screen(void) {
    screen_close(exhausted_screen);
}

static void draw(struct loop *l) {
    struct app *a = &l->app;
    screen_size(&a->rows, &a->columns, l->screen);
    if (l->grid.rows != a->rows || l->grid.columns != a->columns) {
        grid_dispose(&l->grid);
        grid_init(&l->grid, a->rows, a->columns);
    }
    app_draw(&l->grid, a);
    screen_blit(l->screen, &l->grid, a->theme, a->diverging, a->sequential);
    l->drawn_ms = clock_ms();
    l->awaited = l->dirty = false;
}

static void copy(struct loop *l) {
    const char *path;
    struct err e;
    if (screen_copy(&path, l->screen, l->app.copy, strlen(l->app.copy), &e) == ERR_OK)
        app_say(&l->app, STYLE_NOTICE, "copied; also in %s", path);
    else
        app_say(&l->app, STYLE_ERROR, "not copied: %s", e.message);
}

static void edit(struct loop *l) {
    struct form_field *field = form_focused(&l->app.form.form);
    char *text = NULL;
    struct err e;
    if (!field)
        return;
    screen_leave(l->screen);
    enum err_code code = editor_run(&text, edit_text(&field->edit), &e);
    screen_return(l->screen);
    if (code)
        app_say(&l->app, STYLE_ERROR, "%s", e.message);
    else
        edit_replace(&field->edit, text);
    form_fields_changed(&l->app.form, field->id);
    free(text);
}

/* Does what the update asked for. */
static void serve(struct loop *l) {
    unsigned wants = l->app.wants;
    l->app.wants &= WANT_QUIT;
    if (wants & WANT_REPAINT)
        screen_redraw(l->screen);
    if (wants & WANT_COPY)
        copy(l);
    if (wants & WANT_MOUSE)
        screen_mouse(l->screen, l->app.mouse);
    if (wants & WANT_EDITOR)
        edit(l);
}

static void tick(struct app *a) {
    a->now_ms = clock_ms();
    a->now = (int64_t)time(NULL);
}

static void take_worker_events(struct loop *l) {
    struct worker_event event;
    while (worker_take(&event, l->app.worker)) {
        app_worker_event(&l->app, &event);
        worker_event_dispose(&event);
        l->dirty = true;
    }
}

static void take_failures(struct loop *l) {
    char *path;
    struct err why;
    while (saver_take_failure(&path, &why, l->saver)) {
        app_save_failed(&l->app, path, &why);
        free(path);
        l->dirty = true;
    }
}

static void handle(struct loop *l, struct input_event *event) {
    struct app *a = &l->app;
    tick(a);
    switch (event->kind) {
    case INPUT_EVENT_KEY:
        app_key(a, event->key);
        break;
    case INPUT_EVENT_PASTE:
        app_paste(a, event->text, event->n_text);
        free(event->text);
        break;
    case INPUT_EVENT_MOUSE:
        app_mouse(a, &event->mouse);
        break;
    case INPUT_EVENT_WAKE:
        take_worker_events(l);
        take_failures(l);
        background_take(l->background, a);
        background_take(l->runner, a);
        app_follow(a);
        l->dirty = true;
        return; /* drawn when a frame is due */
    case INPUT_EVENT_QUIT:
        a->wants |= WANT_QUIT;
        break;
    case INPUT_EVENT_BACKGROUND:
        if (!a->settings.theme && !l->theme_given)
            app_set_theme(a, theme_find(screen_suggest_theme(l->screen)));
        break;
    case INPUT_EVENT_RESIZE:
    case INPUT_EVENT_ATTRIBUTES:
    case INPUT_EVENT_MODE:
    case INPUT_EVENT_SHOWN:
    case INPUT_EVENT_DRAW:
    case INPUT_EVENT_NONE:
        break;
    }
    serve(l);
    l->awaited |= event->kind != INPUT_EVENT_NONE;
    l->typed |=
        a->form_focus && (event->kind == INPUT_EVENT_KEY || event->kind == INPUT_EVENT_PASTE);
}

/* A text half typed outlives a crash. */
static void save_draft(struct loop *l) {
    if (!l->typed || clock_ms() - l->saved_ms < DRAFT_MS)
        return;
    app_keep_draft(&l->app);
    l->saved_ms = clock_ms();
    l->typed = false;
}

/* A frame that a person waits for comes as soon as no more input waits, one that only the worker
 * asked for when it is due. */
static bool is_due(const struct loop *l, const struct input_event *last) {
    const int64_t passed = clock_ms() - l->drawn_ms;
    const bool quiet = last->kind == INPUT_EVENT_NONE || last->kind == INPUT_EVENT_WAKE;
    return (l->awaited && (quiet || passed >= BUSY_MS)) || (l->dirty && passed >= FRAME_MS);
}

/* How long to wait for input. */
static int patience_ms(const struct loop *l) {
    const int64_t due = l->drawn_ms + FRAME_MS - clock_ms();
    if (l->awaited)
        return 0;
    if (l->dirty)
        return due > 0 ? (int)due : 0;
    return l->typed ? DRAFT_MS : -1;
}

static void run_loop(struct loop *l) {
    const int fds[] = {worker_fd(l->app.worker), saver_fd(l->saver), background_fd(l->background),
                       background_fd(l->runner)};
    while (!(l->app.wants & WANT_QUIT)) {
        struct input_event event = {0};
        /* While a frame is due soon, the worker's events can wait for it: they would only ask for
         * the same frame. */
        screen_poll(&event, l->screen, fds, l->awaited || l->dirty ? 0 : 4, patience_ms(l));
        handle(l, &event);
        if (l->dirty)
            take_worker_events(l);
        if (is_due(l, &event))
            draw(l);
        save_draft(l);
    }
}

static char *state_path(const char *variable, const char *fallback, const char *leaf) {
    char *path = file_xdg(variable, fallback, leaf);
    return path ? path : mem_text(leaf);
}

/* The run under way, if any, is kept as far as it came: what the worker has said and nobody has
 * taken yet counts, too. */
static void finish(struct loop *l) {
    struct app *a = &l->app;
    tick(a);
    take_worker_events(l);
    app_end(a);
    app_leave_tour(a);
    app_keep_settings(a);
}

static enum err_code open_screen(struct loop *l, const struct tui_options *o, const char *log_path,
                                 struct err *e) {
    const struct screen_options options = {
        .depth = o->colour_depth, .ascii = o->ascii, .no_mouse = o->no_mouse, .log_path = log_path};
    if (screen_open(&l->screen, &options, e))
        return ERR_UNSUPPORTED; /* the command was right, the terminal is not */
    exhausted_screen = l->screen;
    mem_on_exhausted(leave_screen);
    return ERR_OK;
}

static void close_screen(struct loop *l) {
    exhausted_screen = NULL;
    mem_on_exhausted(NULL);
    screen_close(l->screen);
}

/* All that must be there before anything is shown; on failure what was started is still to stop. */
static enum err_code start(struct loop *l, struct worker **worker, const struct tui_options *o,
                           const char *log_path, struct err *e) {
    enum err_code code = open_screen(l, o, log_path, e);
    if (code)
        return code;
    code = saver_start(&l->saver, e);
    if (code)
        return code;
    code = background_start(&l->background, e);
    if (code)
        return code;
    code = background_start(&l->runner, e);
    if (code)
        return code;
    return worker_start(worker, o->engine, o->ops, e);
}

/* The title goes on saying it when other messages have come. */
static void tell_stand_in(struct loop *l) {
    const char *term = getenv("TERM");
    l->app.stand_in = screen_stand_in(l->screen);
    if (l->app.stand_in)
        app_say(
            &l->app, STYLE_WARNING,
            "this machine has no terminfo entry for TERM \"%.60s\": the screen is drawn as for %s",
            term ? term : "", l->app.stand_in);
}

/* The first frame comes before anything slow. */
static void begin(struct loop *l, const struct tui_options *o) {
    struct app *a = &l->app;
    l->theme_given = o->theme != NULL;
    if (!a->settings.theme && !l->theme_given)
        app_set_theme(a, theme_find(screen_suggest_theme(l->screen)));
    if (!a->mouse)
        screen_mouse(l->screen, false);
    tick(a);
    draw(l);
    app_begin(a, o);
    tell_stand_in(l);
    draw(l);
}

/* Waits for what is still being written. Of several failures the last one is returned. */
static enum err_code save_all(struct loop *l, struct err *e) {
    enum err_code code = ERR_OK;
    struct err latest;
    saver_wait(l->saver);
    for (char *path; saver_take_failure(&path, &latest, l->saver); free(path)) {
        if (code)
            fprintf(stderr, "tinseq: %s\n", e->message);
        code = ERR_IO;
        *e = latest;
    }
    return code;
}

enum err_code tui_main(const struct tui_options *o, struct err *e) {
    struct loop l = {0};
    struct worker *worker = NULL;
    struct err ignored;
    int rows, columns;
    char *log_path = state_path("XDG_STATE_HOME", ".local/state", "stderr.log"),
         *folder = state_path("XDG_STATE_HOME", ".local/state", ""),
         *settings = state_path("XDG_CONFIG_HOME", ".config", "settings.json"),
         *runs = state_path("XDG_STATE_HOME", ".local/state", "runs");
    /* With a read-only home the program works, only nothing is kept. */
    const bool kept = file_make_folders(folder, &ignored) == ERR_OK;
    enum err_code code = start(&l, &worker, o, kept ? log_path : NULL, e);
    if (code) {
        close_screen(&l);
        saver_stop(l.saver);
        background_stop(l.background);
        background_stop(l.runner);
        o->ops->free(o->engine);
        goto out;
    }
    screen_size(&rows, &columns, l.screen);
    app_init(&l.app, o, worker, l.background, l.runner, settings, runs, rows, columns);
    l.app.store.saver = l.saver;
    begin(&l, o);
    run_loop(&l);
    finish(&l);
    close_screen(&l);
    worker_cancel(worker);
    code = save_all(&l, e);
    saver_stop(l.saver);
    app_lists_dispose(&l.app); /* what is read of them ends */
    app_follow_dispose(&l.app);
    background_stop(l.background);
    background_stop(l.runner); /* what runs over a data set is interrupted, and goes on next time */
    if (!worker_stop(worker, STOP_MS)) {
        /* A library call goes on: exit handlers would pull its libraries away under it. */
        if (code)
            fprintf(stderr, "tinseq: %s\n", e->message);
        _exit(code != ERR_OK);
    }
    grid_dispose(&l.grid);
    app_dispose(&l.app);
out:
    free(log_path);
    free(folder);
    free(settings);
    free(runs);
    return code;
}
