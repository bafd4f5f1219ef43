#include "methods/perturbation/reduced_text.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

void reduced_texts_dispose(struct reduced_text **texts, int64_t *n) {
    for (int64_t i = 0; i < *n; i++) {
        free((*texts)[i].rows[0]);
        free((*texts)[i].rows[1]);
        free((*texts)[i].fell);
    }
    free(*texts);
    *texts = NULL;
    *n = 0;
}

struct reduced_text reduced_text_whole(int64_t n_source, int64_t n_target) {
    struct reduced_text t = {.n = {n_source, n_target}, .fell = mem_alloc(sizeof *t.fell)};
    for (int i = 0; i < 2; i++) {
        t.rows[i] = mem_alloc((size_t)t.n[i] * sizeof *t.rows[i]);
        for (int64_t k = 0; k < t.n[i]; k++)
            t.rows[i][k] = k;
    }
    return t;
}

/* `from`, which has lost `round` tokens, without one more. */
static struct reduced_text text_without(const struct reduced_text *from, int64_t round,
                                        const struct reduced_place *gone) {
    struct reduced_text t = {.n = {from->n[0], from->n[1]},
                             .fell = mem_alloc((size_t)(round + 1) * sizeof *t.fell)};
    for (int i = 0; i < 2; i++)
        t.rows[i] = mem_copy(from->rows[i], (size_t)from->n[i] * sizeof *t.rows[i]);
    int64_t *rows = t.rows[gone->stack], *n = &t.n[gone->stack];
    memmove(rows + gone->at, rows + gone->at + 1, (size_t)(*n - gone->at - 1) * sizeof *rows);
    (*n)--;
    memcpy(t.fell, from->fell, (size_t)round * sizeof *t.fell);
    t.fell[round] = *gone;
    return t;
}

static bool same_rows(const struct reduced_text *a, const struct reduced_text *b) {
    bool same = true;
    for (int i = 0; i < 2; i++)
        same = same && a->n[i] == b->n[i] &&
               memcmp(a->rows[i], b->rows[i], (size_t)a->n[i] * sizeof *a->rows[i]) == 0;
    return same;
}

bool reduced_texts_expand(struct reduced_column *col, int64_t beam) {
    col->tried = mem_alloc((size_t)(col->n_kept * beam) * sizeof *col->tried);
    for (int64_t k = 0; k < col->n_kept; k++)
        for (int64_t i = 0; i < col->kept[k].n_next; i++) {
            struct reduced_text *t = &col->tried[col->n_tried++];
            *t = text_without(&col->kept[k], col->round, &col->kept[k].next[i]);
            for (const struct reduced_text *other = col->tried; other < t; other++)
                if (same_rows(other, t)) {
                    free(t->rows[0]);
                    free(t->rows[1]);
                    free(t->fell);
                    col->n_tried--;
                    break;
                }
        }
    col->round++;
    return col->n_tried > 0;
}

static int by_value(const void *a, const void *b) {
    const struct reduced_text *x = *(struct reduced_text *const *)a,
                              *y = *(struct reduced_text *const *)b;
    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return x < y ? -1 : 1; /* of equals the one met first */
}

bool reduced_texts_keep_best(struct reduced_column *col, int64_t beam) {
    struct reduced_text **good = mem_alloc((size_t)col->n_tried * sizeof *good),
                        *kept = mem_alloc((size_t)beam * sizeof *kept);
    int64_t n = 0, n_kept = 0;
    for (int64_t i = 0; i < col->n_tried; i++)
        if (col->tried[i].stays)
            good[n++] = &col->tried[i];
    qsort(good, (size_t)n, sizeof *good, by_value);
    for (; n_kept < n && n_kept < beam; n_kept++) {
        kept[n_kept] = *good[n_kept];
        *good[n_kept] = (struct reduced_text){0}; /* moved */
    }
    free(good);
    reduced_texts_dispose(&col->tried, &col->n_tried);
    if (n_kept == 0) {
        free(kept);
        return false;
    }
    reduced_texts_dispose(&col->kept, &col->n_kept);
    col->kept = kept;
    col->n_kept = n_kept;
    return true;
}
