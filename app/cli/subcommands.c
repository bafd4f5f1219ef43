#include "app/cli/subcommands.h"

#include <stdlib.h>
#include <string.h>

#define X(ID, name) extern const struct subcommand cli_##name;
#include "app/cli/commands.def"
#undef X

static const struct subcommand *const all[] = {
#define X(ID, name) [CLI_BIT_##ID] = &cli_##name,
#include "app/cli/commands.def"
#undef X
};
#define N_ALL (sizeof all / sizeof *all)

const struct subcommand *const *cli_subcommands(size_t *n) {
    *n = N_ALL;
    return all;
}

const struct subcommand *cli_subcommand_find(const char *name) {
    for (size_t i = 0; i < N_ALL; i++)
        if (all[i]->name && strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

/* Every example here is run by a test (tests/app). */
static const char before[] =
    "tinseq explains what a language model writes: how much every token of the input counted for "
    "every token of the output.\n"
    "\n"
    "Usage\n";

static const char after[] =
    "  tinseq COMMAND --help, tinseq --version\n"
    "\n"
    "Examples\n"
    "  tinseq -m en-pt -i \"I said hi to the manager\"\n"
    "  tinseq attribute -m smollm2 -i \"The Eiffel Tower is located in the city of\"\n"
    "  tinseq list models\n"
    "\n"
    "Exit status: 0 done, 1 something failed, 2 the command was wrong, 130 interrupted.\n";

/* The commands, one a line. */
static void write_commands(struct text_buffer *b) {
    for (size_t i = 0; i < N_ALL; i++) {
        if (all[i]->hidden)
            continue;
        char *use = all[i]->name ? mem_format("%s %s", all[i]->name, all[i]->synopsis)
                                 : mem_text(all[i]->synopsis);
        text_buffer_format(b, "  tinseq %-29s %s\n", use, all[i]->title);
        free(use);
    }
}

void cli_write_usage(struct text_buffer *b, const struct subcommand *command) {
    if (command->help) {
        text_buffer_puts(b, command->help);
    } else {
        text_buffer_puts(b, before);
        write_commands(b);
        text_buffer_puts(b, after);
    }
}

void cli_write_help(struct text_buffer *b, const struct subcommand *command) {
    cli_write_usage(b, command);
    cli_write_options(b, command->id);
}
