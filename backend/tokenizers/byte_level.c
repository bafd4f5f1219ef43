#include "backend/tokenizers/byte_level.h"

#include "backend/tokenizers/aligned.h"

/* Printable Latin-1 bytes stand for themselves; the other 68 follow from U+0100 in rising order. */
static bool is_printable(unsigned byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) ||
           (byte >= 174 && byte <= 255);
}

static unsigned code_point(unsigned char byte) {
    if (is_printable(byte))
        return byte;
    unsigned order = 0;
    for (unsigned b = 0; b < byte; b++)
        order += !is_printable(b);
    return 256 + order;
}

/* The UTF-8 of a byte's character (two bytes at most, NUL-terminated); returns its length. */
static size_t character(unsigned char byte, char out[3]) {
    unsigned point = code_point(byte);
    if (point < 0x80) {
        out[0] = (char)point;
        out[1] = '\0';
        return 1;
    }
    out[0] = (char)(0xC0 | (point >> 6));
    out[1] = (char)(0x80 | (point & 0x3F));
    out[2] = '\0';
    return 2;
}

/* The byte of a code point, or −1. From U+0100 on stand 0 to 32, 127 to 160, and 173. */
static int byte_of(unsigned point) {
    const unsigned order = point - 256;
    if (point < 256)
        return is_printable(point) ? (int)point : -1;
    if (order <= 32)
        return (int)order;
    if (order <= 32 + 34)
        return (int)(order - 33 + 127);
    return order == 67 ? 173 : -1;
}

size_t byte_level_bytes(const char *piece, size_t n, char *out, bool *whole) {
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)piece[i];
        unsigned point = c;
        size_t length = 1;
        if ((c & 0xE0) == 0xC0 && i + 1 < n) {
            point = (c & 0x1Fu) << 6 | ((unsigned char)piece[i + 1] & 0x3Fu);
            length = 2;
        }
        int byte = c < 0x80 || length == 2 ? byte_of(point) : -1;
        if (byte >= 0) {
            out[used++] = (char)byte;
        } else {
            *whole = false;
            for (size_t k = 0; k < length; k++)
                out[used++] = piece[i + k];
        }
        i += length;
    }
    return used;
}

void byte_level_alphabet(struct byte_level_alphabet *a) {
    for (int byte = 0; byte < 256; byte++)
        a->lengths[byte] = character((unsigned char)byte, a->names[byte]);
}

void byte_level_write(const struct byte_level_alphabet *a, const struct aligned *in, size_t from,
                      size_t to, struct aligned *out) {
    for (size_t i = from; i < to; i++) {
        const unsigned char byte = (unsigned char)in->text[i];
        aligned_add(out, a->names[byte], a->lengths[byte], in->origins[i]);
    }
}
