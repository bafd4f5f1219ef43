#include "views/terminal/screen_private.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Modes that terminfo does not know: mouse (press, drag, wide coordinates), bracketed paste, no
 * reordering of right-to-left text (it would swap the map's columns). A terminal that knows none of
 * them ignores them. */
static const char modes_on[] = "\033[?2004h\033[8l", modes_off[] = "\033[?2004l\033[8h";
static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h",
                  mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";

void screen_send(struct screen *s, const char *bytes, size_t n) {
    (void)outlet_put(&s->outlet, bytes, n);
}

void screen_send_mouse(struct screen *s, bool on) {
    screen_send(s, on ? mouse_on : mouse_off, strlen(on ? mouse_on : mouse_off));
}

void screen_send_modes(struct screen *s, bool on) {
    screen_send(s, on ? modes_on : modes_off, strlen(on ? modes_on : modes_off));
    if (s->mouse)
        screen_send_mouse(s, on);
}

const char *screen_modes_off(void) {
    return "\033[?2004l\033[8h\033[?1006l\033[?1002l\033[?1000l";
}

/* −1 also where that is a pipe, which could make every message wait. */
static int open_log(const char *path) {
    const int fd =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    struct stat about;
    if (fd < 0 || (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)))
        return fd;
    close(fd);
    return -1;
}

void screen_quiet_stderr(struct screen *s, const char *path) {
    int fd = -1;
    if (path) {
        struct err ignored;
        char *folder = mem_text(path), *slash = strrchr(folder, '/');
        if (slash && slash != folder) {
            *slash = '\0';
            (void)!file_make_folders(folder, &ignored);
        }
        free(folder);
        fd = open_log(path);
    }
    if (fd < 0)
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    s->fd_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0) {
        fflush(stderr);
        (void)dup2(fd, STDERR_FILENO);
        close(fd);
    }
}

void screen_loud_stderr(struct screen *s) {
    if (s->fd_error < 0)
        return;
    fflush(stderr);
    (void)dup2(s->fd_error, STDERR_FILENO);
    close(s->fd_error);
    s->fd_error = -1;
}

enum err_code screen_choose_streams(struct screen *s, const struct screen_options *options,
                                    struct err *e) {
    s->in = options->in ? options->in : stdin;
    s->out = options->out ? options->out : stdout;
    s->test = options->out != NULL;
    if (!s->test && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
        s->tty = fopen("/dev/tty", "r+e");
        if (!s->tty)
            return err_set(e, ERR_USAGE,
                           "there is no terminal; use `tinseq attribute`, which prints plain text, "
                           "JSON or HTML");
        s->in = isatty(STDIN_FILENO) ? stdin : s->tty;
        s->out = isatty(STDOUT_FILENO) ? stdout : s->tty;
    }
    s->fd_in = fileno(s->in);
    s->fd_out = fileno(s->out);
    return ERR_OK;
}
