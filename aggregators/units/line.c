/* Lines: up to a line break, which belongs to the line it ends. */
#include "aggregators/text/text_begins.h"
#include "aggregators/text/unit.h"

#include <string.h>

static size_t next_line(const char *text, size_t n, size_t from) {
    const char *end = memchr(text + from, '\n', n - from);
    return end ? (size_t)(end - text) + 1 : n;
}

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    (void)c, (void)e;
    found->any = true;
    text_begins(begins, list, next_line);
    return ERR_OK;
}

const struct unit unit_line = {
    .id = "line",
    .title = "Lines",
    .summary = "Up to a line break, which belongs to the line that it ends.",
    .begins = begins,
};
