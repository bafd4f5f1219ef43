/*
 * What a kind of thing is that a person can name: methods, themes, models … Each is one file that
 * ends in a const struct, and one line of kinds.def; `tinseq list`, `tinseq explain`, the help and
 * the completion of the command line are loops over them. Any thread.
 */
#ifndef TINSEQ_APP_KINDS_KIND_H
#define TINSEQ_APP_KINDS_KIND_H

#include "methods/declare/declare.h"

#include <stdbool.h>
#include <stddef.h>

/* Things, for a list. All owned. */
struct kind_items {
    struct kind_item {
        char *id;
        char *group; /* those of one stand together; NULL: there are no groups */
        char *text;  /* a line on what it is */
    } * items;
    size_t n;
};

/* A thing explained; what does not apply stays NULL or 0. `items`: what lines say, of names that
 * are static. */
struct explanation {
    char *id, *title, *summary; /* owned */
    struct explained_line {
        const char *name;
        char *text; /* owned */
    } * lines;
    size_t n_lines;
    const struct option_decl *options; /* borrowed for ever */
    size_t n_options;
    const char *options_of; /* the option of the command line that takes them */
    const char *rules;      /* a text of several lines instead of all this; borrowed for ever */
};

struct kind {
    const char *id;      /* "methods": the word of `tinseq list` */
    const char *one;     /* "an attribution method" */
    const char *summary; /* what one is for */
    const char *value; /* as the command line's help calls one: "METHOD"; NULL: nothing takes one */
    const char *note;  /* below the list; NULL: nothing */
    void (*list)(struct kind_items *out);
    /* False: none is called that, and x stays as it is. */
    bool (*explain)(struct explanation *x, const char *name);
};

/* Text printf-style. */
void kind_items_add(struct kind_items *items, const char *id, const char *group, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));
void kind_items_dispose(struct kind_items *items);

/* The head of an explanation; texts are copied, NULL stays NULL. Always true. */
bool explanation_begin(struct explanation *x, const char *id, const char *title,
                       const char *summary);
/* A line, of a copy of text; NULL and "" add nothing. */
void explanation_add(struct explanation *x, const char *name, const char *text);
void explanation_dispose(struct explanation *x);

#endif
