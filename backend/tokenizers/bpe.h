/*
 * Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): words of bytes, merged
 * pair by pair in the order that training found. Immutable after building: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_BPE_H
#define TINSEQ_BACKEND_TOKENIZERS_BPE_H

#include "backend/base/err.h"
#include "backend/tokenizers/pre_tokenizer.h"
#include "backend/tokenizers/tokenizer_ops.h"

/* A token that is found in text as it stands, before anything else. */
struct added_token {
    int32_t id;
    bool special;
    bool lstrip, rstrip; /* it takes the white space before, behind it with it */
    bool single_word;    /* not within a word */
    char *text;
    size_t n;
};

struct merge_slot {
    int32_t left, right, rank, id;
}; /* left −1: free */

struct bpe {
    struct tokenizer base;
    struct vocabulary vocabulary;
    struct merge_slot *merges; /* hash table */
    size_t n_merges;           /* its size, a power of two */
    int32_t byte_ids[256];     /* the token of each byte; −1: none */
    bool ignore_merges;        /* a word that is a token is that token */
    bool add_prefix_space, normalise_nfc, clean_up_spaces;
    struct pre_tokenizer *pre;
    struct added_token *added;
    size_t n_added;
    unsigned char starts[256];    /* can an added token begin with this byte? */
    int32_t *added_of;            /* [vocabulary.n] index into added, −1: none */
    int32_t prefix[4], suffix[4]; /* put around a text when special tokens are asked for */
    int n_prefix, n_suffix;
    int32_t unk_id; /* for bytes without a token; −1: they are an error */
};

/* An empty one, to be filled from files, and then handed out, or freed after an error. */
struct bpe *bpe_new(const struct tokenizer_ops *kind);
enum err_code bpe_hand_out(struct tokenizer **out, struct bpe *b, enum err_code code);

/* Adds an added token (its text is copied); bpe_finish follows. Empty ones are ignored. */
void bpe_add_token(struct bpe *b, int32_t id, bool special, const char *text, size_t n);
/* Starts the merge table for n merges; adds one by its two pieces, in order of rank. Pieces that
 * are not in the vocabulary are an error. */
void bpe_start_merges(struct bpe *b, size_t n);
enum err_code bpe_add_merge(struct bpe *b, int32_t rank, const char *left, size_t n_left,
                            const char *right, size_t n_right, struct err *e) ERR_CHECKED;
/* Derives what encoding needs; to be called last. */
void bpe_finish(struct bpe *b);

#define BPE_NOT_BYTE_LEVEL                                                                         \
    "its tokenizer is no byte-level BPE, the only kind that runs here for decoder-only models"

/* What the kinds of files share. */
void bpe_free(struct tokenizer *t);
enum err_code bpe_encode(const struct tokenizer *t, enum text_side side, const char *text, size_t n,
                         bool add_special, token_sink *token, void *user,
                         struct err *e) ERR_CHECKED;
void bpe_token(const struct tokenizer *t, int32_t id, struct text_buffer *bytes);
bool bpe_special(const struct tokenizer *t, int32_t id);
enum err_code bpe_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                         size_t n, bool skip_special, char **text, struct err *e) ERR_CHECKED;
#define BPE_OPS                                                                                    \
    .free = bpe_free, .encode = bpe_encode, .token = bpe_token, .special = bpe_special,            \
    .decode = bpe_decode

#endif
