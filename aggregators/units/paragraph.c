/* Paragraphs: up to an empty line, which belongs to the paragraph before it. */
#include "aggregators/text/text_begins.h"
#include "aggregators/text/unit.h"

/* Behind the line breaks and white space that begin at `at`, and how many lines they end. */
static size_t behind_blank(const char *text, size_t n, size_t at, size_t *lines) {
    size_t end = at;
    *lines = 0;
    for (size_t next; at < n; at = next) {
        const int32_t c = text_character(text, n, at, &next);
        if (!text_is_space(c))
            break;
        if (c == '\n') {
            ++*lines;
            end = next; /* what follows the last break indents the next line */
        }
    }
    return end;
}

static size_t next_paragraph(const char *text, size_t n, size_t from) {
    bool any = false;
    for (size_t at = from, next; at < n; at = next) {
        size_t lines;
        const int32_t c = text_character(text, n, at, &next);
        any |= !text_is_space(c);
        if (c != '\n' || !any)
            continue;
        next = behind_blank(text, n, at, &lines);
        if (lines > 1)
            return next;
    }
    return n;
}

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    (void)c, (void)e;
    found->any = true;
    text_begins(begins, list, next_paragraph);
    return ERR_OK;
}

const struct unit unit_paragraph = {
    .id = "paragraph",
    .title = "Paragraphs",
    .summary = "Up to an empty line, which belongs to the paragraph before it.",
    .begins = begins,
};
