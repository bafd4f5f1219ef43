/*
 * Editing a text in the person's own editor. The terminal must be free (screen_leave). Interface
 * thread only.
 */
#ifndef TINSEQ_APP_EDITOR_H
#define TINSEQ_APP_EDITOR_H

#include "backend/base/err.h"

/* Runs $VISUAL or $EDITOR (else vi) on a temporary file holding `text`; *out is what it holds
 * afterwards, without a final newline. Owned by the caller. Errors: IO (no such editor, it failed,
 * the file cannot be written or read). */
enum err_code editor_run(char **out, const char *text, struct err *e) ERR_CHECKED;

#endif
