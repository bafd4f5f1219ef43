#include "backend/base/file.h"

#include "backend/base/file_guard.h"
#include "backend/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_PATH 300 /* bytes of a path in a message: the reason after it must still fit */

/* The end of a path that is too long for a message, from a character's start. Borrowed from
 * `path`. */
static const char *shown(const char *path) {
    size_t n = strlen(path);
    if (n <= SHOWN_PATH)
        return path;
    path += n - SHOWN_PATH;
    while (((unsigned char)*path & 0xC0) == 0x80)
        path++;
    return path;
}

static enum err_code fail(struct err *e, const char *path, int number) {
    char text[128];
    return err_set(e, ERR_IO, "%s: %s", shown(path), strerror_r(number, text, sizeof text));
}

static int open_for_reading(const char *path) {
    /* Not blocking: a named pipe that no one writes to reads as empty instead of hanging the
     * program. */
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* read() that waits for a pipe's writer and goes on after signals. */
static ssize_t read_some(int fd, char *to, size_t n) {
    for (;;) {
        ssize_t got = read(fd, to, n);
        if (got >= 0)
            return got;
        if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLIN};
            if (poll(&ready, 1, -1) < 0 && errno != EINTR)
                return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

enum err_code file_read(char **data, size_t *n, const char *path, size_t limit, struct err *e) {
    *data = NULL;
    *n = 0;
    int fd = open_for_reading(path);
    if (fd < 0)
        return fail(e, path, errno);
    enum err_code code = ERR_OK;
    char *text = NULL;
    size_t size = 0, capacity = 4096;
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        if (about.st_size > 0 && (uintmax_t)about.st_size > limit) {
            code = err_set(e, ERR_FORMAT,
                           "%s: larger than %zu bytes, the most that is read of such a file",
                           shown(path), limit);
            goto out;
        }
        capacity = (size_t)about.st_size + 2; /* the NUL, and a byte that shows the end was met */
    }
    for (;;) {
        if (!text || size + 1 >= capacity) {
            capacity = text ? capacity * 2 : capacity;
            char *more = realloc(text, capacity);
            if (!more) {
                code = err_set(e, ERR_NOMEM, "%s: no memory for %zu bytes", shown(path), capacity);
                goto out;
            }
            text = more;
        }
        ssize_t got = read_some(fd, text + size, capacity - size - 1);
        if (got < 0) {
            code = fail(e, path, errno);
            goto out;
        }
        if (got == 0)
            break;
        size += (size_t)got;
        if (size > limit) {
            code = err_set(e, ERR_FORMAT,
                           "%s: larger than %zu bytes, the most that is read of such a file",
                           shown(path), limit);
            goto out;
        }
    }
    text[size] = '\0';
    *data = text;
    *n = size;
    text = NULL;
out:
    free(text);
    close(fd);
    return code;
}

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

/* A device or a pipe (/dev/stdout, /dev/full): nothing to keep whole and nothing that may be
 * renamed over. */
static enum err_code write_through(const char *path, const char *data, size_t n, struct err *e) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail(e, path, errno);
    int number = write_all(fd, data, n);
    if (close(fd) != 0 && number == 0)
        number = errno;
    return number ? fail(e, path, number) : ERR_OK;
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

char *file_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_text(".");
    return mem_text_n(path, slash == path ? 1 : (size_t)(slash - path));
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
        if (owner && kill(owner, 0) != 0 && errno == ESRCH)
            (void)unlinkat(dirfd(d), entry->d_name, 0);
    }
    if (d)
        closedir(d);
    free(folder);
}

/* The folder's entry must reach the disk as well; file systems that cannot do that are left
 * alone. */
static void sync_folder(const char *file) {
    char *folder = file_folder(file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

enum err_code file_write(const char *path, const char *data, size_t n, struct err *e) {
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode))
        return fail(e, path, EISDIR);
    if (exists && !S_ISREG(old.st_mode))
        return write_through(path, data, n, e);
    /* A link stays a link: its target is replaced. */
    char *real = exists ? realpath(path, NULL) : NULL;
    const char *target = real ? real : path;
    char *temporary = NULL;
    int number = 0;
    remove_stale(target);
    int fd = open_temporary(&temporary, target);
    if (fd < 0) {
        number = errno;
        goto out;
    }
    number = write_all(fd, data, n);
    if (number == 0 && exists && fchmod(fd, old.st_mode & 07777) != 0)
        number = errno;
    if (number == 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOSYS)
        number = errno;
    if (close(fd) != 0 && number == 0)
        number = errno;
    if (number == 0 && rename(temporary, target) != 0)
        number = errno;
    if (number != 0)
        (void)unlink(temporary);
    else
        sync_folder(target);
out:
    free(temporary);
    free(real);
    return number ? fail(e, path, number) : ERR_OK;
}

