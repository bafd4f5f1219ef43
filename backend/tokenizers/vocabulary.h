/*
 * A vocabulary: pieces by id and ids by piece. All pieces lie in one block; a hash table of ids
 * finds them. Built once, then immutable: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_VOCABULARY_H
#define TINSEQ_BACKEND_TOKENIZERS_VOCABULARY_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

#define VOCABULARY_MOST 2000000 /* pieces that a file may have */

struct vocabulary_slot {
    int32_t id; /* −1: free */
    uint32_t hash;
};

struct vocabulary {
    struct text_buffer text; /* pieces end to end, each followed by NUL */
    size_t *start;           /* [n + 1] offsets into text */
    int32_t n;
    struct vocabulary_slot *table; /* [n_table] a power of two */
    size_t n_table;
    bool last_counts; /* of equal pieces the last is found, else the first */
};

/* Starts an empty vocabulary with room for n pieces. */
void vocabulary_init(struct vocabulary *v, int32_t n);
void vocabulary_dispose(struct vocabulary *v);
/* Appends the piece of the next id. */
void vocabulary_add(struct vocabulary *v, const char *piece, size_t n);
/* To be called when all are added, before the first look-up. */
void vocabulary_index(struct vocabulary *v);
/* The same for one more, in a vocabulary that is indexed. */
void vocabulary_append(struct vocabulary *v, const char *piece, size_t n);

/* All of these, from `pieces` (an object: id by piece) and `added` (a list of tokens with id and
 * content, or NULL), both of the file `path`; ids that nothing has become empty pieces, which no
 * text has. An added token's content is its id's piece. Errors: FORMAT. */
enum err_code vocabulary_read_json(struct vocabulary *v, const struct cJSON *pieces,
                                   const struct cJSON *added, const char *path,
                                   struct err *e) ERR_CHECKED;

/* From a vocab.json: an object of ids by piece. Errors: IO, FORMAT. */
enum err_code vocabulary_read_file(struct vocabulary *v, const char *path,
                                   struct err *e) ERR_CHECKED;

int32_t vocabulary_find(const struct vocabulary *v, const char *piece, size_t n); /* −1: none */
/* Borrowed, NUL-terminated. id must be in range. */
const char *vocabulary_piece(const struct vocabulary *v, int32_t id, size_t *n);

#endif
