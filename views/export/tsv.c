/* A result as tab-separated values. */
#include "views/export/delimited.h"

/* Printable text has no tabs. Texts have columns of their own, so each has a heading of its own. */
static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    static const struct delimited tsv = {.between = "\t", .end = "\n"};
    return delimited_write(b, &tsv, in, e);
}

const struct export export_tsv = {
    .id = "tsv",
    .title = "TSV",
    .noun = "the scores",
    .help = "The same with tabs between, to paste into a spreadsheet.",
    .endings = {".tsv"},
    .write = write,
};
