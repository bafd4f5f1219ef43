#include "backend/base/file_write.h"

#include "backend/base/file.h"
#include "backend/base/file_error.h"
#include "backend/base/mem.h"
#include "backend/base/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_writer {
    char *path;      /* as it was given */
    char *target;    /* where it goes */
    char *temporary; /* beside it; NULL: written to directly */
    int fd;
    int number; /* the errno of what went wrong; 0: nothing */
    mode_t mode;
    bool exists; /* a file that gives its mode */
};

/* 0, or the errno of what went wrong. */
static int write_all(int fd, const char *data, size_t n) {
    while (n > 0) {
        ssize_t put = write(fd, data, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        data += put;
        n -= (size_t)put;
    }
    return 0;
}

/* A new file beside `target`, its name in *name, or −1 with errno. Opened with plain open so that
 * the kernel applies the umask, which a program with threads cannot read safely. */
static int open_temporary(char **name, const char *target) {
    static atomic_uint counter;
    for (int attempt = 0; attempt < 100; attempt++) {
        *name = mem_format("%s.%ld-%u.new", target, (long)getpid(), atomic_fetch_add(&counter, 1));
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
        free(*name);
        *name = NULL;
    }
    errno = EEXIST;
    return -1;
}

/* The process that a temporary file of `leaf` belongs to; 0: `name` is none of its. */
static pid_t owner_of_temporary(const char *name, const char *leaf) {
    const size_t n = strlen(leaf);
    long pid = 0;
    unsigned number;
    int end = 0;
    if (strncmp(name, leaf, n) != 0 ||
        sscanf(name + n, ".%ld-%u.new%n", &pid, &number, &end) != 2 || end == 0 ||
        name[n + (size_t)end])
        return 0;
    return pid > 0 ? (pid_t)pid : 0;
}

/* Removes what processes left that were killed while they wrote to `target`. */
static void remove_stale(const char *target) {
    const char *slash = strrchr(target, '/'), *leaf = slash ? slash + 1 : target;
    char *folder = file_folder(target);
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        const pid_t owner = owner_of_temporary(entry->d_name, leaf);
        if (owner && !process_lives(owner))
            (void)unlinkat(dirfd(d), entry->d_name, 0);
    }
    if (d)
        closedir(d);
    free(folder);
}

void file_sync_folder(const char *file) {
    char *folder = file_folder(file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

/* A device or a pipe: nothing to keep whole and nothing that may be renamed over. */
static enum err_code open_through(struct file_writer *w, struct err *e) {
    /* Not waiting for who reads from a pipe; then waiting for it to read. */
    w->fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (w->fd < 0 && errno == ENXIO)
        return err_set(e, ERR_IO, "%s: no one reads from it", file_shown(w->path));
    if (w->fd < 0)
        return file_fail(e, w->path, errno);
    (void)fcntl(w->fd, F_SETFL, fcntl(w->fd, F_GETFL) & ~O_NONBLOCK);
    return ERR_OK;
}

static enum err_code open_beside(struct file_writer *w, const struct stat *old, struct err *e) {
    char *real = w->exists ? realpath(w->path, NULL) : NULL;
    w->target = real ? real : mem_text(w->path);
    w->mode = w->exists ? old->st_mode & 07777 : 0;
    remove_stale(w->target);
    w->fd = open_temporary(&w->temporary, w->target);
    return w->fd < 0 ? file_fail(e, w->path, errno) : ERR_OK;
}

static enum err_code open_any(struct file_writer *w, bool named, struct err *e) {
    struct stat old;
    w->exists = stat(w->path, &old) == 0;
    if (w->exists && S_ISDIR(old.st_mode))
        return file_fail(e, w->path, EISDIR);
    if (w->exists && !S_ISREG(old.st_mode))
        return named ? open_through(w, e)
                     : err_set(e, ERR_IO, "%s: not a regular file", file_shown(w->path));
    return open_beside(w, &old, e);
}

enum err_code file_writer_open(struct file_writer **out, const char *path, bool named,
                               struct err *e) {
    struct file_writer *w = mem_alloc(sizeof *w);
    *out = NULL;
    w->fd = -1;
    w->path = mem_text(path);
    enum err_code code = open_any(w, named, e);
    if (code)
        file_writer_drop(w);
    else
        *out = w;
    return code;
}

void file_writer_add(struct file_writer *w, const char *data, size_t n) {
    if (!w->number)
        w->number = write_all(w->fd, data, n);
}

enum err_code file_writer_end(struct file_writer *w, struct err *e) {
    const int fd = w->fd;
    int number = w->number;
    if (w->temporary) {
        if (number == 0 && w->exists && fchmod(fd, w->mode) != 0)
            number = errno;
        if (number == 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOSYS)
            number = errno;
    }
    if (close(fd) != 0 && number == 0)
        number = errno;
    w->fd = -1;
    w->number = number;
    return number ? file_fail(e, w->path, number) : ERR_OK;
}

enum err_code file_writer_commit_take(struct file_writer *w, struct err *e) {
    enum err_code code = ERR_OK;
    if (w->temporary && rename(w->temporary, w->target) != 0)
        code = file_fail(e, w->path, errno);
    if (!code && w->temporary) {
        file_sync_folder(w->target);
        mem_replace(&w->temporary, NULL);
    }
    file_writer_drop(w);
    return code;
}

void file_writer_drop(struct file_writer *w) {
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    if (w->temporary)
        (void)unlink(w->temporary);
    free(w->temporary);
    free(w->target);
    free(w->path);
    free(w);
}

static enum err_code write_by(const char *path, const char *data, size_t n, bool named,
                              struct err *e) {
    struct file_writer *w;
    enum err_code code = file_writer_open(&w, path, named, e);
    if (code)
        return code;
    file_writer_add(w, data, n);
    code = file_writer_end(w, e);
    if (!code)
        return file_writer_commit_take(w, e);
    file_writer_drop(w);
    return code;
}

enum err_code file_write_named(const char *path, const char *data, size_t n, struct err *e) {
    return write_by(path, data, n, true, e);
}

enum err_code file_write(const char *path, const char *data, size_t n, struct err *e) {
    return write_by(path, data, n, false, e);
}
