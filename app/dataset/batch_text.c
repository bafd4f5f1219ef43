#include "app/dataset/batch_text.h"

#include "views/export/rows.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes the first of n bytes' lines has, its end included. */
static size_t line_of(const char *lines, size_t n) {
    const char *end = memchr(lines, '\n', n);
    return end ? (size_t)(end - lines) + 1 : n;
}

static bool begins(const char *lines, size_t n, const char *with) {
    const size_t n_with = strlen(with);
    return n >= n_with && memcmp(lines, with, n_with) == 0;
}

/* A line that stands above rows. */
static bool is_above(const char *line, size_t n) {
    return begins(line, n, "{\"format\":");
}

static bool same(const char *above, const char *line, size_t n) {
    return above && strlen(above) == n && memcmp(above, line, n) == 0;
}

/* The last of n bytes' lines that stands above rows replaces *above. */
static void learn_above(char **above, const char *lines, size_t n) {
    const char *last = NULL;
    size_t n_last = 0;
    for (size_t at = 0, line; at < n; at += line) {
        line = line_of(lines + at, n - at);
        if (!is_above(lines + at, line))
            continue;
        last = lines + at;
        n_last = line;
    }
    if (last)
        mem_replace(above, mem_text_n(last, n_last));
}

void batch_text_put(struct text_buffer *out, char **above, const char *lines, size_t n) {
    if (begins(lines, n, ROWS_BATCH)) {
        const size_t mark = line_of(lines, n);
        text_buffer_add(out, lines, mark);
        lines += mark;
        n -= mark;
    }
    const size_t first = line_of(lines, n);
    if (is_above(lines, first) && same(*above, lines, first)) {
        lines += first;
        n -= first;
    }
    learn_above(above, lines, n);
    text_buffer_add(out, lines, n);
}
