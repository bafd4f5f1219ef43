#include "views/export/indexed_png.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put_u32(struct text_buffer *b, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        text_buffer_add(b, (char[]){(char)(value >> shift)}, 1);
}

/* Length, name, bytes, and a check sum over the latter two. */
static void put_chunk(struct text_buffer *b, const char *name, const void *data, size_t n) {
    put_u32(b, (uint32_t)n);
    const size_t from = b->n;
    text_buffer_add(b, name, 4);
    text_buffer_add(b, data, n);
    put_u32(b, (uint32_t)crc32_z(0, (const Bytef *)b->text + from, n + 4));
}

static void put_header(struct text_buffer *b, uint32_t width, uint32_t height) {
    struct text_buffer header = {0};
    static const char rest[] = {8 /* bits */, 3 /* by palette */, 0, 0, 0};
    put_u32(&header, width);
    put_u32(&header, height);
    text_buffer_add(&header, rest, sizeof rest);
    put_chunk(b, "IHDR", header.text, header.n);
    text_buffer_dispose(&header);
}

/* Each row after a byte that says how it is filtered: it is not. */
static uint8_t *rows_of(const uint8_t *pixels, uint32_t width, uint32_t height) {
    uint8_t *rows = mem_alloc(((size_t)width + 1) * height);
    for (size_t y = 0; y < height; y++)
        memcpy(rows + y * (width + 1) + 1, pixels + y * width, width);
    return rows;
}

enum err_code indexed_png(struct text_buffer *b, const uint8_t *pixels, uint32_t width,
                          uint32_t height, const uint8_t (*palette)[3], uint32_t n_colours,
                          struct err *e) {
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t clear[256];
    const uLong n = (uLong)(((size_t)width + 1) * height);
    uLongf n_packed = compressBound(n);
    uint8_t *rows = rows_of(pixels, width, height), *packed = mem_alloc(n_packed);
    enum err_code code = ERR_OK;
    if (compress2(packed, &n_packed, rows, n, 9) != Z_OK) {
        code = err_set(e, ERR_NOMEM, "no memory for a picture of %u × %u pixels", width, height);
        goto out;
    }
    memset(clear, 255, sizeof clear);
    clear[n_colours - 1] = 0;
    text_buffer_add(b, (const char *)signature, sizeof signature);
    put_header(b, width, height);
    put_chunk(b, "PLTE", palette, n_colours * sizeof *palette);
    put_chunk(b, "tRNS", clear, n_colours);
    put_chunk(b, "IDAT", packed, n_packed);
    put_chunk(b, "IEND", "", 0);
out:
    free(rows);
    free(packed);
    return code;
}
