#include "backend/base/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void base64_add(struct text_buffer *out, const void *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *u = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        unsigned bits = (unsigned)u[i] << 16;
        bits |= have > 1 ? (unsigned)u[i + 1] << 8 : 0;
        bits |= have > 2 ? u[i + 2] : 0;
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                        have > 1 ? digits[bits >> 6 & 63] : '=',
                        have > 2 ? digits[bits & 63] : '='};
        text_buffer_add(out, four, 4);
    }
}

enum err_code base64_read(unsigned char **out, size_t *n_out, const char *s, size_t n,
                          const char *what, struct err *e) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    signed char value[256];
    memset(value, -1, sizeof value);
    for (int i = 0; i < 64; i++)
        value[(unsigned char)alphabet[i]] = (signed char)i;
    while (n > 0 && s[n - 1] == '=' && n % 4 != 1)
        n--;
    unsigned char *bytes = *out = malloc(n / 4 * 3 + 3);
    if (!bytes)
        return err_set(e, ERR_NOMEM, "no memory for %s of %zu characters", what, n);
    size_t at = 0;
    uint32_t bits = 0;
    bool valid = n % 4 != 1;
    for (size_t i = 0; i < n && valid; i++) {
        int v = value[(unsigned char)s[i]];
        valid = v >= 0;
        bits = bits << 6 | (uint32_t)(v & 63);
        if (i % 4 > 0) /* a byte is whole, and 4, 2 or no bits of the next one are there */
            bytes[at++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    *n_out = at;
    return valid ? ERR_OK : err_set(e, ERR_FORMAT, "%s are not valid base64", what);
}
