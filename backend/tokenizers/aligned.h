/*
 * Text on its way through a tokenizer: each byte knows the bytes of the original text that it
 * stands for, so that a token found at the end can tell where it was. Positions follow the
 * tokenizers library (tokenizers 0.22, tokenizer/normalizer.rs). Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_ALIGNED_H
#define TINSEQ_BACKEND_TOKENIZERS_ALIGNED_H

#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes [from, to) of the original text. */
struct origin {
    uint32_t from, to;
};

struct aligned {
    char *text; /* [n] valid UTF-8; no NUL behind it */
    struct origin *origins;
    size_t n, capacity;
};

void aligned_dispose(struct aligned *a);
/* Appends n bytes that all stand for `origin`. */
void aligned_add(struct aligned *a, const char *s, size_t n, struct origin origin);
/* Appends bytes [from, to) of another one. */
void aligned_copy(struct aligned *a, const struct aligned *from, size_t begin, size_t end);
/* Puts `s` in front of a text that is not empty; it stands for the first character. */
void aligned_prepend(struct aligned *a, const char *s);
/* Appends bytes [begin, end) of an original text, each character standing for itself. */
void aligned_add_original(struct aligned *a, const char *text, size_t begin, size_t end);

/* Writes a text anew, character by character, as transform() of the library does. */
struct rewriter {
    const struct aligned *in;
    size_t at; /* in `in` */
    struct aligned out;
};

/* Puts a character: change 0 replaces the next one, −n replaces it and drops the n behind it, 1 is
 * new and stands where the one before does. */
void rewriter_put(struct rewriter *r, int32_t c, int change);
/* Keeps the characters that `keep` says; the others count to the one before them. */
void aligned_filter(struct aligned *text, bool (*keep)(int32_t c));
/* Each character becomes those that `map` writes into out[4], at least one; returns their count. */
void aligned_map(struct aligned *text, size_t (*map)(int32_t c, int32_t out[4]));

/* The new text takes the place of the one that was read. */
void rewriter_finish(struct rewriter *r, struct aligned *text);

#endif
