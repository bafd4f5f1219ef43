/* Results side by side: runs that are marked, or rows of a list. */
#include "app/commands/handlers.h"

#include "aggregators/aggregate.h"
#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Where a result goes that is compared. */
struct side {
    struct attribution_sequence *shown;
    struct attribution **result; /* NULL: it is not asked for */
    char **title;
};

static struct side side_of(struct app *a, size_t i) {
    if (i == 0)
        return (struct side){&a->shown_a, &a->result_a, &a->title_a};
    if (i == 1)
        return (struct side){&a->shown_b, &a->result_b, &a->title_b};
    return (struct side){&a->shown_more[i], NULL, &a->title_more[i]};
}

/* `name` is said of what cannot be shown; the title is taken. */
static bool fill_side(struct app *a, struct side to, struct attribution *result, const char *name,
                      char *title) {
    struct attribution_sequence shown;
    struct err e;
    if (aggregate_default(&shown, &result->sequences[0], &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "%s: %s", name, e.message);
        free(title);
        return false;
    }
    attribution_sequence_dispose(to.shown);
    *to.shown = shown;
    if (to.result) {
        attribution_release(*to.result);
        *to.result = attribution_retain(result);
    }
    mem_replace(to.title, title);
    return true;
}

/* What was shown refers to what is replaced now. */
static void forget_compared(struct app *a) {
    compare_many_dispose(&a->many);
    compare_dispose(&a->compare);
    compare_init(&a->compare);
}

/* The sides [0, n) are filled. */
static void show_sides(struct app *a, size_t n) {
    struct compare_side sides[RUN_MARKS];
    for (size_t i = 0; i < n; i++)
        sides[i] = (struct compare_side){side_of(a, i).shown, *side_of(a, i).title};
    compare_show(&a->compare, sides[0], sides[1]);
    if (n > 2)
        compare_many_show(&a->many, sides, n);
    app_go(a, VIEW_COMPARE);
}

/* --- runs --- */

static bool load_run(struct app *a, struct side to, struct run *r) {
    struct err e;
    char *name = mem_format("run %lld", (long long)r->number);
    bool loaded = false;
    if (r != a->job.run && run_store_load(&a->store, r, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "%s: %s", name, e.message);
    else if (!r->result || r->result->n_sequences == 0)
        app_say(a, STYLE_ERROR, "%s has no result yet", name);
    else
        loaded = fill_side(
            a, to, r->result, name,
            mem_format("%lld %s", (long long)r->number, r->name ? r->name : run_method(r)));
    free(name);
    return loaded;
}

static void compare_runs(struct app *a) {
    struct run *left = a->n_marks > 0 ? a->marks[0] : NULL,
               *right = a->n_marks > 1 ? a->marks[1] : NULL;
    if (!right && left != a->current)
        right = a->current;
    if (!left && right)
        left = a->current != right ? a->current : NULL;
    if (!left || !right) {
        app_say(a, STYLE_NOTICE, "mark two runs first: {VIEW_RUNS} lists them, {MARK_RUN} marks");
        return;
    }
    forget_compared(a);
    a->compared_rows = false;
    if (!load_run(a, side_of(a, 0), left) || !load_run(a, side_of(a, 1), right))
        return;
    for (size_t i = 2; i < a->n_marks; i++)
        if (!load_run(a, side_of(a, i), a->marks[i]))
            return;
    show_sides(a, a->n_marks > 2 ? a->n_marks : 2);
}

/* --- rows --- */

static bool load_row(struct app *a, struct side to, const struct row_list *l, size_t row) {
    struct attribution *one;
    struct err e;
    if (result_rows_load(&one, l->run->rows, row, &e) != ERR_OK) {
        app_say(a, STYLE_ERROR, "%s", e.message);
        return false;
    }
    const char *generated = "";
    for (size_t c = 0; c < row_table_columns(l->table); c++)
        if (row_table_column(l->table, c).kind == ROW_GENERATED)
            generated = row_table_cell(l->table, row, c).text;
    char *name = mem_format("row %zu", row + 1),
         *title = mem_format("%s %s", name, generated ? generated : "");
    const bool filled = fill_side(a, to, one, name, title);
    attribution_release(one);
    free(name);
    return filled;
}

/* The marked rows, up to as many as can be; with one marked: it, and the one under the cursor. */
static size_t chosen_rows(size_t rows[RUN_MARKS], const struct row_list *l) {
    size_t n = 0;
    for (; n < l->n_marks && n < RUN_MARKS; n++)
        rows[n] = l->marks[n];
    if (n == 1 && l->at >= 0 && (size_t)l->at != rows[0])
        rows[n++] = (size_t)l->at;
    return n;
}

static void compare_rows(struct app *a, const struct row_list *l) {
    size_t rows[RUN_MARKS];
    const size_t n = chosen_rows(rows, l);
    if (n < 2) {
        app_say(a, STYLE_NOTICE,
                "mark two rows first: {MARK_LISTED} marks the one under the "
                "cursor");
        return;
    }
    forget_compared(a);
    a->compared_rows = true;
    for (size_t i = 0; i < n; i++)
        if (!load_row(a, side_of(a, i), l, rows[i]))
            return;
    show_sides(a, n);
    if (l->n_marks > n)
        app_say(a, STYLE_NOTICE,
                "the first %zu of %zu marked rows: more cannot be compared at once", n, l->n_marks);
}

void command_compare(struct app *a, int unused) {
    const struct row_list *l = a->view == VIEW_LIST ? app_list(a) : NULL;
    (void)unused;
    if (l)
        compare_rows(a, l);
    else
        compare_runs(a);
}

/* --- which of them is A --- */

static void next_run_first(struct app *a) {
    struct run *first = a->marks[0];
    memmove(a->marks, a->marks + 1, (a->n_marks - 1) * sizeof(struct run *));
    a->marks[a->n_marks - 1] = first;
    compare_runs(a);
    app_say(a, STYLE_NOTICE, "all are held against run %lld now", (long long)a->marks[0]->number);
}

/* Among those that are compared. */
static void next_row_first(struct app *a, struct row_list *l) {
    const size_t n = l->n_marks < RUN_MARKS ? l->n_marks : RUN_MARKS;
    const uint32_t first = l->marks[0];
    memmove(l->marks, l->marks + 1, (n - 1) * sizeof *l->marks);
    l->marks[n - 1] = first;
    compare_rows(a, l);
    app_say(a, STYLE_NOTICE, "all are held against row %u now", l->marks[0] + 1);
}

void command_swap(struct app *a, int unused) {
    struct row_list *l = a->compared_rows ? app_list(a) : NULL;
    const size_t n = l ? l->n_marks : a->n_marks;
    (void)unused;
    if (!a->many.n)
        compare_swap(&a->compare);
    else if (n < 3)
        app_say(a, STYLE_NOTICE,
                l ? "the marks have changed: {VIEW_LIST} lists the rows, which can be marked"
                  : "the marks have changed: {MARK_RUN} among the runs marks others");
    else if (l)
        next_row_first(a, l);
    else
        next_run_first(a);
}
