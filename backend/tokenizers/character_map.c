/*
 * Layout: sentencepiece_model.proto (ModelProto.normalizer_spec = 3 and denormalizer_spec = 5, each
 * with precompiled_charsmap = 2); the map is a length, a double-array trie of 32-bit units (Yata et
 * al. 2007, as darts-clone packs it) and the NUL-terminated replacements that its values point
 * into.
 */
#include "backend/tokenizers/character_map.h"

#include "backend/base/text.h"
#include "backend/tokenizers/protobuf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MODEL_NORMALIZER = 3, MODEL_DENORMALIZER = 5, NORMALIZER_CHARACTER_MAP = 2 };

#define BLOCK 256              /* the units that one state's 256 possible bytes lead to */
#define UNIT_VALUE 0x80000000u /* a unit that holds a value, which no byte leads to */

static uint32_t unit_at(const unsigned char *trie, size_t i) {
    return protobuf_u32(trie + 4 * i);
}

static size_t offset_of(uint32_t unit) {
    return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6);
}

static bool is_sound_map(struct protobuf map) {
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
        size_t base = i ^ offset_of(unit);
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
    return is_sound_map((struct protobuf){map, n});
}

static bool check_normalizer(struct protobuf in) {
    struct protobuf_field f;
    while (in.n) {
        if (!protobuf_take(&in, &f))
            return false;
        if (f.number == NORMALIZER_CHARACTER_MAP && !is_sound_map(f.contents))
            return false;
    }
    return true;
}

enum err_code character_map_check(const unsigned char *data, size_t n, const char *path,
                                  struct err *e) {
    struct protobuf in = {data, n};
    struct protobuf_field f;
    while (in.n) {
        if (!protobuf_take(&in, &f))
            return err_set(e, ERR_FORMAT,
                           "%s is not a sentencepiece model, or is damaged at byte %zu", path,
                           n - in.n);
        if ((f.number == MODEL_NORMALIZER || f.number == MODEL_DENORMALIZER) &&
            !check_normalizer(f.contents))
            return err_set(e, ERR_FORMAT, "%s: the table that normalises its text is damaged",
                           path);
    }
    return ERR_OK;
}

const char *character_map_find(const unsigned char *map, const char *s, size_t n, bool longest,
                               size_t *length) {
    const unsigned char *trie = map + 4;
    const char *texts = (const char *)trie + unit_at(map, 0), *found = NULL;
    size_t node = offset_of(unit_at(trie, 0));
    for (size_t i = 0; i < n && s[i] && (longest || !found); i++) {
        node ^= (unsigned char)s[i];
        const uint32_t unit = unit_at(trie, node);
        if ((unit & (UNIT_VALUE | 0xFF)) != (unsigned char)s[i])
            break;
        node ^= offset_of(unit);
        if (!(unit >> 8 & 1))
            continue;
        found = texts + (unit_at(trie, node) & ~UNIT_VALUE);
        *length = i + 1;
    }
    return found;
}
