#include "app/tui/editor.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_BYTES (1 << 20)
extern char **environ;

/* The shell splits $EDITOR ("emacs -nw"); the path is an argument of its own. The editor gets
 * default signal handling. */
static enum err_code spawn_editor(pid_t *pid, const char *path, struct err *e) {
    char *argv[] = {"sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", (char *)path, NULL};
    posix_spawnattr_t attributes;
    sigset_t defaults, none;
    sigfillset(&defaults);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawn(pid, "/bin/sh", NULL, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    if (failed)
        return err_set(e, ERR_IO, "cannot start the editor: %s", strerror(failed));
    return ERR_OK;
}

static enum err_code await_editor(pid_t pid, struct err *e) {
    int state = 0;
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        return err_set(e, ERR_IO,
                       "the editor failed; the text is as it was ($EDITOR names the editor)");
    return ERR_OK;
}

/* Through a file that is there already. */
static enum err_code edit_file(char **out, const char *path, const char *text, struct err *e) {
    pid_t pid;
    size_t n;
    enum err_code code = file_write(path, text, strlen(text), e);
    if (code)
        return code;
    code = spawn_editor(&pid, path, e);
    if (code)
        return code;
    code = await_editor(pid, e);
    if (code)
        return code;
    code = file_read(out, &n, path, MOST_BYTES, e);
    if (code)
        return code;
    if (memchr(*out, 0, n)) {
        code =
            err_set(e, ERR_FORMAT,
                    "the edited text holds a NUL byte (byte %zu), which no text can; it is as it "
                    "was",
                    strlen(*out));
        mem_replace(out, NULL);
        return code;
    }
    if (n > 0 && (*out)[n - 1] == '\n')
        (*out)[n - 1] = 0;
    return ERR_OK;
}

enum err_code editor_run(char **out, const char *text, struct err *e) {
    const char *folder = getenv("TMPDIR");
    char *path = mem_format("%s/tinseq-XXXXXX", folder && *folder ? folder : "/tmp");
    enum err_code code;
    int fd = mkstemp(path);
    *out = NULL;
    if (fd < 0) {
        code = err_set(e, ERR_IO, "cannot make a temporary file %s: %s", path, strerror(errno));
        goto out;
    }
    close(fd);
    code = edit_file(out, path, text, e);
    unlink(path);
out:
    free(path);
    return code;
}
