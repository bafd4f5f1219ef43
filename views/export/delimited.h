/*
 * The scores as they are shown, a record a row, for spreadsheets and scripts: what CSV and TSV
 * share. A heading with the tokens that are explained, a record a row (side, position, token,
 * scores), a record a step score; numbers read back as the same floats. Any thread.
 */
#ifndef TINSEQ_VIEWS_EXPORT_DELIMITED_H
#define TINSEQ_VIEWS_EXPORT_DELIMITED_H

#include "views/export/export.h"

struct delimited {
    const char *between, *end; /* fields, and a record's end */
    bool quoted;               /* a field may be put in quotes (RFC 4180); else none needs any */
    bool even; /* all records have the same number of fields, the first of which is the text's
                  number, from 1; else each text's heading comes after an empty line */
};

/* Appends a field; whether it got a ' because a spreadsheet would take it for a formula. `quoted`:
 * it may be put in quotes. */
bool delimited_field(struct text_buffer *b, const char *text, bool quoted);

/* Appends all texts. Fields that a spreadsheet would take for a formula get a ' in front, which is
 * told. */
enum err_code delimited_write(struct text_buffer *b, const struct delimited *d,
                              const struct export_input *in, struct err *e) ERR_CHECKED;

#endif
