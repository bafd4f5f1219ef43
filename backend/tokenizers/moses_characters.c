#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/moses.h"

#include <stdlib.h>

struct range {
    enum moses_class class;
    int32_t from, to, step;
};

/* By class and number. */
static const struct range ranges[] = {
#define RANGE(class, from, to, step) {class, from, to, step},
#include "backend/tokenizers/moses_characters.def"
#undef RANGE
};

static int compare(const void *key, const void *row) {
    const struct range *k = key, *r = row;
    if (k->class != r->class)
        return k->class < r->class ? -1 : 1;
    return (k->from > r->to) - (k->from < r->from);
}

bool moses_is(enum moses_class class, int32_t c) {
    const struct range key = {.class = class, .from = c},
                       *found = bsearch(&key, ranges, sizeof ranges / sizeof *ranges,
                                        sizeof *ranges, compare);
    return found && (c - found->from) % found->step == 0;
}

bool moses_is_white(int32_t c) {
    return character_is_white(c) || (c >= 0x1C && c <= 0x1F);
}
