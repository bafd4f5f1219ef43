/* Commands on the list of a file's texts: one is opened, all are sorted, searched, marked. */
#include "app/commands/handlers.h"

#include "app/tui/front.h"
#include "app/tui/lists.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"
#include "views/widgets/picker.h"

#include <errno.h>
#include <stdlib.h>

/* --- opening --- */

void app_show_list(struct app *a, struct run *r) {
    struct row_list *l = app_list_of(a, r);
    app_show_run(a, r);
    if (!l || a->current != r)
        return;
    app_go(a, VIEW_LIST);
    app_say(a, STYLE_NOTICE,
            "%zu texts   {OPEN_ROW} shows a map, {BACK} comes back   {FILTER_ROWS} "
            "filters   {SORT_HERE} sorts by a column",
            run_texts(r));
}

void command_open_row(struct app *a, int unused) {
    const struct row_list *l = app_list(a);
    (void)unused;
    if (!l || l->at < 0)
        return;
    if (app_show_text(a, l->run, (size_t)l->at))
        app_go(a, VIEW_MAP);
}

/* --- order --- */

static void tell_order(struct app *a, const struct row_list *l) {
    static const char *const how[2][2] = {{"from A", "from Z"},
                                          {"the smallest first", "the largest first"}};
    const bool numbers = row_list_by_number(l, l->sort);
    app_say(a, STYLE_NOTICE, "sorted by %s, %s   {REVERSE_ROWS}: the other way round",
            row_list_column_name(l, l->sort), how[numbers][l->descending]);
}

static void sort_by(struct app *a, struct row_list *l, int column) {
    row_list_sort(l, column);
    tell_order(a, l);
}

void command_sort_here(struct app *a, int unused) {
    struct row_list *l = app_list(a);
    (void)unused;
    int shown[ROW_COLUMNS];
    if (l && l->column < row_list_shown(shown, l))
        sort_by(a, l, shown[l->column]);
}

void command_reverse_rows(struct app *a, int unused) {
    struct row_list *l = app_list(a);
    (void)unused;
    if (l)
        sort_by(a, l, l->sort);
}

static void chose_order(struct app *a, const struct overlay_answer *answer) {
    struct row_list *l = app_list(a);
    if (l && answer->id >= 0)
        sort_by(a, l, answer->id - 1);
}

/* Its number in the menu is one more: the file's order is the first. */
static void add_order(struct picker *p, const struct row_list *l, int column) {
    picker_add(p, column + 1, row_list_column_name(l, column),
               l->sort == column ? "once more: the other way round" : NULL, NULL);
}

void command_sort_rows(struct app *a, int unused) {
    struct row_list *l = app_list(a);
    int shown[ROW_COLUMNS];
    struct picker p;
    (void)unused;
    if (!l)
        return;
    picker_init(&p, "sort the rows by");
    add_order(&p, l, ROW_LIST_FILE_ORDER);
    const size_t n = row_list_shown(shown, l);
    for (size_t i = 0; i < n; i++)
        add_order(&p, l, shown[i]);
    picker_ready(&p, l->sort + 1);
    overlay_pick(app_overlay(a, chose_order), &p);
}

/* --- searching --- */

static void watch_find(struct app *a, const struct overlay_answer *answer) {
    struct row_list *l = app_list(a);
    if (!l)
        return;
    if (answer->said == OVERLAY_STEPPED) {
        (void)row_list_go_match(l, answer->id, false);
    } else if (answer->said == OVERLAY_LEFT) {
        l->finding = false;
        row_list_search(l, NULL);
        row_list_go(l, (int64_t)a->search_row);
    } else {
        row_list_search(l, answer->text);
        row_list_go(l, (int64_t)a->search_row);
        (void)row_list_go_match(l, 1, true);
    }
}

static void found(struct app *a, const struct overlay_answer *answer) {
    struct row_list *l = app_list(a);
    (void)answer;
    if (!l)
        return;
    l->finding = false;
    if (l->looked_for && !l->n_matches)
        app_say(a, STYLE_NOTICE, "no row matches \"%s\"", l->looked_for);
}

void command_find_row(struct app *a, int unused) {
    struct row_list *l = app_list(a);
    (void)unused;
    if (!l)
        return;
    l->finding = true;
    a->search_row = l->cursor;
    overlay_search(app_overlay_watched(a, found, watch_find), "find", view_ops(VIEW_LIST)->sought,
                   l->looked_for);
}

void command_row_match(struct app *a, int direction) {
    struct row_list *l = app_list(a);
    if (!l || !l->looked_for)
        app_say(a, STYLE_NOTICE, "{FIND_ROW} begins a search");
    else if (!row_list_go_match(l, direction, false))
        app_say(a, STYLE_NOTICE, "no row matches \"%s\"", l->looked_for);
}

static void typed_row(struct app *a, const struct overlay_answer *answer) {
    struct row_list *l = app_list(a);
    char *end;
    if (!l || !*answer->text)
        return;
    errno = 0;
    const unsigned long long row = strtoull(answer->text, &end, 10);
    if (*end || errno || row < 1 || row > row_table_count(l->table))
        app_say(a, STYLE_ERROR, "a number from 1 to %zu, not \"%s\"", row_table_count(l->table),
                answer->text);
    else if (!row_list_go_row(l, (size_t)row - 1))
        app_say(a, STYLE_NOTICE, "row %llu is not listed%s", row,
                l->typed ? ": the filter leaves it out" : " yet");
}

void command_go_row(struct app *a, int unused) {
    const struct row_list *l = app_list(a);
    (void)unused;
    if (!l)
        return;
    char *text = mem_format("Number (1 to %zu):", row_table_count(l->table)),
         *now = mem_format("%lld", (long long)l->at + 1);
    overlay_input(app_overlay(a, typed_row), "go to a row", text, now);
    free(text);
    free(now);
}

/* --- marks --- */

void command_mark_listed(struct app *a, int unused) {
    struct row_list *l = app_list(a);
    (void)unused;
    if (!l || l->at < 0)
        return;
    row_list_mark(l, (size_t)l->at);
    row_list_go(l, (int64_t)l->cursor + 1);
}
