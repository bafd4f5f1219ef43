/* Means of rows by role are those of `tinseq stats`. */
#include "app/jobs/background.h"
#include "app/jobs/row_means.h"
#include "app/statistics/collect.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "tests/app/facts.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS 40

static void done(void *owner, void *user, enum err_code code, const struct err *e) {
    (void)user;
    cr_expect_eq(code, ERR_OK, "%s", e->message);
    *(bool *)owner = true;
}

static struct row_means *average(struct result_rows *rows) {
    struct row_means *m = mem_alloc(sizeof *m);
    struct background *b;
    struct err e;
    bool over = false;
    *m = (struct row_means){.rows = rows, .n = ROWS, .n_groups = 1, .by_role = true};
    m->of = mem_text("facts");
    m->items = mem_alloc(ROWS * sizeof *m->items);
    m->group_of = mem_alloc(ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        m->items[i] = i;
    m->fields = mem_alloc(sizeof *m->fields);
    m->fields[m->n_fields++] = mem_text("subject");
    cr_assert_eq(background_start(&b, &e), ERR_OK);
    background_add(b, (struct background_work){
                          .phase = "testing", .user = m, .run = row_means_run, .done = done});
    while (!over) {
        struct pollfd p = {.fd = background_fd(b), .events = POLLIN};
        (void)poll(&p, 1, 100);
        background_take(b, &over);
    }
    background_stop(b);
    return m;
}

/* Of the first step. */
static double mean_of(const struct row_means *m, const char *role) {
    const struct attribution_sequence *s = m->groups[0].result->sequences;
    for (size_t i = 0; i < s->source.n; i++)
        if (strncmp(s->source.items[i].piece, role, strlen(role)) == 0)
            return s->source_attributions.data[(int64_t)i * s->source_attributions.dims[1]];
    cr_assert(false, "there is no role %s", role);
    return 0;
}

Test(row_means, are_by_role_what_stats_says) {
    static const char *const roles[] = {"subject first", "subject last", "last"};
    char *text = facts_text(ROWS, SIZE_MAX),
         *path = mem_format("/tmp/tinseq-means-%d.jsonl", (int)getpid());
    const struct stats_role role = {"subject", "subject"};
    const struct pipeline nothing = {0};
    const struct stats_spec spec = {.by = {stats_by_read("role")},
                                    .n_by = 1,
                                    .roles = &role,
                                    .n_roles = 1,
                                    .pipeline = &nothing};
    const struct stats_job job = {
        .files = (const char *const[]){path}, .n_files = 1, .spec = &spec};
    struct stats_collection c;
    struct result_rows *rows;
    struct err e;
    cr_assert_eq(file_write(path, text, strlen(text), &e), ERR_OK);
    cr_assert_eq(stats_collect(&c, &job, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(result_rows_open(&rows, path, &e), ERR_OK);
    struct row_means *m = average(rows);
    cr_expect_eq(m->groups[0].n, ROWS);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const uint32_t label = groups_label(c.groups, 0, roles[i]);
        const struct group *g = groups_find(c.groups, &label);
        cr_assert_not_null(g, "%s", roles[i]);
        cr_expect_float_eq(mean_of(m, roles[i]), running_mean(&g->values), 1e-7, "%s", roles[i]);
    }
    row_means_free(m);
    stats_collection_dispose(&c);
    result_rows_close(rows);
    unlink(path);
    free(path);
    free(text);
}
