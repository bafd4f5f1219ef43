#include "backend/tokenizers/sentencepiece_file.h"

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/character_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (64u << 20)

/* Numbers of fields. */
enum { MODEL_PIECE = 1, MODEL_TRAINER = 2, MODEL_NORMALIZER = 3 };
enum { PIECE_TEXT = 1, PIECE_SCORE = 2, PIECE_TYPE = 3 };
enum { TRAINER_ALGORITHM = 3, TRAINER_SPACES_END_WORD = 24, TRAINER_BYTE_FALLBACK = 35 };
enum { TRAINER_UNK_ID = 40, TRAINER_UNK_PIECE = 45 };
enum { NORMALIZER_CHARACTER_MAP = 2, NORMALIZER_ADDS_SPACE = 3, NORMALIZER_JOINS_SPACES = 4 };
enum { NORMALIZER_MARKS_SPACES = 5 };

static int32_t count_pieces(struct protobuf in) {
    struct protobuf_field f;
    int32_t n = 0;
    while (protobuf_take(&in, &f) && n <= VOCABULARY_MOST)
        n += f.number == MODEL_PIECE;
    return n;
}

static enum err_code wrong_piece(int32_t i, const char *what, const char *path, struct err *e) {
    return err_set(e, ERR_FORMAT, "%s: piece %d %s", path, i, what);
}

static enum err_code take_piece(struct sentencepiece_file *out, struct protobuf in,
                                const char *path, struct err *e) {
    const int32_t i = out->pieces.n;
    struct protobuf text = {0};
    struct protobuf_field f;
    out->types[i] = PIECE_NORMAL;
    while (protobuf_take(&in, &f)) {
        if (f.number == PIECE_TEXT && f.kind == PROTOBUF_BYTES)
            text = f.contents;
        if (f.number == PIECE_SCORE && f.kind == PROTOBUF_32) {
            const uint32_t bits = protobuf_u32(f.contents.data);
            memcpy(&out->scores[i], &bits, sizeof bits);
        }
        if (f.number == PIECE_TYPE && f.kind == PROTOBUF_VARINT)
            out->types[i] = f.value <= PIECE_BYTE ? (unsigned char)f.value : 0;
    }
    const char *bytes = text.n ? (const char *)text.data : "";
    if (in.n)
        return wrong_piece(i, "is damaged", path, e);
    if (out->types[i] < PIECE_NORMAL)
        return wrong_piece(i, "has a type that is not known here", path, e);
    if (!isfinite(out->scores[i]))
        return wrong_piece(i, "has a score that is no number", path, e);
    if (text.n == 0 || memchr(bytes, '\0', text.n) || !text_valid_utf8(bytes, text.n, NULL))
        return wrong_piece(i, "is not a text", path, e);
    vocabulary_add(&out->pieces, bytes, text.n);
    return ERR_OK;
}

static enum err_code take_trainer(struct sentencepiece_file *out, struct protobuf in,
                                  const char *path, struct err *e) {
    struct protobuf_field f;
    while (protobuf_take(&in, &f)) {
        if (f.kind == PROTOBUF_VARINT && f.number == TRAINER_ALGORITHM)
            out->algorithm = (int)(f.value & 0xFF);
        if (f.kind == PROTOBUF_VARINT && f.number == TRAINER_BYTE_FALLBACK)
            out->byte_fallback = f.value != 0;
        if (f.kind == PROTOBUF_VARINT && f.number == TRAINER_SPACES_END_WORD)
            out->spaces_end_word = f.value != 0;
        if (f.kind == PROTOBUF_VARINT && f.number == TRAINER_UNK_ID)
            out->unk_id = f.value < VOCABULARY_MOST ? (int32_t)f.value : -1;
        if (f.kind == PROTOBUF_BYTES && f.number == TRAINER_UNK_PIECE)
            mem_replace(&out->unk_piece, mem_text_n((const char *)f.contents.data, f.contents.n));
    }
    return in.n ? err_set(e, ERR_FORMAT, "%s: how it was trained is damaged", path) : ERR_OK;
}

static void take_normalizer(struct sentencepiece_file *out, struct protobuf in) {
    struct protobuf_field f;
    while (protobuf_take(&in, &f)) {
        if (f.number == NORMALIZER_CHARACTER_MAP)
            out->character_map = f.contents;
        if (f.number == NORMALIZER_ADDS_SPACE)
            out->adds_space = f.value != 0;
        if (f.number == NORMALIZER_JOINS_SPACES)
            out->joins_spaces = f.value != 0;
        if (f.number == NORMALIZER_MARKS_SPACES)
            out->marks_spaces = f.value != 0;
    }
}

/* Whether these are tiktoken's lines, "Base64 number", which some call tokenizer.model too. */
static bool is_tiktoken(const char *data, size_t n) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    size_t at = 0;
    while (at < n && data[at] && strchr(digits, data[at]))
        at++;
    return at && at + 1 < n && data[at] == ' ' && data[at + 1] >= '0' && data[at + 1] <= '9';
}

static enum err_code take_all(struct sentencepiece_file *out, struct protobuf in, const char *path,
                              struct err *e) {
    struct protobuf_field f;
    enum err_code code = ERR_OK;
    while (protobuf_take(&in, &f) && !code) {
        if (f.kind != PROTOBUF_BYTES)
            continue;
        if (f.number == MODEL_PIECE)
            code = take_piece(out, f.contents, path, e);
        else if (f.number == MODEL_TRAINER)
            code = take_trainer(out, f.contents, path, e);
        else if (f.number == MODEL_NORMALIZER)
            take_normalizer(out, f.contents);
    }
    return code;
}

enum err_code sentencepiece_file_read(struct sentencepiece_file *out, const char *path,
                                      struct err *e) {
    size_t n;
    *out = (struct sentencepiece_file){.algorithm = SENTENCEPIECE_UNIGRAM,
                                       .unk_piece = mem_text("<unk>"),
                                       .adds_space = true,
                                       .joins_spaces = true,
                                       .marks_spaces = true};
    enum err_code code = file_read(&out->data, &n, path, MAX_FILE, e);
    if (code)
        return code;
    if (is_tiktoken(out->data, n))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s is a tiktoken file; a tokenizer.json of the same model is read", path);
    const struct protobuf all = {(const unsigned char *)out->data, n};
    code = character_map_check(all.data, n, path, e); /* and that it is a protocol buffer */
    if (code)
        return code;
    const int32_t n_pieces = count_pieces(all);
    if (n_pieces == 0 || n_pieces > VOCABULARY_MOST)
        return err_set(e, ERR_FORMAT, "%s is no sentencepiece model: it has %s pieces", path,
                       n_pieces ? "too many" : "no");
    vocabulary_init(&out->pieces, n_pieces);
    out->scores = mem_alloc((size_t)n_pieces * sizeof *out->scores);
    out->types = mem_alloc((size_t)n_pieces);
    code = take_all(out, all, path, e);
    if (code)
        return code;
    vocabulary_index(&out->pieces);
    return ERR_OK;
}

void sentencepiece_file_dispose(struct sentencepiece_file *f) {
    vocabulary_dispose(&f->pieces);
    free(f->scores);
    free(f->types);
    free(f->unk_piece);
    free(f->data);
    *f = (struct sentencepiece_file){0};
}
