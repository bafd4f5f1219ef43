#include "aggregators/text/characters.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/* How many continuation bytes follow this one. */
static int wanted_after(unsigned char byte) {
    return (byte >= 0xC2 && byte < 0xF5) + (byte >= 0xE0 && byte < 0xF5) +
           (byte >= 0xF0 && byte < 0xF5);
}

/* What is missing after a token's bytes, of a character that lacked `wanted` before them. */
static int missing(const struct token *t, int wanted) {
    for (size_t i = 0; i < t->n_bytes; i++) {
        const unsigned char byte = (unsigned char)t->bytes[i];
        if (!is_continuation(byte))
            wanted = wanted_after(byte);
        else if (wanted > 0)
            wanted--;
    }
    return wanted;
}

bool characters_begin(bool *begins, const struct token_list *list) {
    bool any = false;
    int wanted = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct token *t = &list->items[i];
        const bool goes_on = wanted > 0 && !t->special && t->n_bytes > 0 &&
                             is_continuation((unsigned char)t->bytes[0]);
        begins[i] = !goes_on;
        any |= goes_on;
        wanted = missing(t, goes_on ? wanted : 0);
        if (t->special)
            wanted = 0;
    }
    return any;
}

bool characters_are_split(const struct token_list *list) {
    bool *begins = mem_alloc((list->n + 1) * sizeof *begins);
    const bool any = characters_begin(begins, list);
    free(begins);
    return any;
}
