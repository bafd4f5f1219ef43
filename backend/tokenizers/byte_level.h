/*
 * GPT-2's alphabet of bytes: each of the 256 bytes has a printable character, so that a vocabulary
 * of pieces can be written as text ("ĠParis"). Reference: Radford et al. 2019, the encoder's
 * bytes_to_unicode. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_BYTE_LEVEL_H
#define TINSEQ_BACKEND_TOKENIZERS_BYTE_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

/* The UTF-8 of a byte's character (two bytes at most, NUL-terminated) into out; returns its
 * length. */
size_t byte_level_character(unsigned char byte, char out[3]);

/* Turns a piece into the bytes it stands for; out has room for n bytes. Returns their count.
 * Characters outside the alphabet stay as they are and set *whole to false. */
size_t byte_level_bytes(const char *piece, size_t n, char *out, bool *whole);

#endif
