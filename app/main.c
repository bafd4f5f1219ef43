/* tinseq: which command was asked for. */
#include "app/cli/cli.h"
#include "backend/base/cpu.h"
#include "backend/base/text.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef TINSEQ_VERSION
#define TINSEQ_VERSION "unknown"
#endif

static int command_open(int n, char *const *argv) {
    return cli_start(CLI_OPEN, n, argv);
}

static int command_version(int n, char *const *argv) {
    struct err e = {0};
    (void)n, (void)argv;
    enum err_code code =
        cli_print("tinseq " TINSEQ_VERSION "\n", strlen("tinseq " TINSEQ_VERSION "\n"), &e);
    return code == ERR_OK ? 0 : cli_exit(code, &e);
}

static int command_help(int n, char *const *argv);

static const struct {
    const char *name;
    int (*run)(int n, char *const *argv);
} commands[] = {
    {"attribute", cli_attribute},   {"evaluate", cli_evaluate}, {"show", cli_show},
    {"open", command_open},         {"list", cli_list},         {"explain", cli_explain},
    {"--version", command_version}, {"help", command_help},
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

/* "help COMMAND" is "COMMAND --help". */
static int command_help(int n, char *const *argv) {
    static char option[] = "--help";
    char *const help[] = {option};
    for (size_t i = 0; n > 0 && i < N_COMMANDS; i++)
        if (strcmp(argv[0], commands[i].name) == 0 && commands[i].run != command_help)
            return commands[i].run(1, help);
    return cli_start(CLI_START, 1, help);
}

static int unknown_command(const char *word) {
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    struct err e;
    const char *nearest = text_nearest(word, names, N_COMMANDS);
    char *shown = text_sanitise(word, strlen(word), false);
    enum err_code code =
        nearest
            ? err_set(&e, ERR_USAGE, "unknown command \"%.80s\"; did you mean %s?", shown, nearest)
            : err_set(&e, ERR_USAGE, "unknown command \"%.80s\"; see tinseq --help", shown);
    free(shown);
    return cli_exit(code, &e);
}

static int run(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (argc > 1 && argv[1][0] != '-')
        return unknown_command(argv[1]);
    return cli_start(CLI_START, argc - 1, argv + 1);
}

int main(int argc, char **argv) {
    cpu_advise_libraries();
    if (!setlocale(LC_CTYPE, "") ||
        MB_CUR_MAX <
            4) /* texts are UTF-8 whatever the locale is called; numbers keep their points */
        setlocale(LC_CTYPE, "C.UTF-8");
    int status = run(argc, argv);
#ifndef __SANITIZE_ADDRESS__
    /* libtorch's exit handlers take 60 ms to give back what the system takes back anyway.
     * Everything is printed and checked by now. */
    fflush(NULL);
    _exit(status);
#endif
    return status;
}
