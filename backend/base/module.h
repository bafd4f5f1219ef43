/*
 * Shared modules of this program: parts that link a heavy library, opened with dlopen when they are
 * first needed. Each is a file beside the executable, or under its prefix after `make install`, and
 * exports one function that returns a table of functions. Any thread, but the first call for a
 * module only once at a time.
 *
 * They are opened RTLD_LOCAL: libsentencepiece and libtorch each bring a protobuf, and the two must
 * not see each other's symbols.
 */
#ifndef TINSEQ_BACKEND_BASE_MODULE_H
#define TINSEQ_BACKEND_BASE_MODULE_H

#include "backend/base/err.h"

/* Opens `file` ($`variable` names another one, where set) and calls the exported function `symbol`,
 * which returns the table. NULL on failure: IO when the file is not found, BACKEND with the
 * linker's message. */
const void *module_open(const char *file, const char *variable, const char *symbol, struct err *e);

#endif
