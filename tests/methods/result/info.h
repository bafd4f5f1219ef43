/* What results say of what they were made of, as a file would have it. */
#ifndef TINSEQ_TESTS_METHODS_RESULT_INFO_H
#define TINSEQ_TESTS_METHODS_RESULT_INFO_H

#include "methods/result/attribution.h"

#include <string.h>

/* The JSON object on one line. Borrowed until the next call. */
static inline const char *info_of(const struct attribution *a) {
    static char *text;
    mem_replace(&text, result_info_text(&a->info));
    return text;
}

/* The info of a file whose `info` is this text. */
static inline struct result_info info_from(const char *json) {
    struct json_document *d = NULL;
    struct err ignored;
    struct result_info info = {0};
    if (json_parse(&d, json, strlen(json), &ignored) == ERR_OK)
        result_info_read(&info, json_root(d));
    json_free(d);
    return info;
}

#endif
