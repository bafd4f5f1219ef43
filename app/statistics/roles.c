#include "app/statistics/roles.h"

#include "backend/base/mem.h"
#include "methods/evaluation/rationale.h"

#include <stdlib.h>
#include <string.h>

#define OTHER "other"

static const char *const parts[] = {"first", "middle", "last"};
static const char *const rest[] = {"special", "first", OTHER, "last", "generated"};
#define N_PARTS (sizeof parts / sizeof *parts)
#define N_REST (sizeof rest / sizeof *rest)

/* The i-th, owned by the caller; NULL: there are no more. */
static char *role_label(const struct stats_spec *spec, size_t i) {
    const size_t named = spec->n_roles * N_PARTS;
    if (i < named)
        return mem_format("%s %s", spec->roles[i / N_PARTS].name, parts[i % N_PARTS]);
    return i - named < N_REST ? mem_text(rest[i - named]) : NULL;
}

void stats_roles_name(struct groups *g, const struct stats_spec *spec) {
    char *label;
    for (size_t key = 0; key < spec->n_by; key++)
        for (size_t i = 0; spec->by[key].id == STATS_KEY_ROLE && (label = role_label(spec, i));
             i++) {
            (void)groups_label(g, key, label);
            free(label);
        }
}

/* The first run of marked tokens; false: none has the role. */
static bool put_run(struct row_roles *to, const struct rationale *r, const char *name) {
    size_t from = 0, end;
    while (from < r->n_rows && !r->marked[from])
        from++;
    for (end = from; end < r->n_rows && r->marked[end];)
        end++;
    return row_roles_put(to, r->first + from, r->first + end, name);
}

/* Of the side that roles are of: the input, and of a language model also its output. */
static bool put_marks(struct row_roles *to, const struct rationale *r, const char *name) {
    bool any = false;
    for (; r; r = r->output)
        if (r->target == to->target)
            any |= put_run(to, r, name);
    return any;
}

static enum err_code read_role(struct stats_text *t, const struct stats_role *role, struct err *e) {
    char *marks = stats_field(&t->fields, role->field), *names = stats_field_names(&t->fields);
    char *given = mem_format("--role %s=%s", role->name, role->field);
    struct rationale r = {0};
    enum err_code code = ERR_OK;
    if (!marks)
        code = err_set(e, ERR_USAGE, "%.100s: there is no %.60s here; there are %.200s", given,
                       role->field, names);
    else
        code = rationale_read(&r, t->result->sequences,
                              info_text_of(&t->result->info.input_texts, 0), marks, given, e);
    if (!code && !put_marks(&t->roles, &r, role->name))
        code = err_set(e, ERR_USAGE,
                       "%.100s: \"%.100s\" is but the input's last token, which has a "
                       "role of its own",
                       given, marks);
    rationale_dispose(&r);
    free(given);
    free(marks);
    free(names);
    return code;
}

enum err_code stats_roles_read(struct stats_text *t, const struct stats_spec *spec, struct err *e) {
    enum err_code code = ERR_OK;
    row_roles_make(&t->roles, t->result, NULL, 0);
    for (size_t i = 0; i < spec->n_roles && !code; i++)
        code = read_role(t, &spec->roles[i], e);
    return code;
}

const char *stats_role_of(const struct stats_text *t, bool target, int64_t from, int64_t to) {
    const char *role = OTHER;
    for (int64_t i = from; i < to && strcmp(role, OTHER) == 0; i++)
        role = row_role(&t->roles, target, (size_t)i);
    return role;
}
