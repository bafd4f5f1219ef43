/* Which texts stand in a file already, without holding them: 32 to 64 bytes a text. One thread at a
 * time. */
#ifndef TINSEQ_APP_ROWS_SAID_H
#define TINSEQ_APP_ROWS_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct said_place {
    uint64_t hash, after; /* one behind where it stands; 0: nothing is here */
};
struct rows_said {
    struct said_place *places; /* [size], a power of two; open addressing */
    size_t n, size;
};

/* Whether the text [n] is one of those that stand in the file, which is read to be sure. */
bool rows_said_have(const struct rows_said *s, FILE *file, const char *text, size_t n);
/* It stands at that byte from now on. */
void rows_said_add(struct rows_said *s, const char *text, size_t n, uint64_t at);
void rows_said_dispose(struct rows_said *s);

#endif
