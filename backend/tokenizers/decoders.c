/* Decoders that make bytes of pieces, or take from them: ByteLevel, ByteFallback, Fuse, Strip. */
#include "backend/base/text.h"
#include "backend/tokenizers/byte_level.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/stage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Each piece by itself, as inside a text. */
static enum err_code decode_each(const struct stage *s, const struct pieces *in, struct pieces *out,
                                 struct err *e) {
    (void)e;
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        s->ops->decode_piece(s, piece, n, &out->text);
        pieces_end(out);
    }
    return ERR_OK;
}

/* --- ByteLevel --- */

/* A piece that has another character than those of bytes is text as it is. */
static void bytes_of(const struct stage *s, const char *piece, size_t n, struct text_buffer *out) {
    char *bytes = mem_alloc(n + 1);
    bool whole = true;
    const size_t n_bytes = byte_level_bytes(piece, n, bytes, &whole);
    (void)s;
    text_buffer_add(out, whole ? bytes : piece, whole ? n_bytes : n);
    free(bytes);
}

static enum err_code decode_byte_level(const struct stage *s, const struct pieces *in,
                                       struct pieces *out, struct err *e) {
    struct pieces bytes = {0};
    enum err_code code = decode_each(s, in, &bytes, e);
    char *text = text_repaired(bytes.text.text ? bytes.text.text : "", bytes.text.n);
    pieces_add(out, text, strlen(text));
    free(text);
    pieces_dispose(&bytes);
    return code;
}

const struct stage_ops decoder_byte_level = {
    .type = "ByteLevel", .decode = decode_byte_level, .decode_piece = bytes_of};

/* --- ByteFallback --- */

/* The byte of "<0xE6>"; −1: it is another piece. */
static int byte_of(const char *piece, size_t n) {
    if (n != 6 || memcmp(piece, "<0x", 3) != 0 || piece[5] != '>' ||
        !isxdigit((unsigned char)piece[3]) || !isxdigit((unsigned char)piece[4]))
        return -1;
    return (int)strtol((const char[]){piece[3], piece[4], '\0'}, NULL, 16);
}

static void add_byte(const struct stage *s, const char *piece, size_t n, struct text_buffer *out) {
    const int byte = byte_of(piece, n);
    (void)s;
    text_buffer_add(out, byte < 0 ? piece : (const char[]){(char)byte}, byte < 0 ? n : 1);
}

/* Bytes in a row: text, or U+FFFD for each of them. */
static void flush_bytes(struct text_buffer *bytes, struct pieces *out) {
    if (bytes->n == 0)
        return;
    if (text_valid_utf8(bytes->text, bytes->n, NULL))
        pieces_add(out, bytes->text, bytes->n);
    else
        for (size_t i = 0; i < bytes->n; i++)
            pieces_add(out, "\uFFFD", strlen("\uFFFD"));
    bytes->n = 0;
}

static enum err_code decode_byte_fallback(const struct stage *s, const struct pieces *in,
                                          struct pieces *out, struct err *e) {
    struct text_buffer bytes = {0};
    (void)s;
    (void)e;
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        const int byte = byte_of(piece, n);
        if (byte >= 0) {
            text_buffer_add(&bytes, (const char[]){(char)byte}, 1);
            continue;
        }
        flush_bytes(&bytes, out);
        pieces_add(out, piece, n);
    }
    flush_bytes(&bytes, out);
    text_buffer_dispose(&bytes);
    return ERR_OK;
}

const struct stage_ops decoder_byte_fallback = {
    .type = "ByteFallback", .decode = decode_byte_fallback, .decode_piece = add_byte};

/* --- Fuse --- */

static enum err_code decode_fuse(const struct stage *s, const struct pieces *in, struct pieces *out,
                                 struct err *e) {
    (void)s;
    (void)e;
    pieces_add(out, in->text.text ? in->text.text : "", in->text.n);
    return ERR_OK;
}

const struct stage_ops decoder_fuse = {.type = "Fuse", .decode = decode_fuse, .fuses = true};

/* --- Strip --- */

struct strip {
    struct stage base;
    int32_t content;
    int64_t start, stop; /* most characters to take away on each side */
};

static enum err_code open_strip(struct stage **out, const cJSON *json, const char *where,
                                struct err *e) {
    struct strip s = {.base.ops = &decoder_strip};
    *out = NULL;
    enum err_code code = tokenizer_json_character(&s.content, json, "content", where, e);
    if (code)
        return code;
    code = tokenizer_json_count(&s.start, json, "start", 0, 1 << 30, where, e);
    if (code)
        return code;
    code = tokenizer_json_count(&s.stop, json, "stop", 0, 1 << 30, where, e);
    if (code)
        return code;
    *out = mem_copy(&s, sizeof s);
    return ERR_OK;
}

static void strip_piece(const struct stage *stage, const char *piece, size_t n,
                        struct text_buffer *out) {
    const struct strip *s = (const struct strip *)stage;
    size_t begin = 0, end = n, length;
    for (int64_t i = 0; i < s->start && begin < end; i++, begin += length)
        if (character_at(piece + begin, end - begin, &length) != s->content)
            break;
    for (int64_t i = 0; i < s->stop && end > begin; i++, end -= length)
        if (character_before(piece, end, &length) != s->content)
            break;
    text_buffer_add(out, piece + begin, end - begin);
}

const struct stage_ops decoder_strip = {
    .type = "Strip", .open = open_strip, .decode = decode_each, .decode_piece = strip_piece};
