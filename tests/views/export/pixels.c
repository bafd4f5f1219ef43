#include "tests/views/export/pixels.h"

#include "views/export/raster.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*read_bytes)(void *closure, unsigned char *data, unsigned n);

struct rest {
    const char *data;
    size_t n;
};

static int take(void *closure, unsigned char *data, unsigned n) {
    struct rest *rest = closure;
    if (n > rest->n)
        return 10; /* CAIRO_STATUS_READ_ERROR */
    memcpy(data, rest->data, n);
    rest->data += n;
    rest->n -= n;
    return 0;
}

static void *function(const char *name) {
    void *cairo = dlopen("libcairo.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE),
         *address = cairo ? dlsym(cairo, name) : NULL;
    if (!address) {
        fprintf(stderr, "no cairo: %s\n", dlerror());
        abort();
    }
    return address;
}

/* Calls of the few functions that are needed, by what they take and give. */
static int number_of(const char *name, void *surface) {
    int (*call)(void *);
    void *address = function(name);
    memcpy(&call, &address, sizeof call);
    return call(surface);
}

static unsigned char *data_of(void *surface) {
    unsigned char *(*call)(void *);
    void *address = function("cairo_image_surface_get_data");
    memcpy(&call, &address, sizeof call);
    return call(surface);
}

static void *surface_of(struct rest *rest) {
    void *(*call)(read_bytes, void *);
    void *address = function("cairo_image_surface_create_from_png_stream");
    memcpy(&call, &address, sizeof call);
    return call(take, rest);
}

static void destroy(void *surface) {
    void (*call)(void *);
    void *address = function("cairo_surface_destroy");
    memcpy(&call, &address, sizeof call);
    call(surface);
}

struct pixels pixels_of_png(const char *png, size_t n) {
    struct rest rest = {png, n};
    struct pixels p = {0};
    void *surface = surface_of(&rest);
    if (number_of("cairo_surface_status", surface) == 0) {
        p.width = number_of("cairo_image_surface_get_width", surface);
        p.height = number_of("cairo_image_surface_get_height", surface);
        const int stride = number_of("cairo_image_surface_get_stride", surface);
        p.rgb = mem_alloc((size_t)p.width * (size_t)p.height * sizeof *p.rgb);
        for (int y = 0; y < p.height; y++)
            memcpy(p.rgb + (size_t)y * (size_t)p.width, data_of(surface) + (ptrdiff_t)y * stride,
                   (size_t)p.width * sizeof *p.rgb);
    }
    destroy(surface);
    return p;
}

/* The size that the document says of itself. */
static int size_in(const char *svg, const char *name) {
    const char *at = strstr(svg, name);
    return at ? atoi(at + strlen(name)) : 0;
}

struct pixels pixels_of_svg(const char *svg, size_t n, int scale) {
    struct picture picture = {.width = size_in(svg, " width=\""),
                              .height = size_in(svg, " height=\"")};
    struct text_buffer png = {0};
    struct err e;
    text_buffer_add(&picture.svg, svg, n);
    if (raster_png(&png, &picture, scale, &e) != ERR_OK) {
        fprintf(stderr, "%s\n", e.message);
        abort();
    }
    struct pixels p = pixels_of_png(png.text, png.n);
    text_buffer_dispose(&png);
    picture_dispose(&picture);
    return p;
}

static uint32_t mean(const struct pixels *p, int x, int y, int side) {
    uint32_t rgb = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        uint32_t sum = 0;
        for (int i = 0; i < side * side; i++)
            sum += p->rgb[(size_t)(y + i / side) * (size_t)p->width + (size_t)(x + i % side)] >>
                       shift &
                   0xFF;
        rgb |= sum / (uint32_t)(side * side) << shift;
    }
    return rgb;
}

struct pixels pixels_coarse(const struct pixels *p, int side) {
    struct pixels out = {.width = p->width / side, .height = p->height / side};
    out.rgb = mem_alloc((size_t)out.width * (size_t)out.height * sizeof *out.rgb);
    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++)
            out.rgb[(size_t)y * (size_t)out.width + (size_t)x] = mean(p, x * side, y * side, side);
    return out;
}

static bool differs(uint32_t a, uint32_t b, int tolerance) {
    for (int shift = 0; shift < 24; shift += 8)
        if (abs((int)(a >> shift & 0xFF) - (int)(b >> shift & 0xFF)) > tolerance)
            return true;
    return false;
}

double pixels_different(const struct pixels *a, const struct pixels *b, int tolerance) {
    const size_t n = (size_t)a->width * (size_t)a->height;
    size_t different = 0;
    if (a->width != b->width || a->height != b->height || n == 0)
        return 1;
    for (size_t i = 0; i < n; i++)
        different += differs(a->rgb[i], b->rgb[i], tolerance);
    return (double)different / (double)n;
}

void pixels_dispose(struct pixels *p) {
    free(p->rgb);
    *p = (struct pixels){0};
}
