#include "app/statistics/roles.h"

#include "backend/base/mem.h"
#include "methods/evaluation/rationale.h"

#include <stdlib.h>
#include <string.h>

#define OTHER "other"
#define LAST "last"
#define GENERATED "generated"

static const char *const parts[] = {"first", "middle", "last"};
static const char *const rest[] = {OTHER, LAST, GENERATED};
#define N_PARTS (sizeof parts / sizeof *parts)

/* The i-th, owned by the caller; NULL: there are no more. */
static char *role_label(const struct stats_spec *spec, size_t i) {
    const size_t named = spec->n_roles * N_PARTS;
    if (i < named)
        return mem_format("%s %s", spec->roles[i / N_PARTS].name, parts[i % N_PARTS]);
    return i - named < N_PARTS ? mem_text(rest[i - named]) : NULL;
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

/* The input's last token that is no special one. */
static int64_t last_of(const struct token_list *rows, int64_t n) {
    int64_t last = n - 1;
    while (last > 0 && rows->items[last].special)
        last--;
    return last;
}

/* What tokens are to no role. */
static void begin(struct stats_text *t, const struct attribution_sequence *s) {
    t->roles_of_target = !s->source_attributions.data;
    const struct token_list *rows = t->roles_of_target ? &s->target : &s->source;
    const int64_t n = (int64_t)rows->n, read = t->roles_of_target ? s->attr_pos_start : n;
    t->roles = mem_alloc((rows->n + 1) * sizeof *t->roles);
    t->n_role_rows = rows->n;
    for (int64_t i = 0; i < n; i++)
        t->roles[i] = mem_text(i < read ? OTHER : GENERATED);
    if (read > 0)
        mem_replace(&t->roles[last_of(rows, read)], mem_text(LAST));
}

static bool is_free(const char *role) {
    return strcmp(role, OTHER) == 0 || strcmp(role, LAST) == 0 || strcmp(role, GENERATED) == 0;
}

/* The first run of marked tokens. */
static void put_role(struct stats_text *t, const struct rationale *r, const char *name) {
    size_t from = 0, to;
    while (from < r->n_rows && !r->marked[from])
        from++;
    for (to = from; to < r->n_rows && r->marked[to];)
        to++;
    for (size_t i = from; i < to; i++) {
        const char *part = parts[1];
        if (i == from)
            part = parts[0];
        if (i + 1 == to)
            part = parts[2];
        char **role = r->first + i < t->n_role_rows ? &t->roles[r->first + i] : NULL;
        if (role && is_free(*role))
            mem_replace(role, mem_format("%s %s", name, part));
    }
}

/* Of the side that roles are of: the input, and of a language model also its output. */
static void put_marks(struct stats_text *t, const struct rationale *r, const char *name) {
    for (; r; r = r->output)
        if (r->target == t->roles_of_target)
            put_role(t, r, name);
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
    if (!code)
        put_marks(t, &r, role->name);
    rationale_dispose(&r);
    free(given);
    free(marks);
    free(names);
    return code;
}

enum err_code stats_roles_read(struct stats_text *t, const struct stats_spec *spec, struct err *e) {
    enum err_code code = ERR_OK;
    begin(t, t->result->sequences);
    for (size_t i = 0; i < spec->n_roles && !code; i++)
        code = read_role(t, &spec->roles[i], e);
    return code;
}

void stats_roles_dispose(struct stats_text *t) {
    for (size_t i = 0; i < t->n_role_rows; i++)
        free(t->roles[i]);
    free(t->roles);
    t->roles = NULL;
    t->n_role_rows = 0;
}

const char *stats_role_of(const struct stats_text *t, bool target, int64_t from, int64_t to) {
    const bool known = t->roles && target == t->roles_of_target;
    if (!known)
        return target ? GENERATED : OTHER;
    for (int64_t i = from; i < to && i < (int64_t)t->n_role_rows; i++)
        if (strcmp(t->roles[i], OTHER) != 0)
            return t->roles[i];
    return OTHER;
}
