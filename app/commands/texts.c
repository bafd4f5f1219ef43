/* The texts of a file that holds several: one is shown, and these go from one to another. */
#include "app/commands/handlers.h"

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

static void show_text(struct app *a, struct run *r, size_t i) {
    struct err e;
    struct attribution *before = attribution_retain(r->result); /* the atlas refers to it */
    if (run_store_text(&a->store, r, i, &e) != ERR_OK)
        app_say(a, STYLE_ERROR, "%s", e.message);
    else
        app_show_run(a, r);
    attribution_release(before);
}

void command_step_text(struct app *a, int direction) {
    struct run *r = run_of_several(a);
    if (!r)
        return;
    const size_t to = r->i_text + (size_t)direction; /* wraps below 0 to beyond the last */
    if (to < run_texts(r))
        show_text(a, r, to);
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
        show_text(a, r, (size_t)i - 1);
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
