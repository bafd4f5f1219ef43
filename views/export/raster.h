/*
 * SVG drawn as PNG and PDF by librsvg, which draws with cairo and sets text with Pango, and so
 * knows every script and the machine's fonts. It is opened when it is first needed: the program
 * starts without it. Reference: librsvg 2.46 to 2.60, cairo 1.16. Any thread, one at a time.
 */
#ifndef TINSEQ_VIEWS_EXPORT_RASTER_H
#define TINSEQ_VIEWS_EXPORT_RASTER_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "views/export/picture.h"

#define RASTER_PACKAGE "librsvg2-2"

/* Whether the library is there. Errors: UNSUPPORTED, with the Debian package to install. */
enum err_code raster_ready(struct err *e) ERR_CHECKED;

/* Appends the picture as PNG, `scale` pixels to each of its own. Errors: those of raster_ready,
 * BACKEND with the library's message, NOMEM. */
enum err_code raster_png(struct text_buffer *b, const struct picture *p, int scale,
                         struct err *e) ERR_CHECKED;

/* Characters of a picture that no font of this machine has, and that are boxes in what is drawn; 0
 * where the library is missing. */
int raster_missing(const struct picture *p);
/* Tells of that many, if any, and what has them. */
void raster_tell_missing(const struct export_input *in, int missing);

/* A PDF under way, a page a picture. */
typedef struct raster_pdf raster_pdf;
/* Begins one that is appended to b; `title` is UTF-8. Errors: as above. */
enum err_code raster_pdf_open(raster_pdf **out, struct text_buffer *b, const char *title,
                              struct err *e) ERR_CHECKED;
enum err_code raster_pdf_page(raster_pdf *pdf, const struct picture *p, struct err *e) ERR_CHECKED;
/* Ends it: all of it is in b afterwards. */
enum err_code raster_pdf_close(raster_pdf *pdf, struct err *e) ERR_CHECKED;

#endif