enum err_code file_map_open(struct file_map *out, const char *path, struct err *e) {
    static const unsigned char nothing[1];
    *out = (struct file_map){0};
    int fd = open_for_reading(path);
    if (fd < 0)
        return fail(e, path, errno);
    enum err_code code = ERR_OK;
    struct stat about;
    if (fstat(fd, &about) != 0) {
        code = fail(e, path, errno);
    } else if (S_ISDIR(about.st_mode)) {
        code = fail(e, path, EISDIR);
    } else if (!S_ISREG(about.st_mode)) {
        code = err_set(e, ERR_IO, "%s: not a regular file", shown(path));
    } else if (about.st_size == 0) {
        out->data = nothing; /* mmap refuses an empty range */
    } else {
        void *data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (data == MAP_FAILED) {
            code = fail(e, path, errno);
        } else {
            *out = (struct file_map){.data = data, .n = (size_t)about.st_size};
            file_guard_watch(out->data, out->n);
        }
    }
    close(fd);
    return code;
}

void file_map_close(struct file_map *m) {
    if (m->n > 0) {
        file_guard_forget(m->data);
        (void)munmap((void *)m->data, m->n);
    }
    *m = (struct file_map){0};
}

bool file_map_cut(const struct file_map *m) {
    return m->n > 0 && file_guard_missed(m->data);
}

bool file_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0;
}

bool file_is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct file_names file_list(const char *folder, size_t most) {
    struct file_names names = {0};
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && names.n < most && (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        if ((names.n & (names.n - 1)) == 0)
            names.items =
                mem_resize(names.items, (names.n ? names.n * 2 : 1) * sizeof *names.items);
        names.items[names.n++] = mem_text(entry->d_name);
    }
    if (d)
        closedir(d);
    if (names.n)
        qsort(names.items, names.n, sizeof *names.items, by_text);
    return names;
}

void file_names_dispose(struct file_names *names) {
    for (size_t i = 0; i < names->n; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct file_names){0};
}

enum err_code file_make_folders(const char *path, struct err *e) {
    char *part = mem_text(path);
    int number = 0;
    for (char *at = part + (*part == '/');; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char keep = *at;
        *at = '\0';
        if (*part && mkdir(part, 0700) != 0 && !file_is_folder(part))
            number = errno == EEXIST ? ENOTDIR : errno;
        *at = keep;
        if (number || keep == '\0')
            break;
    }
    free(part);
    return number ? fail(e, path, number) : ERR_OK;
}

char *file_join(const char *a, const char *b) {
    size_t n = strlen(a);
    return mem_format("%s%s%s", a, n == 0 || a[n - 1] == '/' ? "" : "/", b);
}

/* The person's own folder: HOME, else what the password file says, else the root. Owned by the
 * caller. */
static char *home_folder(void) {
    const char *home = getenv("HOME");
    if (home && home[0] == '/')
        return mem_text(home);
    struct passwd about, *found = NULL;
    char text[4096];
    if (getpwuid_r(getuid(), &about, text, sizeof text, &found) == 0 && found && found->pw_dir &&
        found->pw_dir[0] == '/')
        return mem_text(found->pw_dir);
    return mem_text("/");
}

char *file_home(const char *leaf) {
    char *home = home_folder();
    char *path = file_join(home, leaf);
    free(home);
    return path;
}

char *file_xdg(const char *variable, const char *fallback_under_home, const char *leaf) {
    /* The XDG specification: a relative value is invalid and ignored. */
    const char *value = getenv(variable);
    char *base = value && value[0] == '/' ? mem_text(value) : file_home(fallback_under_home);
    char *own = file_join(base, "tinseq");
    char *path = leaf && *leaf ? file_join(own, leaf) : mem_text(own);
    free(base);
    free(own);
    return path;
}
