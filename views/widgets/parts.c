#include "views/widgets/parts.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GAP 2

static void add(struct parts *p, struct parts_item part, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n <= 0 || p->n == PARTS_MOST)
        return;
    part.text = mem_alloc((size_t)n + 1);
    vsnprintf(part.text, (size_t)n + 1, format, args);
    p->items[p->n++] = part;
}

void parts_add(struct parts *p, int weight, enum style_role role, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(p, (struct parts_item){.weight = weight, .role = role}, format, args);
    va_end(args);
}

void parts_add_right(struct parts *p, int weight, enum style_role role, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(p, (struct parts_item){.weight = weight, .role = role, .right = true}, format, args);
    va_end(args);
}

void parts_shrink(struct parts *p, int least) {
    if (p->n > 0)
        p->items[p->n - 1].least = least;
}

/* Columns of what is left, with the gaps between. */
static int columns_of(const struct parts *p) {
    int columns = 0;
    for (size_t i = 0; i < p->n; i++)
        if (!p->items[i].left_out)
            columns += text_columns(p->items[i].text) + (columns > 0 ? GAP : 0);
    return columns;
}

static void cut(struct parts_item *part, int columns) {
    const size_t n = (size_t)columns * CELL_BYTES + 1;
    char *shorter = mem_alloc(n);
    text_fit(shorter, n, part->text, columns, false);
    mem_replace(&part->text, shorter);
}

/* By as much as is too much, or as it may. */
static void shrink(struct parts_item *part, int too_much) {
    const int columns = text_columns(part->text), rest = columns - too_much;
    part->shrunk = true;
    if (columns > part->least && too_much > 0)
        cut(part, rest > part->least ? rest : part->least);
}

/* Of those that are left, that of least weight, the last of several; NULL: none is left. */
static struct parts_item *lightest(struct parts *p) {
    struct parts_item *found = NULL;
    for (size_t i = p->n; i-- > 0;) {
        struct parts_item *at = &p->items[i];
        if (!at->left_out && (!found || at->weight < found->weight))
            found = at;
    }
    return found;
}

static size_t n_left(const struct parts *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += !p->items[i].left_out;
    return n;
}

void parts_fit(struct parts *p, int columns) {
    struct parts_item *part;
    while (columns_of(p) > columns && n_left(p) > 1) {
        part = lightest(p);
        if (part->least > 0 && !part->shrunk)
            shrink(part, columns_of(p) - columns);
        else
            part->left_out = true;
    }
    if (columns_of(p) > columns && (part = lightest(p))) {
        part->least = 0;
        shrink(part, columns_of(p) - columns);
    }
}

char *parts_text(const struct parts *p, bool right) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].right == right && !p->items[i].left_out)
            text_buffer_format(&b, "%*s%s", b.n ? GAP : 0, "", p->items[i].text);
    return text_buffer_take(&b);
}

void parts_draw(struct grid *g, struct area a, int row, struct parts *p) {
    parts_fit(p, a.columns);
    char *right = parts_text(p, true);
    int at[2] = {0, a.columns - text_columns(right)};
    free(right);
    for (size_t i = 0; i < p->n; i++) {
        const struct parts_item *part = &p->items[i];
        if (!part->left_out)
            at[part->right] += grid_put(g, a, row, at[part->right], part->role, part->text) + GAP;
    }
}

void parts_dispose(struct parts *p) {
    for (size_t i = 0; i < p->n; i++)
        free(p->items[i].text);
    *p = (struct parts){0};
}
