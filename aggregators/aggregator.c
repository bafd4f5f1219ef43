#include "aggregators/aggregator.h"

#include "backend/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void aggregate_notice(const struct aggregate_context *c, const char *format, ...) {
    va_list arguments;
    char text[ERR_MESSAGE_SIZE];
    if (!c->notices)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < c->notices->n; i++)
        if (text_same(c->notices->items[i], text))
            return;
    c->notices->alone = false;
    info_texts_add(c->notices, text);
}

enum err_code aggregate_unknown(const char *what, const char *word, const char *const *names,
                                size_t n, const char *otherwise, struct err *e) {
    const char *near = text_nearest(word, names, n);
    char *shown = text_sanitise(word, strlen(word), false);
    if (near)
        (void)err_set(e, ERR_USAGE, "unknown %s \"%.60s\"; did you mean %s?", what, shown, near);
    else
        (void)err_set(e, ERR_USAGE, "unknown %s \"%.60s\"; %s", what, shown, otherwise);
    free(shown);
    return ERR_USAGE;
}

enum err_code aggregate_order(double *out, const struct option_set *options, struct err *e) {
    const char *text = option_text(options, "vnorm_ord");
    if (strcmp(text, "\"inf\"") == 0)
        *out = INFINITY;
    else if (strcmp(text, "\"-inf\"") == 0)
        *out = -INFINITY;
    else {
        char *end;
        *out = strtod(text, &end);
        if (end == text || *end || !isfinite(*out))
            return err_set(e, ERR_USAGE, "vnorm_ord is a number, \"inf\" or \"-inf\", not %.40s",
                           text);
    }
    return ERR_OK;
}
