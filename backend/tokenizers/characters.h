/*
 * Characters of UTF-8 text, and the classes that the tokenizers library and Rust's regular
 * expressions put them in: that of utf8proc but for the exceptions of characters.def. Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CHARACTERS_H
#define TINSEQ_BACKEND_TOKENIZERS_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at s, of n > 0 bytes of valid UTF-8. */
size_t character_length(const char *s, size_t n);
/* The character at s and its bytes. */
int32_t character_at(const char *s, size_t n, size_t *length);
/* The character that ends right before s + at; at > 0. */
int32_t character_before(const char *s, size_t at, size_t *length);
size_t character_write(int32_t c, char out[4]); /* returns its bytes */
size_t character_count(const char *s, size_t n);

bool character_is_white(int32_t c);       /* White_Space */
bool character_is_word(int32_t c);        /* \w of Rust's expressions */
bool character_is_numeric(int32_t c);     /* Nd, Nl, No */
bool character_is_mark(int32_t c);        /* Mn, Mc, Me */
bool character_is_accent(int32_t c);      /* Mn */
bool character_is_punctuation(int32_t c); /* P, and ASCII's symbols */
bool character_is_control(int32_t c);     /* Cc, Cf, Co but tab and line breaks */
bool character_is_ideograph(int32_t c);   /* BERT's ranges, with the library's own gap */

/* The small letters of a character. */
size_t character_lower(int32_t c, int32_t out[4]); /* returns their count */

/* What a character is where case does not count (full case folding). */
size_t character_fold(int32_t c, int32_t out[4]); /* returns their count */

#endif
