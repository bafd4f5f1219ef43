/*
 * `tinseq attribute-dataset` as a process beside the program: the command itself, so that it can be
 * stopped at any moment and goes on from there, here or in a shell. Runs on a background thread of
 * its own.
 */
#ifndef TINSEQ_APP_DATASET_CHILD_H
#define TINSEQ_APP_DATASET_CHILD_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stddef.h>

struct background;

struct dataset_child {
    char **words; /* the command, NULL-terminated, owned with its texts */
    char *last;   /* what it said last, owned, not sanitised; NULL: nothing yet */
    int status;   /* its exit status once it is over */
};

void dataset_child_free(void *child); /* a struct dataset_child */
/* Until it ends; what it says is kept line by line. When the background says so it is interrupted,
 * and keeps what is finished. Errors: IO (it cannot be started, or failed: what it said last),
 * CANCELLED. */
enum err_code dataset_child_run(struct background *b, void *child, struct err *e) ERR_CHECKED;

/* The words of a command as request_command quotes it ('…', $'…' with octal digits), owned by the
 * caller; NULL-terminated. */
char **shell_words(const char *command);
void shell_words_free(char **words);

#endif
