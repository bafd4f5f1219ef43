#include "app/dataset/csv.h"

#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS 16384

struct reading {
    struct csv_record *r;
    struct data_bytes *in;
    const struct csv_form *form;
};

/* The first one counts. */
static void tell(struct csv_record *r, char *problem) {
    if (r->problem)
        free(problem);
    else
        r->problem = problem;
}

static void begin_field(struct reading *x) {
    struct csv_record *r = x->r;
    if (r->n == MOST_FIELDS) {
        tell(r, mem_format("it has more than %d fields", MOST_FIELDS));
        return; /* the last one takes what follows */
    }
    if (r->n == r->room) {
        r->room = r->room ? 2 * r->room : 16;
        r->starts = mem_resize(r->starts, r->room * sizeof *r->starts);
    }
    r->starts[r->n++] = r->text.n;
}

static void add(struct reading *x, int c) {
    const char byte = (char)c;
    struct csv_record *r = x->r;
    if (c == '\0')
        tell(r, mem_format("its field %zu has a NUL byte", r->n));
    if (r->text.n < x->form->most)
        text_buffer_add(&r->text, &byte, 1);
    else
        tell(r, mem_format("in its field %zu it has more than %zu bytes", r->n, x->form->most));
}

/* A carriage return takes the line feed behind it along. */
static bool ends_line(struct reading *x, int c) {
    if (c == '\r' && data_bytes_peek(x->in) == '\n')
        (void)data_bytes_take(x->in);
    return c < 0 || c == '\n' || c == '\r';
}

/* Behind its opening quote; returns what follows the closing one. */
static int read_quoted(struct reading *x) {
    const int64_t opened = data_bytes_line(x->in);
    for (;;) {
        const int c = data_bytes_take(x->in);
        if (c < 0) {
            tell(x->r,
                 mem_format("the quote that its field %zu opens in line %lld is never closed: "
                            "the rest of the file was taken for that field",
                            x->r->n, (long long)opened));
            return c;
        }
        if ((char)c != x->form->quote) {
            add(x, c);
            continue;
        }
        if (data_bytes_peek(x->in) != c)
            return data_bytes_take(x->in);
        add(x, data_bytes_take(x->in));
    }
}

/* Up to the separator or the line's end, which is returned. */
static int read_plain(struct reading *x, int c) {
    for (; c >= 0 && (char)c != x->form->separator && c != '\n' && c != '\r';
         c = data_bytes_take(x->in))
        add(x, c);
    return c;
}

/* Returns what ended it. */
static int read_field(struct reading *x) {
    int c = data_bytes_take(x->in);
    begin_field(x);
    if (c >= 0 && x->form->quote && (char)c == x->form->quote) {
        x->r->blank = false;
        c = read_quoted(x);
        if (c >= 0 && (char)c != x->form->separator && c != '\n' && c != '\r')
            tell(x->r, mem_format("its field %zu has text behind its closing quote", x->r->n));
    }
    c = read_plain(x, c);
    if (x->r->text.n < x->form->most)
        text_buffer_add(&x->r->text, "", 1);
    return c;
}

static void check_utf8(struct csv_record *r) {
    size_t at;
    for (size_t i = 0; i < r->n && !r->problem; i++)
        if (!text_valid_utf8(csv_field(r, i), strlen(csv_field(r, i)), &at))
            tell(r, mem_format("its field %zu is not UTF-8 (at byte %zu)", i + 1, at));
}

bool csv_next(struct csv_record *r, struct data_bytes *in, const struct csv_form *form) {
    struct reading x = {r, in, form};
    r->text.n = r->n = 0;
    r->line = data_bytes_line(in);
    r->blank = true;
    mem_replace(&r->problem, NULL);
    if (data_bytes_peek(in) < 0)
        return false;
    while (!ends_line(&x, read_field(&x)))
        ;
    r->blank = r->blank && r->n == 1 && !*csv_field(r, 0) && !r->problem;
    check_utf8(r);
    return true;
}

void csv_record_dispose(struct csv_record *r) {
    text_buffer_dispose(&r->text);
    free(r->starts);
    free(r->problem);
    *r = (struct csv_record){0};
}
