#include "app/dataset/run_lock.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS 100
#define DYING_MS 300  /* in which a process that was killed closes its files */
#define SETTLE_MS 100 /* of two that take over a dead one's file, the last to write has it */

struct run_lock {
    char *folder, *path;
    int fd; /* the kernel's; −1: the file alone */
};

/* Who holds a lock: "1234 node7". */
struct holder {
    long pid;
    char host[HOST_NAME_MAX + 1];
};

static struct holder myself(void) {
    struct holder h = {.pid = (long)getpid()};
    if (gethostname(h.host, sizeof h.host) != 0 || !h.host[0])
        snprintf(h.host, sizeof h.host, "this-machine");
    h.host[sizeof h.host - 1] = '\0';
    return h;
}

static bool same_holder(const struct holder *a, const struct holder *b) {
    return a->pid == b->pid && strcmp(a->host, b->host) == 0;
}

/* What a lock's file says; pid 0: nothing that can be read. */
static struct holder read_holder(const char *path) {
    struct holder h = {0};
    char text[HOST_NAME_MAX + 32] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return h;
    const ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0 || sscanf(text, "%ld %64[A-Za-z0-9._-]", &h.pid, h.host) != 2 || h.pid <= 0)
        h = (struct holder){0};
    return h;
}

static bool write_holder(int fd) {
    const struct holder h = myself();
    char text[HOST_NAME_MAX + 32];
    const int n = snprintf(text, sizeof text, "%ld %s\n", h.pid, h.host);
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static enum err_code refuse(const struct run_lock *l, const struct holder *h, struct err *e) {
    const struct holder me = myself();
    const bool sure = l->fd >= 0 || (h->pid && strcmp(h->host, me.host) == 0);
    const char *unless = sure ? "" : "; if it runs no more, remove the folder's lock";
    if (!h->pid)
        return err_set(e, ERR_USAGE,
                       "another process is writing to %.200s: wait for it, or give another -o%s",
                       l->folder, unless);
    return err_set(e, ERR_USAGE,
                   "process %ld on %s is writing to %.200s: wait for it, or give another -o%s",
                   h->pid, h->host, l->folder, unless);
}

static enum err_code fail(const struct run_lock *l, int number, struct err *e) {
    return err_set(e, ERR_IO, "%.200s: %s", l->path, strerror(number));
}

/* --- the kernel's lock --- */

/* Whether the name still is of the file that is open: who ended meanwhile has removed it. */
static bool is_current(const struct run_lock *l) {
    struct stat open_one, named;
    return fstat(l->fd, &open_one) == 0 && stat(l->path, &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

static bool has_no_locks(int number) {
    return number == ENOLCK || number == ENOSYS || number == EOPNOTSUPP || number == EINVAL;
}

static void wait_ms(long ms) {
    const struct timespec time = {.tv_nsec = ms * 1000000L};
    (void)nanosleep(&time, NULL);
}

/* 0, or the errno; that of a process that was just killed is waited for. */
static int lock_file(int fd) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int ms = 0;; ms += 20) {
        if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
            return 0;
        if ((errno != EAGAIN && errno != EACCES) || ms >= DYING_MS)
            return errno;
        wait_ms(20);
    }
}

/* *again: the file was removed meanwhile. *none: there are no locks here. */
static enum err_code take_kernels(struct run_lock *l, bool *again, bool *none, struct err *e) {
    l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    *again = l->fd < 0 && errno == ENOENT;
    if (l->fd < 0)
        return *again ? ERR_OK : fail(l, errno, e);
    const int number = lock_file(l->fd);
    *none = has_no_locks(number);
    *again = !number && !is_current(l);
    if (number && !*none) {
        const struct holder h = read_holder(l->path);
        return number == EAGAIN || number == EACCES ? refuse(l, &h, e) : fail(l, number, e);
    }
    if (!*again && !*none && !write_holder(l->fd))
        return fail(l, errno, e);
    if (!*again && !*none)
        return ERR_OK;
    close(l->fd);
    l->fd = -1;
    return ERR_OK;
}

/* --- the file alone --- */

/* A file of our own that takes the lock's name: by link where nobody may have it, else by rename.
 */
static bool put_name(const struct run_lock *l, bool over) {
    char *own = mem_format("%s.%ld", l->path, (long)getpid());
    const int fd = open(own, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool good = fd >= 0 && write_holder(fd);
    if (fd >= 0)
        good = close(fd) == 0 && good;
    if (good)
        good = (over ? rename(own, l->path) : link(own, l->path)) == 0;
    const int number = errno;
    (void)unlink(own);
    free(own);
    errno = number;
    return good;
}

/* Of several that find a dead one's file, each puts its own there; the last one has it. */
static enum err_code take_over(struct run_lock *l, struct err *e) {
    const struct holder me = myself();
    if (!put_name(l, true))
        return fail(l, errno, e);
    wait_ms(SETTLE_MS);
    const struct holder h = read_holder(l->path);
    return same_holder(&h, &me) ? ERR_OK : refuse(l, &h, e);
}

static enum err_code take_by_name(struct run_lock *l, struct err *e) {
    if (put_name(l, false))
        return ERR_OK;
    if (errno != EEXIST)
        return fail(l, errno, e);
    const struct holder h = read_holder(l->path), me = myself();
    const bool dead = h.pid && strcmp(h.host, me.host) == 0 && !process_lives((pid_t)h.pid);
    return dead ? take_over(l, e) : refuse(l, &h, e);
}

/* --- both --- */

static enum err_code take(struct run_lock *l, enum lock_kind kind, struct err *e) {
    bool again = kind == LOCK_BEST, none = kind == LOCK_BY_NAME;
    for (int i = 0; i < ATTEMPTS && again && !none; i++) {
        enum err_code code = file_make_folders(l->folder, e);
        if (code)
            return code;
        code = take_kernels(l, &again, &none, e);
        if (code)
            return code;
    }
    if (again && !none)
        return refuse(l, &(struct holder){0}, e);
    if (!none)
        return ERR_OK;
    enum err_code code = file_make_folders(l->folder, e);
    return code ? code : take_by_name(l, e);
}

enum err_code run_lock_take(struct run_lock **out, const char *folder, enum lock_kind kind,
                            struct err *e) {
    struct run_lock *l = mem_alloc(sizeof *l);
    *out = NULL;
    l->folder = mem_text(folder);
    l->path = file_join(folder, "lock");
    l->fd = -1;
    enum err_code code = take(l, kind, e);
    if (code) {
        if (l->fd >= 0)
            close(l->fd);
        free(l->path);
        free(l->folder);
        free(l);
    } else {
        *out = l;
    }
    return code;
}

bool run_lock_is_kernels(const struct run_lock *l) {
    return l->fd >= 0;
}

/* On NFS a file that is open and removed is there under another name until it is closed. */
void run_lock_drop(struct run_lock *l, bool remove) {
    if (!l)
        return;
    if (remove || l->fd < 0)
        (void)unlink(l->path);
    if (l->fd >= 0)
        close(l->fd);
    if (remove)
        (void)rmdir(l->folder);
    free(l->path);
    free(l->folder);
    free(l);
}
