#include "aggregators/selection.h"

#include "backend/base/json.h"

#include <stdlib.h>
#include <string.h>

/* --- from JSON --- */

static enum err_code wrong_selection(const char *json, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "select_idx is a number, a list of numbers or {\"range\": [a, b]} for each "
                   "aggregator, not %.60s",
                   json);
}

static bool read_list(struct selection *out, const struct json_value *list) {
    out->kind = SELECT_LIST;
    out->list = mem_alloc(list->n_members * sizeof *out->list);
    bool good = true;
    for (const struct json_value *v = list->first; v && good; v = v->next)
        good = json_integer(&out->list[out->n_list++], v);
    return good;
}

static bool read_range(struct selection *out, const struct json_value *v) {
    const struct json_value *range = json_get(v, "range");
    out->kind = SELECT_RANGE;
    return v->n_members == 1 && range && range->type == JSON_ARRAY && range->n_members == 2 &&
           json_integer(&out->from, range->first) && json_integer(&out->to, range->first->next);
}

static bool read_value(struct selection *out, const struct json_value *v) {
    switch (v->type) {
    case JSON_NULL:
        return true;
    case JSON_NUMBER:
        out->kind = SELECT_ONE;
        return json_integer(&out->from, v);
    case JSON_ARRAY:
        return read_list(out, v);
    case JSON_OBJECT:
        return read_range(out, v);
    default:
        return false;
    }
}

enum err_code selection_read(struct selection *out, const char *json, struct err *e) {
    struct json_document *d;
    *out = (struct selection){0};
    if (!json)
        return ERR_OK;
    enum err_code code = json_parse(&d, json, strlen(json), e);
    if (code)
        return code;
    if (!read_value(out, json_root(d))) {
        selection_dispose(out);
        code = wrong_selection(json, e);
    }
    json_free(d);
    return code;
}

void selection_dispose(struct selection *s) {
    free(s->list);
    *s = (struct selection){0};
}

/* --- its entries --- */

/* Negative: from the end. */
static int64_t from_start(int64_t at, int64_t n) {
    return at < 0 ? at + n : at;
}

static enum err_code select_range(struct entries *out, const struct selection *s, int64_t n,
                                  struct err *e) {
    const int64_t from = from_start(s->from, n), to = from_start(s->to, n);
    if (from < 0 || to > n || from >= to)
        return err_set(e, ERR_SHAPE,
                       "the selection %lld:%lld is empty or outside the %lld entries there are",
                       (long long)s->from, (long long)s->to, (long long)n);
    out->n = (size_t)(to - from);
    out->items = mem_alloc(out->n * sizeof *out->items);
    for (size_t i = 0; i < out->n; i++)
        out->items[i] = from + (int64_t)i;
    return ERR_OK;
}

static enum err_code select_list(struct entries *out, const int64_t *list, size_t n_list, int64_t n,
                                 struct err *e) {
    enum err_code code = ERR_OK;
    if (n_list == 0)
        return err_set(e, ERR_SHAPE, "the selection is empty");
    bool *seen = mem_alloc((size_t)n);
    out->n = n_list;
    out->items = mem_alloc(n_list * sizeof *out->items);
    for (size_t i = 0; i < n_list && !code; i++) {
        const int64_t at = out->items[i] = from_start(list[i], n);
        if (at < 0 || at >= n)
            code = err_set(e, ERR_SHAPE, "the selected entry %lld is outside the %lld there are",
                           (long long)list[i], (long long)n);
        else if (seen[at])
            code = err_set(e, ERR_SHAPE, "the entry %lld is selected twice", (long long)list[i]);
        else
            seen[at] = true;
    }
    free(seen);
    return code;
}

enum err_code selection_entries(struct entries *out, const struct selection *s, int64_t n,
                                struct err *e) {
    *out = (struct entries){.n = (size_t)n};
    switch (s->kind) {
    case SELECT_ALL:
        break;
    case SELECT_ONE:
        return select_list(out, &s->from, 1, n, e);
    case SELECT_RANGE:
        return select_range(out, s, n, e);
    case SELECT_LIST:
        return select_list(out, s->list, s->n_list, n, e);
    }
    return ERR_OK;
}
