/* The model that made a result, where it is now. Any thread. */
#ifndef TINSEQ_APP_RESULT_MODEL_H
#define TINSEQ_APP_RESULT_MODEL_H

#include "methods/result/result_info.h"

/* What to load it by, owned by the caller: the path that it was given by, what has its name beside
 * `file` (the result's, NULL: none), or its name in the list. NULL: it is at none of these. */
char *result_model(const struct result_info *info, const char *file);

#endif
