#include "app/statistics/collect.h"

#include "app/files/export_file.h"
#include "app/files/result_rows.h"
#include "app/statistics/observe.h"
#include "app/statistics/prepare.h"
#include "app/statistics/roles.h"
#include "app/statistics/table.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOPELESS 100 /* texts without one that can be used: the others will be alike */

/* --- pairs --- */

/* The text under way. */
struct pairing {
    struct stats_collection *to;
    double value;
};

static void pairs_add(struct stats_pairs *p, double score, double value) {
    if (p->n == p->room) {
        p->room = p->room ? 2 * p->room : 16;
        p->scores = mem_resize(p->scores, p->room * sizeof *p->scores);
        p->values = mem_resize(p->values, p->room * sizeof *p->values);
    }
    p->scores[p->n] = score;
    p->values[p->n++] = value;
}

static void add_pair(void *user, size_t group, double mean) {
    const struct pairing *p = user;
    struct stats_collection *c = p->to;
    const size_t n = groups_count(c->groups);
    if (c->n_pairs < n) {
        c->pairs = mem_resize(c->pairs, n * sizeof *c->pairs);
        memset(c->pairs + c->n_pairs, 0, (n - c->n_pairs) * sizeof *c->pairs);
        c->n_pairs = n;
    }
    pairs_add(&c->pairs[group], mean, p->value);
}

/* NaN: it is no number. */
static double number_of(const struct stats_fields *f, const char *column) {
    char *text = stats_field(f, column), *end = text;
    double x = text ? strtod(text, &end) : NAN;
    if (text && end != text)
        end += strspn(end, " \t\r\n%");
    if (!text || end == text || *end || !isfinite(x))
        x = NAN;
    free(text);
    return x;
}

/* Owned by the caller. */
static char *why_without(const struct stats_fields *f, const char *column) {
    char *names = stats_field_names(f), *value = stats_field(f, column);
    char *why =
        value ? mem_format("\"%.60s\" in the column %.60s is no number", value, column)
              : mem_format("there is no number in a column %.60s; there are %.300s", column, names);
    free(names);
    free(value);
    return why;
}

static void end_text(struct stats_collection *c, const struct stats_text *t, const char *column,
                     bool found) {
    struct pairing p = {.to = c, .value = NAN};
    if (column && found) {
        p.value = number_of(&t->fields, column);
        c->n_without += isnan(p.value);
    }
    if (column && found && isnan(p.value) && !c->first_without)
        c->first_without = why_without(&t->fields, column);
    groups_end_text(c->groups, isnan(p.value) ? NULL : add_pair, &p);
}

/* --- texts --- */

static void keep(struct info_texts *to, const char *text) {
    if (text && !info_texts_hold(to, text))
        info_texts_add(to, text);
}

/* Keys are asked for by a name that a column has, too. */
static void note_shadowed(struct stats_collection *c, const struct stats_text *t,
                          const struct stats_spec *spec) {
    for (size_t i = 0; i < spec->n_by; i++) {
        const char *name = stats_by_name(&spec->by[i]);
        char *value = spec->by[i].id == STATS_FIELD ? NULL : stats_field(&t->fields, name);
        if (value)
            keep(&c->shadowed, name);
        free(value);
    }
}

static enum err_code take_text(struct stats_collection *c, const struct stats_job *job,
                               const struct attribution *a, const char *file, size_t number,
                               struct err *e) {
    char *joined = NULL;
    struct stats_text t = {0};
    bool found = false;
    enum err_code code = ERR_OK;
    if (job->table)
        code = stats_table_find(&joined, job->table, &a->info, e);
    if (code)
        return code;
    code = stats_text_make(&t, a, job->spec, joined, file, number, e);
    if (code)
        goto out;
    code = stats_observe(c->groups, &found, &t, job->spec, e);
    if (code)
        goto out;
    end_text(c, &t, job->column, found);
    c->n_used += found;
    note_shadowed(c, &t, job->spec);
    if (found && job->visitor)
        code = job->visitor->text(job->visitor->user, &t, job->spec, e);
out:
    stats_text_dispose(&t);
    free(joined);
    return code;
}

/* An error of one text is counted, unless nothing was good so far and enough was tried. */
static enum err_code note_failure(struct stats_collection *c, enum err_code code, const char *file,
                                  size_t number, struct err *e) {
    const bool ends = code == ERR_CANCELLED || code == ERR_NOMEM || code == ERR_IO;
    groups_end_text(c->groups, NULL, NULL);
    c->n_failed++;
    const bool named = strncmp(e->message, file, strlen(file)) == 0;
    if (!c->first_failed)
        c->first_failed =
            named ? mem_text(e->message) : mem_format("%s, text %zu: %s", file, number, e->message);
    return ends || (c->n_failed == c->n_texts + 1 && c->n_failed >= HOPELESS) ? code : ERR_OK;
}

static enum err_code take_row(struct stats_collection *c, const struct stats_job *job,
                              struct result_rows *rows, const char *file, size_t i, struct err *e) {
    struct attribution *a = NULL;
    enum err_code code = result_rows_load(&a, rows, i, e);
    if (!code) {
        keep(&c->methods, a->info.method);
        keep(&c->models, a->info.model_name);
        keep(&c->functions, export_file_function(&a->info));
        code = take_text(c, job, a, file, i + 1, e);
    } else if (job->table)
        stats_table_pass(job->table);
    attribution_release(a);
    if (code)
        code = note_failure(c, code, file, i + 1, e);
    c->n_texts++;
    return code;
}

static enum err_code take_file(struct stats_collection *c, const struct stats_job *job,
                               const char *file, struct err *e) {
    struct result_rows *rows;
    enum err_code code = result_rows_open(&rows, file, e);
    if (code)
        return code;
    const size_t n = result_rows_count(rows);
    for (size_t i = 0; i < n && !code; i++) {
        run_progress(job->ctl, "reading results", (int64_t)i, (int64_t)n);
        code = run_cancelled(job->ctl) ? err_set(e, ERR_CANCELLED, "cancelled")
                                       : take_row(c, job, rows, file, i, e);
    }
    result_rows_close(rows);
    return code;
}

enum err_code stats_collect(struct stats_collection *out, const struct stats_job *job,
                            struct err *e) {
    enum err_code code = ERR_OK;
    *out = (struct stats_collection){.groups = groups_new(job->spec->n_by)};
    stats_roles_name(out->groups, job->spec);
    for (size_t i = 0; i < job->n_files && !code; i++)
        code = take_file(out, job, job->files[i], e);
    if (!code && out->n_failed && out->n_failed == out->n_texts)
        code = err_set(e, ERR_USAGE, "%s", out->first_failed);
    return code;
}

void stats_collection_dispose(struct stats_collection *c) {
    groups_free(c->groups);
    for (size_t i = 0; i < c->n_pairs; i++) {
        free(c->pairs[i].scores);
        free(c->pairs[i].values);
    }
    free(c->pairs);
    free(c->first_failed);
    free(c->first_without);
    info_texts_dispose(&c->methods);
    info_texts_dispose(&c->models);
    info_texts_dispose(&c->functions);
    info_texts_dispose(&c->shadowed);
    *c = (struct stats_collection){0};
}
