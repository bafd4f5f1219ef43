#include "app/jobs/dataset_child.h"

#include "app/jobs/background.h"
#include "backend/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 200    /* between two looks whether it is to end */
#define PATIENCE 10000 /* ms that it has to end after it was interrupted */
#define MOST_LINE 4096 /* bytes of what it says that are kept */

/* --- words --- */

/* "…\101…'": what is behind the quote; *at is moved behind the other. */
static void take_escaped(struct text_buffer *b, const char **at) {
    for (; **at && **at != '\''; ++*at) {
        char c = **at;
        if (c == '\\' && (*at)[1] && (*at)[2] && (*at)[3]) {
            c = (char)((((*at)[1] - '0') << 6) + (((*at)[2] - '0') << 3) + ((*at)[3] - '0'));
            *at += 3;
        }
        text_buffer_add(b, &c, 1);
    }
    *at += **at != '\0';
}

static void take_quoted(struct text_buffer *b, const char **at) {
    const size_t n = strcspn(*at, "'");
    text_buffer_add(b, *at, n);
    *at += n + ((*at)[n] != '\0');
}

static char *next_word(const char **at) {
    struct text_buffer b = {0};
    *at += strspn(*at, " ");
    if (!**at)
        return NULL;
    while (**at && **at != ' ') {
        const char c = *(*at)++;
        if (c == '\'')
            take_quoted(&b, at);
        else if (c == '$' && **at == '\'')
            take_escaped(&b, (++*at, at));
        else if (c == '\\' && **at)
            text_buffer_add(&b, (*at)++, 1);
        else
            text_buffer_add(&b, &c, 1);
    }
    return text_buffer_take(&b);
}

char **shell_words(const char *command) {
    char **words = mem_alloc(sizeof *words);
    size_t n = 0;
    for (char *word; (word = next_word(&command));) {
        words[n++] = word;
        words = mem_resize(words, (n + 1) * sizeof *words);
        words[n] = NULL;
    }
    return words;
}

void shell_words_free(char **words) {
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}

void dataset_child_free(void *user) {
    struct dataset_child *c = user;
    shell_words_free(c->words);
    free(c->last);
    free(c);
}

/* --- the process --- */

/* What it says comes out of *out. */
static int start(pid_t *pid, int *out, char *const *words) {
    sigset_t all, none;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_adddup2(&files, ends[1], 2);
    const int failed = posix_spawn(pid, words[0], &files, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (failed)
        close(ends[0]);
    else
        *out = ends[0];
    return failed;
}

/* The last line that has something in it is kept; what is behind a line end may go on. */
static void hear(struct dataset_child *c, struct text_buffer *line, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '\n' && line->n < MOST_LINE)
            text_buffer_add(line, text + i, 1);
        if (text[i] != '\n' || !line->n)
            continue;
        mem_replace(&c->last, mem_text_n(line->text, line->n));
        line->n = 0;
    }
}

/* Reads until it closes its end. Whether it was interrupted. */
static bool listen_to(struct background *b, struct dataset_child *c, pid_t pid, int out) {
    struct text_buffer line = {0};
    struct pollfd p = {.fd = out, .events = POLLIN};
    char text[4096];
    int64_t interrupted = 0;
    for (ssize_t n = 1; n != 0;) {
        const int ready = poll(&p, 1, LOOK_MS);
        if (!background_tell(b, 0, 0) && !interrupted) {
            interrupted = clock_ms();
            kill(pid, SIGINT);
        } else if (interrupted && clock_ms() - interrupted > PATIENCE) {
            kill(pid, SIGKILL); /* what is finished is on the disk */
        }
        n = ready > 0 ? read(out, text, sizeof text) : -1;
        if (n > 0)
            hear(c, &line, text, (size_t)n);
    }
    hear(c, &line, "\n", 1);
    text_buffer_dispose(&line);
    return interrupted != 0;
}

enum err_code dataset_child_run(struct background *b, void *user, struct err *e) {
    struct dataset_child *c = user;
    pid_t pid;
    int out, status = 0;
    const int failed = start(&pid, &out, c->words);
    if (failed)
        return err_set(e, ERR_IO, "%.200s cannot be started: %s", c->words[0], strerror(failed));
    const bool interrupted = listen_to(b, c, pid, out);
    close(out);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (interrupted)
        return err_set(e, ERR_CANCELLED, "cancelled");
    if (c->status == 0)
        return ERR_OK;
    return err_set(e, ERR_IO, "%s", c->last ? c->last : "it failed and said nothing");
}
