/* The comparison that is shown, written to a file. Interface thread only. */
#ifndef TINSEQ_APP_OUTPUT_COMPARE_H
#define TINSEQ_APP_OUTPUT_COMPARE_H

#include "backend/base/err.h"
#include "methods/result/result_info.h"

struct app;

/* Adds what a person should know of it. Errors: USAGE (no such ending), SHAPE, IO, NOMEM. */
enum err_code app_write_compared(const struct app *a, const char *path, struct info_texts *told,
                                 struct err *e) ERR_CHECKED;

#endif
