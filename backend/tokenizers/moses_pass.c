#include "backend/tokenizers/moses_pass.h"

#include "backend/tokenizers/characters.h"

#include <string.h>

int32_t moses_at(const struct aligned *in, size_t at, size_t *length) {
    *length = 0;
    return at < in->n ? character_at(in->text + at, in->n - at, length) : -1;
}

int32_t moses_before(const struct aligned *in, size_t at) {
    size_t length;
    return at ? character_before(in->text, at, &length) : -1;
}

void moses_put(struct aligned *out, const char *s, const struct aligned *in, size_t from,
               size_t to) {
    aligned_add(out, s, strlen(s), (struct origin){in->origins[from].from, in->origins[to - 1].to});
}

size_t moses_run(const struct aligned *in, size_t at, bool (*has)(int32_t c)) {
    size_t n = 0, length;
    while (at + n < in->n && has(moses_at(in, at + n, &length)))
        n += length;
    return n;
}

static void take(struct aligned *text, struct aligned *out) {
    aligned_dispose(text);
    *text = *out;
}

void moses_pass(const struct moses *m, moses_rule *rule, struct aligned *text) {
    struct aligned out = {0};
    for (size_t at = 0, n; at < text->n; at += n) {
        n = rule(m, text, at, &out);
        if (n)
            continue;
        (void)moses_at(text, at, &n);
        aligned_copy(&out, text, at, at + n);
    }
    take(text, &out);
}

void moses_replace(struct aligned *text, const char *from, const char *to) {
    const size_t n = strlen(from);
    const char *found = text->n ? memmem(text->text, text->n, from, n) : NULL;
    struct aligned out = {0};
    size_t done = 0;
    if (!found)
        return;
    for (; found; found = memmem(text->text + done, text->n - done, from, n)) {
        const size_t at = (size_t)(found - text->text);
        aligned_copy(&out, text, done, at);
        done = at + n;
        moses_put(&out, to, text, at, done);
    }
    aligned_copy(&out, text, done, text->n);
    take(text, &out);
}

void moses_strip(struct aligned *text) {
    struct aligned out = {0};
    size_t begin = moses_run(text, 0, moses_is_white), end = text->n, length;
    while (end > begin && moses_is_white(character_before(text->text, end, &length)))
        end -= length;
    aligned_copy(&out, text, begin, end);
    take(text, &out);
}
