/* Commands → handlers, from the table. */
#include "app/commands/keymap.h"

#include "app/commands/handlers.h"
#include "app/tui/front.h"

static const struct {
    void (*run)(struct app *a, int argument);
    int argument;
} handlers[COMMAND_COUNT] = {
#define X(ID, keys, title, help, group, contexts, bar, handler, argument) {handler, argument},
#include "app/commands/commands.def"
#undef X
};

void app_command_anywhere(struct app *a, int id) {
    handlers[id].run(a, handlers[id].argument);
}

bool app_command(struct app *a, int id) {
    size_t n;
    const struct command *commands = app_commands(&n);
    if (id < 0 || id >= COMMAND_COUNT || !(commands[id].context & app_context(a)))
        return false;
    app_command_anywhere(a, id);
    return true;
}
