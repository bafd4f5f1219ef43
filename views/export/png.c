/* A result as a picture of pixels. */
#include "views/export/raster.h"

/* Two pixels for each of the picture's own print well (192 to the inch). cairo has no more than
 * 32767 in a row; a person no more memory than there is. */
#define SCALE 2
#define MOST_SIDE 32767
#define MOST_PIXELS 150000000LL

static bool fits(const struct picture *p, int scale) {
    const long long width = (long long)p->width * scale, height = (long long)p->height * scale;
    return width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_PIXELS;
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    struct picture p;
    enum err_code code = picture_draw(&p, in, 0, in->shown->n_sequences, false, e);
    if (code)
        return code;
    if (fits(&p, SCALE)) {
        code = raster_png(b, &p, SCALE, e);
    } else if (fits(&p, 1)) {
        export_tell(in, "the PNG has half as many pixels to the inch as usual: it is large");
        code = raster_png(b, &p, 1, e);
    } else {
        code = err_set(e, ERR_UNSUPPORTED,
                       "a PNG of %d × %d pixels is too large: SVG has no limit, PDF has a page "
                       "for each text",
                       p.width, p.height);
    }
    if (!code)
        raster_tell_missing(in, raster_missing(&p));
    picture_dispose(&p);
    return code;
}

const struct export export_png = {
    .id = "png",
    .title = "PNG",
    .noun = "the picture",
    .help =
        "The same picture in pixels, light (x.dark.png: dark); needs Debian's " RASTER_PACKAGE ".",
    .endings = {".png"},
    .coloured = true,
    .package = RASTER_PACKAGE,
    .ready = raster_ready,
    .write = write,
};
