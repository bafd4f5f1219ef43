/*
 * Files: whole-file reads with a limit, read-only mappings, and writes that either happen
 * completely or not at all (temporary name in the same folder, fsync, rename). Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_FILE_H
#define TINSEQ_BACKEND_BASE_FILE_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A descriptor for reading a regular file. ERR_IO for anything else: a pipe or a device may never
 * begin and never end. */
enum err_code file_open(int *fd, const char *path, struct err *e) ERR_CHECKED;

/* Reads a whole regular file of at most `limit` bytes; *data is NUL-terminated beyond *n and owned
 * by the caller. IO; FORMAT when it is larger, or only Git LFS's pointer to a file. */
enum err_code file_read(char **data, size_t *n, const char *path, size_t limit,
                        struct err *e) ERR_CHECKED;

/* The same of a name that a person gave: a pipe (<(command)) is waited for and read to its end. */
enum err_code file_read_named(char **data, size_t *n, const char *path, size_t limit,
                              struct err *e) ERR_CHECKED;

/* Writes n bytes to `path` through a temporary file beside it. On failure (a full disk) the old
 * file, if any, is untouched. A link stays a link, an old file keeps its mode. ERR_IO where
 * a folder, a pipe or a device has that name. */
enum err_code file_write(const char *path, const char *data, size_t n, struct err *e) ERR_CHECKED;
/* The same to a name that a person gave: a device, or a pipe that someone reads from (/dev/stdout),
 * is written to directly. */
enum err_code file_write_named(const char *path, const char *data, size_t n,
                               struct err *e) ERR_CHECKED;

/* A read-only view of a regular file. Of a file that another program cuts short while it is mapped,
 * what is missing reads as zeros: file_map_cut tells (backend/base/file_guard.h). */
struct file_map {
    const unsigned char *data;
    size_t n;
};
enum err_code file_map_open(struct file_map *out, const char *path, struct err *e) ERR_CHECKED;
void file_map_close(struct file_map *m);
/* Whether something was read that is not in the file any more. */
bool file_map_cut(const struct file_map *m);

bool file_exists(const char *path);
/* Whether a folder has that name, though it may lead nowhere or be closed to us: no more can be
 * said than that it is not absent. */
bool file_is_there(const char *path);
bool file_is_folder(const char *path);

/* The names in a folder, sorted by their bytes; hidden ones are left out. */
struct file_names {
    char **items;
    size_t n;
};
/* At most `most` names; none where the folder cannot be read. */
struct file_names file_list(const char *folder, size_t most);
void file_names_dispose(struct file_names *names);

/* The folder that a file lies in, "." where the path names none. Owned by the caller. */
char *file_folder(const char *path);
/* mkdir -p, mode 0700 for what it creates. */
enum err_code file_make_folders(const char *path, struct err *e) ERR_CHECKED;
/* "a/b", owned by the caller. */
char *file_join(const char *a, const char *b);
/* "~/leaf" with HOME (else the password file's home) in place of ~, owned by the caller. */
char *file_home(const char *leaf);
/* ${VAR:-~/fallback}/tinseq/<leaf>, owned by the caller; a relative $VAR is ignored, as the XDG
 * specification asks. */
char *file_xdg(const char *variable, const char *fallback_under_home, const char *leaf);

#endif
