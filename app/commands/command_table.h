/*
 * The commands of commands.def as data: what they are called, their keys, where they work. What
 * they do is in keymap.h. Any thread.
 */
#ifndef TINSEQ_APP_COMMAND_TABLE_H
#define TINSEQ_APP_COMMAND_TABLE_H

#include "app/tui/contexts.h"
#include "views/widgets/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_id {
#define X(ID, keys, title, help, group, contexts, bar, handler, argument) COMMAND_##ID,
#include "app/commands/commands.def"
#undef X
    COMMAND_COUNT,
    COMMAND_NONE = -1
};

/* By id. */
const struct command *app_commands(size_t *n);
/* The id of the command that a key means in one of these contexts, COMMAND_NONE: nothing. */
int app_find_command(uint32_t context, int key);
/* A hint with the keys of the commands that it names ("{SEARCH} search"), owned by the caller.
 * typing: characters are text where it is shown. */
char *app_hint(const char *hint, bool typing);
/* The same of a format of printf's, with marks or without. */
char *app_hint_format(const char *format, bool typing, bool marks);

#endif
