/*
 * GPT-2's alphabet of bytes: each of the 256 bytes has a printable character, so that a vocabulary
 * of pieces can be written as text ("ĠParis"). Reference: Radford et al. 2019, the encoder's
 * bytes_to_unicode. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_BYTE_LEVEL_H
#define TINSEQ_BACKEND_TOKENIZERS_BYTE_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

struct aligned;

/* Turns a piece into the bytes it stands for; out has room for n bytes. Returns their count.
 * Characters outside the alphabet stay as they are and set *whole to false. */
size_t byte_level_bytes(const char *piece, size_t n, char *out, bool *whole);

/* The characters of all bytes. */
struct byte_level_alphabet {
    char names[256][3];
    size_t lengths[256];
};
void byte_level_alphabet(struct byte_level_alphabet *a);
/* Appends each byte of text [from, to) as its character. */
void byte_level_write(const struct byte_level_alphabet *a, const struct aligned *in, size_t from,
                      size_t to, struct aligned *out);

#endif
