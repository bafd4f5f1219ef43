/*
 * Which token of a contrast each attributed one is held against: a rule by its name, or pairs of
 * positions by hand. The one way to read it and the one to write it, for the command line, the
 * form, runs and results. Plain data. Any thread.
 */
#ifndef TINSEQ_METHODS_DECLARE_ALIGNMENT_H
#define TINSEQ_METHODS_DECLARE_ALIGNMENT_H

#include "backend/base/err.h"
#include "backend/base/json.h"

#include <stddef.h>
#include <stdint.h>

enum alignment_rule {
    ALIGN_END, /* counted from the end of both texts: none was given */
    ALIGN_POSITION,
    ALIGN_DIFF,
    ALIGN_AUTO,
    ALIGN_PAIRS /* by hand; tokens without a pair are counted from the end */
};

struct align_link {
    int64_t target, contrast;
};

/* Zero-initialised: none is given. */
struct alignment {
    enum alignment_rule rule;
    struct align_link *links; /* [n_links] of ALIGN_PAIRS, owned */
    size_t n_links;
};

/* "position", "diff", "auto", or pairs as JSON: [[3, 2]]; [[[3, 2]]], a list for the one sentence
 * that there is, too. ERR_USAGE. */
enum err_code alignment_parse(struct alignment *out, const char *text, struct err *e) ERR_CHECKED;
/* The same of JSON: such a text, or a list of pairs. ERR_USAGE. */
enum err_code alignment_read(struct alignment *out, const struct json_value *v,
                             struct err *e) ERR_CHECKED;
/* What alignment_parse reads, owned by the caller; NULL: none is given. */
char *alignment_text(const struct alignment *a);
/* Appends pairs as JSON. */
void alignment_write_pairs(struct text_buffer *b, const struct alignment *a);

struct alignment alignment_copy(const struct alignment *a);
bool alignment_equal(const struct alignment *a, const struct alignment *b);
void alignment_dispose(struct alignment *a);

#endif
