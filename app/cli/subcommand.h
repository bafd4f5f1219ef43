/*
 * A command of the command line: one file of this folder that ends in such a struct, and a line of
 * commands.def.
 */
#ifndef TINSEQ_APP_CLI_SUBCOMMAND_H
#define TINSEQ_APP_CLI_SUBCOMMAND_H

#include "app/cli/options.h"

struct subcommand {
    enum cli_command id;
    const char *name;     /* "show"; NULL: the program without a command */
    const char *synopsis; /* what follows the name, in the list of commands */
    const char *title;    /* and what it is for */
    const char *help;     /* before its options: usage, examples */
    const char *word;     /* what its words are, as an option's value; NULL: nothing to complete */
    bool hidden;          /* for shells and builds: no list tells of it */
    /* Does it. The error is told by whoever called. */
    enum err_code (*run)(const struct cli_arguments *a, struct err *e);
};

#endif
