/*
 * Writing results without holding the screen up: a large one takes a quarter of a second. One
 * thread of its own writes them in the order given. A result given here must not change any more.
 * All functions are for the interface thread.
 */
#ifndef TINSEQ_APP_SAVER_H
#define TINSEQ_APP_SAVER_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>

struct saver;

/* Errors: IO (no thread). */
enum err_code saver_start(struct saver **out, struct err *e) ERR_CHECKED;
/* Writes what waits, ends the thread and frees everything. NULL is legal. */
void saver_stop(struct saver *s);
/* Will write `result` with another info to `path`, and `small` to `small_path`. The result is
 * retained, the info and strings are taken. */
void saver_add_take(struct saver *s, struct attribution *result, struct result_info info,
                    char *path, char *small, char *small_path);
/* Returns when nothing waits any more. */
void saver_wait(struct saver *s);
/* Readable while a failure waits to be taken. */
int saver_fd(const struct saver *s);
/* The next failure: the result's path, owned by the caller, and why. False: none. */
bool saver_take_failure(char **path, struct err *why, struct saver *s);

/* What the thread does for one result. Any thread. */
enum err_code saver_write(const struct attribution *result, const struct result_info *info,
                          const char *path, const char *small, const char *small_path,
                          struct err *e) ERR_CHECKED;

#endif
