/* The table of commands, commands.def, and the help made of it. Any thread. */
#ifndef TINSEQ_APP_CLI_SUBCOMMANDS_H
#define TINSEQ_APP_CLI_SUBCOMMANDS_H

#include "app/cli/subcommand.h"
#include "backend/base/mem.h"

/* All of them, in the order of the help. */
const struct subcommand *const *cli_subcommands(size_t *n);
/* NULL: there is none of that name. */
const struct subcommand *cli_subcommand_find(const char *name);
/* Usage and examples of one: a text whose paragraphs, and headings of what stands indented below
 * them, are told by their lines alone. */
void cli_write_usage(struct text_buffer *b, const struct subcommand *command);
/* The same, and its options. */
void cli_write_help(struct text_buffer *b, const struct subcommand *command);

#endif
