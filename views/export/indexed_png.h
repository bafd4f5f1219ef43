/* A small picture of pixels that are places in a palette, as PNG. By zlib alone, which the program
 * has anyway: libpng would be one more library for sixty lines. Reference: PNG, third edition
 * (W3C, 2023). Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_INDEXED_PNG_H
#define TINSEQ_VIEWS_EXPORT_INDEXED_PNG_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdint.h>

/* Appends it. pixels [height, width] are below n_colours (at most 256). The last colour is clear.
 * Errors: NOMEM. */
enum err_code indexed_png(struct text_buffer *b, const uint8_t *pixels, uint32_t width,
                          uint32_t height, const uint8_t (*palette)[3], uint32_t n_colours,
                          struct err *e) ERR_CHECKED;

#endif
