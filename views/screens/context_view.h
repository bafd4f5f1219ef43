/*
 * Of a context attribution, what the map and the text mark: the tokens that the context changes,
 * and for each of them which of the context's tokens made it so. Rows and columns are those of what
 * is shown, which may be words. Plain data. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_CONTEXT_VIEW_H
#define TINSEQ_VIEWS_CONTEXT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Marks that say it without a colour, a column wide each. */
#define CONTEXT_CHANGED "◆" /* a token that the context changes */
#define CONTEXT_CUE "●"     /* one of the context that made it so */
#define CONTEXT_PART "│"    /* any other of the context */

struct context_row {
    bool target; /* of the target side */
    int64_t index;
    float score;
};

/* A column that the context changes. */
struct context_token {
    int64_t column;
    size_t rank;              /* 1: the one that it changes most */
    struct context_row *cues; /* [n_cues], by falling magnitude; owned */
    size_t n_cues;
    bool known;                   /* it has scores yet; then */
    struct context_row strongest; /* of the context, also where none is a cue */
};

/* Rows [from, to) of a side. */
struct context_part {
    bool given, target;
    int64_t from, to;
};
enum { CONTEXT_INPUT, CONTEXT_OUTPUT, CONTEXT_PARTS };

/* One of the context's documents. */
struct context_document {
    struct context_part part;
    size_t number; /* from 1 */
};

struct context_view {
    struct context_token *tokens; /* [n], by column; owned */
    size_t n;
    struct context_part parts[CONTEXT_PARTS];
    struct context_document *documents; /* [n_documents] that have rows; owned */
    size_t n_documents;
};
void context_view_dispose(struct context_view *v);

/* `v` may be NULL in what follows. The token of a column; NULL: the context does not change it. */
const struct context_token *context_view_token(const struct context_view *v, int64_t column);
/* The next (+1) or previous (−1) column with one, round at the ends; −1: there is none. */
int64_t context_view_step(const struct context_view *v, int64_t column, int direction);
/* The column of the first rank; −1: there is none. */
int64_t context_view_first(const struct context_view *v);
/* The document that a row is of, from 1; 0: none. */
size_t context_view_document(const struct context_view *v, bool target, int64_t index);
/* A row's mark while a column is looked at: CONTEXT_CUE, CONTEXT_PART, or where one of the first
 * nine documents begins its number, raised, as the row's own stands beside it. NULL: none. */
const char *context_view_mark(const struct context_view *v, int64_t column, bool target,
                              int64_t index);

#endif
