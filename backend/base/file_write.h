/*
 * Files written so that a name has either what it had before or all of what is new: to a temporary
 * name beside it, onto the disk, then renamed. Long ones come piece by piece. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_FILE_WRITE_H
#define TINSEQ_BACKEND_BASE_FILE_WRITE_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct file_writer;

/* Begins to write to a path: a link stays a link, its target is replaced, and keeps its mode.
 * `named`: a name that a person gave, which may be a device or a pipe that someone reads from
 * (/dev/stdout): it is written to directly. What killed processes left is removed. Errors: IO. */
enum err_code file_writer_open(struct file_writer **out, const char *path, bool named,
                               struct err *e) ERR_CHECKED;
/* Appends n bytes. What goes wrong is told by file_writer_end; nothing more is written then. */
void file_writer_add(struct file_writer *w, const char *data, size_t n);
/* All is written and on the disk, not yet under its name. Errors: IO (a full disk). */
enum err_code file_writer_end(struct file_writer *w, struct err *e) ERR_CHECKED;
/* Gives it its name, after file_writer_end; freed in any case. Errors: IO, and the name has what it
 * had before. */
enum err_code file_writer_commit_take(struct file_writer *w, struct err *e) ERR_CHECKED;
/* Leaves nothing of it. NULL is legal. */
void file_writer_drop(struct file_writer *w);

/* A file's name reaches the disk as well; file systems that cannot do that are left alone. */
void file_sync_folder(const char *file);

#endif
