/*
 * What a format is that a result can be taken away in. Each is one file that ends in a const
 * struct, and one line of exports.def. Pure: text out, no files. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_H
#define TINSEQ_VIEWS_EXPORT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "methods/result/scores_type.h"
#include "themes/theme.h"
#include "views/export/heat.h"

#include <stdbool.h>
#include <stddef.h>

/* How formats that keep a result write it. Zero: as Inseq does unless told otherwise. */
struct export_how {
    enum scores_type precision; /* of what are no whole numbers */
    bool primitives;            /* JSON without the types of its objects */
    bool lists;                 /* arrays of step attributions as lists of numbers */
    bool raw;                   /* rows, too, have the scores as they are kept */
    bool compress;              /* by gzip, whatever the name ends in */
};

/* The two results that a difference is of, aggregated as it is. */
struct export_pair {
    const struct attribution *sides[2]; /* NULL: there are none */
    const char *labels[2], *names[2];   /* "first", "a.json" */
    int minuend;                        /* the side that the other is subtracted from */
};

/* A result, and what a person sees of it. All borrowed, all of the same sequences. */
struct export_input {
    const struct attribution *result;  /* what is kept: JSON has it as it is */
    const struct attribution *shown;   /* aggregated: the page and the tables */
    const struct attribution *choices; /* what the page offers layers and heads of; `shown`: none */
    struct export_pair pair;           /* `shown` is its difference */
    const char *function;              /* that was explained; NULL: none takes part */
    const struct colour_map *map;      /* of colours; NULL: the theme's own */
    struct heat_ends ends;             /* of the colours, where they are fixed */
    const struct theme *theme;         /* of a picture; NULL: light, and dark where its viewer is */
    struct info_texts *told; /* what a person should know of the file is added; NULL: nobody is
                                told */
    struct export_how how;
};

/* What a format of rows must remember from one to the next; zero before the first. */
struct export_rows {
    char *above; /* what is said of the rows that follow, as JSON */
};

#define EXPORT_MAX_ENDINGS 3

struct export {
    const char *id;                          /* "html" */
    const char *title;                       /* in a menu */
    const char *noun;                        /* "saved … to FILE" */
    const char *help;                        /* one sentence */
    const char *endings[EXPORT_MAX_ENDINGS]; /* of file names, the usual one first; NULL: no more */
    bool keeps_result;                       /* holds `result`; else what is shown */
    bool coloured;       /* has scores as colours, which `map` and `ends` change */
    const char *package; /* of Debian's, whose library is opened for it; NULL: none */
    /* Whether that library is there; NULL: none is needed. The error says what to install. */
    enum err_code (*ready)(struct err * e);
    /* Appends the export. Errors: SHAPE (scores that cannot be shown), NOMEM. */
    enum err_code (*write)(struct text_buffer * b, const struct export_input *in, struct err *e);
    /* Appends the row of an input of one sequence: what `write` does with each of several. NULL:
     * the format is of whole results. */
    enum err_code (*write_row)(struct text_buffer * b, struct export_rows * rows,
                               const struct export_input *in, struct err *e);
};

/* Tells a person something of the file. */
void export_tell(const struct export_input *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "saliency of probability with smollm2", sanitised. Owned by the caller. */
char *export_title(const struct export_input *in);

/* Calls `put` with every sequence that is shown, reduced to [rows, G] as Inseq's show() would where
 * dimensions are left. */
enum err_code export_each(struct text_buffer *b, const struct attribution *shown,
                          void (*put)(void *user, struct text_buffer *b,
                                      const struct attribution_sequence *flat, size_t i),
                          void *user, struct err *e) ERR_CHECKED;
/* The same of the sequences [from, to). */
enum err_code export_some(struct text_buffer *b, const struct attribution *shown, size_t from,
                          size_t to,
                          void (*put)(void *user, struct text_buffer *b,
                                      const struct attribution_sequence *flat, size_t i),
                          void *user, struct err *e) ERR_CHECKED;

#endif
