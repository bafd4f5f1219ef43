/* The texts of a file that holds several: one is shown, and these go from one to another. */
#include "app/commands/handlers.h"

#include "app/tui/lists.h"
#include "app/tui/shown.h"
#include "app/tui/state.h"
#include "backend/base/mem.h"

#include <errno.h>
#include <stdlib.h>

/* The run whose file holds several texts; NULL, and it is said: there is none. */
static struct run *run_of_several(struct app *a) {
    struct run *r = a->current;
    if (r && run_texts(r) > 1)
        return r;
    app_say(a, STYLE_NOTICE, "there is one text");
    return NULL;
}

bool app_show_text(struct app *a, struct run *r, size_t i) {
    struct err e;
    struct attribution *before = attribution_retain(r->result); /* the atlas refers to it */
    enum err_code code = run_store_text(&a->store, r, i, &e);
    if (code)
        app_say(a, STYLE_ERROR, "%s", e.message);
    else
        app_show_run(a, r);
    attribution_release(before);
    return code == ERR_OK;
}

/* The row that comes next in the list's order, where the list shows the one on the map, or else in
 * the file's; its count: none does. */
static size_t next_row(struct app *a, const struct run *r, int direction) {
    struct row_list *l = app_list(a);
    const size_t to = r->i_text + (size_t)direction; /* wraps below 0 to beyond the last */
    if (!l || l->run != r || !row_list_go_row(l, r->i_text))
        return to < run_texts(r) ? to : run_texts(r);
    const size_t at = l->cursor + (size_t)direction;
    return at < l->n ? l->items[at] : run_texts(r);
}

/* The list's cursor goes along. */
static void go_to_text(struct app *a, struct run *r, size_t i) {
    struct row_list *l = app_list(a);
    if (app_show_text(a, r, i) && l && l->run == r)
        (void)row_list_go_row(l, i);
}

void command_step_text(struct app *a, int direction) {
    struct run *r = run_of_several(a);
    if (!r)
        return;
    const size_t to = next_row(a, r, direction);
    if (to < run_texts(r))
        go_to_text(a, r, to);
    else
        app_say(a, STYLE_NOTICE,
                direction > 0 ? "this is the last text" : "this is the first text");
}

static void chose_text(struct app *a, const struct overlay_answer *answer) {
    struct run *r = run_of_several(a);
    char *end;
    if (!r || !*answer->text)
        return;
    errno = 0;
    const unsigned long long i = strtoull(answer->text, &end, 10);
    if (*end || errno || i < 1 || i > run_texts(r))
        app_say(a, STYLE_ERROR, "a number from 1 to %zu, not \"%s\"", run_texts(r), answer->text);
    else
        go_to_text(a, r, (size_t)i - 1);
}

void command_go_text(struct app *a, int unused) {
    struct run *r = run_of_several(a);
    (void)unused;
    if (!r)
        return;
    char *text = mem_format("Number (1 to %zu):", run_texts(r)),
         *now = mem_format("%zu", r->i_text + 1);
    overlay_input(app_overlay(a, chose_text), "go to a text of the file", text, now);
    free(text);
    free(now);
}
