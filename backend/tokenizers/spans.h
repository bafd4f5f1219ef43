/*
 * A text that pre-tokenizers cut into spans: one block of characters and the spans in it, in order.
 * A span that is a token already (an added one) is left alone. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SPANS_H
#define TINSEQ_BACKEND_TOKENIZERS_SPANS_H

#include "backend/base/err.h"
#include "backend/tokenizers/aligned.h"
#include "backend/tokenizers/regexp.h"

#include <stdbool.h>

struct span {
    size_t from, to;
    int32_t id; /* −1: text still */
};

struct spans {
    struct aligned text;
    struct span *items;
    size_t n, capacity;
};

void spans_dispose(struct spans *s);
/* Appends one; an empty one is none. */
void spans_add(struct spans *s, size_t from, size_t to, int32_t id);

/* What becomes of that at which a text is cut (SplitDelimiterBehavior of the library). */
enum split_behavior {
    SPLIT_REMOVED,
    SPLIT_ISOLATED,
    SPLIT_MERGED_WITH_PREVIOUS,
    SPLIT_MERGED_WITH_NEXT,
    SPLIT_CONTIGUOUS
};

/* Finds the parts of n > 0 bytes: calls `part` with all of them in order. */
typedef enum err_code span_cutter(const void *how, const char *s, size_t n, regexp_part *part,
                                  void *user, struct err *e);

/* Cuts every span. `invert`: what is no match is what a text is cut at. */
enum err_code spans_split(struct spans *s, span_cutter *cut, const void *how,
                          enum split_behavior behavior, bool invert, struct err *e) ERR_CHECKED;
/* A cutter by characters: `how` is the function that says which ones are matches. */
struct character_class {
    bool (*has)(int32_t c);
};
span_cutter spans_cut_class;

/* Writes every span anew: `write` appends what becomes of in->text[span] to `out`. */
void spans_rewrite(struct spans *s,
                   void (*write)(const void *how, const struct aligned *in, const struct span *span,
                                 struct aligned *out),
                   const void *how);

#endif
