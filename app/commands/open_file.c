/* Files are opened from inside: results of Tinseq's or Inseq's, rows, packed or not. */
#include "app/commands/handlers.h"

#include "app/files/result_rows.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* By its name: what is in it is seen when it is opened. */
static bool opens(const char *name) {
    static const char *const endings[] = {".json", ".jsonl", ".json.gz", ".jsonl.gz"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(name, endings[i]))
            return true;
    return false;
}

void app_show_opened(struct app *a, struct run *first, size_t n) {
    app_show_run(a, first);
    if (n > 1)
        app_say(a, STYLE_NOTICE, "%zu files are open: {NEXT_RUN} shows the next, {VIEW_RUNS} all",
                n);
}

/* The run that shows it; NULL: it cannot be opened, and why is said. */
static struct run *open_file(struct app *a, const char *path) {
    struct result_rows *rows;
    struct run *r = NULL;
    struct err e;
    enum err_code code = result_rows_open(&rows, path, &e);
    if (!code)
        code = run_store_add_file(&r, &a->store, path, rows, &e);
    if (code)
        app_say(a, STYLE_ERROR, "%s", e.message);
    return code ? NULL : r;
}

static void chose(struct app *a, const struct overlay_answer *answer) {
    struct run *first = NULL;
    size_t n = 0;
    const char *path = answer->text, *refused = NULL;
    mem_replace(&a->open_folder, file_folder(path));
    for (; *path; path += strlen(path) + 1) {
        struct run *r = open_file(a, path);
        first = first ? first : r;
        refused = r ? refused : path;
        n += r != NULL;
    }
    a->form_focus = a->form_focus && !first;
    if (first)
        app_show_opened(a, first, n);
    if (!refused)
        return;
    if (!first) /* another one may do */
        overlay_browse(app_overlay(a, chose), a->open_folder, NULL, opens);
    else
        app_say(a, STYLE_WARNING, "not all of them could be opened: {VIEW_LOG} says why");
}

void command_open_file(struct app *a, int unused) {
    (void)unused;
    overlay_browse(app_overlay(a, chose), a->open_folder ? a->open_folder : ".", NULL, opens);
}
