#include "app/statistics/filters.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum err_code stats_no_field(const struct stats_view *v, const struct stats_by *by, struct err *e) {
    char *names = stats_field_names(&v->text->fields);
    const enum err_code code =
        err_set(e, ERR_USAGE, "there is no column %.60s here; there are %.300s", by->field, names);
    free(names);
    return code;
}

static bool read_number(double *out, const char *text) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out);
}

/* "A:B" of a number. */
static bool in_range(const char *label, const char *range) {
    double x, from = -INFINITY, to = INFINITY;
    const char *colon = strchr(range, ':');
    if (!colon || !read_number(&x, label))
        return false;
    char *first = mem_text_n(range, (size_t)(colon - range));
    const bool good =
        (!*first || read_number(&from, first)) && (!colon[1] || read_number(&to, colon + 1));
    free(first);
    return good && x >= from && x < to;
}

static bool passes(const struct stats_filter *f, const char *label) {
    double x, limit;
    if (f->test == STATS_IS || f->test == STATS_IS_NOT)
        return (strcmp(label, f->value) == 0 || in_range(label, f->value)) == (f->test == STATS_IS);
    if (!read_number(&x, label) || !read_number(&limit, f->value))
        return false;
    return f->test == STATS_BELOW ? x < limit : x > limit;
}

enum err_code stats_filter_apply(bool *const *kept, const struct stats_view *v,
                                 const struct stats_filter *f, struct err *e) {
    const enum stats_scope scope = stats_by_scope(&f->by);
    for (int64_t i = 0; i < v->n[scope]; i++) {
        char *label = stats_label(v, &f->by, i);
        if (!label)
            return stats_no_field(v, &f->by, e);
        kept[scope][i] &= passes(f, label);
        free(label);
    }
    return ERR_OK;
}

enum err_code stats_filter_text(bool *passes, const struct stats_text *t,
                                const struct stats_spec *spec, struct err *e) {
    const struct stats_view v = {.text = t, .n = {[STATS_TEXT] = 1}};
    bool *const kept[STATS_SCOPES] = {[STATS_TEXT] = passes};
    enum err_code code = ERR_OK;
    *passes = true;
    for (size_t i = 0; i < spec->n_filters && !code; i++)
        if (stats_by_scope(&spec->filters[i].by) == STATS_TEXT)
            code = stats_filter_apply(kept, &v, &spec->filters[i], e);
    return code;
}
