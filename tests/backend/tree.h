/* A temporary folder with made-up files, for tests that read from disk. */
#ifndef TINSEQ_TESTS_BACKEND_TREE_H
#define TINSEQ_TESTS_BACKEND_TREE_H

#include <stddef.h>

char *tree_new(void);         /* the folder's path */
void tree_free(char *folder); /* removes it all */
char *tree_write(const char *folder, const char *name,
                 const char *text); /* makes folders as needed; the path, owned by the caller */
char *tree_write_bytes(const char *folder, const char *name, const char *data,
                       size_t n); /* the same */
char *tree_copy_fixture(const char *folder, const char *name,
                        const char *fixture); /* the same from tests/fixtures/weights */

/* A copy of a folder of files, without hidden ones; its path, owned by the caller. */
char *tree_copy(const char *folder);
/* Puts `to` in the place of `from`, which stands once in folder/name. */
void tree_edit(const char *folder, const char *name, const char *from, const char *to);

/* A minimal GGUF file: string keys, u32 keys and a token_embd.weight of n_vocab × width. */
struct gguf_key {
    const char *key, *text;
    unsigned number;
};
char *tree_write_gguf(const char *folder, const char *name, const struct gguf_key *keys,
                      size_t n_keys, int n_vocab, int width);
/* A minimal Marian binary: Wemb (float32) and the YAML. */
char *tree_write_marian(const char *folder, const char *name, const char *yaml, int n_vocab,
                        int width);

#endif
