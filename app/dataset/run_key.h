/* What decides the rows of a run, as lines "name: value", and how two runs differ. Any thread. */
#ifndef TINSEQ_APP_RUN_KEY_H
#define TINSEQ_APP_RUN_KEY_H

#include <stddef.h>

/* What `now` has otherwise than `then`, for a message: "method: saliency then, lime now; seed: 1
 * now, none then"; NULL: nothing. Owned by the caller; sanitised. */
char *run_key_difference(const char *then, const char *now);

#endif
