/* What the command line says to a person: on standard output, and beside it. Main thread only. */
#ifndef TINSEQ_APP_CLI_PRINT_H
#define TINSEQ_APP_CLI_PRINT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stddef.h>

/* Prints to standard output; ERR_IO when that fails (a full disk). */
enum err_code cli_print(const char *text, size_t n, struct err *e) ERR_CHECKED;
/* Tells something beside the output, on standard error; text need not be sanitised. */
void cli_note(const char *text);
void cli_say(const char *text); /* the same, of an error that does not end the command */
/* Exit status of an error: 2 for wrong usage, 130 when cancelled, else 1; says on standard error
 * what it was. */
int cli_exit(enum err_code code, const struct err *e);

/* ERR_USAGE for a word that is none of `names` [n]: "unknown theme "drak"; did you mean dark?", or,
 * when none is near, `otherwise` after the semicolon. */
enum err_code cli_unknown(const char *what, const char *word, const char *const *names, size_t n,
                          const char *otherwise, struct err *e) ERR_CHECKED;

/* "name    text" on lines of 88 columns, the text from `column` on; `text` may be NULL. */
void cli_write_row(struct text_buffer *b, const char *name, int column, const char *text);

#endif
