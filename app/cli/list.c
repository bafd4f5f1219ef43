/* tinseq list WHAT and tinseq explain NAME: what the declarations say. */
#include "app/cli/cli.h"

#include "aggregators/aggregate.h"
#include "aggregators/registry.h"
#include "backend/base/text.h"
#include "backend/discovery.h"
#include "methods/declare/declare.h"
#include "methods/describe.h"
#include "methods/request/positions.h"
#include "methods/step_functions/expression.h"
#include "themes/theme.h"
#include "views/export/exports.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 88

static void pad_to(struct text_buffer *b, size_t start, int column) {
    for (int used = text_columns(b->text + start); used < column; used++)
        text_buffer_puts(b, " ");
}

/* "name    text", wrapped; `text` may be NULL. */
static void write_row(struct text_buffer *b, const char *name, int column, const char *text) {
    size_t start = b->n;
    text_buffer_puts(b, name);
    if (text && column > 0 && text_columns(name) >= column) {
        text_buffer_puts(b, "\n");
        start = b->n;
    }
    for (const char *word = text ? text : ""; *word;) {
        size_t n = strcspn(word, " ");
        char *piece = mem_text_n(word, n);
        bool first = text_columns(b->text + start) <= column && word == text;
        if (first) {
            pad_to(b, start, column);
        } else if (text_columns(b->text + start) + 1 + text_columns(piece) > WIDTH) {
            text_buffer_puts(b, "\n");
            start = b->n;
            pad_to(b, start, column);
        } else {
            text_buffer_puts(b, " ");
        }
        text_buffer_puts(b, piece);
        free(piece);
        word += n + (word[n] == ' ');
    }
    text_buffer_puts(b, "\n");
}

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
            write_row(b, name, 26, all[i]->summary);
            free(name);
        }
    }
}

static void list_step_functions(struct text_buffer *b) {
    size_t n;
    const struct step_function_decl *const *all = step_function_decls(&n);
    for (size_t i = 0; i < n; i++) {
        char *text = mem_format("%s%s", all[i]->formula, all[i]->contrastive ? " (contrast)" : "");
        write_row(b, all[i]->id, 24, text);
        free(text);
    }
}

static void list_aggregators(struct text_buffer *b) {
    size_t n;
    const struct aggregator_decl *const *all = aggregator_decls(&n);
    for (size_t i = 0; i < n; i++) {
        char *text = mem_format("%s: %s", all[i]->title, all[i]->formula);
        write_row(b, all[i]->id, 12, text);
        free(text);
    }
}

static void list_themes(struct text_buffer *b) {
    size_t n;
    const struct theme *const *all = theme_list(&n);
    for (size_t i = 0; i < n; i++)
        write_row(b, all[i]->id, 18, all[i]->title);
}

