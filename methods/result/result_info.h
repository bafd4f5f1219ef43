/*
 * What a result was made of: filled in one place when a method begins (methods/request/
 * attribute_info.c), read when a file is loaded, printed when one is saved. Texts are owned. Any
 * thread; of a finished result it does not change.
 */
#ifndef TINSEQ_METHODS_RESULT_INFO_H
#define TINSEQ_METHODS_RESULT_INFO_H

#include "methods/declare/alignment.h"
#include "methods/declare/span.h"

#include <stdbool.h>
#include <stddef.h>

/* A member of an object as its JSON text. */
struct info_value {
    char *key, *json;
};
struct info_values {
    struct info_value *items;
    size_t n;
};

/* A text for each of several sequences. */
struct info_texts {
    char **items; /* NULL: nothing is known; an item is NULL where a file has no text */
    size_t n;
    bool alone; /* one that serves all sequences, written as a text and not as a list */
};

/* What the texts were held against. */
struct info_contrast {
    struct info_texts targets, sources;
    struct optional force_inputs; /* a flag */
    struct alignment *alignments; /* [n_alignments] pairs, one list for each sequence */
    size_t n_alignments;
};

/* Options of a method, of step functions or of the generation; a contrast is among those of
 * functions. */
struct info_arguments {
    bool given;
    struct info_contrast contrast;
    struct info_values options;
};

struct info_seconds {
    bool given;
    double value;
};

/* A step function or an expression. */
struct info_function {
    char *id;      /* NULL: not known */
    bool suffixed; /* files have Inseq's "_fn" behind it, the name of its Python function */
};

/* Members by kind. A NULL text, or what is not given, is in no file. */
#define INFO_TYPE_NUMBER struct optional
#define INFO_TYPE_FLAG struct optional
#define INFO_TYPE_FUNCTION struct info_function
#define INFO_TYPE_ARGUMENTS struct info_arguments
#define INFO_TYPE_TEXT char *
#define INFO_TYPE_TEXTS struct info_texts
#define INFO_TYPE_SECONDS struct info_seconds
#define INFO_TYPE_JSON char *             /* an object's text */
#define INFO_TYPE_JSONS struct info_texts /* the text of an object for each sequence */

/* Zero-initialised: nothing is known. */
struct result_info {
#define INSEQ(kind, member, key) INFO_TYPE_##kind member;
#define OWN(kind, member, key) INFO_TYPE_##kind member;
#include "methods/result/result_info.def"
    struct span span;                      /* positions that its one column is of */
    struct info_values others, own_others; /* what a file has besides, or as another type */
};

void result_info_dispose(struct result_info *info);
struct result_info result_info_copy(const struct result_info *from);

/* The text for the i-th sequence; NULL: not known. Borrowed. */
const char *info_text_of(const struct info_texts *t, size_t i);
void info_texts_add(struct info_texts *t, const char *text);
/* Of a list with one for each sequence: the i-th is now this one, taken. */
void info_texts_put_take(struct info_texts *t, size_t i, char *text);
bool info_texts_hold(const struct info_texts *t, const char *text); /* it is one of them */
void info_texts_dispose(struct info_texts *t);
void info_contrast_drop_alignments(struct info_contrast *c); /* none is known afterwards */
/* A text that serves all sequences; NULL: nothing is known. */
struct info_texts info_texts_alone(const char *text);
/* Appends a member; `json` is copied. */
void info_values_add(struct info_values *v, const char *key, const char *json);
bool info_values_have(const struct info_values *v, const char *key);
void info_values_dispose(struct info_values *v);
/* Appends an object. */
void info_values_write(struct text_buffer *b, const struct info_values *v);

/* Reads an object's text; false, and nothing is given: it is none. */
bool info_arguments_parse(struct info_arguments *out, const char *json);

/* Fills a zero-initialised info. `object` may be NULL or anything: it then says nothing. */
void result_info_read(struct result_info *out, const struct json_value *object);
/* Every member of the JSON object, sorted by key; owned by the caller. */
struct info_values result_info_values(const struct result_info *info);
/* The JSON object on one line, owned by the caller. */
char *result_info_text(const struct result_info *info);

#endif
