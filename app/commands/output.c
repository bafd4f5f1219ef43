/* Commands that take results out: the clipboard, and files. */
#include "app/commands/handlers.h"
#include "app/commands/output_compare.h"

#include "app/files/export_file.h"
#include "app/tui/front.h"
#include "app/tui/shown.h"
#include "app/tui/sinks.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>

/* --- copying --- */

/* Takes the text. */
static void put_into_clipboard(struct app *a, char *text) {
    free(a->copy);
    a->copy = text;
    a->wants |= WANT_COPY;
}

void command_copy(struct app *a, int column) {
    char *text = app_ops(a)->copy ? app_ops(a)->copy(a, column) : NULL;
    if (text)
        put_into_clipboard(a, text);
    else
        app_say(a, STYLE_NOTICE, "nothing to copy");
}

/* One line for each text. */
void command_copy_command(struct app *a, int argument) {
    struct text_buffer b = {0};
    (void)argument;
    if (!a->current || !a->current->result) {
        app_say(a, STYLE_NOTICE, "there is no result yet");
        return;
    }
    const struct info_texts *commands = &a->current->result->info.commands;
    for (size_t i = 0; i < commands->n; i++) {
        if (b.n)
            text_buffer_puts(&b, "\n");
        if (commands->items[i])
            text_buffer_puts(&b, commands->items[i]);
    }
    if (b.n)
        put_into_clipboard(a, text_buffer_take(&b));
    else
        app_say(a, STYLE_NOTICE, "the result does not tell the command that made it");
}

/* --- exporting --- */

/* All texts of the current run, released by the caller: of a file only one is in memory. */
static enum err_code all_texts(struct attribution **out, const struct app *a, struct err *e) {
    if (a->current->rows)
        return result_rows_load_all(out, a->current->rows, e);
    *out = attribution_retain(a->current->result);
    return ERR_OK;
}

static enum err_code write_result(const struct app *a, const struct attribution *result,
                                  const char *path, struct info_texts *told, struct err *e) {
    const struct export *format;
    struct attribution *shown;
    enum err_code code = export_of_path(&format, path, e);
    if (code)
        return code;
    code = app_aggregate_all(&shown, a, result, e);
    if (code)
        return code;
    if (app_leaves_out(a) && result->n_sequences > 1)
        info_texts_add(told, "sinks are left out of the shown text alone: the file has them");
    if (app_joined(a) && result->n_sequences > 1)
        info_texts_add(told, "what was joined by hand is of the shown text: the file has it apart");
    const struct export_input in = {.result = result,
                                    .shown = shown,
                                    .choices = a->made.target.items ? shown : result,
                                    .function = export_file_function(&result->info),
                                    .map = a->map.any_negative ? a->diverging : a->sequential,
                                    .told = told};
    code = export_file_write(path, format, &in, e);
    attribution_release(shown);
    return code;
}

/* The page and the tables have the scores as they are on the screen, of all texts. */
static enum err_code write_shown(const struct app *a, const char *path, struct info_texts *told,
                                 struct err *e) {
    struct attribution *all;
    enum err_code code = all_texts(&all, a, e);
    if (code)
        return code;
    code = write_result(a, all, path, told, e);
    attribution_release(all);
    return code;
}

/* One thing that is told of it stands beside the name; all of them are in the log. */
static void say_written(struct app *a, const char *path, const struct info_texts *told) {
    for (size_t i = 1; i < told->n; i++)
        app_say(a, STYLE_NOTICE, "%s", told->items[i]);
    if (told->n)
        app_say(a, STYLE_NOTICE, "written: %s. %s%s", path, told->items[0],
                told->n > 1 ? " (more in the log)" : "");
    else
        app_say(a, STYLE_STATUS, "written: %s", path);
}

static void typed_path(struct app *a, const struct overlay_answer *answer);

/* The line for a path, with what was typed before and why that did not do; NULL: nothing. */
static void ask_path(struct app *a, const char *typed, const char *why) {
    char *endings = export_endings(NULL);
    const char *before = why ? why : "", *between = why ? ". " : "";
    char *text = mem_format("%s%sWrite to (the ending chooses: %s):", before, between, endings);
    overlay_input(app_overlay(a, typed_path), "export", text, typed);
    free(text);
    free(endings);
}

/* What was typed stays, to be mended. */
static void refuse(struct app *a, const char *typed, const struct err *e) {
    char *why = mem_format("not written: %s", e->message);
    app_say(a, STYLE_ERROR, "%s", why);
    ask_path(a, typed, why);
    free(why);
}

/* Whether there is something to take out. */
static bool has_export(const struct app *a) {
    if (a->view == VIEW_COMPARE)
        return a->result_a && a->result_b;
    return a->current && a->current->result && a->has_shown;
}

static void write_export(struct app *a, const char *path) {
    struct err e;
    if (!has_export(a))
        return;
    struct info_texts told = {0};
    if (a->view == VIEW_COMPARE ? app_write_compared(a, path, &told, &e)
                                : write_shown(a, path, &told, &e)) {
        refuse(a, path, &e);
        info_texts_dispose(&told);
        return;
    }
    char *real = realpath(path, NULL);
    say_written(a, real ? real : path, &told);
    info_texts_dispose(&told);
    free(real);
}

/* Writes to the path that waits in the state. */
static void overwrite(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    char *path = a->export_path;
    a->export_path = NULL;
    write_export(a, path);
    free(path);
}

/* The file stays as it is; perhaps another name will do. */
static void keep_old(struct app *a, const struct overlay_answer *answer) {
    (void)answer;
    ask_path(a, a->export_path, NULL);
}

static void typed_path(struct app *a, const struct overlay_answer *answer) {
    const char *typed = answer->text;
    if (!*typed)
        return;
    char *path = typed[0] == '~' && typed[1] == '/' ? file_home(typed + 2) : mem_text(typed);
    struct err e;
    const struct export *format;
    if (export_of_path(&format, path, &e)) {
        refuse(a, typed, &e);
        free(path);
        return;
    }
    free(a->export_path);
    a->export_path = path;
    if (file_exists(path)) {
        char *question = mem_format("%s exists. Overwrite it?", path);
        overlay_ask(app_overlay_watched(a, overwrite, keep_old), question);
        free(question);
    } else {
        overwrite(a, NULL);
    }
}

static void chose_format(struct app *a, const struct overlay_answer *answer) {
    size_t n;
    const struct export *const *all = export_list(&n);
    if (answer->id < 0 || (size_t)answer->id >= n)
        return;
    const char *ending = all[answer->id]->endings[0];
    char *path = a->view == VIEW_COMPARE
                     ? mem_format("compared%s", ending)
                     : mem_format("run-%lld%s", (long long)a->current->number, ending);
    ask_path(a, path, NULL);
    free(path);
}

void command_export(struct app *a, int unused) {
    struct picker p;
    (void)unused;
    if (a->view == VIEW_RUNS && app_selected_run(a) && app_selected_run(a) != a->current)
        app_show_run(a, app_selected_run(a));
    if (!has_export(a)) {
        app_say(a, STYLE_NOTICE, "nothing to export yet");
        return;
    }
    picker_init(&p, "export as");
    size_t n;
    const struct export *const *all = export_list(&n);
    for (size_t i = 0; i < n; i++)
        picker_add(&p, (int)i, all[i]->title, all[i]->endings[0], all[i]->help);
    picker_ready(&p, 0);
    overlay_pick(app_overlay(a, chose_format), &p);
}
