#include "app/tui/runs_list.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "methods/request/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void runs_list_dispose(struct runs_list *l) {
    free(l->items);
    free(l->filter);
    *l = (struct runs_list){0};
}

/* ---- the filter ---- */

static bool has_word(const struct run *r, const char *word) {
    const char *texts[] = {r->name,
                           run_method(r),
                           r->model,
                           r->foil,
                           r->request.contrast_targets,
                           r->request.input_context,
                           r->request.output_context,
                           run_status_name(r->status),
                           r->request.input_text};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (texts[k] && strcasestr(texts[k], word))
            return true;
    return false;
}

static bool is_left(const struct run *r, const char *filter) {
    char *words = mem_text(filter), *state = NULL;
    bool left = true;
    for (char *word = words ? strtok_r(words, " ", &state) : NULL; word && left;
         word = strtok_r(NULL, " ", &state))
        left = has_word(r, word);
    free(words);
    return left;
}

/* ---- the order ---- */

static int by_number(double a, double b) {
    return (a < b) - (a > b);
}

/* What has no text comes last. */
static int by_text(const char *a, const char *b) {
    const bool none_a = !a || !*a, none_b = !b || !*b;
    return none_a || none_b ? none_a - none_b : strcasecmp(a, b);
}

const char *runs_list_contrast(const struct run *r) {
    const struct attribute_request *q = &r->request;
    const char *all[] = {r->foil, q->contrast_targets, q->input_context, q->output_context};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i])
            return all[i];
    return NULL;
}

static int compare_by(const struct run *a, const struct run *b, enum run_column column) {
    switch (column) {
    case RUN_COLUMN_DATE:
        return by_number((double)a->started, (double)b->started);
    case RUN_COLUMN_NAME:
        return by_text(a->name, b->name);
    case RUN_COLUMN_METHOD:
        return by_text(run_method(a), run_method(b));
    case RUN_COLUMN_MODEL:
        return by_text(a->model, b->model);
    case RUN_COLUMN_TEXT:
        return by_text(a->request.input_text, b->request.input_text);
    case RUN_COLUMN_CONTRAST:
        return by_text(runs_list_contrast(a), runs_list_contrast(b));
    case RUN_COLUMN_ROWS:
        return by_number((double)a->n_rows, (double)b->n_rows);
    case RUN_COLUMN_GENERATED:
        return by_number((double)a->n_columns, (double)b->n_columns);
    case RUN_COLUMN_STATUS:
        return (int)a->status - (int)b->status;
    case RUN_COLUMN_TIME:
        return by_number(a->seconds, b->seconds);
    case RUN_COLUMN_NUMBER:
    case RUN_COLUMNS:
        break;
    }
    return by_number((double)a->number, (double)b->number);
}

/* qsort_r's context; the newest first where the column says nothing. */
static int compare_runs(const void *a, const void *b, void *user) {
    const struct runs_list *l = user;
    const struct run *x = *(struct run *const *)a, *y = *(struct run *const *)b;
    const int order = compare_by(x, y, l->sort);
    if (order == 0)
        return compare_by(x, y, RUN_COLUMN_NUMBER);
    return l->reversed ? -order : order;
}

/* ---- the list ---- */

void runs_list_go(struct runs_list *l, int64_t to) {
    l->cursor = (size_t)clamped(to, 0, (int64_t)l->n - 1);
    l->at = l->cursor < l->n ? l->items[l->cursor] : NULL;
}

void runs_list_update(struct runs_list *l, const struct run_store *store) {
    const struct run *at = l->at;
    size_t to = l->cursor;
    l->items = mem_resize(l->items, (store->n + 1) * sizeof(struct run *));
    l->n = 0;
    for (size_t i = 0; i < store->n; i++)
        if (!l->filter || is_left(store->runs[i], l->filter))
            l->items[l->n++] = store->runs[i];
    if (l->n)
        qsort_r(l->items, l->n, sizeof(struct run *), compare_runs, l);
    for (size_t i = 0; at && i < l->n; i++)
        if (l->items[i] == at)
            to = i;
    runs_list_go(l, (int64_t)to);
}

void runs_list_filter(struct runs_list *l, const struct run_store *store, const char *filter) {
    mem_replace(&l->filter, filter && *filter ? mem_text(filter) : NULL);
    runs_list_update(l, store);
}

void runs_list_sort(struct runs_list *l, const struct run_store *store, enum run_column column) {
    l->reversed = l->sort == column && !l->reversed;
    l->sort = column;
    runs_list_update(l, store);
}
