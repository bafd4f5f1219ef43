#include "views/screens/models.h"

#include "backend/base/text.h"
#include "views/terminal/hits.h"
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

static int draw_instructions(struct grid *g, struct area a, const struct models_view *v) {
    char *folder = text_sanitise(v->folder, strlen(v->folder), false);
    grid_put(g, a, 1, 2, STYLE_STRONG, "No model was found on this machine.");
    grid_put(g, a, 3, 2, STYLE_TEXT, "In the folder of the program's source, run");
    grid_put(g, a, 4, 6, STYLE_KEY, "make models");
    grid_put(g, a, 5, 2, STYLE_TEXT,
             "It fetches a small language model and two translators (130 MB) into");
    grid_put(g, a, 6, 6, STYLE_TEXT, folder);
    grid_put(g, a, 7, 2, STYLE_TEXT,
             "Models of Hugging Face's cache, Ollama and LM Studio are found there, too.");
    grid_format(g, a, 8, 2, STYLE_TEXT,
                "%s Or type the path of a model's folder or GGUF file here:", v->hint);
    free(folder);
    return 10;
}

static void mark_more(struct grid *g, struct area a, const struct models_view *v, size_t n,
                      size_t page, int row) {
    const struct scroll s = {.rows = scroll_axis(v->top, page, n)};
    scroll_bar(g, (struct area){a.row, a.column, row, a.columns}, &s.rows);
    area_take_top(&a, row);
    scroll_row(g, area_take_top(&a, 1), &s);
}

void models_draw(struct grid *g, struct area a, struct models_view *v) {
    size_t n = v->found ? v->found->n : 0, page = a.rows > 4 ? (size_t)a.rows - 4 : 1;
    int row = 0;
    if (v->cursor > n)
        v->cursor = n;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor < n && v->cursor >= v->top + page)
        v->top = v->cursor + 1 - page;
    if (!v->found) {
        grid_put(g, a, 1, 2, STYLE_DIM, "looking for models …");
        return;
    }
    if (n == 0)
        row = draw_instructions(g, a, v);
    for (size_t i = v->top; i < n && i < v->top + page; i++, row++) {
        const struct found_model *m = &v->found->items[i];
        hit_add(&g->hits, a, (struct area){row, 0, 1, a.columns},
                (struct hit){HIT_ROW, (int64_t)i, 0});
        bool here = i == v->cursor, loaded = strcmp(m->name, v->loaded) == 0;
        enum style_role role = here ? STYLE_STRONG : STYLE_TEXT;
        if (m->why_not)
            role = STYLE_DIM;
        int name = a.columns >= 100 ? 34 : 22;
        grid_put(g, a, row, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
        grid_put(g, a, row, 2, STYLE_MARK_A, loaded ? "*" : " ");
        put_clean(g, a, row, 4, name - 1, role, m->name);
        put_clean(g, a, row, 4 + name, 12, role, m->where);
        if (m->n_bytes > 0)
            grid_format(g, a, row, 17 + name, role, "%5lld MB", (long long)(m->n_bytes / 1000000));
        put_clean(g, a, row, 27 + name, a.columns - 28 - name, m->why_not ? STYLE_WARNING : role,
                  m->why_not ? m->why_not : m->kind);
        if (here)
            grid_set_cursor(g, a, row, 0);
    }
    mark_more(g, a, v, n, page, row);
    row += n > 0;
    if (row >= a.rows)
        row = a.rows - 1;
    bool here = v->cursor == n;
    hit_add(&g->hits, a, (struct area){row, 0, 1, a.columns}, (struct hit){HIT_ROW, (int64_t)n, 0});
    grid_put(g, a, row, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
    grid_put(g, a, row, 4, STYLE_TEXT, "path:");
    edit_draw(
        g, (struct area){a.row + row, a.column + 10, 1, a.columns - 12 > 4 ? a.columns - 12 : 4},
        v->path, here ? STYLE_FIELD_FOCUS : STYLE_FIELD, "a model's folder or GGUF file", here);
}
