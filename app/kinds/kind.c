#include "app/kinds/kind.h"

#include "backend/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void kind_items_add(struct kind_items *items, const char *id, const char *group, const char *format,
                    ...) {
    va_list list;
    char *text = NULL;
    va_start(list, format);
    if (vasprintf(&text, format, list) < 0)
        text = mem_text("");
    va_end(list);
    items->items = mem_resize(items->items, (items->n + 1) * sizeof *items->items);
    items->items[items->n++] = (struct kind_item){mem_text(id), mem_text(group), text};
}

void kind_items_dispose(struct kind_items *items) {
    for (size_t i = 0; i < items->n; i++) {
        free(items->items[i].id);
        free(items->items[i].group);
        free(items->items[i].text);
    }
    free(items->items);
    *items = (struct kind_items){0};
}

bool explanation_begin(struct explanation *x, const char *id, const char *title,
                       const char *summary) {
    x->id = mem_text(id);
    x->title = mem_text(title);
    x->summary = mem_text(summary);
    return true;
}

void explanation_add(struct explanation *x, const char *name, const char *text) {
    if (!text || !*text)
        return;
    x->lines = mem_resize(x->lines, (x->n_lines + 1) * sizeof *x->lines);
    x->lines[x->n_lines++] = (struct explained_line){name, mem_text(text)};
}

void explanation_dispose(struct explanation *x) {
    for (size_t i = 0; i < x->n_lines; i++)
        free(x->lines[i].text);
    free(x->lines);
    free(x->id);
    free(x->title);
    free(x->summary);
    *x = (struct explanation){0};
}
