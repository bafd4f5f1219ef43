/*
 * BERT's tokenizer: clean-up, then words and punctuation, then the longest pieces of a vocabulary,
 * greedily (Wu et al. 2016, Devlin et al. 2019). From tokenizer.json, or from vocab.txt. Reference:
 * tokenizers 0.22 (BertNormalizer, BertPreTokenizer, WordPiece); characters have the
 * classes of characters.h. Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_WORDPIECE_H
#define TINSEQ_BACKEND_TOKENIZERS_WORDPIECE_H

#include "backend/base/err.h"
#include "backend/tokenizers/vocabulary.h"

struct wordpiece {
    struct vocabulary vocabulary;
    int32_t unknown, begin, end; /* ids of [UNK], [CLS], [SEP] */
    char *prefix;                /* of pieces inside a word: "##" */
    int64_t longest_word;        /* characters; a longer word is unknown */
    int64_t longest_text;        /* tokens, begin and end included; 0: not said */
    bool clean, space_chinese, strip_accents, lower_case;
};

struct piece_ids {
    int32_t *items; /* to be freed */
    size_t n;
};

/* Reads tokenizer.json of a folder, else vocab.txt; tokenizer_config.json says what these leave
 * open. Errors: IO (neither is there), FORMAT, UNSUPPORTED. */
enum err_code wordpiece_open(struct wordpiece *out, const char *folder, struct err *e) ERR_CHECKED;
void wordpiece_dispose(struct wordpiece *w);

/* Appends the ids of UTF-8 text, without [CLS] and [SEP]; names of special tokens are plain text.
 * Bytes that are no characters are skipped. */
void wordpiece_encode(const struct wordpiece *w, const char *text, size_t n_text,
                      struct piece_ids *out);

#endif
