/*
 * What a sentencepiece model says: its pieces with scores and types, how it was trained and how it
 * normalises. Reference: sentencepiece_model.proto (ModelProto) of sentencepiece 0.2. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_FILE_H
#define TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_FILE_H

#include "backend/base/err.h"
#include "backend/tokenizers/protobuf.h"
#include "backend/tokenizers/vocabulary.h"

enum piece_type {
    PIECE_NORMAL = 1,
    PIECE_UNKNOWN = 2,
    PIECE_CONTROL = 3,
    PIECE_USER_DEFINED = 4,
    PIECE_UNUSED = 5,
    PIECE_BYTE = 6
};

enum sentencepiece_algorithm { SENTENCEPIECE_UNIGRAM = 1, SENTENCEPIECE_BPE = 2 };

struct sentencepiece_file {
    struct vocabulary pieces;
    float *scores;        /* [pieces.n] */
    unsigned char *types; /* [pieces.n] enum piece_type */
    int algorithm;        /* of enum sentencepiece_algorithm, or another: words, characters */
    int32_t unk_id;
    char *unk_piece;
    bool byte_fallback;
    bool adds_space;               /* in front of a text (add_dummy_prefix) */
    bool joins_spaces;             /* and drops them at its ends (remove_extra_whitespaces) */
    bool marks_spaces;             /* a space is U+2581 (escape_whitespaces) */
    bool spaces_end_word;          /* the mark stands behind a word (treat_whitespace_as_suffix) */
    struct protobuf character_map; /* the precompiled one, inside `data`; empty: none */
    char *data;                    /* the file */
};

/* Reads and checks all of it; dispose of it in any case. Errors: IO, FORMAT, with the path. */
enum err_code sentencepiece_file_read(struct sentencepiece_file *out, const char *path,
                                      struct err *e) ERR_CHECKED;
void sentencepiece_file_dispose(struct sentencepiece_file *f);

#endif
