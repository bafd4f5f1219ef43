/*
 * JSON as Python writes it. Results are read and written through this rather than cJSON because a
 * number must come back as it was written (0.0 stays 0.0, a 64-bit seed stays exact), NaN and
 * Infinity occur, and base64 strings of many megabytes should not be copied. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_JSON_H
#define TINSEQ_BACKEND_BASE_JSON_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

/* One value; borrowed until json_free. Not NUL-terminated: use the lengths. */
struct json_value {
    enum json_type type;
    const char *key; /* inside an object: its unescaped name */
    size_t n_key;
    const char *text; /* NUMBER: as written; STRING: unescaped UTF-8 (a lone surrogate or NUL
                         becomes U+FFFD) */
    size_t n_text;
    struct json_value *first, *next; /* members in the file's order */
    size_t n_members;
};

struct json_document;

/* `text` must live as long as the document. Errors: FORMAT with the byte position (nesting is
 * limited to 128), NOMEM. */
enum err_code json_parse(struct json_document **out, const char *text, size_t n,
                         struct err *e) ERR_CHECKED;
struct json_value *json_root(struct json_document *d);
/* How many characters became U+FFFD in its strings. */
size_t json_replaced(const struct json_document *d);
/* Whether a string of a JSON text holds a NUL, written \u0000 or as it is: who parses it into C
 * strings would cut them there. */
bool json_holds_nul(const char *text, size_t n);
void json_free(struct json_document *d);

/* The last member of that name, as Python's dict keeps it; NULL if there is none or `object` is no
 * object. */
struct json_value *json_get(const struct json_value *object, const char *key);
bool json_is(const struct json_value *v, const char *text);   /* a string equal to text */
bool json_named(const struct json_value *v, const char *key); /* a member of that name */
bool json_integer(int64_t *out,
                  const struct json_value *v); /* a whole number without exponent that fits */
bool json_number(double *out, const struct json_value *v);

/* json.dumps(…, sort_keys=True, indent=4, ensure_ascii=True) of a value that stands `depth`
 * levels deep. */
void json_write(struct text_buffer *b, const struct json_value *v, int depth);
/* The same on one line, without spaces, names in the order that they stand in, non-ASCII characters
 * as they are: for a value that is kept as text, or shown. */
void json_write_flat(struct text_buffer *b, const struct json_value *v);
/* The fewest digits, 15 or more, that read as the same number; null of what is no number. */
void json_write_number(struct text_buffer *b, double value);
void json_write_flat_string(struct text_buffer *b, const char *s, size_t n);
/* A quoted string with every non-ASCII character as \u; bytes that are no UTF-8 become U+FFFD. */
void json_write_string(struct text_buffer *b, const char *s, size_t n);
/* Members of an object on one line, each followed by a comma: "key":value, . A NULL text is
 * none. */
void json_put_string(struct text_buffer *b, const char *key, const char *text);
void json_put_number(struct text_buffer *b, const char *key, double value);
void json_put_flag(struct text_buffer *b, const char *key, bool flag);
void json_put_member(struct text_buffer *b, const struct json_value *v); /* as it was read */
void json_put_value(struct text_buffer *b, const char *key, const char *json);
/* "{", the members, without their last comma, and "}"; the buffer is empty afterwards. Owned by the
 * caller. */
char *json_take_object(struct text_buffer *members);
/* What json_write makes of a text that is JSON; owned by the caller. */
char *json_pretty(const char *flat);
/* A line break and 4 · depth spaces. */
void json_write_line(struct text_buffer *b, int depth);

#endif
