/*
 * Errors as values. Every function that can fail returns an enum err_code and, on failure, fills
 * the caller's struct err, always passed last. The struct is plain data of fixed size: a worker
 * copies it by value into an event for the screen.
 *
 * The message is one line without a trailing dot. It says what was wrong with what and, where a
 * person can mend it, what to do. A lower error passes upward unchanged. Programming errors are
 * asserted instead. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_ERR_H
#define TINSEQ_BACKEND_BASE_ERR_H

/* clang-format off */
#define ERR_CODES(X)                                                        \
    X(OK,          "no error")                                              \
    X(NOMEM,       "out of memory")                                         \
    X(IO,          "a file could not be read or written")                   \
    X(FORMAT,      "a file or text is not what it should be")               \
    X(SHAPE,       "dimensions do not agree")                               \
    X(UNSUPPORTED, "valid, but nothing here can do it")                     \
    X(USAGE,       "the request itself is wrong (exit code 2)")             \
    X(BACKEND,     "libtorch refused or failed")                            \
    X(CANCELLED,   "the caller asked to stop")                              \
    X(INTERNAL,    "a defect of this program")
/* clang-format on */

#ifdef __cplusplus
extern "C" {
#endif

enum err_code {
#define X(name, text) ERR_##name,
    ERR_CODES(X)
#undef X
};

#define ERR_MESSAGE_SIZE 512

struct err {
    enum err_code code;
    char message[ERR_MESSAGE_SIZE]; /* UTF-8, NUL-terminated, cut at a character if too long */
};

#define ERR_CHECKED __attribute__((warn_unused_result))

/* Sets `e` (ignored if NULL) to `code` with a printf-style message, and returns `code`, so that
 * `return err_set(e, ERR_IO, "...")` is one line. */
enum err_code err_set(struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets `e` back to ERR_OK and an empty message. */
void err_clear(struct err *e);

/* The code's name ("IO"), borrowed for ever. */
const char *err_code_name(enum err_code code);

#ifdef __cplusplus
}
#endif

#endif
