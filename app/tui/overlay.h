/*
 * What lies over a view and takes the keys: a question, a line to type, the search, a list to
 * choose from, help. One at a time. Interface thread only.
 */
#ifndef TINSEQ_APP_OVERLAY_H
#define TINSEQ_APP_OVERLAY_H

#include "views/terminal/grid.h"
#include "views/terminal/input.h"
#include "views/widgets/edit.h"
#include "views/widgets/help.h"
#include "views/widgets/picker.h"

#include <stdbool.h>
#include <stddef.h>

struct app;

enum overlay_kind {
    OVERLAY_NONE,
    OVERLAY_ASK,
    OVERLAY_INPUT,
    OVERLAY_SEARCH,
    OVERLAY_PICKER,
    OVERLAY_HELP,
    OVERLAY_TEXT,
    OVERLAY_OFFER
};

struct overlay_answer {
    int key;
    char *text;
};

struct overlay {
    enum overlay_kind kind;
    char *title, *text; /* of a question, an input or a text */
    int top;            /* TEXT: its first line on the screen */
    struct edit edit;   /* INPUT, SEARCH */
    struct picker picker;
    struct help help;
    struct overlay_answer *answers; /* OFFER: [n_answers], owned */
    size_t n_answers;
    size_t search_row; /* where the map's cursor was before a search */
    /* ASK: yes (typed NULL). INPUT: Enter. The overlay is closed already and may be opened anew. */
    void (*answer)(struct app *a, const char *typed);
    /* OFFER: the key of an answer; not called when it was closed. As with ASK. */
    void (*answered)(struct app *a, int key);
    /* PICKER: an item was chosen (typed NULL) or, with takes_text, a text (id −1); another item is
     * selected; it was closed without a choice. */
    void (*chosen)(struct app *a, int id, const char *typed);
    void (*moved)(struct app *a, int id);
    void (*left)(struct app *a);
};

void overlay_close(struct app *a);
void overlay_ask(struct app *a, const char *text, void (*yes)(struct app *a, const char *typed));
void overlay_input(struct app *a, const char *title, const char *text, const char *prefill,
                   void (*answer)(struct app *a, const char *typed));
/* A text and what can be done about it, each with a key; texts are sanitised and copied. */
void overlay_offer(struct app *a, const char *title, const char *text,
                   const struct overlay_answer *answers, size_t n,
                   void (*answered)(struct app *a, int key));
/* Lines to read. */
void overlay_text(struct app *a, const char *title, const char *text);
void overlay_search(struct app *a);
/* Takes the picker's contents. `moved` and `left` may be NULL. */
void overlay_pick(struct app *a, struct picker *picker,
                  void (*chosen)(struct app *a, int id, const char *typed),
                  void (*moved)(struct app *a, int id), void (*left)(struct app *a));
void overlay_help(struct app *a, const char *title, uint32_t context);
/* A key, a paste, the mouse while an overlay is open. */
void overlay_key(struct app *a, int key);
void overlay_paste(struct app *a, const char *text, size_t n);
void overlay_mouse(struct app *a, const struct input_mouse *m);
void overlay_draw(struct grid *g, struct app *a);

/* --- the parts of an offer (app/tui/overlay_offer.c), for app/tui/overlay.c --- */
void overlay_offer_dispose(struct overlay *o);
void overlay_offer_key(struct app *a, int key);
void overlay_offer_draw(struct grid *g, const struct overlay *o);
/* The key of the answer drawn at a row, INPUT_NONE: none. */
int overlay_offer_hit(const struct overlay *o, struct area within, int row);

#endif
