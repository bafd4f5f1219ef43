/*
 * One token of one step that the generated one is held against: by its id, by its rank among the
 * model's own choices, or typed. The one way to read it and the one to write it, for the command
 * line and runs. Plain data. Any thread.
 */
#ifndef TINSEQ_METHODS_DECLARE_FOIL_H
#define TINSEQ_METHODS_DECLARE_FOIL_H

#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/declare/optional.h"

#define FOIL_MOST_RANK 1000

/* Zero-initialised: none is given. */
struct foil {
    struct optional step; /* the attributed step, the first is 0 */
    int32_t id;           /* its token's; not looked at where one of these is: */
    int64_t rank;         /* the model's own choice there, the token itself not counted: 1 the best,
                             at most FOIL_MOST_RANK; 0: not by rank */
    const char *text; /* after the text so far, its first piece; with a space before it where the
                     token has one */
};

static inline bool foil_given(const struct foil *f) {
    return f->step.given;
}
/* −1: it is not known before the model is asked, or none is given. */
static inline int32_t foil_known_id(const struct foil *f) {
    return foil_given(f) && !f->rank && !f->text ? f->id : -1;
}
bool foil_equal(const struct foil *a, const struct foil *b);

/* "3" (the model's best other choice at the third step), "3:2" (its second), "3=Rome"; `text` then
 * points into `word`. ERR_USAGE. */
enum err_code foil_parse(struct foil *out, const char *word, struct err *e) ERR_CHECKED;

/* One member of a JSON object: foil_id, foil_rank, foil_step or foil_text, by its key; a text is
 * copied. False when it is none of them, or of a wrong type. */
bool foil_read(struct foil *out, const struct json_value *v);
/* Appends them as members; nothing when none is given. */
void foil_write(struct text_buffer *b, const struct foil *f);

#endif
