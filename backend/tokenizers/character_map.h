/*
 * The normalisation table inside a sentencepiece model: libsentencepiece follows it without looking
 * where it leads, so that one wrong bit in a file ends the program. It is checked here before the
 * library, or character_map_find, follows it. Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CHARACTER_MAP_H
#define TINSEQ_BACKEND_TOKENIZERS_CHARACTER_MAP_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Walks the n bytes of a sentencepiece model (a ModelProto) and checks its tables; `path` is for
 * the message. ERR_FORMAT when a table leads outside itself, or when the file is no plain protocol
 * buffer: one that two readers could read differently is refused. */
enum err_code character_map_check(const unsigned char *data, size_t n, const char *path,
                                  struct err *e) ERR_CHECKED;
/* The same of one table; an empty one is sound. */
bool character_map_is_sound(const unsigned char *map, size_t n);

/* What a sound table makes of the beginning of n bytes: of the longest or of the shortest that it
 * has, whose length is *length. Borrowed, NUL-terminated; NULL: it has none. */
const char *character_map_find(const unsigned char *map, const char *s, size_t n, bool longest,
                               size_t *length);

#endif
