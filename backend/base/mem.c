#include "backend/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAINED (1 << 20) /* bytes that are worth a drain */

static void (*exhausted_hook)(void);

void mem_on_exhausted(void (*hook)(void)) {
    exhausted_hook = hook;
}

static void *checked(void *p) {
    if (p)
        return p;
    if (exhausted_hook)
        exhausted_hook();
    fputs("tinseq: out of memory\n", stderr);
    _Exit(1);
}

void *mem_alloc(size_t n) {
    return checked(calloc(1, n ? n : 1));
}

void *mem_resize(void *p, size_t n) {
    return checked(realloc(p, n ? n : 1));
}

void *mem_copy(const void *p, size_t n) {
    void *q = mem_alloc(n);
    if (n)
        memcpy(q, p, n);
    return q;
}

char *mem_text(const char *s) {
    return s ? mem_copy(s, strlen(s) + 1) : NULL;
}

void mem_replace(char **to, char *taken) {
    free(*to);
    *to = taken;
}

char *mem_text_n(const char *s, size_t n) {
    char *copy = mem_alloc(n + 1);
    if (n)
        memcpy(copy, s, n);
    return copy;
}

static char *format_text(const char *format, va_list args, size_t *n) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        length = 0;
    char *text = mem_alloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    *n = (size_t)length;
    return text;
}

char *mem_format(const char *format, ...) {
    va_list args;
    size_t n;
    va_start(args, format);
    char *text = format_text(format, args, &n);
    va_end(args);
    return text;
}

void text_buffer_add(struct text_buffer *b, const char *s, size_t n) {
    if (b->n + n + 1 > b->capacity) {
        size_t capacity = b->capacity ? b->capacity : 64;
        while (capacity < b->n + n + 1)
            capacity *= 2;
        b->text = mem_resize(b->text, capacity);
        b->capacity = capacity;
    }
    if (n)
        memcpy(b->text + b->n, s, n);
    b->n += n;
    b->text[b->n] = '\0';
}

void text_buffer_puts(struct text_buffer *b, const char *s) {
    text_buffer_add(b, s, strlen(s));
}

void text_buffer_format(struct text_buffer *b, const char *format, ...) {
    va_list args;
    size_t n;
    va_start(args, format);
    char *text = format_text(format, args, &n);
    va_end(args);
    text_buffer_add(b, text, n);
    free(text);
}

void text_buffer_drain(struct text_buffer *b) {
    if (!b->drain || b->n < DRAINED)
        return;
    b->drain->take(b->drain, b->text, b->n);
    b->n = 0;
}

char *text_buffer_take(struct text_buffer *b) {
    char *text = b->text ? b->text : mem_alloc(1);
    *b = (struct text_buffer){0};
    return text;
}

void text_buffer_dispose(struct text_buffer *b) {
    free(b->text);
    *b = (struct text_buffer){0};
}
