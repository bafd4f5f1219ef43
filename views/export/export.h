/*
 * The formats that a result can be taken away in. A format is one file that ends in a const struct,
 * and one line of exports.def: the program's menu, the command line's options and the check of a
 * file name's ending are loops over them. Pure: text out, no files. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_H
#define TINSEQ_VIEWS_EXPORT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "themes/theme.h"

#include <stdbool.h>
#include <stddef.h>

/* A result, and what a person sees of it. All borrowed, all of the same sequences. */
struct export_input {
    const struct attribution *result;  /* what is kept: JSON has it as it is */
    const struct attribution *shown;   /* aggregated: the page and the tables */
    const struct attribution *choices; /* what the page offers layers and heads of; `shown`: none */
    const struct colour_map *map;      /* the page's; NULL: the themes' own */
};

#define EXPORT_MAX_ENDINGS 3

struct export {
    const char *id;                          /* "html" */
    const char *title;                       /* in a menu */
    const char *noun;                        /* "saved … to FILE" */
    const char *help;                        /* one sentence */
    const char *endings[EXPORT_MAX_ENDINGS]; /* of file names, the usual one first; NULL: no more */
    bool keeps_result;                       /* holds `result`; else what is shown */
    /* Appends the export. Errors: SHAPE (scores that cannot be shown), NOMEM. */
    enum err_code (*write)(struct text_buffer * b, const struct export_input *in, struct err *e);
};

/* All formats, in a menu's order. */
const struct export *const *export_list(size_t *n);
/* NULL: there is none of that id. */
const struct export *export_find(const char *id);
/* The format that a file's name says by its ending. ERR_USAGE, with a message that lists the
 * endings: none. */
enum err_code export_of_path(const struct export **out, const char *path,
                             struct err *e) ERR_CHECKED;
/* ".json, .json.gz": a format's endings, or all (NULL). Owned by the caller. */
char *export_endings(const struct export *x);

/* For formats of tables: calls `put` with every sequence that is shown, reduced to [rows, G] as
 * Inseq's show() would where dimensions are left. */
enum err_code export_each(struct text_buffer *b, const struct attribution *shown,
                          void (*put)(void *user, struct text_buffer *b,
                                      const struct attribution_sequence *flat, size_t i),
                          void *user, struct err *e) ERR_CHECKED;

#endif
