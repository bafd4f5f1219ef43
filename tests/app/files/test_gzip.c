/* Packed bytes come back as they were; damaged ones, and too many, are errors. */
#include "app/files/gzip.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static void put(void *user, const char *data, size_t n) {
    text_buffer_add(user, data, n);
}

/* Given to the stream in pieces. */
static char *packed(size_t *n, const char *text, size_t n_text) {
    struct text_buffer b = {0};
    struct gzip_stream *s;
    struct err e;
    cr_assert_eq(gzip_stream_open(&s, put, &b, &e), ERR_OK);
    for (size_t at = 0; at < n_text; at += 1000)
        gzip_stream_add(s, text + at, n_text - at < 1000 ? n_text - at : 1000);
    gzip_stream_end(s);
    gzip_stream_drop(s);
    *n = b.n;
    cr_assert(gzip_is(b.text, *n));
    return text_buffer_take(&b);
}

Test(gzip, what_is_packed_comes_back) {
    static const size_t sizes[] = {0, 1, 5000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = malloc(sizes[i] + 1), *back;
        size_t n, n_back;
        struct err e;
        for (size_t k = 0; k < sizes[i]; k++)
            text[k] = (char)(k * k >> 3);
        char *small = packed(&n, text, sizes[i]);
        cr_assert_eq(gzip_unpack(&back, &n_back, small, n, 1 << 20, &e), ERR_OK, "%s", e.message);
        cr_expect_eq(n_back, sizes[i]);
        cr_expect_eq(memcmp(back, text, sizes[i]), 0);
        free(back);
        free(small);
        free(text);
    }
}

Test(gzip, what_is_cut_short_or_too_long_is_an_error) {
    char text[4000] = "to be or not to be", *back = text;
    size_t n, n_back;
    struct err e;
    char *small = packed(&n, text, sizeof text);
    cr_expect_eq(gzip_unpack(&back, &n_back, small, n - 9, 1 << 20, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "damaged or cut short"));
    cr_expect_null(back);
    cr_expect_eq(gzip_unpack(&back, &n_back, small, n, sizeof text - 1, &e), ERR_FORMAT);
    cr_expect_str_eq(e.message, "more than 3999 bytes when uncompressed");
    cr_expect_not(gzip_is("\x1F", 1));
    free(small);
}
