/*
 * What a unit of text is that rows and columns can stand for: one file each in units/, which ends
 * in a const struct and has a line in unit_list.def. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_UNIT_H
#define TINSEQ_AGGREGATORS_UNIT_H

#include "aggregators/text/words.h"

struct unit;
struct tinseq_aggregator;

struct unit_call {
    const struct unit *unit; /* itself */
    enum word_marker marker; /* of the tokens' vocabulary */
    bool apart;              /* punctuation is parted from words */
    const char *pattern;     /* of `regex`; NULL: none is given */
    const char *mode;        /* of `regex`: single, start, end */
};

struct unit_found {
    bool any; /* false: there is none of it in these tokens, which then stay as they are */
    const char *notice; /* what a person should know, a literal; NULL: nothing */
};

struct unit {
    const char *id;      /* "sentence" */
    const char *title;   /* "Sentences" */
    const char *summary; /* what one is */
    /* begins [list->n] and *found, zeroed, of at least one token. Errors: USAGE. */
    enum err_code (*begins)(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e);
    const struct tinseq_aggregator *own; /* of a library; NULL: it is one of ours */
};

#endif
