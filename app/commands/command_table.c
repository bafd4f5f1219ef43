#include "app/commands/command_table.h"

#include "views/widgets/hint.h"

static const struct command commands[COMMAND_COUNT] = {
#define X(ID, keys_, title_, help_, group_, contexts, bar_, handler, argument)                     \
    {.id = COMMAND_##ID,                                                                           \
     .keys = keys_,                                                                                \
     .title = title_,                                                                              \
     .help = help_,                                                                                \
     .group = group_,                                                                              \
     .context = contexts,                                                                          \
     .bar = bar_,                                                                                  \
     .name = #ID},
#include "app/commands/commands.def"
#undef X
};

const struct command *app_commands(size_t *n) {
    *n = COMMAND_COUNT;
    return commands;
}

int app_find_command(uint32_t context, int key) {
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].context & context && keys_have(commands[i].keys, key))
            return i;
    return COMMAND_NONE;
}

char *app_hint(const char *hint, bool typing) {
    return hint_marked(hint, commands, COMMAND_COUNT, typing);
}

char *app_hint_format(const char *format, bool typing, bool marks) {
    return hint_format(format, commands, COMMAND_COUNT, typing, marks);
}
