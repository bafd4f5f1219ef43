/*
 * The state of the terminal program and what changes it: keys, pastes, mouse events and the
 * worker's events in, a grid out. Knows no terminal: what only the main loop can do (copy, start an
 * editor, paint anew) is asked for in `wants`. Interface thread only.
 */
#ifndef TINSEQ_APP_APP_H
#define TINSEQ_APP_APP_H

#include "aggregators/aggregate.h"
#include "app/files/run_store.h"
#include "app/files/settings.h"
#include "app/form/fields.h"
#include "app/jobs/worker.h"
#include "app/tui/overlays/overlay.h"
#include "app/tui/tui.h"
#include "backend/discovery.h"
#include "themes/theme.h"
#include "views/screens/atlas.h"
#include "views/screens/compare.h"
#include "views/screens/log_view.h"
#include "views/screens/map.h"
#include "views/screens/models.h"
#include "views/screens/runs.h"
#include "views/screens/text_view.h"
#include "views/terminal/grid.h"
#include "views/terminal/input.h"
#include "views/widgets/command.h"
#include "views/widgets/edit.h"
#include "views/widgets/frame.h"

#include <stdbool.h>
#include <stdint.h>

/* The first five have a tab. */
enum app_view { VIEW_MAP, VIEW_ATLAS, VIEW_RUNS, VIEW_TEXT, VIEW_LOG, VIEW_COMPARE, VIEW_MODELS };
#define APP_TABS 5

/* What the main loop is asked to do after an update. */
enum app_want {
    WANT_REPAINT = 1 << 0,
    WANT_COPY = 1 << 1,
    WANT_EDITOR = 1 << 2,
    WANT_MOUSE = 1 << 3,
    WANT_QUIT = 1 << 4
};

/* Inseq's normalisation (columns sum to 1); none; the largest magnitude is 1. */
enum app_norm { NORM_COLUMNS, NORM_NONE, NORM_LARGEST, NORM_COUNT };

/* The job under way. */
struct app_job {
    uint64_t generation; /* 0: none */
    struct run *run;     /* NULL while a model is loaded for its own sake */
    const char *phase;   /* literal */
    int64_t done, total;
    struct cost_estimate cost; /* seconds ≤ 0: not known */
    bool too_large;            /* cost says that it does not fit */
    struct run *before;        /* what was shown when it began; may be gone */
    int64_t begun_ms;
    char *generated; /* text so far, sanitised; NULL: none */
    bool cancelling, evaluating;
};

/* How raw scores become what is shown. */
struct app_reduction {
    enum app_norm norm;
    int64_t layer, head;                      /* −1: the mean of all */
    const struct aggregator_decl *aggregator; /* over the last dimension; NULL: Inseq's default */
};

/* What is offered instead of a run that does not fit in memory. */
struct memory_offer {
    struct attribute_request request; /* owned: the run's */
    char *foil;
    int64_t budget;     /* bytes; 0: no smaller one would do */
    const char *option; /* of the method, to be set lower: a literal; NULL: none would do */
    int64_t option_value, start, end; /* positions that would fit */
    const struct method_decl *methods[3];
};

struct app {
    struct worker *worker;
    struct run_store store;
    struct settings settings;
    int rows, columns;   /* of the terminal */
    int64_t now_ms, now; /* set by the main loop: monotonic milliseconds; seconds since 1970 */
    unsigned wants;      /* enum app_want, joined */
    char *copy;          /* what WANT_COPY copies */
    char *export_path;   /* where an export goes once the person agreed */

    enum app_view view;
    bool form_focus; /* keys go to the form */
    bool detail, mouse;
    struct form_fields form;
    struct map map;
    struct atlas atlas;
    struct text_view text;
    struct compare compare;
    struct log_view log;
    struct app_reduction reduction;
    struct run *current;               /* shown on the map; NULL: none */
    struct attribution_sequence shown; /* current's first sequence, aggregated */
    bool has_shown;
    char *notices; /* what current's result says beside its numbers, sanitised; NULL: nothing */
    struct app_job job;
    struct engine_model model; /* the loaded one; name "" if none */
    int64_t quit_asked_ms;     /* first Ctrl-C; 0: none */

    struct overlay overlay;
    /* What becomes of the overlay's answer: of a choice, and of what comes before it or instead
     * (NULL: nothing). The overlay is closed already, or may be opened anew. */
    void (*answered)(struct app *a, const struct overlay_answer *answer);
    void (*watched)(struct app *a, const struct overlay_answer *answer);
    size_t search_row; /* where the map's cursor was before a search */
    struct memory_offer offer;
    bool run_anyway; /* even if it does not fit */
    struct runs_view runs;
    struct run *mark_a, *mark_b;
    struct attribution_sequence shown_a, shown_b; /* what compare refers to */
    char *title_a, *title_b;
    struct found_models found;
    bool has_found;
    char *models_folder;
    struct models_view models;
    struct edit model_path;

