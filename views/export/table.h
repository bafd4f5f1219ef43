/*
 * A result as a plain-text table for a terminal that is not the program's own screen: rows are
 * attributed tokens, columns generated tokens, step scores below; wide tables are cut into blocks
 * of columns. Pure: text out, no terminal. Any thread.
 */
#ifndef TINSEQ_VIEWS_TABLE_H
#define TINSEQ_VIEWS_TABLE_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "themes/theme.h"
#include "views/export/heat.h"

struct table_options {
    int columns;             /* of the terminal; 0: as wide as it gets */
    enum colour_depth depth; /* COLOUR_MONO: text only, no escape sequences */
    /* where there are negative scores; needed above COLOUR_16 */
    const struct colour_map *diverging;
    const struct colour_map *sequential;
    const char *function;  /* that was explained; NULL: none takes part */
    const char *above;     /* what a table above it says of its method; NULL: there is none */
    struct heat_ends ends; /* of the colours, where they are fixed */
    bool shades, ascii;    /* a glyph behind each number where there is no colour; of ASCII */
};

/* Appends the tables of both sides of an aggregated sequence ([rows, G]). Numbers have two
 * decimals, small ones times a power of ten that is told once; NaN is blank. Tokens are shown in
 * their printable form. */
void table_write(struct text_buffer *b, const struct attribution_sequence *s,
                 const struct table_options *o);

/* What tables say of the method: "saliency of probability with smollm2", owned by the caller; NULL:
 * nothing is known. */
char *table_method(const struct result_info *info, const char *function);

/* Appends the tables of every sequence of an aggregated result, each after its input and generated
 * text; dimensions that are left are reduced as Inseq's show() would. Errors: SHAPE, NOMEM. */
enum err_code table_write_all(struct text_buffer *b, const struct attribution *shown,
                              const struct table_options *o, struct err *e) ERR_CHECKED;

#endif
