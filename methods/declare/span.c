#include "methods/declare/span.h"

#include <stdlib.h>
#include <string.h>

bool span_equal(const struct span *a, const struct span *b) {
    return optional_equal(&a->start, &b->start) && optional_equal(&a->end, &b->end) &&
           a->mean == b->mean;
}

enum err_code span_parse(struct span *out, const char *text, struct err *e) {
    const char *colon = strchr(text, ':');
    char *first = mem_text_n(text, colon ? (size_t)(colon - text) : 0);
    const bool good = colon && position_parse(&out->start, first) &&
                      position_parse(&out->end, colon + 1) &&
                      (out->start.value != 0 || out->end.value != 0);
    free(first);
    if (good)
        return ERR_OK;
    *out = (struct span){.mean = out->mean};
    return err_set(e, ERR_USAGE, "%.40s is not two positions such as 3:6 (the second is exclusive)",
                   text);
}

const char *span_reduce_name(const struct span *s) {
    return s->mean ? "mean" : "sum";
}

enum err_code span_reduce_parse(struct span *out, const char *text, struct err *e) {
    out->mean = strcmp(text, "mean") == 0;
    if (out->mean || strcmp(text, "sum") == 0)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "span_reduce is \"sum\" or \"mean\", not \"%.40s\"", text);
}

char *span_text(const struct span *s) {
    if (!span_given(s))
        return NULL;
    return mem_format("%lld:%lld", (long long)s->start.value, (long long)s->end.value);
}

char *span_description(const struct span *s) {
    char *text = span_text(s),
         *description = text ? mem_format("%s, %s", text, span_reduce_name(s)) : NULL;
    free(text);
    return description;
}

static enum err_code read_reduce(struct span *out, const struct json_value *v, struct err *e) {
    char *text = v->type == JSON_STRING ? mem_text_n(v->text, v->n_text) : mem_text("");
    enum err_code code = span_reduce_parse(out, text, e);
    free(text);
    return code;
}

enum err_code span_read(struct span *out, const struct json_value *v, bool *known, struct err *e) {
    static const char start[] = "span_start", end[] = "span_end", reduce[] = "span_reduce";
    struct optional *to = NULL;
    if (json_named(v, start))
        to = &out->start;
    else if (json_named(v, end))
        to = &out->end;
    *known = to || json_named(v, reduce);
    if (!to)
        return *known ? read_reduce(out, v, e) : ERR_OK;
    if (position_read(to, v))
        return ERR_OK;
    return err_set(e, ERR_USAGE, "%s is a position, a whole number",
                   to == &out->start ? start : end);
}

void span_write(struct text_buffer *b, const struct span *s) {
    if (!span_given(s))
        return;
    json_put_number(b, "span_end", (double)s->end.value);
    json_put_string(b, "span_reduce", span_reduce_name(s));
    json_put_number(b, "span_start", (double)s->start.value);
}