    char message[512];
    enum style_role message_role;

    const struct theme *theme;                       /* borrowed for ever */
    const struct colour_map *diverging, *sequential; /* NULL: the theme's own */
    const struct theme *theme_before;                /* what Esc in the pickers goes back to */
    const struct colour_map *map_before;
};

void app_init(struct app *a, const struct tui_options *options, struct worker *worker,
              const char *settings_path, const char *runs_folder, int rows, int columns);
void app_dispose(struct app *a);
/* What the command line asked for beyond the form (open the file, run), and the model to load.
 * After the first frame. */
void app_begin(struct app *a, const struct tui_options *options);

/* Events. */
void app_key(struct app *a, int key);
void app_paste(struct app *a, const char *text, size_t n);
/* Gives an overlay's answer to who waits for it, and frees it. */
void app_take_answer(struct app *a, struct overlay_answer *answer);
void app_mouse(struct app *a, const struct input_mouse *m);
/* Takes the event's contents. */
void app_worker_event(struct app *a, struct worker_event *event);
/* A run could not be written. */
void app_save_failed(struct app *a, const char *path, const struct err *why);
void app_draw(struct grid *g, struct app *a);

/* The line above the key bar, and the log; printf-style, made safe to show. */
void app_say(struct app *a, enum style_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The overlay, to be opened: what it answers goes to `answered`, and what it tells before or
 * instead of a choice to `watched`. NULL: nobody. */
struct overlay *app_overlay(struct app *a,
                            void (*answered)(struct app *a, const struct overlay_answer *answer));
struct overlay *
app_overlay_watched(struct app *a,
                    void (*answered)(struct app *a, const struct overlay_answer *answer),
                    void (*watched)(struct app *a, const struct overlay_answer *answer));

/* --- what commands do
 * ---------------------------------------------------------------------------------------------------------------------
 */

void app_run(struct app *a);
void app_cancel(struct app *a);
/* The run of this request was refused for its cost. */
void memory_offer_open(struct app *a, const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c);
void memory_offer_dispose(struct memory_offer *o);
/* How faithful the scores of the run that is shown are: computed, then shown over the view. */
void app_evaluate(struct app *a);
/* Asks whether to quit if a job runs; quits else. */
void app_quit(struct app *a);
/* Shows a run (loading its result if need be) and puts its request into the form. */
void app_show_run(struct app *a, struct run *r);
/* Aggregates the current run anew, all of it or column g alone, and hands it to the views. */
void app_aggregate(struct app *a);
void app_aggregate_column(struct app *a, int64_t g);
/* The current run's first sequence as it was computed, NULL when there is none. Borrowed. */
struct attribution_sequence *app_sequence(const struct app *a);
/* Its layers and heads: 0 where it has none. */
void app_layers_heads(const struct app *a, int64_t *layers, int64_t *heads);
struct aggregate_spec app_reduction_spec(const struct app *a);
void app_go(struct app *a, enum app_view view);
void app_find_models(struct app *a);
void app_use_model(struct app *a, const char *name);
/* Picks a foil for the step under the cursor: a candidate, a typed word, or a whole text for all
 * steps. */
void app_pick_foil(struct app *a);
void app_set_theme(struct app *a, const struct theme *theme);
void app_compare(struct app *a);
/* A run is about to be freed. */
void app_forget_run(struct app *a, struct run *r);
void app_keep_settings(struct app *a);
/* The same, silently, while something is being typed. */
void app_keep_draft(struct app *a);
/* Before the end: the run under way is kept as far as it came. */
void app_end(struct app *a);
struct run *app_selected_run(const struct app *a); /* of the runs view; NULL: none */

/* Where things are in the body at the present size; rows 0: not shown. */
struct app_layout {
    struct area summary, form, map_box, map, notices, detail_box, detail, text_box;
};
struct app_layout app_lay_out(const struct app *a, struct area body);
struct area app_body(const struct app *a);
enum command_context app_context(const struct app *a);

/* --- commands (app/commands/keymap.c)
 * ---------------------------------------------------------------------------------------------------------------
 */

const struct command *app_commands(size_t *n);
/* Runs the command; false: it does not work here. */
bool app_command(struct app *a, int id);
/* The id of the command that a key means in a context, −1 if none. */
int app_find_command(enum command_context context, int key);

#endif
