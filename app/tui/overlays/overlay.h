/*
 * What lies over a view and takes the keys: a question, a line to type, a search, a list to choose
 * from, help. One at a time. It knows nothing of the program: what the person decides is an answer,
 * plain data, and whoever opened it sees what becomes of that. Interface thread only.
 */
#ifndef TINSEQ_APP_OVERLAY_H
#define TINSEQ_APP_OVERLAY_H

#include "views/terminal/grid.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"
#include "views/widgets/edit.h"
#include "views/widgets/help.h"
#include "views/widgets/picker.h"

#include <stdbool.h>
#include <stddef.h>

enum overlay_said {
    OVERLAY_SAID_NOTHING,
    OVERLAY_CHANGED, /* it is open still; another item is selected, or a search has another text */
    OVERLAY_STEPPED, /* it is open still; a search goes on to another match */
    OVERLAY_CHOSEN,  /* it is closed */
    OVERLAY_LEFT     /* it is closed without a choice */
};

struct overlay_answer {
    enum overlay_said said;
    int id;     /* of the item, the key of an offer's choice, or a step's direction; −1: none */
    char *text; /* what was typed, owned by the receiver; NULL: nothing was */
    int *
        marked; /* [n_marked] ids of several items, owned by the receiver; NULL: none were marked */
    size_t n_marked;
};

/* A choice of an offer. */
struct overlay_choice {
    int key;
    char *text;
};

/* What stands above lines to read and does not scroll with them. Zero: nothing. */
struct overlay_picture {
    int (*rows)(int most); /* that it takes of so many */
    void (*draw)(struct grid *g, struct area a, const void *of);
    void (*free)(void *of);
    void *of; /* owned once it is in an overlay */
};

struct overlay_ops;
struct overlay {
    const struct overlay_ops *ops;  /* NULL: none is open */
    char *title, *text;             /* of a question, an input or a text; of a search: its count */
    int top;                        /* of a text: its first line on the screen */
    struct overlay_picture picture; /* of a text */
    struct edit edit;               /* of an input and a search */
    struct edit *typed;             /* what is typed into, here in it; NULL: nothing */
    const char *placeholder;        /* of a search that is empty; literal */
    struct picker picker;
    struct browse *browse; /* of files to choose, whose list is the picker */
    struct help help;
    struct overlay_choice *choices; /* of an offer: [n_choices], owned */
    size_t n_choices;
};

/* What a kind of overlay does; each is one file beside this one. A slot may be NULL. */
struct overlay_ops {
    void (*key)(struct overlay_answer *out, struct overlay *o, int key);
    /* False: the text is too long. NULL: it takes none. */
    bool (*paste)(struct overlay_answer *out, struct overlay *o, const char *text, size_t n);
    /* What was pressed, or lies under the wheel; printed keys are pressed without it. */
    void (*mouse)(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                  const struct input_mouse *m);
    void (*draw)(struct grid *g, struct overlay *o);
    void (*dispose)(struct overlay *o); /* of what only this kind has */
    bool covers_line;                   /* one alone: what lies around it can still be pressed */
};

/* Each closes what is open and opens another. Texts are copied. */
void overlay_ask(struct overlay *o, const char *text);
void overlay_input(struct overlay *o, const char *title, const char *text, const char *prefill);
/* A text and what can be done about it, each with a key. */
void overlay_offer(struct overlay *o, const char *title, const char *text,
                   const struct overlay_choice *choices, size_t n);
/* Lines to read, below a picture, which is taken. */
void overlay_text_take(struct overlay *o, const char *title, const char *text,
                       struct overlay_picture picture);
/* A line that tells of each change, "search" before it and a literal where it is empty;
 * overlay_count says what is shown beside it. */
void overlay_search(struct overlay *o, const char *title, const char *placeholder,
                    const char *prefill);
/* Takes the picker's contents. */
void overlay_pick(struct overlay *o, struct picker *picker);
/* Files to choose, from a folder on, with a path typed already (NULL: none). `opens`: a file of
 * this name can be opened. The answer's text is the paths, a NUL behind each, an empty one last. */
void overlay_browse(struct overlay *o, const char *folder, const char *typed,
                    bool (*opens)(const char *name));
/* The commands are borrowed. */
void overlay_help(struct overlay *o, const char *title, const struct command *commands, size_t n,
                  uint32_t context);
void overlay_close(struct overlay *o);

bool overlay_is_open(const struct overlay *o);
/* A text is edited in it. */
bool overlay_takes_text(const struct overlay *o);
bool overlay_is_search(const struct overlay *o);
bool overlay_is_input(const struct overlay *o);
/* Of a search: "3 of 8 rows". */
void overlay_count(struct overlay *o, const char *text);

/* A key, a paste, the mouse while one is open; a press beside it leaves it. The answer's text is
 * the caller's. Of a paste false: it was not taken. */
void overlay_key(struct overlay_answer *out, struct overlay *o, int key);
bool overlay_paste(struct overlay_answer *out, struct overlay *o, const char *text, size_t n);
void overlay_mouse(struct overlay_answer *out, struct overlay *o, const struct hit *hit,
                   const struct input_mouse *m);
/* What lies below can no more be pressed, but around a search. */
void overlay_draw(struct grid *g, struct overlay *o);

/* --- for the files of this folder --- */

/* Closes what is open and makes the overlay one of this kind. */
void overlay_open(struct overlay *o, const struct overlay_ops *ops);
/* Closes it and answers; the text is taken. */
void overlay_say(struct overlay_answer *out, struct overlay *o, enum overlay_said said, int id,
                 char *text);

#endif
