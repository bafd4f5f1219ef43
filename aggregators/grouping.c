#include "aggregators/grouping.h"

#include "backend/base/mem.h"

#include <stdlib.h>

void partition_add(struct partition *p, int64_t from, int64_t to) {
    p->items = mem_resize(p->items, (p->n + 1) * sizeof *p->items);
    p->items[p->n++] = (struct token_span){from, to};
}

struct partition partition_of_begins(const bool *begins, size_t n) {
    struct partition p = {.items = mem_alloc(n * sizeof *p.items)};
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || begins[i])
            p.items[p.n++].from = (int64_t)i;
        p.items[p.n - 1].to = (int64_t)i + 1;
    }
    return p;
}

struct partition partition_whole(size_t n) {
    struct partition p = {.items = mem_alloc(n * sizeof *p.items), .n = n};
    for (size_t i = 0; i < n; i++)
        p.items[i] = (struct token_span){(int64_t)i, (int64_t)i + 1};
    return p;
}

bool partition_is_whole(const struct partition *p, size_t n) {
    bool whole = p->n == n;
    for (size_t i = 0; i < n && whole; i++)
        whole = p->items[i].from == (int64_t)i && p->items[i].to == (int64_t)i + 1;
    return whole;
}

struct partition partition_after(const struct partition *first, const struct partition *second) {
    struct partition p = {.items = mem_alloc(second->n * sizeof *p.items), .n = second->n};
    for (size_t i = 0; i < p.n; i++) {
        const struct token_span *s = &second->items[i];
        p.items[i] = *s;
        if (first->items)
            p.items[i] =
                (struct token_span){first->items[s->from].from, first->items[s->to - 1].to};
    }
    return p;
}

void partition_unite(struct partition *p, int64_t from, int64_t to) {
    struct partition out = {0};
    size_t i = 0;
    for (; i < p->n && p->items[i].to <= from; i++)
        partition_add(&out, p->items[i].from, p->items[i].to);
    for (; i < p->n && p->items[i].from < to; i++) {
        from = p->items[i].from < from ? p->items[i].from : from;
        to = p->items[i].to > to ? p->items[i].to : to;
    }
    partition_add(&out, from, to);
    for (; i < p->n; i++)
        partition_add(&out, p->items[i].from, p->items[i].to);
    partition_dispose(p);
    *p = out;
}

void partition_dispose(struct partition *p) {
    free(p->items);
    *p = (struct partition){0};
}

void grouping_dispose(struct grouping *g) {
    partition_dispose(&g->source);
    partition_dispose(&g->target);
}
