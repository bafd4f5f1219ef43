/*
 * The state of the terminal program: the data alone, how it begins and ends, and how anybody says
 * something. Knows no terminal and no command: what only the main loop can do (copy, start an
 * editor, paint anew) is asked for in `wants`, a command in `next_command`. Interface thread only.
 */
#ifndef TINSEQ_APP_STATE_H
#define TINSEQ_APP_STATE_H

#include "aggregators/aggregate.h"
#include "aggregators/sinks.h"
#include "aggregators/text/unit.h"
#include "app/files/history.h"
#include "app/files/run_store.h"
#include "app/files/settings.h"
#include "app/form/fields.h"
#include "app/jobs/background.h"
#include "app/jobs/memory_offer.h"
#include "app/jobs/worker.h"
#include "app/tui/contexts.h"
#include "app/tui/options.h"
#include "app/tui/overlays/overlay.h"
#include "app/tui/row_list.h"
#include "app/tui/runs_list.h"
#include "backend/discovery.h"
#include "methods/result/citations.h"
#include "methods/result/context_kept.h"
#include "themes/theme.h"
#include "views/screens/atlas.h"
#include "views/screens/compare.h"
#include "views/screens/compare_many.h"
#include "views/screens/context_view.h"
#include "views/screens/log_view.h"
#include "views/screens/map.h"
#include "views/screens/models.h"
#include "views/screens/runs.h"
#include "views/screens/text_view.h"
#include "views/terminal/grid.h"
#include "views/terminal/input.h"
#include "views/widgets/edit.h"

#include <stdbool.h>
#include <stdint.h>

#define RUN_MARKS 8 /* runs that can be compared at once */

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
    int64_t begun_ms, cost_ms; /* when it began, and its method: what cost is of */
    char *model;               /* by the name that was asked for, owned */
    char *generated;           /* text so far, sanitised; NULL: none */
    bool cancelling, evaluating;
    struct run *evaluated; /* what is being evaluated; NULL: nothing, or it is gone */
    size_t evaluated_text; /* which of its texts */
};

/* What a unit is of. */
enum app_unit_side { UNIT_BOTH, UNIT_ROWS, UNIT_COLUMNS, UNIT_SIDES };

/* How raw scores become what is shown. */
struct app_reduction {
    enum app_norm norm;
    int64_t layer, head;                       /* −1: the mean of all */
    const struct aggregate_function *function; /* of every dimension; NULL: as usual */
    enum sinks_choice sinks;                   /* what becomes of attention sinks */
    const struct unit *unit; /* what rows and columns are, by their sums; NULL: tokens */
    enum app_unit_side unit_side;
    bool no_special;             /* special tokens are left out */
    bool bytes_apart;            /* tokens that are bytes of one character are not joined */
    char *pattern;               /* of the unit regex, owned */
    struct grouping joined;      /* spans of a run's own tokens that a person joined; empty: none */
    const struct run *joined_of; /* and in which of its texts */
    size_t joined_text;
};

struct app;

/* A run over a data set whose rows come into a list: dataset_follow.h. */
struct app_follow {
    char *output, *part; /* OUT, and where its rows come meanwhile; NULL: nothing is followed */
    struct run *run;     /* that shows them; NULL: none yet */
    int64_t size, looked_ms, pause_ms;
    bool reading, over; /* it is read; nothing more comes */
    bool last;          /* what is read now, or was, is all that comes */
    bool missed;        /* what was read last could not be shown: it is read again */
    void (*shown)(struct app *a, struct run *r); /* the first rows are there */
};

/* A way back through what was typed before. */
struct app_recall {
    char *name, *draft; /* of the field; what was there before; owned */
    size_t depth;       /* steps back; 0: at the draft */
    unsigned changes;   /* of the text when it was put there */
};

/* Where one is on the tour. */
struct app_tour {
    bool on;
    size_t at;                        /* of app/tour/tour.h's stops */
    bool missing;                     /* its model is not on this machine */
    struct attribute_request request; /* what the form made of the stop's, owned */
    char *model_before;               /* the form as it was before the tour, owned */
    struct attribute_request before;
};

struct app {
    struct worker *worker;
    struct background *background, *runner; /* borrowed: for files, and for a run over a data set */
    struct app_follow follow;
    char *dataset, *dataset_output;       /* the one that was run last; NULL: none */
    const char *program;                  /* that is run over a data set: this one */
    struct engine_options engine_options; /* of the command line; borrowed */
    struct row_list **lists;              /* [n_lists] of files with several texts: lists.h */
    size_t n_lists;
    struct run *run_listed; /* whose list was shown last; NULL: none is left */
    struct run_store store;
    struct settings settings;
    struct history history;
    struct app_recall recall;
    int rows, columns;   /* of the terminal */
    int64_t now_ms, now; /* set by the main loop: monotonic milliseconds; seconds since 1970 */
    unsigned wants;      /* enum app_want, joined */
    int next_command;    /* COMMAND_NONE: none */
    char *copy;          /* what WANT_COPY copies */
    char *open_folder;   /* where a file was opened last; NULL: nowhere yet */
    char *export_path;   /* where an export goes once the person agreed */

