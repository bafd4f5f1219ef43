#include "tests/app/tui/session.h"

#include "app/commands/handlers.h"
#include "app/tui/dataset_follow.h"
#include "app/tui/dispatch.h"
#include "app/tui/draw.h"
#include "app/tui/lists.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "harness/term.h"
#include "tests/app/engine_fake.h"

#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SOME_TIME 1000000000 /* seconds since 1970 */
#define PATIENCE_MS 20000

static struct app app;
static struct worker *worker;
static struct background *background, *runner;
static struct engine *engine;
static char *home;
static int gate[2] = {-1, -1};

static void make_home(void) {
    home = mem_text("/tmp/tinseq-session-XXXXXX");
    if (!mkdtemp(home))
        abort();
    char *models = mem_format("%s/none", home);
    setenv("HOME", home, 1);
    setenv("TINSEQ_MODELS", models, 1);
    setenv("TZ", "UTC", 1);
    unsetenv("XDG_DATA_HOME");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HF_HOME");
    tzset();
    free(models);
}

struct app *session_begin(const char *model, const struct attribute_request *request, bool gated) {
    struct tui_options o = {.colour_depth = -1};
    struct err e;
    setlocale(LC_ALL, "C.UTF-8");
    make_home();
    if (gated && pipe(gate) != 0)
        abort();
    engine = engine_fake_new(gate[0]);
    if (worker_start(&worker, engine, &engine_fake_ops, &e) != ERR_OK)
        abort();
    if (background_start(&background, &e) != ERR_OK || background_start(&runner, &e) != ERR_OK)
        abort();
    o.model = model;
    o.run = request != NULL;
    if (request)
        o.request = *request;
    char *settings = mem_format("%s/settings.json", home), *runs = mem_format("%s/runs", home);
    app_init(&app, &o, worker, background, runner, settings, runs, 24, 80);
    app.now = SOME_TIME;
    app.now_ms = 1000;
    app_begin(&app, &o);
    free(settings);
    free(runs);
    return &app;
}

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f) {
    (void)s, (void)flag, (void)f;
    return remove(path);
}

void session_end(void) {
    app_end(&app);
    app_lists_dispose(&app);
    app_follow_dispose(&app);
    background_stop(background);
    background_stop(runner);
    worker_stop(worker, PATIENCE_MS);
    app_dispose(&app);
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(home);
}

void session_file(const char *leaf, const char *text) {
    const struct timespec when[2] = {{.tv_sec = SOME_TIME}, {.tv_sec = SOME_TIME}};
    char *path = file_join(home, leaf), *folder = file_folder(path);
    struct err e;
    if (file_make_folders(folder, &e) != ERR_OK ||
        file_write(path, text, strlen(text), &e) != ERR_OK ||
        utimensat(AT_FDCWD, path, when, 0) != 0 || utimensat(AT_FDCWD, folder, when, 0) != 0)
        abort();
    mem_replace(&app.open_folder, mem_text(home));
    free(folder);
    free(path);
}

void session_model(const char *name) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    char *tiny = mem_format("%s/tiny/llama", fixtures ? fixtures : "tests/fixtures");
    char *model = realpath(tiny, NULL), *folder = file_join(home, "none"),
         *link = file_join(folder, name);
    struct err e;
    if (!model || file_make_folders(folder, &e) != ERR_OK || symlink(model, link) != 0)
        abort();
    free(link);
    free(folder);
    free(model);
    free(tiny);
}

void session_wait_background(void) {
    while (background_state(background).phase || background_state(runner).phase) {
        struct pollfd p[] = {{.fd = background_fd(background), .events = POLLIN},
                             {.fd = background_fd(runner), .events = POLLIN}};
        (void)poll(p, 2, 100);
        app.now_ms += 1000; /* nothing waits for the clock */
        background_take(runner, &app);
        background_take(background, &app);
        app_follow(&app);
    }
    background_take(runner, &app);
    background_take(background, &app);
}

void session_open(const char *leaf) {
    char *path = file_join(home, leaf);
    struct result_rows *rows;
    struct run *r;
    struct err e;
    if (result_rows_open(&rows, path, &e) != ERR_OK ||
        run_store_add_file(&r, &app.store, path, rows, &e) != ERR_OK)
        abort();
    app_show_opened(&app, r, 1);
    session_wait_background();
    free(path);
}

void session_memory(int64_t bytes) {
    engine_fake_memory(engine, bytes);
}

void session_steps(int n) {
    for (; n > 0; n--)
        if (write(gate[1], "+", 1) != 1)
            abort();
}

static int64_t columns_done(void) {
    const struct run *r = app.job.run;
    return r && r->result && r->result->n_sequences ? r->result->sequences[0].n_done : 0;
}

static void wait_columns(int64_t n) {
    struct worker_event event;
    while (app.job.generation && columns_done() < n) {
        struct pollfd p = {.fd = worker_fd(worker), .events = POLLIN};
        if (poll(&p, 1, PATIENCE_MS) <= 0)
            abort();
        while (columns_done() < n && worker_take(&event, worker)) {
            app_worker_event(&app, &event);
            worker_event_dispose(&event);
        }
    }
}

void session_wait_columns(int64_t n) {
    wait_columns(n);
}

void session_wait(void) {
    wait_columns(INT64_MAX);
}

void session_keys(const char *names) {
    char *all = mem_text(names);
    for (char *state, *name = strtok_r(all, " ", &state); name; name = strtok_r(NULL, " ", &state))
        app_key(&app, input_from_name(name));
    free(all);
}

void session_type(const char *text) {
    for (; *text; text++)
        app_key(&app, *text);
}

/* Where a text stands first. */
static bool find_text(int *row, int *column, const struct grid *g, const char *text) {
    for (*row = 0; *row < g->rows; ++*row) {
        char *line = grid_row_text(g, *row), *at = strstr(line, text);
        if (at)
            *at = 0;
        *column = text_columns(line);
        free(line);
        if (at)
            return true;
    }
    return false;
}

bool session_mouse(enum input_mouse_kind kind, int rows, int columns, const char *text) {
    struct input_mouse m = {.kind = kind, .button = 1};
    struct grid g;
    app.rows = rows;
    app.columns = columns;
    grid_init(&g, rows, columns);
    app_draw(&g, &app);
    const bool found = find_text(&m.row, &m.column, &g, text);
    if (found)
        app_mouse(&app, &m);
    app.drawn = NULL;
    grid_dispose(&g);
    return found;
}

static bool shows_sized(const char *name, int rows, int columns) {
    const char *fixtures = getenv("TINSEQ_FIXTURES");
    struct screen *s;
    struct grid g;
    struct err e = {0};
    struct term *t = term_screen(&s, rows, columns, NULL, COLOUR_256, false, &e);
    if (!t)
        return false;
    char *path = mem_format("%s/../app/golden/%s-%dx%d.screen",
                            fixtures ? fixtures : "tests/fixtures", name, columns, rows);
    app.rows = rows;
    app.columns = columns;
    grid_init(&g, rows, columns);
    app_draw(&g, &app);
    screen_blit(s, &g, app.theme, app.diverging, app.sequential);
    bool same = term_expect_screen(t, path);
    grid_dispose(&g);
    term_free(t);
    free(path);
    return same;
}

bool session_shows(const char *name) {
    bool small = shows_sized(name, 24, 80), large = shows_sized(name, 60, 200);
    return small && large;
}
