/* Packed files are read at any place. */
#include "app/files/gzip.h"
#include "app/files/gzip_index.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (9 << 20) /* three points, and members that begin between them */

static void put(void *user, const char *data, size_t n) {
    text_buffer_add(user, data, n);
}

static void pack(struct text_buffer *b, const char *text, size_t n) {
    struct gzip_stream *s;
    struct err e;
    cr_assert_eq(gzip_stream_open(&s, put, b, &e), ERR_OK);
    gzip_stream_add(s, text, n);
    gzip_stream_end(s);
    gzip_stream_drop(s);
}

static enum err_code count(void *user, const char *data, size_t n, struct err *e) {
    size_t *sum = user;
    (void)data, (void)e;
    *sum += n;
    return ERR_OK;
}

static int as_file(const struct text_buffer *b, size_t n) {
    int fd = memfd_create("packed", MFD_CLOEXEC);
    cr_assert_eq(write(fd, b->text, n), (ssize_t)n);
    return fd;
}

static char *sample(void) {
    char *text = malloc(SIZE);
    uint32_t state = 7;
    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525 + 1013904223;
        text[i] = (char)('a' + (i & 64 ? state >> 30 : i % 5));
    }
    return text;
}

Test(gzip_index, what_is_read_at_a_place_is_what_was_packed) {
    struct gzip_index *x;
    struct err e;
    struct text_buffer b = {0};
    size_t all = 0;
    char *text = sample(), *got = malloc(1 << 20);
    pack(&b, text, 5000000);
    pack(&b, text + 5000000, 1);
    pack(&b, text + 5000001, SIZE - 5000001);
    text_buffer_add(&b, "\0\0\0", 3); /* padding, as tape drives leave it */
    int fd = as_file(&b, b.n);
    cr_assert_eq(gzip_index_make(&x, fd, count, &all, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(all, SIZE);
    cr_expect_eq(gzip_index_size(x), SIZE);
    const size_t places[][2] = {
        {0, 10},        {SIZE - 10, 10},    {4999990, 20}, {4200000, 500000}, {8400000, 1 << 19},
        {5000001, 100}, {(4 << 20) - 5, 9}, {SIZE, 0},     {4999999, 3}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        cr_assert_eq(gzip_index_read(x, fd, got, places[i][0], places[i][1], &e), ERR_OK, "%zu: %s",
                     i, e.message);
        cr_expect_eq(memcmp(got, text + places[i][0], places[i][1]), 0, "%zu", i);
    }
    gzip_index_free(x);
    close(fd);
    text_buffer_dispose(&b);
    free(text);
    free(got);
}

Test(gzip_index, what_is_cut_short_or_damaged_is_told) {
    struct gzip_index *x;
    struct err e;
    struct text_buffer b = {0};
    size_t all = 0;
    char *text = sample();
    pack(&b, text, 100000);
    for (size_t n = 3; n < b.n; n += b.n / 7) {
        int fd = as_file(&b, n);
        cr_expect_eq(gzip_index_make(&x, fd, count, &all, &e), ERR_FORMAT, "%zu bytes", n);
        close(fd);
    }
    b.text[b.n - 6] ^= 1; /* its sum */
    int fd = as_file(&b, b.n);
    cr_expect_eq(gzip_index_make(&x, fd, count, &all, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, "damaged"));
    cr_expect_null(x);
    close(fd);
    text_buffer_dispose(&b);
    free(text);
}