    enum app_view view;
    bool form_focus; /* keys go to the form */
    bool detail, mouse;
    struct form_fields form;
    struct map map;
    struct atlas atlas;
    struct text_view text;
    struct compare compare;
    struct compare_many many; /* more than two; empty: not so many */
    struct log_view log;
    struct app_reduction reduction;
    struct run *current;               /* shown on the map; NULL: none */
    struct attribute_request opened;   /* an opened file's, owned, until it is run: not kept */
    struct attribution_sequence shown; /* current's first sequence, aggregated */
    struct grouping made; /* which of its tokens those of shown are made of; empty: the same */
    bool has_shown;
    unsigned shown_changes;        /* of what is shown */
    unsigned context_of;           /* that context and kept are of (app/tui/context_shown.h) */
    const struct run *context_run; /* that they were last of; may be gone */
    struct context_view context;   /* the marks of a context attribution */
    struct context_kept kept;      /* what it found */
    struct citations citations;    /* on which documents its answer rests */
    bool cue_shown;                /* the cursor went to a cue, from this row in text order */
    size_t row_before_cue;
    char *notices; /* what current's result says beside its numbers, sanitised; NULL: nothing */
    struct app_job job;
    struct engine_model model; /* the loaded one; name "" if none */
    int64_t quit_asked_ms;     /* first Ctrl-C; 0: none */

    struct overlay overlay;
    /* What becomes of the overlay's answer: of a choice, and of what comes before it or instead
     * (NULL: nothing). The overlay is closed already, or may be opened anew. */
    void (*answered)(struct app *a, const struct overlay_answer *answer);
    void (*watched)(struct app *a, const struct overlay_answer *answer);
    size_t search_row; /* where the cursor was before a search */
    struct memory_offer offer;
    struct app_tour tour;
    bool run_anyway; /* even if it does not fit */
    struct runs_view runs;
    struct runs_list listed;      /* what of the store it shows */
    struct run *marks[RUN_MARKS]; /* [n_marks]: A, B … */
    size_t n_marks;
    struct attribution_sequence shown_a, shown_b;      /* what compare refers to */
    struct attribution_sequence shown_more[RUN_MARKS]; /* and many beside them */
    char *title_more[RUN_MARKS];
    char *title_a, *title_b;
    bool compared_rows;                      /* what compare shows are rows of the list, not runs */
    struct attribution *result_a, *result_b; /* of shown_a and shown_b; NULL: none */
    struct found_models found;
    bool has_found;
    char *models_folder;
    struct models_view models;
    struct edit model_path;

    const struct grid *drawn; /* the last frame, borrowed: what the mouse presses; NULL: none yet */
    const char *stand_in; /* the terminal that the screen is drawn for in place of this one, whose
                             terminfo entry is missing; NULL: none */
    char stray[64];       /* characters that mean nothing, as they were typed; "": none lately */
    int64_t stray_ms;     /* when the last of them came */
    char message[1024];   /* with marks */
    enum style_role message_role;

    const struct theme *theme;                       /* borrowed for ever */
    const struct colour_map *diverging, *sequential; /* NULL: the theme's own */
    const struct theme *theme_before;                /* what Esc in the pickers goes back to */
    const struct colour_map *map_before;
};

/* The background has something to do. */
static inline bool app_works_on_files(const struct app *a) {
    return background_state(a->background).phase || background_state(a->runner).phase;
}

/* Characters are text: in the form, and among the models. */
static inline bool app_types(const struct app *a) {
    return a->form_focus || a->view == VIEW_MODELS;
}

void app_init(struct app *a, const struct tui_options *options, struct worker *worker,
              struct background *background, struct background *runner, const char *settings_path,
              const char *runs_folder, int rows, int columns);
void app_dispose(struct app *a);

/* The line above the key bar, and the log; printf-style, made safe to show. The format names keys
 * as hints do: "{CANCEL} cancels it". */
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
void app_keep_settings(struct app *a);
/* The same, silently, while something is being typed. */
void app_keep_draft(struct app *a);
void app_set_theme(struct app *a, const struct theme *theme);
void app_find_models(struct app *a);
struct run *app_selected_run(const struct app *a); /* of the runs view; NULL: none */
/* 'A', 'B' …, 0: the run is not marked. */
char app_mark_of(const struct app *a, const struct run *r);
/* False: it was not. */
bool app_unmark(struct app *a, const struct run *r);

#endif
