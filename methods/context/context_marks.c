/* Citations that an answer makes itself, as [1] or [1, 2]: taken out of it, so that no token of
 * them is explained (as MIRAGE does), and kept by the columns that they are of. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\r"
#define MOST_DIGITS 9

/* Where a mark that begins at `at` ends; NULL: it is none. */
static const char *mark_end(const char *at) {
    if (*at++ != '[')
        return NULL;
    for (;;) {
        const size_t n = strspn(at, "0123456789");
        if (!n || n > MOST_DIGITS)
            return NULL;
        at += n;
        if (*at == ']')
            return at + 1;
        if (*at++ != ',')
            return NULL;
        at += strspn(at, " ");
    }
}

static void add_numbers(struct context_taken_list *out, const char *mark, size_t at) {
    for (char *next = (char *)(uintptr_t)mark; *next && *next != ']';) {
        const int64_t number = strtoll(next + 1 + strspn(next + 1, " "), &next, 10);
        out->items = mem_resize(out->items, (out->n + 1) * sizeof *out->items);
        out->items[out->n++] = (struct context_taken){at, number};
    }
}

void context_marks_take(struct context_taken_list *out, char **text) {
    struct text_buffer b = {0};
    *out = (struct context_taken_list){0};
    const char *at = *text + strspn(*text, BLANKS);
    out->before = mark_end(at) != NULL;
    for (at = *text; *at;) {
        const char *mark = at + strspn(at, BLANKS), *end = mark_end(mark);
        if (end) {
            add_numbers(out, mark, b.n);
            at = b.n ? end : end + strspn(end, BLANKS);
            continue;
        }
        text_buffer_add(&b, at, 1);
        at++;
    }
    mem_replace(text, text_buffer_take(&b));
}

/* The column of a byte of the output's current text: the last one that begins at it or before. */
static int64_t column_of(const struct context_job *j, const struct token_place *places, size_t at) {
    int64_t column = 0;
    for (int64_t g = 0; g < j->n; g++) {
        const struct token_place *p = &places[j->with_from + g];
        if (p->known && p->from <= at)
            column = g;
    }
    return column;
}

/* The byte that a mark is of: the blanks between do not count. */
static size_t byte_of(const struct context_job *j, const struct context_taken *t) {
    const char *current = j->outputs.current;
    size_t at = t->at;
    if (j->outputs.taken.before)
        return at + strspn(current + at, BLANKS);
    while (at && strchr(BLANKS, current[at - 1]))
        at--;
    return at ? at - 1 : 0;
}

static void tell(const struct context_job *j) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < j->outputs.taken.n; i++)
        text_buffer_format(&b, "[%lld]", (long long)j->outputs.taken.items[i].number);
    context_tell(j->events, "The answer's own citations are taken out of it: %.200s.", b.text);
    text_buffer_dispose(&b);
}

void context_place_marks(struct context_job *j) {
    const struct context_taken_list *taken = &j->outputs.taken;
    const struct token_list *target = &j->with.tokens.target;
    if (!taken->n)
        return;
    struct token_place *places = mem_alloc((target->n + 1) * sizeof *places);
    const int64_t first = model_config(j->model)->encoder_decoder;
    const struct token_list text = {target->items + first, target->n - (size_t)first};
    token_places(places + first, &text, j->with.text, strlen(j->with.text));
    j->result->marks = mem_alloc(taken->n * sizeof *j->result->marks);
    for (size_t i = 0; i < taken->n; i++)
        j->result->marks[j->result->n_marks++] = (struct context_mark){
            column_of(j, places, j->with.current_at + byte_of(j, &taken->items[i])),
            taken->items[i].number};
    tell(j);
    free(places);
}
