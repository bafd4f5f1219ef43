/* The functions of SQLite (3.7 or later) that are used, opened when they are first needed: the
 * program starts without it. Internal to app/dataset. Any thread, the first call only once at a
 * time. */
#ifndef TINSEQ_APP_SQLITE_H
#define TINSEQ_APP_SQLITE_H

#include "backend/base/err.h"

#include <sqlite3.h>

#define SQLITE_PACKAGE "libsqlite3-0"

#define SQLITE_FUNCTIONS(FUNCTION)                                                                 \
    FUNCTION(open_v2)                                                                              \
    FUNCTION(close)                                                                                \
    FUNCTION(exec)                                                                                 \
    FUNCTION(prepare_v2)                                                                           \
    FUNCTION(bind_int64)                                                                           \
    FUNCTION(bind_text)                                                                            \
    FUNCTION(step)                                                                                 \
    FUNCTION(finalize)                                                                             \
    FUNCTION(column_int64)                                                                         \
    FUNCTION(column_text)                                                                          \
    FUNCTION(errmsg)                                                                               \
    FUNCTION(errcode)

struct sqlite {
#define FUNCTION(name) __typeof__(&sqlite3_##name) name;
    SQLITE_FUNCTIONS(FUNCTION)
#undef FUNCTION
};

/* NULL on failure: UNSUPPORTED with the Debian package to install. */
const struct sqlite *sqlite_open(struct err *e);

#endif
