/*
 * Keys in texts. A hint names a command in braces, "{SEARCH} search", and says its first key when
 * it is drawn, so that no text spells a key by hand; "{RUN while typing}" says the first key that
 * is no character. Commands are the application's; what keys mean in the widgets themselves (a
 * list, a question, a form) is a small table of its own, keys.def, with names that every hint
 * knows, too. Pure. Any thread.
 */
#ifndef TINSEQ_VIEWS_HINT_H
#define TINSEQ_VIEWS_HINT_H

#include "views/widgets/command.h"

#include <stdbool.h>
#include <stddef.h>

/* What keys mean in widgets. */
enum widget_key {
#define X(NAME, keys) WIDGET_##NAME,
#include "views/widgets/keys.def"
#undef X
    WIDGET_KEYS
};

bool widget_key(enum widget_key what, int key);

/* True when one of these names of keys, separated by blanks, is the key. */
bool keys_have(const char *keys, int key);

/* The hint with keys for names, owned by the caller. Names that no command has stay as they are.
 * typing: characters are text where it is shown. */
char *hint_text(const char *hint, const struct command *commands, size_t n, bool typing);
/* The same with a mark before each key (backend/base/text.h), so that it can be pressed where it is
 * drawn: the command's id, or a widget's key negated. */
char *hint_marked(const char *hint, const struct command *commands, size_t n, bool typing);
/* The same of a format of printf's, with marks or without: a key "%" becomes "%%". */
char *hint_format(const char *format, const struct command *commands, size_t n, bool typing,
                  bool marks);
/* A hint that names widgets' keys alone, with marks. */
char *widget_hint(const char *hint);

#endif
