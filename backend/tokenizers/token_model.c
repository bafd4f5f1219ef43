#include "backend/tokenizers/token_model.h"

#include <stdio.h>

int32_t token_model_find(const struct token_model *m, const char *piece, size_t n) {
    const int32_t id = vocabulary_find(m->vocabulary, piece, n);
    return id >= 0 && m->own[id] ? id : -1;
}

void token_model_find_bytes(const struct token_model *m, int32_t ids[256]) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8];
        const int n = snprintf(name, sizeof name, "<0x%02X>", byte);
        ids[byte] = token_model_find(m, name, (size_t)n);
    }
}