static void list_exports(struct text_buffer *b) {
    size_t n;
    const struct export *const *all = export_list(&n);
    for (size_t i = 0; i < n; i++) {
        char *endings = export_endings(all[i]);
        write_row(b, endings, 18, all[i]->help);
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
        write_row(b, all[i]->id, 12, text);
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
        write_row(b, name, 24, text);
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

static const struct {
    const char *name;
    void (*write)(struct text_buffer *b);
} lists[] = {
    {"methods", list_methods},         {"step_functions", list_step_functions},
    {"aggregators", list_aggregators}, {"models", list_models},
    {"themes", list_themes},           {"colour_maps", list_colour_maps},
    {"exports", list_exports},
};
#define N_LISTS (sizeof lists / sizeof *lists)

/* "-" and "_" are the same. */
static bool same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_'))
            return false;
    return *a == *b;
}

static enum err_code write_list(struct text_buffer *b, const struct cli_arguments *a,
                                struct err *e) {
    const char *names[N_LISTS];
    for (size_t i = 0; i < N_LISTS; i++)
        names[i] = lists[i].name;
    if (a->n_words != 1)
        return err_set(e, ERR_USAGE,
                       "list what? methods, step_functions, aggregators, models, themes, "
                       "colour_maps or exports");
    for (size_t i = 0; i < N_LISTS; i++)
        if (same_name(a->words[0], lists[i].name)) {
            lists[i].write(b);
            return ERR_OK;
        }
    const char *near = text_nearest(a->words[0], names, N_LISTS);
    return err_set(e, ERR_USAGE, "there is no list of \"%.100s\"%s%s%s", a->words[0],
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* --- explain ----------------------------------------------------------------------------- */

static void explain_options(struct text_buffer *b, const struct option_decl *options, size_t n) {
    if (n)
        text_buffer_puts(b, "\nOptions (--attribution_kwargs):\n");
    for (size_t i = 0; i < n; i++) {
        const struct option_decl *o = &options[i];
        char *range = describe_option(o), *text = mem_format("%s %s%s", o->help, range, "."),
             *name = mem_format("  %s", o->name);
        text[strlen(o->help) + 1] = (char)toupper((unsigned char)text[strlen(o->help) + 1]);
        write_row(b, name, 22, text);
        free(range);
        free(text);
        free(name);
    }
}

static void explain_field(struct text_buffer *b, const char *name, const char *text) {
    if (text && *text)
        write_row(b, name, 12, text);
}

static bool explain(struct text_buffer *b, const char *name) {
    const struct method_decl *m = method_decl_find(name);
    const struct step_function_decl *f = step_function_decl_find(name);
    const struct aggregator_decl *g = aggregator_find(name);
    if (strcmp(name, "expressions") == 0) {
        text_buffer_puts(b, expression_grammar);
        return true;
    }
    if (strcmp(name, "alignments") == 0) {
        text_buffer_puts(b, positions_rules);
        return true;
    }
    if (m) {
        text_buffer_format(b, "%s: %s, an attribution method\n\n", m->id, m->title);
        write_row(b, "", 0, m->summary);
        text_buffer_puts(b, "\n");
        char *cost = describe_cost(m->id);
        explain_field(b, "family", describe_family(m->family));
        explain_field(b, "scores", describe_axes(m->axes));
        explain_field(b, "needs", describe_needs(m));
        explain_field(b, "cost", cost);
        free(cost);
        explain_field(b, "paper", m->paper);
        explain_field(b, "reference", m->reference);
        explain_options(b, m->options, m->n_options);
    } else if (f) {
        text_buffer_format(b, "%s: %s, a step function\n\n", f->id, f->title);
        write_row(b, "", 0, f->summary);
        text_buffer_puts(b, "\n");
        explain_field(b, "formula", f->formula);
        explain_field(b, "unit", f->unit);
        explain_field(b, "looks at", f->sees);
        explain_field(b, "contrast",
                      f->contrastive ? "compares with --contrast_targets; tinseq explain alignments"
                                     : NULL);
        explain_field(b, "target",
                      f->can_be_target ? "can be explained (-fn) and reported (--step_scores)"
                                       : "can only be reported (--step_scores)");
        explain_options(b, f->options, f->n_options);
    } else if (g) {
        text_buffer_format(b, "%s: %s, an aggregator\n\n", g->id, g->title);
        explain_field(b, "formula", g->formula);
        explain_field(b, "signs", g->signed_result ? "kept" : "lost: the result is never negative");
    }
    return m || f || g;
}

static enum err_code unknown_subject(const char *word, struct err *e) {
    const char *names[256];
    size_t n_names = 0, n;
    const struct method_decl *const *methods = method_decls(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = methods[i]->id;
    const struct step_function_decl *const *functions = step_function_decls(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = functions[i]->id;
    const struct aggregator_decl *const *aggregators = aggregator_decls(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = aggregators[i]->id;
    const char *near = text_nearest(word, names, n_names);
    return near
               ? err_set(e, ERR_USAGE, "nothing is called \"%.100s\"; did you mean %s?", word, near)
               : err_set(e, ERR_USAGE, "nothing is called \"%.100s\"; see 'tinseq list methods'",
                         word);
}

static enum err_code write_explanations(struct text_buffer *b, const struct cli_arguments *a,
                                        struct err *e) {
    if (a->n_words == 0)
        return err_set(
            e, ERR_USAGE,
            "explain what? a method, a step function, an aggregator, or \"expressions\"");
    for (size_t i = 0; i < a->n_words; i++) {
        text_buffer_puts(b, i ? "\n" : "");
        if (!explain(b, a->words[i]))
            return unknown_subject(a->words[i], e);
    }
    return ERR_OK;
}

static int print_words(enum cli_command command, int n, char *const *argv,
                       enum err_code (*write)(struct text_buffer *b, const struct cli_arguments *a,
                                              struct err *e)) {
    struct err e = {0};
    struct cli_arguments a;
    struct text_buffer b = {0};
    enum err_code code = cli_parse(&a, command, n, argv, &e);
    if (code != ERR_OK)
        return cli_exit(code, &e);
    if (cli_flag(&a, CLI_OPT_HELP))
        cli_write_help(&b, command);
    else
        code = write(&b, &a, &e);
    if (code == ERR_OK)
        code = cli_print(b.text, b.n, &e);
    text_buffer_dispose(&b);
    cli_arguments_dispose(&a);
    return cli_exit(code, &e);
}

int cli_list(int n, char *const *argv) {
    return print_words(CLI_LIST, n, argv, write_list);
}

int cli_explain(int n, char *const *argv) {
    return print_words(CLI_EXPLAIN, n, argv, write_explanations);
}
