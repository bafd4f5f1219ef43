/* The kinds of a result's fields: how each is read, printed, copied and freed. Internal to
 * methods/result/. */
#ifndef TINSEQ_METHODS_RESULT_INFO_KINDS_H
#define TINSEQ_METHODS_RESULT_INFO_KINDS_H

#include "methods/result/result_info.h"

struct info_kind {
    bool (*read)(void *to, const struct json_value *v);     /* false: it is not of this kind */
    bool (*write)(struct text_buffer *b, const void *from); /* false: nothing is given */
    void (*own)(void *p); /* copies what a copy of the bits refers to; NULL: that is nothing */
    void (*dispose)(void *p);
};

extern const struct info_kind info_kind_number, info_kind_flag, info_kind_function,
    info_kind_arguments, info_kind_text, info_kind_texts, info_kind_seconds, info_kind_json,
    info_kind_jsons;

void info_values_own(struct info_values *v);
/* Appends a member as it was read. */
void info_values_keep(struct info_values *v, const struct json_value *member);
/* Adds a value, or puts it in place of one that a file has under that key and that is none of its
 * kind. */
void info_values_put(struct info_values *v, const char *key, const char *json);

#endif
