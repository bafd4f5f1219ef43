#include "views/export/export.h"

#include "aggregators/aggregate.h"
#include "backend/base/text.h"

#include <stdarg.h>
#include <stdio.h>

void export_tell(const struct export_input *in, const char *format, ...) {
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (in->told)
        info_texts_add(in->told, text);
}

char *export_title(const struct export_input *in) {
    const struct result_info *info = &in->shown->info;
    struct text_buffer b = {0};
    text_buffer_puts(&b, info->method ? info->method : "attribution");
    if (in->function)
        text_buffer_format(&b, " of %s", in->function);
    if (info->model_name)
        text_buffer_format(&b, " with %s", info->model_name);
    char *title = text_clean(b.text);
    text_buffer_dispose(&b);
    return title;
}

enum err_code export_some(struct text_buffer *b, const struct attribution *shown, size_t from,
                          size_t to,
                          void (*put)(void *user, struct text_buffer *b,
                                      const struct attribution_sequence *flat, size_t i),
                          void *user, struct err *e) {
    for (size_t i = from; i < to; i++) {
        struct attribution_sequence flat;
        enum err_code code = aggregate_default(&flat, &shown->sequences[i], e);
        if (code)
            return code;
        put(user, b, &flat, i);
        text_buffer_drain(b);
        attribution_sequence_dispose(&flat);
    }
    return ERR_OK;
}

enum err_code export_each(struct text_buffer *b, const struct attribution *shown,
                          void (*put)(void *user, struct text_buffer *b,
                                      const struct attribution_sequence *flat, size_t i),
                          void *user, struct err *e) {
    return export_some(b, shown, 0, shown->n_sequences, put, user, e);
}
