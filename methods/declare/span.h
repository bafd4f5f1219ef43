/*
 * Positions as one target, and what of the attributed function over them is explained. The one way
 * to read it and the one to write it, for the command line, the form, runs and results. Plain data.
 * Any thread.
 */
#ifndef TINSEQ_METHODS_DECLARE_SPAN_H
#define TINSEQ_METHODS_DECLARE_SPAN_H

#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/declare/optional.h"

/* Zero-initialised: none is given. */
struct span {
    struct optional start, end; /* half-open; negative: from the end */
    bool mean;                  /* of the function over it, not its sum */
};

static inline bool span_given(const struct span *s) {
    return s->start.given || s->end.given;
}
static inline struct span span_make(int64_t start, int64_t end, bool mean) {
    return (struct span){optional_of(start), optional_of(end), mean};
}
bool span_equal(const struct span *a, const struct span *b);

/* "3:6", spaces allowed; `mean` stays as it was. ERR_USAGE. */
enum err_code span_parse(struct span *out, const char *text, struct err *e) ERR_CHECKED;
/* "sum" or "mean". ERR_USAGE. */
enum err_code span_reduce_parse(struct span *out, const char *text, struct err *e) ERR_CHECKED;
/* "3:6", owned by the caller; NULL: none is given. */
char *span_text(const struct span *s);
/* "3:6, sum", likewise. */
char *span_description(const struct span *s);
const char *span_reduce_name(const struct span *s);

/* One member of a JSON object: span_start, span_end or span_reduce, by its key. *known is false
 * when it is none of them. ERR_USAGE: not a position, not a rule. */
enum err_code span_read(struct span *out, const struct json_value *v, bool *known,
                        struct err *e) ERR_CHECKED;
/* The three as members, each followed by a comma; nothing when none is given. */
void span_write(struct text_buffer *b, const struct span *s);

#endif
