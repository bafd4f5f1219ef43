/* The curves of an evaluation as the command line draws them. Main thread only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_PICTURE_H
#define TINSEQ_APP_CLI_EVALUATE_PICTURE_H

#include "methods/evaluation/faithfulness.h"

/* A picture of each method for a terminal of so many columns, lines of text; owned by the caller.
 * Only ASCII where the locale has no more. */
char *evaluate_picture(const struct faithfulness *f, const char *function, int columns);

#endif
