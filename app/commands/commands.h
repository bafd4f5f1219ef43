/*
 * The commands of the table in commands.def: their ids and handlers. A handler gets the table's
 * argument. Interface thread only.
 */
#ifndef TINSEQ_APP_COMMANDS_H
#define TINSEQ_APP_COMMANDS_H

#include "app/tui/app.h"

enum command_id {
#define X(ID, keys, title, help, group, contexts, bar, handler, argument) COMMAND_##ID,
#include "app/commands/commands.def"
#undef X
    COMMAND_COUNT
};

#define X(ID, keys, title, help, group, contexts, bar, handler, argument)                          \
    void handler(struct app *a, int argument_given);
#include "app/commands/commands.def"
#undef X

#endif
