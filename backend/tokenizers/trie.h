/*
 * A tree of byte strings that finds those a text begins with. Built once, then immutable: any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TRIE_H
#define TINSEQ_BACKEND_TOKENIZERS_TRIE_H

#include <stddef.h>
#include <stdint.h>

struct trie_node {
    uint32_t child, sibling; /* 0: none */
    int32_t value;           /* −1: no string ends here */
    unsigned char byte;
};

struct trie {
    struct trie_node *nodes; /* 0 is the root */
    uint32_t n, capacity;
    uint32_t first[256]; /* the root's children */
};

void trie_dispose(struct trie *t);
/* Puts a string of n > 0 bytes, at most UINT32_MAX − 1 of all of them, with a value from 0 on. Of
 * equal strings the first stays, or the last. */
void trie_add(struct trie *t, const char *s, size_t n, int32_t value, int keep_first);
/* The node that a byte leads to; 0: none. The root is 0 too. */
uint32_t trie_step(const struct trie *t, uint32_t node, unsigned char byte);
/* The longest string that s begins with, its value and bytes; −1: none. */
int32_t trie_longest(const struct trie *t, const char *s, size_t n, size_t *length);

#endif
