/*
 * What a context attribution found, as it is kept with its result and shown: which tokens the
 * context changes, what each was held against, and where the contexts stand. How it is found:
 * methods/context/context.h. The scores are the result's own. Plain data. Any thread.
 *
 * In a file (info, "tinseq", "context"), for each text one object or null:
 *
 *   metric, threshold     the step score by which the tokens were found: it is at least so much
 *   tokens                [source, target, start, end]: of what sequence this is said
 *   input, output         null, or {"side": "source" or "target", "from", "to"}: a context's tokens
 *   cue_threshold         standard deviations above the mean of a context's scores from where
 *                         its tokens are cues; cue_most: so many at most, 0: all
 *   cues                  by falling score, {"column", "score", "foil_id", "foil", "with",
 *                         "without", "otherwise"}: the output up to the token, and to what it was
 *                         held against; the model's own choice without the context
 *   request               what was asked for, as in saved runs (methods/request/request.h)
 */
#ifndef TINSEQ_METHODS_CONTEXT_KEPT_H
#define TINSEQ_METHODS_CONTEXT_KEPT_H

#include "methods/result/attribution.h"

/* Rows [from, to) of a side. */
struct context_kept_span {
    bool given, target; /* not given: there is no such context */
    int64_t from, to;
};

/* A token that the context changes. Texts are NULL where they are not known. */
struct context_kept_cue {
    int64_t column;
    double score;
    bool has_foil;
    int32_t foil_id;
    char *foil, *with, *without; /* owned */
    char *otherwise;             /* what the model would have written without the context; owned */
};

/* Zero-initialised: nothing. */
struct context_kept {
    char *metric; /* owned */
    double threshold;
    struct context_kept_span input, output;
    double cue_threshold;
    int64_t cue_most;
    struct context_kept_cue *cues;
    size_t n_cues;
    char *request; /* an object's text, owned; NULL: not known */
};
void context_kept_dispose(struct context_kept *k);

/* The object on one line, of that sequence; owned by the caller. */
char *context_kept_json(const struct context_kept *k, const struct attribution_sequence *s);
/* Fills it from such a text (which may be NULL) as far as it is true of a sequence; false, and
 * nothing is there: it is none, or of other tokens (they were joined). */
bool context_kept_read(struct context_kept *out, const char *json,
                       const struct attribution_sequence *s);

/* Of a sequence that was read: columns that the context does not change were never computed. False,
 * and nothing is known: as of context_kept_read. */
bool context_kept_done(struct attribution_sequence *s, const char *json);

/* Which rows of a context are cues of a column, by falling score, into rows [to − from]; how many.
 * `flat` has a score a row and column. threshold: theirs is at least so much; may be NULL. */
size_t context_kept_rows(size_t *rows, double *threshold, const struct context_kept *k,
                         const struct context_kept_span *side,
                         const struct attribution_sequence *flat, int64_t column);

#endif
