#include "app/jobs/row_means.h"

#include "app/jobs/background.h"
#include "app/jobs/mean_map.h"
#include "app/jobs/row_roles.h"
#include "backend/base/mem.h"

#include <stdlib.h>

void row_means_free(struct row_means *m) {
    for (size_t i = 0; i < m->n_groups; i++) {
        free(m->groups[i].label);
        attribution_release(m->groups[i].result);
    }
    for (size_t i = 0; i < m->n_fields; i++)
        free(m->fields[i]);
    free(m->fields);
    free(m->items);
    free(m->group_of);
    free(m->of);
    free(m->first_failure);
    free(m);
}

static enum err_code load_and_add(struct mean_map *to, const struct row_means *m, size_t i,
                                  struct err *e) {
    struct attribution *a;
    struct row_roles roles;
    enum err_code code = result_rows_load(&a, m->rows, m->items[i], e);
    if (code)
        return code;
    row_roles_make(&roles, a, (const char *const *)m->fields, m->n_fields);
    code = mean_map_add(to, a, &roles, e);
    row_roles_dispose(&roles);
    attribution_release(a);
    return code;
}

/* A row that cannot be used is counted. */
static void add_row(struct mean_map *to, struct row_means *m, size_t i) {
    struct err e;
    if (load_and_add(to, m, i, &e) == ERR_OK)
        return;
    m->n_failed++;
    if (!m->first_failure)
        m->first_failure = mem_format("row %u: %s", m->items[i] + 1, e.message);
}

/* "47 rows of facts.jsonl, language = pt" */
static char *what_of(const struct row_means *m, const struct row_mean *g, size_t n) {
    return mem_format("%zu row%s of %s%s%s", n, n == 1 ? "" : "s", m->of, g->label ? ", " : "",
                      g->label ? g->label : "");
}

static size_t finish(struct row_means *m, struct mean_map *const *maps) {
    size_t n = 0;
    for (size_t g = 0; g < m->n_groups; g++) {
        struct row_mean *group = &m->groups[g];
        group->n = mean_map_count(maps[g]);
        char *what = what_of(m, group, group->n);
        group->result = mean_map_result(maps[g], what);
        n += group->n;
        free(what);
    }
    return n;
}

enum err_code row_means_run(struct background *b, void *user, struct err *e) {
    struct row_means *m = user;
    struct mean_map *maps[ROW_MEANS_MOST] = {0};
    enum err_code code = ERR_OK;
    for (size_t g = 0; g < m->n_groups; g++)
        maps[g] = mean_map_new(m->by_role);
    for (size_t i = 0; i < m->n && !code; i++)
        if (!background_tell(b, (int64_t)i, (int64_t)m->n))
            code = err_set(e, ERR_CANCELLED, "averaging the rows was cancelled");
        else
            add_row(maps[m->group_of[i]], m, i);
    if (!code && finish(m, maps) == 0)
        code = err_set(e, ERR_SHAPE, "no row can be averaged: %s",
                       m->first_failure ? m->first_failure : "there is none");
    for (size_t g = 0; g < m->n_groups; g++)
        mean_map_free(maps[g]);
    return code;
}
