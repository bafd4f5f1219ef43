/*
 * Records of CSV as RFC 4180 has them: fields between separators, quoted ones with separators, line
 * breaks and doubled quotes. Own code rather than libcsv: that one ends for good at the first stray
 * quote, knows no largest field, and does not tell in which line a record began. Untrusted. Any
 * thread.
 */
#ifndef TINSEQ_APP_CSV_H
#define TINSEQ_APP_CSV_H

#include "app/dataset/data_bytes.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct csv_form {
    char separator; /* ',' */
    char quote;     /* '"'; '\0': quotes are letters like others */
    size_t most;    /* bytes of a record at most */
};

/* Zero-initialise before the first; the fields are [n], each ending in a NUL. */
struct csv_record {
    struct text_buffer text;
    size_t *starts; /* [n] of the fields in the text */
    size_t n, room;
    int64_t line;  /* where it begins */
    char *problem; /* what is wrong with it; NULL: nothing */
    bool blank;    /* a line with nothing in it, not even quotes */
};
static inline const char *csv_field(const struct csv_record *r, size_t i) {
    return r->text.text + r->starts[i];
}

/* The next one; false: there is none. Lines end in LF, CR LF or CR. One with a problem (a quote
 * that is not closed, text behind one, a NUL byte, too many bytes, no UTF-8) ends where it
 * would without. */
bool csv_next(struct csv_record *r, struct data_bytes *in, const struct csv_form *form);
void csv_record_dispose(struct csv_record *r);

#endif
