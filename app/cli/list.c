/* tinseq list WHAT: what there is to choose from. */
#include "app/cli/subcommand.h"

#include "aggregators/functions.h"
#include "aggregators/registry.h"
#include "aggregators/unit_list.h"
#include "app/cli/print.h"
#include "backend/base/text.h"
#include "backend/discovery.h"
#include "backend/family_names.h"
#include "methods/declare/declare.h"
#include "themes/theme.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>

/* By family, in the order of menus. */
static void list_methods(struct text_buffer *b) {
    static const struct {
        enum method_family family;
        const char *title;
    } families[] = {{FAMILY_GRADIENT, "Gradients"},
                    {FAMILY_INTERNALS, "The model's internals"},
                    {FAMILY_PERTURBATION, "Perturbation"},
                    {FAMILY_NONE, "Other"}};
    size_t n;
    const struct method_decl *const *all = method_decls(&n);
    for (size_t k = 0; k < sizeof families / sizeof *families; k++) {
        bool any = false;
        for (size_t i = 0; i < n; i++) {
            if (all[i]->family != families[k].family)
                continue;
            if (!any)
                text_buffer_format(b, "%s%s\n", k ? "\n" : "", families[k].title);
            any = true;
            char *name = mem_format("  %s", all[i]->id);
            cli_write_row(b, name, 26, all[i]->summary);
            free(name);
        }
    }
}

static void list_step_functions(struct text_buffer *b) {
    size_t n;
    const struct step_function_decl *const *all = step_function_decls(&n);
    for (size_t i = 0; i < n; i++) {
        char *text = mem_format("%s%s", all[i]->formula, all[i]->contrastive ? " (contrast)" : "");
        cli_write_row(b, all[i]->id, 24, text);
        free(text);
    }
}

static void list_aggregators(struct text_buffer *b) {
    size_t n;
    const struct aggregator *const *all = aggregators(&n);
    for (size_t i = 0; i < n; i++)
        cli_write_row(b, all[i]->id, 12, all[i]->summary);
    text_buffer_puts(b,
                     "\nBy itself a function (tinseq list functions) stands for scores with it.\n");
}

static void list_functions(struct text_buffer *b) {
    size_t n;
    const struct aggregate_function *const *all = aggregate_functions(&n);
    for (size_t i = 0; i < n; i++) {
        char *text = mem_format("%s: %s", all[i]->title, all[i]->formula);
        cli_write_row(b, all[i]->id, 12, text);
        free(text);
    }
}

static void list_units(struct text_buffer *b) {
    size_t n;
    const struct unit *const *all = units(&n);
    for (size_t i = 0; i < n; i++)
        cli_write_row(b, all[i]->id, 12, all[i]->summary);
}

static void list_themes(struct text_buffer *b) {
    size_t n;
    const struct theme *const *all = theme_list(&n);
    for (size_t i = 0; i < n; i++)
        cli_write_row(b, all[i]->id, 18, all[i]->title);
}

static void list_exports(struct text_buffer *b) {
    size_t n;
    const struct export *const *all = export_list(&n);
    for (size_t i = 0; i < n; i++) {
        char *endings = export_endings(all[i]);
        cli_write_row(b, endings, 18, all[i]->help);
        free(endings);
    }
}

static void list_colour_maps(struct text_buffer *b) {
    size_t n;
    const struct colour_map *const *all = colour_map_list(&n);
    for (size_t i = 0; i < n; i++) {
        char *text = mem_format("%s, %s", all[i]->title,
                                all[i]->diverging ? "diverging: for signed scores"
                                                  : "sequential: for scores from 0");
        cli_write_row(b, all[i]->id, 12, text);
        free(text);
    }
}

static void list_models(struct text_buffer *b) {
    struct found_models found;
    models_discover(&found);
    for (size_t i = 0; i < found.n; i++) {
        const struct found_model *m = &found.items[i];
        char *line = m->why_not ? mem_format("cannot run: %s (%s)", m->why_not, m->where)
                                : mem_format("%s, %.0f MB (%s)", m->kind, (double)m->n_bytes / 1e6,
                                             m->where);
        char *name = text_sanitise(m->name, strlen(m->name), false),
             *text = text_sanitise(line, strlen(line), false);
        cli_write_row(b, name, 24, text);
        free(line);
        free(name);
        free(text);
    }
    if (found.n == 0) {
        char *folder = models_folder();
        text_buffer_format(b,
                           "No model was found. 'make models' fetches three small ones into "
                           "%s;\n-m also takes the path of a folder or a GGUF file.\n",
                           folder);
        free(folder);
    }
    found_models_dispose(&found);
}

/* What a family is made of. Owned by the caller. */
static char *stacks_of(const struct family_name *f) {
    if (f->pair)
        return family_pairs();
    return mem_text(f->encoder_decoder ? "encoder and decoder" : "decoder");
}

static void list_families(struct text_buffer *b) {
    struct family_name names[200];
    const size_t n = family_names(names, sizeof names / sizeof *names);
    for (size_t i = 0; i < n; i++) {
        const struct family_name *f = &names[i];
        char *gguf = f->gguf ? mem_format(", in a GGUF %s", f->gguf) : mem_text(""),
             *stacks = stacks_of(f), *text = mem_format("%s%s, %s", f->type, gguf, stacks);
        cli_write_row(b, f->class, 44, text);
        free(stacks);
        free(gguf);
        free(text);
    }
}

/* What "tinseq list" lists, in the help's order. */
#define LISTS(FIRST, NEXT)                                                                         \
    FIRST(methods)                                                                                 \
    NEXT(step_functions)                                                                           \
    NEXT(aggregators)                                                                              \
    NEXT(functions)                                                                                \
    NEXT(units)                                                                                    \
    NEXT(models)                                                                                   \
    NEXT(families)                                                                                 \
    NEXT(themes)                                                                                   \
    NEXT(colour_maps)                                                                              \
    NEXT(exports)
#define NAME(name) #name
#define AFTER_COMMA(name) ", " #name
#define AFTER_BAR(name) "|" #name

static const struct {
    const char *name;
    void (*write)(struct text_buffer *b);
} lists[] = {
#define ROW(name) {#name, list_##name},
    LISTS(ROW, ROW)
#undef ROW
};
#define N_LISTS (sizeof lists / sizeof *lists)

/* "-" and "_" are the same. */
static bool same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_'))
            return false;
    return *a == *b;
}

static enum err_code write_list(struct text_buffer *b, const char *name, struct err *e) {
    const char *names[N_LISTS];
    for (size_t i = 0; i < N_LISTS; i++) {
        names[i] = lists[i].name;
        if (same_name(name, lists[i].name)) {
            lists[i].write(b);
            return ERR_OK;
        }
    }
    return cli_unknown("there is no list of", name, names, N_LISTS, "see tinseq list --help", e);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct text_buffer b = {0};
    if (a->n_words != 1)
        return err_set(e, ERR_USAGE, "list what? " LISTS(NAME, AFTER_COMMA));
    enum err_code code = write_list(&b, a->words[0], e);
    if (!code)
        code = cli_print(b.text, b.n, e);
    text_buffer_dispose(&b);
    return code;
}

const struct subcommand cli_list = {
    .id = CLI_LIST,
    .name = "list",
    .synopsis = "WHAT",
    .title = LISTS(NAME, AFTER_COMMA),
    .help = "Usage: tinseq list " LISTS(NAME, AFTER_BAR) "\n",
    .run = run,
};
