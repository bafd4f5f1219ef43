/*
 * The tokens of one step that the generated one is held against, one or several: by id, by rank
 * among the model's own choices, or typed. The one way to read them and the one to write them, for
 * the command line and runs. Plain data. Any thread.
 */
#ifndef TINSEQ_METHODS_DECLARE_FOIL_H
#define TINSEQ_METHODS_DECLARE_FOIL_H

#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/declare/optional.h"

#include <stddef.h>

#define FOIL_MOST_RANK 1000
#define FOIL_MOST 16 /* at one step */

struct foil_choice {
    int32_t id;   /* its token's; not looked at where one of these is: */
    int64_t rank; /* the model's own choice there, the token itself not counted: 1 the best, at most
                     FOIL_MOST_RANK; 0: not by rank */
    const char *text; /* after the text so far, its first piece; with a space before it where the
                         token has one */
};

/* Zero-initialised: none is given. */
struct foil {
    struct optional step; /* the attributed step, the first is 0 */
    int32_t id;           /* of the first one, as foil_choice has them */
    int64_t rank;
    const char *text;
    const struct foil_choice *more; /* [n_more] others at this step, each a column of its own */
    size_t n_more;
};

static inline bool foil_given(const struct foil *f) {
    return f->step.given;
}
/* −1: it is not known before the model is asked, or none is given. */
static inline int32_t foil_known_id(const struct foil *f) {
    return foil_given(f) && !f->rank && !f->text ? f->id : -1;
}
/* How many there are; the i-th of them. */
static inline size_t foil_count(const struct foil *f) {
    return foil_given(f) ? f->n_more + 1 : 0;
}
struct foil_choice foil_choice_at(const struct foil *f, size_t i);
bool foil_equal(const struct foil *a, const struct foil *b);
/* A copy that owns its texts and list, and the end of such a one; none is given afterwards. */
struct foil foil_copy(const struct foil *from);
void foil_dispose(struct foil *f);
/* Of one that owns what it has: another choice at its step, its text copied. False: there are
 * FOIL_MOST. */
bool foil_add(struct foil *f, const struct foil_choice *choice);

/* "3" (the model's best other choice at the third step), "3:2" (its second), "3:1-4" (its first
 * four), "3=Rome", "3=Rome|London" (each of them); it owns its texts. ERR_USAGE. */
enum err_code foil_parse(struct foil *out, const char *word, struct err *e) ERR_CHECKED;

/* One member of a JSON object: foil_id, foil_rank, foil_step, foil_text, or foil_more (of such
 * objects), by its key; texts are copied. False when it is none of them, or of a wrong type. */
bool foil_read(struct foil *out, const struct json_value *v);
/* Appends them as members; nothing when none is given. */
void foil_write(struct text_buffer *b, const struct foil *f);
/* As foil_parse reads it, owned by the caller; NULL: one of them is known by its id alone. */
char *foil_word(const struct foil *f);

#endif
