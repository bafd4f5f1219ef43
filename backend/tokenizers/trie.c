#include "backend/tokenizers/trie.h"

#include "backend/base/mem.h"

#include <stdlib.h>

void trie_dispose(struct trie *t) {
    free(t->nodes);
    *t = (struct trie){0};
}

static uint32_t new_node(struct trie *t, unsigned char byte) {
    if (t->n == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 256;
        t->nodes = mem_resize(t->nodes, t->capacity * sizeof *t->nodes);
    }
    t->nodes[t->n] = (struct trie_node){0, 0, -1, byte};
    return t->n++;
}

uint32_t trie_step(const struct trie *t, uint32_t node, unsigned char byte) {
    if (t->n == 0)
        return 0;
    if (node == 0)
        return t->first[byte];
    uint32_t child = t->nodes[node].child;
    while (child && t->nodes[child].byte != byte)
        child = t->nodes[child].sibling;
    return child;
}

static uint32_t step_or_add(struct trie *t, uint32_t node, unsigned char byte) {
    uint32_t next = trie_step(t, node, byte);
    if (next)
        return next;
    next = new_node(t, byte);
    if (node == 0) {
        t->first[byte] = next;
        return next;
    }
    t->nodes[next].sibling = t->nodes[node].child;
    t->nodes[node].child = next;
    return next;
}

void trie_add(struct trie *t, const char *s, size_t n, int32_t value, int keep_first) {
    uint32_t node = 0;
    if (t->n == 0)
        new_node(t, 0);
    for (size_t i = 0; i < n; i++)
        node = step_or_add(t, node, (unsigned char)s[i]);
    if (t->nodes[node].value < 0 || !keep_first)
        t->nodes[node].value = value;
}

int32_t trie_longest(const struct trie *t, const char *s, size_t n, size_t *length) {
    uint32_t node = 0;
    int32_t value = -1;
    *length = 0;
    for (size_t i = 0; i < n && (node = trie_step(t, node, (unsigned char)s[i])); i++)
        if (t->nodes[node].value >= 0) {
            value = t->nodes[node].value;
            *length = i + 1;
        }
    return value;
}
