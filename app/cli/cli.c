#include "app/cli/cli.h"

#include "app/cli/inputs.h"
#include "app/cli/print.h"
#include "app/cli/subcommands.h"

#include <string.h>

#define MOST_COMMANDS 32

static const struct subcommand *start(void) {
    size_t n;
    return cli_subcommands(&n)[CLI_BIT_START];
}

static enum err_code print_help(const struct subcommand *c, struct err *e) {
    struct text_buffer b = {0};
    cli_write_help(&b, c);
    enum err_code code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

static enum err_code run(const struct subcommand *c, int n, char *const *argv, struct err *e) {
    struct cli_arguments a;
    enum err_code code = cli_parse(&a, c->id, n, argv, e);
    if (code)
        return code;
    if (cli_flag(&a, CLI_OPT_HELP)) {
        code = print_help(c, e);
    } else {
        code = cli_inputs_read(&a, c->id, e);
        code = code ? code : c->run(&a, e);
    }
    cli_arguments_dispose(&a);
    return code;
}

/* "help COMMAND" is "COMMAND --help". */
static enum err_code help(int n, char *const *argv, struct err *e) {
    const struct subcommand *c = n > 0 ? cli_subcommand_find(argv[0]) : NULL;
    return print_help(c ? c : start(), e);
}

static enum err_code unknown_command(const char *word, struct err *e) {
    size_t n_commands, n = 0;
    const struct subcommand *const *all = cli_subcommands(&n_commands);
    const char *names[MOST_COMMANDS] = {"help"};
    for (size_t i = 0; i < n_commands && n + 1 < MOST_COMMANDS; i++)
        if (all[i]->name && !all[i]->hidden)
            names[++n] = all[i]->name;
    return cli_unknown("unknown command", word, names, n + 1, "see tinseq --help", e);
}

static enum err_code dispatch(int n, char *const *argv, struct err *e) {
    static const char version[] = "tinseq " TINSEQ_VERSION "\n";
    if (n == 0)
        return run(start(), n, argv, e);
    const struct subcommand *c = cli_subcommand_find(argv[0]);
    if (c)
        return run(c, n - 1, argv + 1, e);
    if (strcmp(argv[0], "--version") == 0)
        return cli_print(version, strlen(version), e);
    if (strcmp(argv[0], "help") == 0)
        return help(n - 1, argv + 1, e);
    if (argv[0][0] != '-')
        return unknown_command(argv[0], e);
    return run(start(), n, argv, e);
}

int cli_main(int n, char *const *argv) {
    struct err e = {0};
    return cli_exit(dispatch(n, argv, &e), &e);
}
