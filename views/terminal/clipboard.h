/* Text for the clipboard: as a terminal sequence, and as a file for terminals that take none. Any
 * thread. */
#ifndef TINSEQ_VIEWS_CLIPBOARD_H
#define TINSEQ_VIEWS_CLIPBOARD_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the OSC 52 sequence that sets the clipboard (never reads it). False, and nothing, when
 * the text is longer than terminals commonly take. */
bool clipboard_sequence(struct text_buffer *out, const char *text, size_t n);

/* Writes ${XDG_CACHE_HOME:-~/.cache}/tinseq/clipboard.txt; *path is borrowed until the next
 * call. */
enum err_code clipboard_write_file(const char **path, const char *text, size_t n,
                                   struct err *e) ERR_CHECKED;

#endif
