/* docs/findings.md is the tour's steps, and what they print. */
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *title, *text, *commands, *look;
} steps[] = {
#define STEP(title, text, commands, look) {title, text, commands, look},
#include "app/cli/tour.def"
#undef STEP
};

/* Without the marks of Markdown or quotes, and one blank for each run of them. */
static char *plain(const char *text) {
    struct text_buffer b = {0};
    for (; *text; text++) {
        const bool blank = strchr(" \n", *text) != NULL;
        if (strchr("*`\"", *text) || (blank && b.n && b.text[b.n - 1] == ' '))
            continue;
        text_buffer_add(&b, blank ? " " : text, 1);
    }
    return text_buffer_take(&b);
}

/* What stands behind it; that it is there is expected. */
static const char *past(const char *from, const char *before, const char *text, size_t n) {
    char *part = mem_text_n(text, n), *all = mem_format("%s%s", before, part);
    char *wanted = plain(all);
    const char *at = strstr(from, wanted);
    cr_expect_not_null(at, "docs/findings.md has no, or not here: %s", wanted);
    at = at ? at + strlen(wanted) : from;
    free(part);
    free(all);
    free(wanted);
    return at;
}

/* The end of a command, which may go on in the next line. */
static size_t command_length(const char *text) {
    size_t n = strcspn(text, "\n");
    while (text[n - 1] == '\\')
        n += 1 + strcspn(text + n + 1, "\n");
    return n;
}

Test(tour, is_what_docs_say) {
    char *text = NULL;
    size_t n;
    struct err e;
    cr_assert_eq(file_read(&text, &n, "docs/findings.md", 1 << 20, &e), ERR_OK, "%s", e.message);
    char *docs = plain(text);
    const char *at = docs;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        at = past(at, "## ", steps[i].title, strlen(steps[i].title));
        at = past(at, "", steps[i].text, strlen(steps[i].text));
        for (const char *c = steps[i].commands; *c; c += n + 1) {
            n = command_length(c);
            at = past(at, "$ ", c, n);
        }
        at = past(at, "Look at: ", steps[i].look, strlen(steps[i].look));
    }
    cr_expect_null(strstr(at, "## "), "a section that is no step");
    free(docs);
    free(text);
}
