#include "views/export/raster.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is used of the libraries, as their headers declare it. */
typedef struct handle handle;   /* RsvgHandle */
typedef struct surface surface; /* cairo_surface_t */
typedef struct context context; /* cairo_t */
typedef struct layout layout;   /* PangoLayout */
struct message {                /* GError */
    uint32_t domain;
    int code;
    char *text;
};
struct rectangle { /* RsvgRectangle */
    double x, y, width, height;
};
typedef int (*write_bytes)(void *closure, const unsigned char *data, unsigned n);

#define FORMAT_RGB24 1 /* CAIRO_FORMAT_RGB24 */
#define METADATA_TITLE 0
#define METADATA_CREATOR 4

/* FUNCTION(what it returns, name, arguments) */
#define FUNCTIONS(FUNCTION)                                                                        \
    FUNCTION(handle *, rsvg_handle_new_from_data, (const uint8_t *, size_t, struct message **))    \
    FUNCTION(int, rsvg_handle_render_document,                                                     \
             (handle *, context *, const struct rectangle *, struct message **))                   \
    FUNCTION(void, g_object_unref, (void *))                                                       \
    FUNCTION(void, g_error_free, (struct message *))                                               \
    FUNCTION(surface *, cairo_image_surface_create, (int, int, int))                               \
    FUNCTION(int, cairo_surface_write_to_png_stream, (surface *, write_bytes, void *))             \
    FUNCTION(surface *, cairo_pdf_surface_create_for_stream,                                       \
             (write_bytes, void *, double, double))                                                \
    FUNCTION(void, cairo_pdf_surface_set_size, (surface *, double, double))                        \
    FUNCTION(void, cairo_pdf_surface_set_metadata, (surface *, int, const char *))                 \
    FUNCTION(int, cairo_surface_status, (surface *))                                               \
    FUNCTION(void, cairo_surface_finish, (surface *))                                              \
    FUNCTION(void, cairo_surface_destroy, (surface *))                                             \
    FUNCTION(context *, cairo_create, (surface *))                                                 \
    FUNCTION(void, cairo_show_page, (context *))                                                   \
    FUNCTION(void, cairo_destroy, (context *))                                                     \
    FUNCTION(const char *, cairo_status_to_string, (int))                                          \
    FUNCTION(layout *, pango_cairo_create_layout, (context *))                                     \
    FUNCTION(void, pango_layout_set_text, (layout *, const char *, int))                           \
    FUNCTION(int, pango_layout_get_unknown_glyphs_count, (layout *))

static struct {
#define FUNCTION(type, name, arguments) type(*name) arguments;
    FUNCTIONS(FUNCTION)
#undef FUNCTION
} lib;

/* POSIX promises that a function's address survives the way through void *. */
static bool find(void *to, void *library, const char *name) {
    void *address = dlsym(library, name);
    memcpy(to, &address, sizeof address);
    return address != NULL;
}

static bool find_all(void *library) {
    bool all = true;
#define FUNCTION(type, name, arguments) all = find(&lib.name, library, #name) && all;
    FUNCTIONS(FUNCTION)
#undef FUNCTION
    return all;
}

/* librsvg brings cairo and glib along: a library's functions are looked for in those it needs too.
 * It stays open: glib cannot be closed. */
