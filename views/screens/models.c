#include "views/screens/models.h"

#include "backend/base/text.h"
#include "views/widgets/fuzzy.h"
#include "views/widgets/hint.h"
#include "views/widgets/scroll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_clean(struct grid *g, struct area a, int row, int column, int columns,
                      enum style_role role, const char *text) {
    char *clean = text_sanitise(text, strlen(text), false);
    grid_put_fit(g, a, row, column, columns, role, clean, false);
    free(clean);
}

/* ---- which match ---- */

static bool is_path(const char *typed) {
    return *typed == '/' || *typed == '~' || *typed == '.';
}

/* By the name's letters in their order, or by words of where it is or what it is. */
static bool matches(const struct models_view *v, size_t i) {
    const struct found_model *m = &v->found->items[i];
    const char *typed = edit_text(v->typed);
    if (!*typed)
        return true;
    return !is_path(typed) &&
           (fuzzy_score(NULL, NULL, typed, m->name) >= 0 ||
            (m->kind && strcasestr(m->kind, typed)) || strcasestr(m->where, typed));
}

size_t models_matching(const struct models_view *v) {
    size_t n = 0;
    for (size_t i = 0; v->found && i < v->found->n; i++)
        n += matches(v, i);
    return n;
}

const struct found_model *models_selected(const struct models_view *v) {
    size_t at = 0;
    for (size_t i = 0; v->found && i < v->found->n; i++)
        if (matches(v, i) && at++ == v->cursor)
            return &v->found->items[i];
    return NULL;
}

/* ---- drawing ---- */

static void draw_line(struct grid *g, struct area row, const struct models_view *v) {
    const size_t n = models_matching(v);
    char right[48] = "";
    if (v->found && v->found->n)
        snprintf(right, sizeof right, "%zu of %zu", n, v->found->n);
    const int wide = text_columns(right);
    grid_fill(g, row, STYLE_FIELD_FOCUS);
    grid_put(g, row, 0, 0, STYLE_FIELD_FOCUS, "> ");
    grid_put(g, row, 0, row.columns - wide, STYLE_DIM, right);
    area_take_left(&row, 2);
    area_take_right(&row, wide + 1);
    edit_draw(g, row, v->typed, STYLE_FIELD_FOCUS,
              "type to filter, or the path of a model's folder or GGUF file", true);
}

static void draw_model(struct grid *g, struct area row, const struct models_view *v,
                       const struct found_model *m, bool here) {
    const bool loaded = strcmp(m->name, v->loaded) == 0;
    const int name = row.columns >= 100 ? 34 : 22;
    enum style_role role = here ? STYLE_STRONG : STYLE_TEXT;
    if (m->why_not)
        role = STYLE_DIM;
    grid_put(g, row, 0, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
    grid_put(g, row, 0, 2, STYLE_MARK_A, loaded ? "*" : " ");
    put_clean(g, row, 0, 4, name - 1, role, m->name);
    put_clean(g, row, 0, 4 + name, 12, role, m->where);
    if (m->n_bytes > 0)
        grid_format(g, row, 0, 17 + name, role, "%5lld MB", (long long)(m->n_bytes / 1000000));
    put_clean(g, row, 0, 27 + name, row.columns - 28 - name, m->why_not ? STYLE_WARNING : role,
              m->why_not ? m->why_not : m->kind);
}

static void draw_none(struct grid *g, struct area a, const struct models_view *v) {
    char *text = is_path(edit_text(v->typed))
                     ? widget_hint("{CHOOSE}: the model at this path")
                     : widget_hint("No model here has this name. {CHOOSE}: "
                                   "one of Hugging Face's cache, or a path");
    grid_put(g, a, 0, 4, STYLE_DIM, text);
    free(text);
}

static void scroll(struct models_view *v, size_t n, size_t page) {
    v->cursor = n && v->cursor >= n ? n - 1 : v->cursor;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor >= v->top + page)
        v->top = v->cursor + 1 - page;
}

static void draw_instructions(struct grid *g, struct area a, const struct models_view *v) {
    char *folder = text_sanitise(v->folder, strlen(v->folder), false);
    grid_put(g, a, 1, 2, STYLE_STRONG, "No model was found on this machine.");
    grid_put(g, a, 3, 2, STYLE_TEXT, "In the folder of the program's source, run");
    grid_put(g, a, 4, 6, STYLE_KEY, "make models");
    grid_put(g, a, 5, 2, STYLE_TEXT,
             "It fetches a small language model and two translators (130 MB) into");
    grid_put(g, a, 6, 6, STYLE_TEXT, folder);
    grid_put(g, a, 7, 2, STYLE_TEXT,
             "Models of Hugging Face's cache, Ollama and LM Studio are found there, too.");
    grid_format(g, a, 8, 2, STYLE_TEXT, "%s Or type the path of one above.", v->hint);
    free(folder);
}

/* Where they are too few the last row says how many there are beside them. */
static size_t page_rows(size_t n, struct area a) {
    const int rows = a.rows - (a.rows > 2 && n > (size_t)a.rows);
    return rows > 1 ? (size_t)rows : 1;
}

static void mark_more(struct grid *g, struct area a, const struct models_view *v, size_t n,
                      size_t page) {
    const struct scroll s = {.rows = scroll_axis(v->top, page, n)};
    scroll_bar(g, area_take_top(&a, (int)page), &s.rows);
    scroll_row(g, area_take_top(&a, 1), &s);
}

void models_draw(struct grid *g, struct area a, struct models_view *v) {
    draw_line(g, area_take_top(&a, 1), v);
    if (!v->found) {
        grid_put(g, a, 1, 2, STYLE_DIM, "looking for models …");
        return;
    }
    const size_t n = models_matching(v), page = page_rows(n, a);
    if (v->found->n == 0)
        draw_instructions(g, a, v);
    else if (n == 0)
        draw_none(g, a, v);
    scroll(v, n, page);
    for (size_t i = 0, at = 0; i < v->found->n && at < v->top + page; i++) {
        if (!matches(v, i))
            continue;
        if (at >= v->top)
            hit_add(&g->hits, a, (struct area){(int)(at - v->top), 0, 1, a.columns},
                    (struct hit){HIT_ROW, (int64_t)at, 0});
        if (at >= v->top)
            draw_model(g, (struct area){a.row + (int)(at - v->top), a.column, 1, a.columns}, v,
                       &v->found->items[i], at == v->cursor);
        at++;
    }
    mark_more(g, a, v, n, page);
}
