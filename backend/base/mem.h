/*
 * Small allocations that cannot fail: when memory is out the program says so and ends through the
 * hook (which restores the terminal first). Tensors and anything whose size a file or a user
 * decides use checked calls and ERR_NOMEM instead. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_MEM_H
#define TINSEQ_BACKEND_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_alloc(size_t n); /* zeroed; n = 0 yields a valid pointer */
void *mem_resize(void *p, size_t n);
void *mem_copy(const void *p, size_t n);
char *mem_text(const char *s);            /* strdup; NULL gives NULL */
void mem_replace(char **to, char *taken); /* frees what was there */
char *mem_text_n(const char *s, size_t n);
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Called once, before the process ends, when memory is out (the terminal program leaves curses
 * here). */
void mem_on_exhausted(void (*hook)(void));

/* A growing, NUL-terminated byte string. Zero-initialise to start; text may be NULL while n is
 * 0. */
struct text_buffer {
    char *text;
    size_t n, capacity;
};
void text_buffer_add(struct text_buffer *b, const char *s, size_t n);
void text_buffer_puts(struct text_buffer *b, const char *s);
void text_buffer_format(struct text_buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *text_buffer_take(struct text_buffer *b); /* never NULL; the buffer is empty afterwards */
void text_buffer_dispose(struct text_buffer *b);

#endif
