/*
 * Texts in the input's place: as many as fit go through the model together, and the method looks at
 * the logits of the columns that it asked for. A method adds one text after another; when they run
 * is decided here. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PERTURB_TEXTS_H
#define TINSEQ_METHODS_PERTURB_TEXTS_H

#include "methods/engine/perturb.h"

/* Looks at the logits [n_row] of a column of the text that was added with this tag. */
typedef enum err_code (*perturb_text_visit)(void *user, int64_t tag, int64_t column,
                                            const float *logits, struct err *e);

struct perturb_texts {
    struct perturb *p; /* borrowed */
    perturb_text_visit visit;
    void *user;
    struct perturb_batch batch;
    int64_t n, n_at;          /* texts and places that wait */
    struct perturb_place *at; /* [most · G] */
    int64_t *tags;            /* [most] */
};

/* Dispose of it also after an error (NOMEM). */
enum err_code perturb_texts_open(struct perturb_texts *t, struct perturb *p,
                                 struct err *e) ERR_CHECKED;
void perturb_texts_dispose(struct perturb_texts *t);

/* ids [source rows + target rows], without those of a side that is not attributed; columns [n] are
 * looked at. Errors: those of visit and of the model, CANCELLED. */
enum err_code perturb_texts_add(struct perturb_texts *t, const int32_t *ids, int64_t tag,
                                const int64_t *columns, int64_t n, struct err *e) ERR_CHECKED;
/* Runs those that still wait. */
enum err_code perturb_texts_flush(struct perturb_texts *t, struct err *e) ERR_CHECKED;

#endif