enum err_code raster_ready(struct err *e) {
    static bool ready;
    const char *given = getenv("TINSEQ_RSVG");
    if (ready)
        return ERR_OK;
    void *library = dlopen(given ? given : "librsvg-2.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    ready = library && find_all(library);
    if (ready)
        return ERR_OK;
    const char *reason = dlerror();
    return err_set(e, ERR_UNSUPPORTED,
                   "PNG and PDF are drawn by librsvg: install the package " RASTER_PACKAGE
                   " (%.200s); SVG needs none",
                   reason ? reason : "it is too old");
}

static int add_bytes(void *closure, const unsigned char *data, unsigned n) {
    text_buffer_add(closure, (const char *)data, n);
    return 0; /* CAIRO_STATUS_SUCCESS */
}

static enum err_code cairo_code(int status, struct err *e) {
    if (status == 0)
        return ERR_OK;
    return err_set(e, ERR_BACKEND, "cairo: %s", lib.cairo_status_to_string(status));
}

static enum err_code rsvg_failed(struct message *m, struct err *e) {
    enum err_code code =
        err_set(e, ERR_BACKEND, "librsvg: %.300s", m ? m->text : "no reason given");
    if (m)
        lib.g_error_free(m);
    return code;
}

/* Draws the whole picture into a rectangle of a surface. */
static enum err_code draw(surface *to, const struct picture *p, double width, double height,
                          bool page, struct err *e) {
    struct message *message = NULL;
    const struct rectangle place = {0, 0, width, height};
    enum err_code code = ERR_OK;
    handle *svg = lib.rsvg_handle_new_from_data((const uint8_t *)p->svg.text, p->svg.n, &message);
    if (!svg)
        return rsvg_failed(message, e);
    context *c = lib.cairo_create(to);
    if (!lib.rsvg_handle_render_document(svg, c, &place, &message))
        code = rsvg_failed(message, e);
    else if (page)
        lib.cairo_show_page(c);
    lib.cairo_destroy(c);
    lib.g_object_unref(svg);
    return code ? code : cairo_code(lib.cairo_surface_status(to), e);
}

enum err_code raster_png(struct text_buffer *b, const struct picture *p, int scale, struct err *e) {
    const int width = p->width * scale, height = p->height * scale;
    enum err_code code = raster_ready(e);
    if (code)
        return code;
    surface *image = lib.cairo_image_surface_create(FORMAT_RGB24, width, height);
    code = cairo_code(lib.cairo_surface_status(image), e);
    if (code)
        goto out;
    code = draw(image, p, width, height, false, e);
    if (code)
        goto out;
    code = cairo_code(lib.cairo_surface_write_to_png_stream(image, add_bytes, b), e);
out:
    lib.cairo_surface_destroy(image);
    return code;
}

/* In whatever fonts the machine has for them, as the drawing takes them. */
static int glyphs_missing(const char *text, size_t n) {
    surface *one = lib.cairo_image_surface_create(FORMAT_RGB24, 1, 1);
    context *c = lib.cairo_create(one);
    layout *l = lib.pango_cairo_create_layout(c);
    lib.pango_layout_set_text(l, text, (int)n);
    const int missing = lib.pango_layout_get_unknown_glyphs_count(l);
    lib.g_object_unref(l);
    lib.cairo_destroy(c);
    lib.cairo_surface_destroy(one);
    return missing;
}

#define MOST_TEXT (1 << 20) /* bytes of a picture's that are looked at */

int raster_missing(const struct picture *p) {
    struct err ignored;
    size_t n = p->text.n < MOST_TEXT ? p->text.n : MOST_TEXT;
    while (n < p->text.n && n > 0 && p->text.text[n - 1] != '\n')
        n--; /* whole lines */
    if (n == 0 || raster_ready(&ignored))
        return 0;
    return glyphs_missing(p->text.text, n);
}

void raster_tell_missing(const struct export_input *in, int missing) {
    if (missing)
        export_tell(in,
                    "characters that no font of this machine has, drawn as boxes: %d. Debian's "
                    "fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji have most; an SVG "
                    "is set by who shows it",
                    missing);
}

/* --- PDF --- */

struct raster_pdf {
    surface *pages;
};

enum err_code raster_pdf_open(raster_pdf **out, struct text_buffer *b, const char *title,
                              struct err *e) {
    *out = NULL;
    enum err_code code = raster_ready(e);
    if (code)
        return code;
    raster_pdf *pdf = mem_alloc(sizeof *pdf);
    pdf->pages = lib.cairo_pdf_surface_create_for_stream(add_bytes, b, 100, 100);
    lib.cairo_pdf_surface_set_metadata(pdf->pages, METADATA_TITLE, title);
    lib.cairo_pdf_surface_set_metadata(pdf->pages, METADATA_CREATOR, "tinseq");
    *out = pdf;
    return ERR_OK;
}

/* 96 pixels and 72 points are an inch, of which viewers know 200 at most. */
enum err_code raster_pdf_page(raster_pdf *pdf, const struct picture *p, struct err *e) {
    const double points = 0.75, most = 14400;
    const int longest = p->width > p->height ? p->width : p->height;
    const double scale = longest * points > most ? most / longest : points;
    const double width = p->width * scale, height = p->height * scale;
    lib.cairo_pdf_surface_set_size(pdf->pages, width, height);
    return draw(pdf->pages, p, width, height, true, e);
}

enum err_code raster_pdf_close(raster_pdf *pdf, struct err *e) {
    lib.cairo_surface_finish(pdf->pages);
    enum err_code code = cairo_code(lib.cairo_surface_status(pdf->pages), e);
    lib.cairo_surface_destroy(pdf->pages);
    free(pdf);
    return code;
}
