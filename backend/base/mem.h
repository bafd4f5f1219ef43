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

/* Where a long text goes piece by piece. */
struct text_drain {
    void (*take)(struct text_drain *d, const char *text, size_t n);
};

/* A growing, NUL-terminated byte string. Zero-initialise to start; text may be NULL while n is
 * 0. With a drain, what writes a long text calls text_buffer_drain where nothing refers back to
 * what it wrote. */
struct text_buffer {
    char *text;
    size_t n, capacity;
    struct text_drain *drain; /* borrowed; NULL: none */
};
void text_buffer_add(struct text_buffer *b, const char *s, size_t n);
void text_buffer_puts(struct text_buffer *b, const char *s);
void text_buffer_format(struct text_buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Gives the text to the drain, if there is one, once it is worth it; the buffer is empty then. */
void text_buffer_drain(struct text_buffer *b);
char *text_buffer_take(struct text_buffer *b); /* never NULL; the buffer is empty afterwards */
void text_buffer_dispose(struct text_buffer *b);

#endif
