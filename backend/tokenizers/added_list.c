#include "backend/tokenizers/added_list.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

void added_list_take(struct added_list *a, cJSON *token, bool weak) {
    if ((a->n & (a->n - 1)) == 0)
        a->items = mem_resize(a->items, (a->n ? 2 * a->n : 1) * sizeof *a->items);
    a->items[a->n] = (struct added_entry){token, weak, a->n};
    a->n++;
}

static const char *content(const struct added_entry *i) {
    return tokenizer_json_text(i->token, "content");
}

static int by_content(const void *a, const void *b) {
    const struct added_entry *x = a, *y = b;
    const int order = strcmp(content(x), content(y));
    if (order)
        return order;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b) {
    const struct added_entry *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* Drops what is said weakly after something else: the list is sorted by content. */
static void drop_weak(struct added_list *a) {
    size_t kept = 0;
    for (size_t i = 0; i < a->n; i++) {
        const bool again =
            i && kept && strcmp(content(&a->items[kept - 1]), content(&a->items[i])) == 0;
        if (again && a->items[i].weak)
            cJSON_Delete(a->items[i].token);
        else
            a->items[kept++] = a->items[i];
    }
    a->n = kept;
}

cJSON *added_list_json(struct added_list *a) {
    cJSON *list = cJSON_CreateArray();
    if (a->n) {
        qsort(a->items, a->n, sizeof *a->items, by_content);
        drop_weak(a);
        qsort(a->items, a->n, sizeof *a->items, by_order);
    }
    for (size_t i = 0; i < a->n; i++)
        cJSON_AddItemToArray(list, a->items[i].token);
    free(a->items);
    *a = (struct added_list){0};
    return list;
}
