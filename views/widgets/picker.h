/*
 * A list to choose from with a line to filter it: methods, models, contrast candidates, themes,
 * colour maps, commands. An overlay or part of a view. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_PICKER_H
#define TINSEQ_VIEWS_PICKER_H

#include "views/terminal/grid.h"
#include "views/terminal/hits.h"
#include "views/widgets/edit.h"

#include <stdbool.h>
#include <stddef.h>

struct picker_item {
    int id;
    char *title;  /* what is filtered and chosen; sanitised */
    char *right;  /* right-aligned beside it: a key, a probability; NULL: nothing */
    char *detail; /* shown below the list while selected; NULL: nothing */
    float share;  /* in [0, 1]: a bar behind it (probabilities); negative: none */
    bool disabled, marked;
};

struct picker {
    char *title;
    const char *hint; /* borrowed; shown in the lower edge; NULL: the usual one */
    bool takes_text;  /* what is typed may be chosen though items match it: it is the last line */
    bool marks;       /* several may be chosen together: Space marks while nothing is typed */
    struct picker_item *items;
    size_t n_items;
    struct edit filter;
    size_t skip;                   /* bytes of the filter that are no pattern (a folder's path) */
    const char *prompt;            /* where nothing is typed; literal; NULL: the usual one */
    int least_columns, least_rows; /* of the box, where there is room; 0: as it needs */
    int detail_rows;               /* below the list, where items have details; 2 unless changed */
    size_t *shown;     /* [n_shown] indices of items, best match first (given order while nothing is
                          typed) */
    size_t n_matching; /* of n_shown; the last is then what is typed */
    size_t n_shown, cursor, top;
};

enum picker_result {
    PICKER_IGNORED, /* the key means nothing here */
    PICKER_HANDLED,
    PICKER_MOVED,  /* another item is selected: time for a preview */
    PICKER_CHOSEN, /* picker_selected, or picker_typed when takes_text and nothing is selected */
    PICKER_CLOSED  /* Esc */
};

void picker_init(struct picker *p, const char *title);
void picker_dispose(struct picker *p);
/* Takes all items away; what is typed stays. */
void picker_clear(struct picker *p);
/* Adds an item; texts are copied. Returns it, borrowed until the next one is added: fill in the
 * rest before picker_ready. */
struct picker_item *picker_add(struct picker *p, int id, const char *title, const char *right,
                               const char *detail);
/* After the last item: selects the item `id` (the first if there is none such). */
void picker_ready(struct picker *p, int id);
const struct picker_item *picker_selected(const struct picker *p); /* NULL: nothing matches */
const char *picker_typed(const struct picker *p);
size_t picker_n_marked(const struct picker *p);

enum picker_result picker_key(struct picker *p, int key);
/* Text pasted into the filter line. False: it is too long. */
bool picker_paste(struct picker *p, const char *bytes, size_t n);
/* Moves the cursor (wheel: ±3). */
void picker_move(struct picker *p, long by);
/* Draws a box as large as is needed, in the middle of `within`; what lies below stays visible
 * around it. */
void picker_draw(struct grid *g, struct area within, struct picker *p);
/* The area that picker_draw takes. */
struct area picker_area(const struct picker *p, struct area within);
/* Selects the item (HIT_ITEM) that was pressed, and marks it where its mark was; false: none was.
 */
bool picker_press(struct picker *p, const struct hit *hit);

#endif
