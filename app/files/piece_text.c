#include "app/files/piece_text.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum piece_kind piece_kind_of(const char *piece) {
    size_t n;
    if (piece_unknown(&n, piece)) /* always written with ▁ */
        return PIECE_PLAIN;
    /* Ġ and Ċ: space and newline of byte-level BPE. */
    if (strstr(piece, "\u0120") || strstr(piece, "\u010A"))
        return PIECE_BYTE_LEVEL;
    return strstr(piece, "\u2581") ? PIECE_SENTENCEPIECE : PIECE_PLAIN;
}

/* GPT-2's table read backwards: printable Latin-1 characters stand for themselves, the other bytes
 * for U+0100 and following, in order. −1: no letter of that alphabet. */
static int letter_byte(uint32_t c) {
    if ((c >= 33 && c <= 126) || (c >= 161 && c <= 172) || (c >= 174 && c <= 255))
        return (int)c;
    if (c < 256 || c > 256 + 67)
        return -1;
    const int n = (int)c - 256;
    if (n <= 32)
        return n;
    return n <= 66 ? 127 + n - 33 : 173;
}

static char *bytes_of_letters(size_t *n_out, const char *piece) {
    char *out = mem_alloc(strlen(piece) + 1);
    size_t n = 0;
    for (const unsigned char *s = (const unsigned char *)piece; *s;) {
        bool two = *s >= 0xC2 && *s < 0xE0 && (s[1] & 0xC0) == 0x80;
        int byte = letter_byte(two ? (uint32_t)(*s & 31) << 6 | (s[1] & 63) : *s);
        if (byte >= 0 && (two || *s < 0x80)) {
            out[n++] = (char)byte;
            s += two ? 2 : 1;
        } else { /* " → " of a contrast, or another vocabulary's character */
            out[n++] = (char)*s++;
        }
    }
    *n_out = n;
    return out;
}

char *piece_bytes(size_t *n_out, enum piece_kind kind, const char *piece) {
    unsigned byte;
    int end = 0;
    if (kind == PIECE_BYTE_LEVEL && !piece_is_special(piece))
        return bytes_of_letters(n_out, piece);
    char *out = mem_text(piece);
    *n_out = strlen(out);
    if (kind != PIECE_SENTENCEPIECE || piece_is_special(piece))
        return out;
    if (strlen(piece) == 6 && sscanf(piece, "<0x%2x>%n", &byte, &end) == 1 && end == 6) {
        out[0] = (char)byte;
        out[1] = '\0';
        *n_out = 1;
        return out;
    }
    char *to = out;
    for (const char *s = piece; *s;) {
        if (strncmp(s, "\u2581", 3) == 0) {
            *to++ = ' ';
            s += 3;
        } else {
            *to++ = *s++;
        }
    }
    *to = '\0';
    *n_out = (size_t)(to - out);
    return out;
}

const char *piece_unknown(size_t *n, const char *piece) {
    static const char *const begins[] = {"<unk:", "<UNK:", "[UNK:"};
    const size_t length = strlen(piece);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        const size_t begin = strlen(begins[i]);
        if (length <= begin + 1 || strncmp(piece, begins[i], begin) != 0 ||
            piece[length - 1] != (*piece == '<' ? '>' : ']'))
            continue;
        *n = length - begin - 1;
        return piece + begin;
    }
    return NULL;
}

/* The first of what joins two pieces; NULL: this is one piece. */
static const char *find_joint(const char *piece) {
    const char *arrow = strstr(piece, " → "), *dots = strstr(piece, " … ");
    return !arrow || (dots && dots < arrow) ? dots : arrow;
}

char *piece_printable(enum piece_kind kind, const char *piece, bool joined) {
    const size_t n_joint = strlen(" → ");
    struct text_buffer b = {0};
    for (const char *joint; piece; piece = joint ? joint + n_joint : NULL) {
        joint = joined ? find_joint(piece) : NULL;
        char *part = joint ? mem_text_n(piece, (size_t)(joint - piece)) : mem_text(piece);
        size_t n_bytes;
        char *bytes = piece_bytes(&n_bytes, kind, part),
             *shown = text_sanitise(bytes, n_bytes, true);
        text_buffer_puts(&b, shown);
        if (joint)
            text_buffer_add(&b, joint, n_joint);
        free(part);
        free(bytes);
        free(shown);
    }
    return text_buffer_take(&b);
}

bool piece_is_special(const char *piece) {
    size_t n = strlen(piece);
    if (n < 3 || strchr(piece, ' '))
        return false;
    if (piece[0] == '<' && piece[n - 1] == '>')
        return !(n == 6 && strncmp(piece, "<0x", 3) == 0);
    return piece[0] == '[' && piece[n - 1] == ']' &&
           strspn(piece + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == n - 2 && n > 3;
}
