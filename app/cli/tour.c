/* tinseq tour [N]: published findings as steps, each of which explains, runs its commands in a
 * shell, and says what to look at. */
#include "app/cli/subcommand.h"

#include "app/cli/print.h"
#include "app/tour/tour.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char help[] =
    "Usage: tinseq tour [STEP]\n"
    "\n"
    "Lists published findings that the models of 'make models' show, or explains one, runs its "
    "commands, and says what to look\n"
    "at. docs/findings.md has all of them with what they print; in the program ':tour' runs them.\n"
    "\n"
    "Examples\n"
    "  tinseq tour\n"
    "  tinseq tour 4\n"
    "  tinseq tour manager\n";

/* "tinseq" is this program, wherever it stands ($0), and files go to a folder that is removed. */
static const char before[] = "tinseq() { \"$0\" \"$@\"; }\n"
                             "folder=$(mktemp -d) || exit\n"
                             "trap 'rm -rf \"$folder\"' EXIT\n"
                             "trap 'exit 130' INT TERM\n"
                             "cd \"$folder\" || exit\n"
                             "set -e\n";

/* With the files that the commands name. */
static char *make_script(const char *commands) {
    struct text_buffer b = {0};
    size_t n;
    const struct tour_file *files = tour_files(&n);
    text_buffer_puts(&b, before);
    for (size_t i = 0; i < n; i++)
        if (strstr(commands, files[i].name))
            text_buffer_format(&b, "cat >%s <<'END OF FILE'\n%sEND OF FILE\n", files[i].name,
                               files[i].text);
    text_buffer_puts(&b, commands);
    return text_buffer_take(&b);
}

static enum err_code spawn_shell(pid_t *pid, const char *commands, struct err *e) {
    char program[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return err_set(e, ERR_IO, "/proc/self/exe: %s", strerror(errno));
    program[n] = '\0';
    char *script = make_script(commands);
    char *argv[] = {"sh", "-c", script, program, NULL};
    const int failed = posix_spawn(pid, "/bin/sh", NULL, NULL, argv, environ);
    free(script);
    if (failed)
        return err_set(e, ERR_IO, "cannot start a shell: %s", strerror(failed));
    return ERR_OK;
}

/* The shell's exit status; an interrupt is its own to answer. */
static int await_shell(pid_t pid) {
    int state = 0;
    void (*before_it)(int) = signal(SIGINT, SIG_IGN);
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    (void)signal(SIGINT, before_it);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 1;
}

static enum err_code run_commands(const struct tour_step *s, struct err *e) {
    pid_t pid;
    enum err_code code = spawn_shell(&pid, s->commands, e);
    if (code)
        return code;
    const int status = await_shell(pid);
    if (status == 130)
        return err_set(e, ERR_CANCELLED, "the step was interrupted");
    if (status != 0)
        return err_set(e, ERR_IO, "the step's command failed; 'make models' fetches its models");
    return ERR_OK;
}

/* A "$ " before each command, and none before a line that goes on from the one above. */
static void write_commands(struct text_buffer *b, const char *commands) {
    bool goes_on = false;
    while (*commands) {
        const size_t n = strcspn(commands, "\n");
        text_buffer_puts(b, goes_on ? "" : "$ ");
        text_buffer_add(b, commands, n + 1);
        goes_on = commands[n - 1] == '\\';
        commands += n + 1;
    }
}

static enum err_code print(struct text_buffer *b, struct err *e) {
    const enum err_code code = cli_print(b->text, b->n, e);
    text_buffer_dispose(b);
    return code;
}

static enum err_code take_step(size_t at, struct err *e) {
    const struct tour_step *s = tour_step(at);
    struct text_buffer b = {0};
    text_buffer_format(&b, "%zu of %d: %s\n\n", at + 1, TOUR_STEPS, s->title);
    cli_write_row(&b, "", 0, s->text);
    text_buffer_puts(&b, "\n");
    write_commands(&b, s->commands);
    enum err_code code = print(&b, e);
    if (code)
        return code;
    code = run_commands(s, e);
    if (code)
        return code;
    text_buffer_puts(&b, "\n");
    cli_write_row(&b, "Look at:", 9, s->look);
    if (at + 1 < TOUR_STEPS)
        text_buffer_format(&b, "\nNext: tinseq tour %zu, %s\n", at + 2, tour_step(at + 1)->title);
    return print(&b, e);
}

static enum err_code list_steps(struct err *e) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < TOUR_STEPS; i++)
        text_buffer_format(&b, "%2zu  %-14s  %s\n", i + 1, tour_step(i)->name, tour_step(i)->title);
    text_buffer_puts(&b, "\n'tinseq tour 1' explains the first and runs it; in the program, :tour "
                         "does.\n");
    return print(&b, e);
}

/* By number or name; TOUR_STEPS: there is none. */
static size_t find_step(const char *word) {
    char *end;
    const long number = strtol(word, &end, 10);
    if (!*end && number >= 1 && number <= TOUR_STEPS)
        return (size_t)number - 1;
    for (size_t i = 0; i < TOUR_STEPS; i++)
        if (strcmp(tour_step(i)->name, word) == 0)
            return i;
    return TOUR_STEPS;
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    if (a->n_words == 0)
        return list_steps(e);
    if (a->n_words > 1)
        return err_set(e, ERR_USAGE, "one step at a time: tinseq tour %s", a->words[0]);
    const size_t at = find_step(a->words[0]);
    if (at == TOUR_STEPS)
        return err_set(e, ERR_USAGE, "there is no step %s: 1 to %d or a name; see 'tinseq tour'",
                       a->words[0], TOUR_STEPS);
    return take_step(at, e);
}

const struct subcommand cli_tour = {
    .id = CLI_TOUR,
    .name = "tour",
    .synopsis = "[STEP]",
    .title = "published findings, step by step: explained, run, and what to look at",
    .help = help,
    .run = run,
};
