#include "app/commands/command_table.h"

#include "views/terminal/input.h"

#include <stdbool.h>
#include <string.h>

static const struct command commands[COMMAND_COUNT] = {
#define X(ID, keys_, title_, help_, group_, contexts, bar_, handler, argument)                     \
    {.id = COMMAND_##ID,                                                                           \
     .keys = keys_,                                                                                \
     .title = title_,                                                                              \
     .help = help_,                                                                                \
     .group = group_,                                                                              \
     .context = contexts,                                                                          \
     .bar = bar_},
#include "app/commands/commands.def"
#undef X
};

const struct command *app_commands(size_t *n) {
    *n = COMMAND_COUNT;
    return commands;
}

static bool has_key(const char *keys, int key) {
    char name[INPUT_NAME_SIZE];
    while (*keys) {
        size_t n = strcspn(keys, " ");
        if (n > 0 && n < sizeof name) {
            memcpy(name, keys, n);
            name[n] = 0;
            if (input_from_name(name) == key)
                return true;
        }
        keys += n;
        keys += *keys == ' ';
    }
    return false;
}

int app_find_command(uint32_t context, int key) {
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].context & context && has_key(commands[i].keys, key))
            return i;
    return COMMAND_NONE;
}
