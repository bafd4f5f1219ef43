#include "backend/base/file.h"

#include "backend/base/file_error.h"
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

/* Why a file cannot be opened: a name that leads nowhere is there all the same. */
static enum err_code fail_to_open(struct err *e, const char *path, int number) {
    if (number == ENOENT && file_is_there(path))
        return err_set(e, ERR_IO, "%s: a link to what is not there", file_shown(path));
    return file_fail(e, path, number);
}

/* Does not wait at a pipe that no one writes to. */
static enum err_code open_for_reading(int *fd, struct stat *about, const char *path,
                                      struct err *e) {
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return fail_to_open(e, path, errno);
    int number = fstat(*fd, about) != 0 ? errno : 0;
    if (!number && !S_ISDIR(about->st_mode))
        return ERR_OK;
    number = number ? number : EISDIR;
    close(*fd);
    *fd = -1;
    return file_fail(e, path, number);
}

static enum err_code open_regular(int *fd, struct stat *about, const char *path, struct err *e) {
    enum err_code code = open_for_reading(fd, about, path, e);
    if (code || S_ISREG(about->st_mode))
        return code;
    close(*fd);
    *fd = -1;
    return err_set(e, ERR_IO, "%s: not a regular file", file_shown(path));
}

enum err_code file_open(int *fd, const char *path, struct err *e) {
    struct stat about;
    return open_regular(fd, &about, path, e);
}

/* What `git clone` leaves in the place of large files where git-lfs is not installed. */
static enum err_code check_pointer(const void *data, size_t n, const char *path, struct err *e) {
    static const char mark[] = "version https://git-lfs.github.com/spec/";
    if (n < sizeof mark - 1 || memcmp(data, mark, sizeof mark - 1) != 0)
        return ERR_OK;
    return err_set(e, ERR_FORMAT,
                   "%s: a Git LFS pointer in the place of the file: run \"git lfs pull\" in its "
                   "folder",
                   file_shown(path));
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

static enum err_code too_large(struct err *e, const char *path, size_t limit) {
    return err_set(e, ERR_FORMAT, "%s: larger than %zu bytes, the most that is read of such a file",
                   file_shown(path), limit);
}

/* From fd to its end, into a text of *n bytes and a NUL; first with room for `capacity`. */
static enum err_code read_all(char **text, size_t *n, int fd, size_t capacity, const char *path,
                              size_t limit, struct err *e) {
    for (;;) {
        if (!*text || *n + 1 >= capacity) {
            capacity = *text ? capacity * 2 : capacity;
            char *more = realloc(*text, capacity);
            if (!more)
                return err_set(e, ERR_NOMEM, "%s: no memory for %zu bytes", file_shown(path),
                               capacity);
            *text = more;
        }
        ssize_t got = read_some(fd, *text + *n, capacity - *n - 1);
        if (got < 0)
            return file_fail(e, path, errno);
        *n += (size_t)got;
        (*text)[*n] = '\0';
        if (*n > limit)
            return too_large(e, path, limit);
        if (got == 0)
            return check_pointer(*text, *n, path, e);
    }
}

/* Takes fd. */
static enum err_code read_opened(char **data, size_t *n, int fd, const struct stat *about,
                                 const char *path, size_t limit, struct err *e) {
    const bool regular = S_ISREG(about->st_mode);
    /* the NUL, and a byte that shows the end was met */
    const size_t capacity = regular ? (size_t)about->st_size + 2 : 4096;
    enum err_code code = regular && (uintmax_t)about->st_size > limit
                             ? too_large(e, path, limit)
                             : read_all(data, n, fd, capacity, path, limit, e);
    close(fd);
    if (code) {
        free(*data);
        *data = NULL;
        *n = 0;
    }
    return code;
}

typedef enum err_code (*opener)(int *fd, struct stat *about, const char *path, struct err *e);

static enum err_code read_by(opener open_file, char **data, size_t *n, const char *path,
                             size_t limit, struct err *e) {
    struct stat about;
    int fd;
    *data = NULL;
    *n = 0;
    enum err_code code = open_file(&fd, &about, path, e);
    if (code)
        return code;
    return read_opened(data, n, fd, &about, path, limit, e);
}

enum err_code file_read(char **data, size_t *n, const char *path, size_t limit, struct err *e) {
    return read_by(open_regular, data, n, path, limit, e);
}

enum err_code file_read_named(char **data, size_t *n, const char *path, size_t limit,
                              struct err *e) {
    return read_by(open_for_reading, data, n, path, limit, e);
}

char *file_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_text(".");
    return mem_text_n(path, slash == path ? 1 : (size_t)(slash - path));
}

enum err_code file_map_open(struct file_map *out, const char *path, struct err *e) {
    static const unsigned char nothing[1];
    *out = (struct file_map){0};
    struct stat about;
    int fd;
    enum err_code code = open_regular(&fd, &about, path, e);
    if (code)
        return code;
    const size_t n = (size_t)about.st_size;
    void *data = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (n == 0)
        out->data = nothing; /* mmap refuses an empty range */
    else if (data == MAP_FAILED)
        code = file_fail(e, path, errno);
    else
        *out = (struct file_map){.data = data, .n = n};
    close(fd);
    if (code || n == 0)
        return code;
    file_guard_watch(out->data, out->n);
    code = check_pointer(out->data, out->n, path, e);
    if (code)
        file_map_close(out);
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

bool file_is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 || (errno != ENOENT && errno != ENOTDIR);
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
    return number ? file_fail(e, path, number) : ERR_OK;
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
