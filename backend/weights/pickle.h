/*
 * Python's pickle as inert data. The stream is a program for a stack machine; here its opcodes only
 * build values, and the functions and classes that it may name are a table of the caller's: a call
 * of one of them becomes a value that says so, and any other is an error. Nothing is ever executed.
 * Values may contain each other in circles: whoever walks them goes a fixed depth.
 *
 * Memory: at most PICKLE_MEMORY bytes for each byte of the stream. Any thread.
 * Source: CPython 3.12, Lib/pickletools.py, which documents every opcode.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_PICKLE_H
#define TINSEQ_BACKEND_WEIGHTS_PICKLE_H

#include "backend/weights/store.h"

#define PICKLE_MEMORY 192

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_MARK,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_LONG, /* a whole number of more than 64 bits: its bytes, little-endian */
    PICKLE_REAL,
    PICKLE_TEXT,
    PICKLE_TUPLE,
    PICKLE_LIST,
    PICKLE_DICT, /* items are key, value, key, value, … */
    PICKLE_GLOBAL,
    PICKLE_CALL,      /* items are a GLOBAL and a TUPLE */
    PICKLE_PERSISTENT /* its item is the id */
};

struct pickle_value {
    enum pickle_kind kind;
    int64_t integer;  /* BOOL, INT; GLOBAL: its index in the caller's table */
    const char *text; /* TEXT, LONG: borrowed from the stream, not NUL-terminated */
    size_t n_text;
    struct pickle_value **items; /* [n_items] */
    size_t n_items, capacity;
};

/* "module.name" of what a stream may name, and what calling it makes: a CALL, or with `dict` a DICT
 * of what it is given (a list of pairs, or nothing). */
struct pickle_global {
    const char *name;
    bool dict;
};

struct pickle; /* owns the values */

/* Reads one pickle from the cursor, which is left behind it. The values live until pickle_free, and
 * as long as the bytes. FORMAT; UNSUPPORTED with the name of what is not in globals[0 … n). */
enum err_code pickle_read(struct pickle **out, struct pickle_value **value, struct reader *r,
                          const struct pickle_global *globals, size_t n, const char *file,
                          struct err *e) ERR_CHECKED;
void pickle_free(struct pickle *p);

#endif
