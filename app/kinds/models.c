#include "app/kinds/kind.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/discovery.h"

#include <stdlib.h>
#include <string.h>

/* Names and reasons come from disk: they are told as they may be shown. */
static void add(struct kind_items *out, const struct found_model *m) {
    char *line = m->why_not
                     ? mem_format("cannot run: %s (%s)", m->why_not, m->where)
                     : mem_format("%s, %.0f MB (%s)", m->kind, (double)m->n_bytes / 1e6, m->where);
    char *name = text_clean(m->name), *text = text_clean(line);
    kind_items_add(out, name, NULL, "%s", text);
    free(line);
    free(name);
    free(text);
}

static void list(struct kind_items *out) {
    struct found_models found;
    models_discover(&found);
    for (size_t i = 0; i < found.n; i++)
        add(out, &found.items[i]);
    found_models_dispose(&found);
}

static void add_line(struct explanation *x, const char *name, const char *text) {
    char *shown = text_clean(text);
    explanation_add(x, name, shown);
    free(shown);
}

static void tell(struct explanation *x, const struct found_model *m) {
    char *size = mem_format("%.0f MB", (double)m->n_bytes / 1e6), *name = text_clean(m->name);
    explanation_begin(x, name, NULL, NULL);
    add_line(x, "is", m->kind);
    add_line(x, "made of",
             m->encoder_decoder ? "encoder and decoder: a text is read, another written"
                                : "decoder: a text is continued");
    add_line(x, "size", m->n_bytes ? size : NULL);
    add_line(x, "found in", m->where);
    add_line(x, "path", m->path);
    add_line(x, "cannot run", m->why_not);
    free(size);
    free(name);
}

static bool explain(struct explanation *x, const char *name) {
    struct found_models found;
    bool known = false;
    models_discover(&found);
    for (size_t i = 0; i < found.n && !known; i++) {
        known = strcmp(found.items[i].name, name) == 0;
        if (known)
            tell(x, &found.items[i]);
    }
    found_models_dispose(&found);
    return known;
}

const struct kind kind_models = {
    .id = "models",
    .one = "a model on this machine",
    .summary = "models on this machine (-m)",
    .value = "MODEL",
    .note = "'make models' fetches three small ones; -m also takes the path of a folder or a GGUF "
            "file.",
    .list = list,
    .explain = explain,
};
