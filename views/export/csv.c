/* A result as comma-separated values. Reference: RFC 4180. */
#include "views/export/delimited.h"

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    static const struct delimited csv = {
        .between = ",", .end = "\r\n", .quoted = true, .even = true};
    return delimited_write(b, &csv, in, e);
}

const struct export export_csv = {
    .id = "csv",
    .title = "CSV",
    .noun = "the scores",
    .help = "The scores as shown, exact (RFC 4180); a ' keeps tokens from being taken for "
            "formulas.",
    .endings = {".csv"},
    .write = write,
};
