/* A result as a document, a page a text. */
#include "views/export/raster.h"

#include <stdlib.h>

static enum err_code put_page(raster_pdf *pdf, const struct export_input *in, size_t i,
                              int *missing, struct err *e) {
    struct picture p;
    enum err_code code = picture_draw(&p, in, i, i + 1, false, e);
    if (code)
        return code;
    code = raster_pdf_page(pdf, &p, e);
    *missing += raster_missing(&p);
    picture_dispose(&p);
    return code;
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    raster_pdf *pdf;
    int missing = 0;
    char *title = export_title(in);
    enum err_code code = raster_pdf_open(&pdf, b, title, e);
    free(title);
    if (code)
        return code;
    for (size_t i = 0; i < in->shown->n_sequences && !code; i++)
        code = put_page(pdf, in, i, &missing, e);
    raster_tell_missing(in, missing);
    struct err ignored;
    enum err_code closed = raster_pdf_close(pdf, code ? &ignored : e);
    return code ? code : closed;
}

const struct export export_pdf = {
    .id = "pdf",
    .title = "PDF",
    .noun = "the document",
    .help =
        "The same picture for print and LaTeX, a page a text; needs Debian's " RASTER_PACKAGE ".",
    .endings = {".pdf"},
    .coloured = true,
    .package = RASTER_PACKAGE,
    .ready = raster_ready,
    .write = write,
};
