/* Commands that take results out: the clipboard, HTML, JSON and tables. */
#include "app/commands/handlers.h"

#include "app/files/result_file.h"
#include "app/tui/front.h"
#include "app/tui/state.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/export/html.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- copying --- */

static void add_number(struct text_buffer *b, float v) {
    if (isnan(v))
        return;
    text_buffer_format(b, "%.6g", (double)v);
}

void command_copy(struct app *a, int column) {
    char *text = app_ops(a)->copy ? app_ops(a)->copy(a, column) : NULL;
    if (!text) {
        app_say(a, STYLE_NOTICE, "nothing to copy");
        return;
    }
    free(a->copy);
    a->copy = text;
    a->wants |= WANT_COPY;
}

/* --- exporting --- */

/* The map as a table: rows are tokens, columns steps, then the step scores. */
static char *map_tsv(const struct map *m) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, "side\tposition\ttoken");
    for (int64_t g = 0; g < m->n_columns; g++) {
        const struct token *t = map_column_token(m, g);
        text_buffer_format(&b, "\t%s", t ? t->printable : "?");
    }
    for (size_t r = 0; r < m->n_rows; r++) {
        const struct token *t = map_row_token(m, r);
        text_buffer_format(&b, "\n%s\t%lld\t%s", m->rows[r].target ? "target" : "source",
                           (long long)m->rows[r].index, t ? t->printable : "?");
        for (int64_t g = 0; g < m->n_columns; g++) {
            text_buffer_puts(&b, "\t");
            add_number(&b, map_value(m, r, g));
        }
    }
    for (size_t i = 0; i < m->shown->n_step_scores; i++) {
        const struct named_scores *s = &m->shown->step_scores[i];
        text_buffer_format(&b, "\nstep score\t\t%s", s->name);
        for (int64_t g = 0; g < m->n_columns; g++) {
            text_buffer_puts(&b, "\t");
            if (s->scores.data && g < s->scores.dims[0])
                add_number(&b, s->scores.data[g]);
        }
    }
    text_buffer_puts(&b, "\n");
    return text_buffer_take(&b);
}

static enum err_code write_html(const struct app *a, const char *path, struct err *e) {
    struct attribution shown =
        *a->current->result; /* the info of the run, the scores as on the screen */
    shown.sequences = (struct attribution_sequence *)&a->shown;
    shown.n_sequences = 1;
    struct attribution raw = *a->current->result;
    raw.n_sequences = 1;
    struct html_options options = {.map = a->map.any_negative ? a->diverging : a->sequential};
    struct text_buffer b = {0};
    enum err_code code = html_write(&b, &raw, &shown, &options, e);
    if (code == ERR_OK)
        code = file_write(path, b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

static void write_export(struct app *a, const char *path) {
    struct err e;
    enum err_code code;
    if (!a->current || !a->current->result || !a->has_shown)
        return;
    if (text_ends_with(path, ".html") || text_ends_with(path, ".htm")) {
        code = write_html(a, path, &e);
    } else if (text_ends_with(path, ".tsv")) {
        char *text = map_tsv(&a->map);
        code = file_write(path, text, strlen(text), &e);
        free(text);
    } else {
        code = result_file_save(path, a->current->result, &e);
    }
    char *real = code == ERR_OK ? realpath(path, NULL) : NULL;
    if (code == ERR_OK)
        app_say(a, STYLE_STATUS, "written: %s", real ? real : path);
    else
        app_say(a, STYLE_ERROR, "not written: %s", e.message);
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

static void typed_path(struct app *a, const struct overlay_answer *answer) {
    const char *typed = answer->text;
    if (!*typed)
        return;
    char *path = typed[0] == '~' && typed[1] == '/' ? file_home(typed + 2) : mem_text(typed);
    if (!text_ends_with(path, ".html") && !text_ends_with(path, ".htm") &&
        !text_ends_with(path, ".tsv") && !text_ends_with(path, ".json") &&
        !text_ends_with(path, ".json.gz")) {
        app_say(a, STYLE_ERROR,
                "the name must end in .html, .json, .json.gz or .tsv: nothing was written");
        free(path);
        return;
    }
    free(a->export_path);
    a->export_path = path;
    if (file_exists(path)) {
        char *question = mem_format("%s exists. Overwrite it?", path);
        overlay_ask(app_overlay(a, overwrite), question);
        free(question);
    } else {
        overwrite(a, NULL);
    }
}

static void chose_format(struct app *a, const struct overlay_answer *answer) {
    static const char *const endings[] = {".html", ".json", ".tsv"};
    const int id = answer->id;
    if (id < 0 || id > 2)
        return;
    char *path = mem_format("run-%lld%s", (long long)a->current->number, endings[id]);
    overlay_input(app_overlay(a, typed_path), "export",
                  "Write to (the ending chooses: .html, .json, .json.gz, .tsv):", path);
    free(path);
}

void command_export(struct app *a, int unused) {
    struct picker p;
    (void)unused;
    if (a->view == VIEW_RUNS && app_selected_run(a) && app_selected_run(a) != a->current)
        app_show_run(a, app_selected_run(a));
    if (!a->current || !a->current->result || !a->has_shown) {
        app_say(a, STYLE_NOTICE, "nothing to export yet");
        return;
    }
    picker_init(&p, "export as");
    picker_add(&p, 0, "HTML", ".html",
               "One page with the heatmap, for any browser, without network.");
    picker_add(&p, 1, "JSON", ".json",
               "The raw scores as Inseq's FeatureAttributionOutput.load reads them.");
    picker_add(&p, 2, "TSV", ".tsv", "The map as it is on the screen, as a table.");
    picker_ready(&p, 0);
    overlay_pick(app_overlay(a, chose_format), &p);
}
