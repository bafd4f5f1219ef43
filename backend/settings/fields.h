/*
 * Reading single settings out of JSON (or YAML turned into it) or GGUF metadata, with a fallback
 * and a range each. The first thing that is wrong is kept in the caller's error and all later reads
 * give fallbacks, so that a reader lists its fields and checks once at the end.
 */
#ifndef TINSEQ_BACKEND_SETTINGS_FIELDS_H
#define TINSEQ_BACKEND_SETTINGS_FIELDS_H

#include "backend/base/mem.h"
#include "backend/config.h"
#include "backend/weights.h"

#include <cjson/cJSON.h>

#define FIELD_MAX_LAYERS PLAN_LAYERS
#define FIELD_MAX_EXPERTS 1024
#define FIELD_MAX_WIDTH 65536
#define FIELD_MAX_FFN 1048576
#define FIELD_MAX_VOCAB 4194304
#define FIELD_MAX_POSITIONS 1073741824

/* Settings that are not followed: "min_p = 0.1 (generation_config.json), …". Zero-initialise. */
struct setting_notes {
    struct text_buffer text;
    int n_left_out; /* for whom there was no room */
};
/* Adds one; it may come from anywhere. */
void setting_note(struct setting_notes *notes, const char *setting, const char *file);
/* What a person is told of them, cut to n_out bytes; "" where there are none. Frees them. */
void setting_notes_take(struct setting_notes *notes, char *out, size_t n_out);

struct fields {
    const char *file;            /* for messages */
    const cJSON *json;           /* an object, or NULL */
    const struct weights *gguf;  /* when not NULL, keys are looked up here with the prefix */
    const char *prefix;          /* "llama."; NULL: none */
    struct setting_notes *notes; /* where what is not followed is noted; NULL: nowhere */
    enum err_code code;
    struct err *e;
};

static inline const char *field_prefix(const struct fields *f) {
    return f->prefix ? f->prefix : "";
}

/* Absent and null give the fallback; a wrong kind or a value outside [min, max] is ERR_FORMAT. */
int64_t field_int(struct fields *f, const char *name, int64_t fallback, int64_t min, int64_t max);
double field_real(struct fields *f, const char *name, double fallback, double min, double max);
bool field_flag(struct fields *f, const char *name, bool fallback);
/* Copied and cut to the size of `out`. */
void field_text(struct fields *f, const char *name, const char *fallback, char *out, size_t n_out);
bool field_present(const struct fields *f, const char *name); /* there and not null */
/* A token id, −1 where absent, null or outside the vocabulary of n_vocab. */
int32_t field_token(struct fields *f, const char *name, int32_t fallback, int64_t n_vocab);

bool field_null(const struct fields *f, const char *name); /* there and null */
/* Whether it is there and neither null, false, zero nor empty. */
bool field_says_something(const struct fields *f, const char *name);
/* The value as a person reads it, cut to the size of `out`. */
void field_show(const struct fields *f, const char *name, char *out, size_t n_out);

/* Whether a GGUF file has this tensor. */
bool field_tensor(const struct fields *f, const char *name);
/* Whether it has both, of one shape and type and with the same numbers. */
bool field_tensors_equal(const struct fields *f, const char *name, const char *other);

/* Records an error unless there is one already. */
void field_fail(struct fields *f, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An activation by Transformers' name of it; by the fallback without a `name`. UNSUPPORTED for
 * others. */
enum activation field_activation(struct fields *f, const char *name, const char *fallback);
/* The activation of that name, which is (a part of) the key's value. */
enum activation field_activation_called(struct fields *f, const char *key, const char *name);

#endif
