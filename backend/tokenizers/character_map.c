/*
 * Layout: sentencepiece_model.proto (ModelProto.normalizer_spec = 3 and denormalizer_spec = 5, each
 * with precompiled_charsmap = 2); the map is a length, a double-array trie of 32-bit units (Yata et
 * al. 2007, as darts-clone packs it) and the NUL-terminated replacements that its values point
 * into.
 */
#include "backend/tokenizers/character_map.h"

#include "backend/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
enum { MODEL_NORMALIZER = 3, MODEL_DENORMALIZER = 5, NORMALIZER_CHARACTER_MAP = 2 };

#define BLOCK 256              /* the units that one state's 256 possible bytes lead to */
#define UNIT_VALUE 0x80000000u /* a unit that holds a value, which no byte leads to */

struct bytes {
    const unsigned char *data;
    size_t n;
};

/* A base-128 number in its shortest form. */
static bool take_varint(struct bytes *in, uint64_t *value) {
    *value = 0;
    for (unsigned i = 0; i < 10 && i < in->n; i++) {
        unsigned char c = in->data[i];
        *value |= (uint64_t)(c & 0x7F) << (7 * i);
        if (c & 0x80)
            continue;
        if (i && c == 0)
            return false;
        in->data += i + 1;
        in->n -= i + 1;
        return i < 9 || c == 1;
    }
    return false;
}

/* The next field: its number, and its contents when it is bytes (else empty). False when there is
 * none or it is broken. */
static bool take_field(struct bytes *in, uint64_t *number, struct bytes *contents) {
    uint64_t tag, length = 0;
    *contents = (struct bytes){in->data, 0};
    if (!take_varint(in, &tag) || tag > UINT32_MAX || tag < 8)
        return false;
    *number = tag >> 3;
    switch (tag & 7) {
    case WIRE_VARINT:
        return take_varint(in, &length);
    case WIRE_64:
        length = 8;
        break;
    case WIRE_32:
        length = 4;
        break;
    case WIRE_BYTES:
        if (!take_varint(in, &length))
            return false;
        break;
    default: /* groups: no writer of these files uses them */
        return false;
    }
    if (length > in->n)
        return false;
    if ((tag & 7) == WIRE_BYTES)
        *contents = (struct bytes){in->data, (size_t)length};
    in->data += length;
    in->n -= (size_t)length;
    return true;
}

static uint32_t unit_at(const unsigned char *trie, size_t i) {
    const unsigned char *p = trie + 4 * i;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is_sound_map(struct bytes map) {
    if (map.n == 0)
        return true; /* text stays as it is */
    if (map.n < 4)
        return false;
    uint32_t n_trie = unit_at(map.data, 0);
    if (n_trie == 0 || n_trie % (4 * BLOCK) != 0 || n_trie >= map.n - 4)
        return false;
    const unsigned char *trie = map.data + 4;
    size_t n_units = n_trie / 4, n_text = map.n - 4 - n_trie;
    const char *text = (const char *)trie + n_trie;
    if (text[n_text - 1] != '\0' || !text_valid_utf8(text, n_text, NULL))
        return false;
    for (size_t i = 0; i < n_units; i++) {
        uint32_t unit = unit_at(trie, i);
        if (i > 0 && (unit & UNIT_VALUE))
            continue;
        /* From here a byte b leads to base ^ b, in the same whole block as base. */
        size_t base = i ^ ((size_t)(unit >> 10) << ((unit & 1u << 9) >> 6));
        if (base >= n_units)
            return false;
        const uint32_t value = unit_at(trie, base) & ~UNIT_VALUE;
        const bool has_value = unit >> 8 & 1;
        if (has_value && (value >= n_text || ((unsigned char)text[value] & 0xC0) == 0x80))
            return false;
    }
    return true;
}

bool character_map_is_sound(const unsigned char *map, size_t n) {
    return is_sound_map((struct bytes){map, n});
}

static bool check_normalizer(struct bytes in) {
    uint64_t number;
    struct bytes contents;
    while (in.n) {
        if (!take_field(&in, &number, &contents))
            return false;
        if (number == NORMALIZER_CHARACTER_MAP && !is_sound_map(contents))
            return false;
    }
    return true;
}

enum err_code character_map_check(const unsigned char *data, size_t n, const char *path,
                                  struct err *e) {
    struct bytes in = {data, n}, contents;
    uint64_t number;
    while (in.n) {
        if (!take_field(&in, &number, &contents))
            return err_set(e, ERR_FORMAT,
                           "%s is not a sentencepiece model, or is damaged at byte %zu", path,
                           n - in.n);
        if ((number == MODEL_NORMALIZER || number == MODEL_DENORMALIZER) &&
            !check_normalizer(contents))
            return err_set(e, ERR_FORMAT, "%s: the table that normalises its text is damaged",
                           path);
    }
    return ERR_OK;
}
