#include "app/dataset/run_key.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TOLD 3   /* differences that a message has */
#define MOST_VALUE 60 /* bytes of a value in it */

/* A line "name: value", without its end. */
struct line {
    const char *text;
    size_t n, n_name;
};

/* The line at *at, which moves behind it; false: there is no more. */
static bool next_line(struct line *out, const char **at) {
    if (!**at)
        return false;
    const char *end = strchrnul(*at, '\n');
    out->text = *at;
    out->n = (size_t)(end - *at);
    const char *colon = memchr(out->text, ':', out->n);
    out->n_name = colon ? (size_t)(colon - out->text) : out->n;
    *at = *end ? end + 1 : end;
    return true;
}

static bool same_name(const struct line *a, const struct line *b) {
    return a->n_name == b->n_name && memcmp(a->text, b->text, a->n_name) == 0;
}

static bool same_line(const struct line *a, const struct line *b) {
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* The line of the same name in a key. */
static bool find_line(struct line *out, const char *key, const struct line *like) {
    while (next_line(out, &key))
        if (same_name(out, like))
            return true;
    return false;
}

static char *value_of(const struct line *l) {
    const size_t skip = l->n_name + 2 < l->n ? l->n_name + 2 : l->n;
    size_t n = l->n - skip;
    const bool cut = n > MOST_VALUE;
    char *text = text_repaired(l->text + skip, cut ? MOST_VALUE : n), *clean = text_clean(text);
    char *out = mem_format("%s%s", clean, cut ? "…" : "");
    free(text);
    free(clean);
    return out;
}

/* What is told so far. */
struct told {
    struct text_buffer text;
    size_t n;
};

static void tell(struct told *t, const struct line *name, const struct line *then,
                 const struct line *now) {
    char *a = then ? value_of(then) : mem_text("nothing"),
         *b = now ? value_of(now) : mem_text("nothing"),
         *clean = text_sanitise(name->text, name->n_name, false);
    if (t->n < MOST_TOLD)
        text_buffer_format(&t->text, "%s%s: %s then, %s now", t->n ? "; " : "", clean, a, b);
    t->n++;
    free(a);
    free(b);
    free(clean);
}

/* Lines of `of` that the other has otherwise; with `all` false only those that it lacks. */
static void compare(struct told *t, const char *of, const char *other, bool all) {
    struct line line, match;
    while (next_line(&line, &of)) {
        const bool found = find_line(&match, other, &line);
        if (!found)
            tell(t, &line, all ? &line : NULL, all ? NULL : &line);
        else if (all && !same_line(&line, &match))
            tell(t, &line, &line, &match);
    }
}

char *run_key_difference(const char *then, const char *now) {
    struct told t = {0};
    if (strcmp(then, now) == 0)
        return NULL;
    compare(&t, then, now, true);
    compare(&t, now, then, false);
    if (!t.n)
        text_buffer_puts(&t.text, "the order of its settings");
    if (t.n > MOST_TOLD)
        text_buffer_format(&t.text, "; and %zu more", t.n - MOST_TOLD);
    return text_buffer_take(&t.text);
}
