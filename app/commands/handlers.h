/*
 * What the files of this folder do: the handlers of commands.def (a handler gets the table's
 * argument), and what events and other commands ask for. Interface thread only.
 */
#ifndef TINSEQ_APP_HANDLERS_H
#define TINSEQ_APP_HANDLERS_H

#include "app/commands/command_table.h"
#include "app/files/run_store.h"
#include "app/form/fields.h"
#include "methods/cost.h"
#include "methods/result/curves.h"

#include <stdbool.h>
#include <stdint.h>

struct app;
struct run;

#define X(ID, keys, title, help, group, contexts, bar, handler, argument)                          \
    void handler(struct app *a, int argument_given);
#include "app/commands/commands.def"
#undef X

/* --- jobs (job.c) --- */

/* Runs the request of the form. */
void app_run(struct app *a);
void app_use_model(struct app *a, const char *name);
/* The first words of a prompt, to be shown; owned by the caller. */
char *app_first_words(const char *text);
/* The run under way ends; without a result of its own, what came is kept as one. */
void app_end_run(struct app *a, enum run_status status, const char *error);
/* Nothing is taken from what is under way; says so. */
bool app_is_busy(struct app *a);
/* There is no job any more. */
void app_clear_job(struct app *a);
/* Before the end: the run under way is kept as far as it came. */
void app_end(struct app *a);

/* --- runs (runs.c) --- */

/* Puts a model and a request into the form, whatever model is loaded. */
void app_fill_form(struct app *a, const char *model, const struct attribute_request *r);
/* Shows a run (loading its result if need be) and puts its request into the form. */
void app_show_run(struct app *a, struct run *r);
/* Says that a run was lost when the program was killed, if one was, and offers it again. */
void app_tell_lost(struct app *a);
/* Files are open, of which this is the first to show: shows it. */
void app_show_opened(struct app *a, struct run *first, size_t n);
/* Opens a large file in the background, and shows it then. */
void app_open_later(struct app *a, const char *path);
/* A run is about to be freed. */
void app_forget_run(struct app *a, struct run *r);

/* --- texts of a file (texts.c, list.c) --- */

/* Shows one of a run's texts; false: it cannot be, and why is said. */
bool app_show_text(struct app *a, struct run *r, size_t i);
/* Shows the list of a run's texts, or the run where it has one. */
void app_show_list(struct app *a, struct run *r);

/* --- what was typed before (history.c) --- */

/* A text under a name, and those of the form that was run. */
void app_remember(struct app *a, const char *name, const char *text);
void app_remember_form(struct app *a);
/* Up and Down in a line that texts of this name are typed in: an older or a newer one. False: the
 * key is not for it, or there is none. */
bool app_recall(struct app *a, struct edit *e, const char *name, int key);
/* The same in the form's field, where the key does not move within its text. */
bool app_recall_field(struct app *a, int key);

/* --- faithfulness (faithful.c) --- */

/* Curves that were measured are kept with their run and shown; what they hold is taken. */
void app_evaluated_take(struct app *a, struct curves *curves);

/* --- the tour (tour.c) --- */

/* Nobody is on it any more; the form is as it was before. */
void app_leave_tour(struct app *a);

/* --- contexts (context.c) --- */

/* Whether a foil can be picked under the cursor of a context attribution, which says why not. */
bool app_takes_context_foil(struct app *a);
/* Runs it again with this text as the foil of the token under the cursor, the others' as they were.
 */
void app_run_context_foil(struct app *a, const char *text);

/* --- others --- */

/* Picks a foil for the step under the cursor: a candidate, a typed word, or a whole text for all
 * steps. */
void app_pick_foil(struct app *a);
/* Picks a method that has layers, those with heads first, and runs it. */
void app_pick_layered(struct app *a);
/* Picks of the choices of the field that has the focus, which is a CHOICE or a SET. */
void app_pick_choice(struct app *a);
/* Picks one of the model's languages for the field of a side. */
void app_pick_language(struct app *a, int field);
/* The run of this request was refused for its cost. */
void memory_offer_open(struct app *a, const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c);

#endif
