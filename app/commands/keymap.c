/* Keys → commands → handlers, all from one table. */
#include "app/commands/commands.h"

#include "views/terminal/input.h"

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

static const struct {
    void (*run)(struct app *a, int argument);
    int argument;
} handlers[COMMAND_COUNT] = {
#define X(ID, keys, title, help, group, contexts, bar, handler, argument) {handler, argument},
#include "app/commands/commands.def"
#undef X
};

const struct command *app_commands(size_t *n) {
    *n = COMMAND_COUNT;
    return commands;
}

bool app_command(struct app *a, int id) {
    if (id < 0 || id >= COMMAND_COUNT || !(commands[id].context & app_context(a)))
        return false;
    handlers[id].run(a, handlers[id].argument);
    return true;
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

int app_find_command(enum command_context context, int key) {
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].context & context && has_key(commands[i].keys, key))
            return i;
    return -1;
}
