/* Lines of batches, put one behind the other. Internal to app/dataset. Any thread. */
#ifndef TINSEQ_APP_BATCH_TEXT_H
#define TINSEQ_APP_BATCH_TEXT_H

#include "backend/base/mem.h"

#include <stddef.h>

/* Appends a batch's lines, of which the first may be its mark (batch_mark.h). What stands above its
 * rows is left out where it is *above, the line that stands above those before; *above becomes what
 * stands above what follows (owned by the caller, NULL: nothing). */
void batch_text_put(struct text_buffer *out, char **above, const char *lines, size_t n);

#endif
