/* tinseq explain NAME: what a declaration says. */
#include "app/cli/subcommand.h"

#include "aggregators/functions.h"
#include "aggregators/pipeline.h"
#include "aggregators/registry.h"
#include "aggregators/unit_list.h"
#include "app/cli/print.h"
#include "methods/declare/declare.h"
#include "methods/describe.h"
#include "methods/request/positions.h"
#include "methods/step_functions/expression.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "Usage: tinseq explain NAME [NAME ...]\n"
                           "\n"
                           "Examples\n"
                           "  tinseq explain integrated_gradients\n"
                           "  tinseq explain contrast_logits_diff vnorm\n";

static void explain_options(struct text_buffer *b, const struct option_decl *options, size_t n,
                            const char *where) {
    if (n)
        text_buffer_format(b, "\nOptions (%s):\n", where);
    for (size_t i = 0; i < n; i++) {
        const struct option_decl *o = &options[i];
        char *range = describe_option(o), *text = mem_format("%s %s%s", o->help, range, "."),
             *name = mem_format("  %s", o->name);
        text[strlen(o->help) + 1] = (char)toupper((unsigned char)text[strlen(o->help) + 1]);
        cli_write_row(b, name, 22, text);
        free(range);
        free(text);
        free(name);
    }
}

static void explain_field(struct text_buffer *b, const char *name, const char *text) {
    if (text && *text)
        cli_write_row(b, name, 12, text);
}

/* "id: title, what it is". */
static void explain_heading(struct text_buffer *b, const char *id, const char *title,
                            const char *what) {
    text_buffer_format(b, "%s: %s, %s\n\n", id, title, what);
}

static void explain_method(struct text_buffer *b, const struct method_decl *m) {
    char *cost = describe_cost(m->id);
    explain_heading(b, m->id, m->title, "an attribution method");
    cli_write_row(b, "", 0, m->summary);
    text_buffer_puts(b, "\n");
    explain_field(b, "family", describe_family(m->family));
    explain_field(b, "scores", describe_axes(m->axes));
    explain_field(b, "needs", describe_needs(m));
    explain_field(b, "cost", cost);
    explain_field(b, "paper", m->paper);
    explain_field(b, "reference", m->reference);
    explain_options(b, m->options, m->n_options, "--attribution_kwargs");
    free(cost);
}

static void explain_function(struct text_buffer *b, const struct step_function_decl *f) {
    explain_heading(b, f->id, f->title, "a step function");
    cli_write_row(b, "", 0, f->summary);
    text_buffer_puts(b, "\n");
    explain_field(b, "formula", f->formula);
    explain_field(b, "unit", f->unit);
    explain_field(b, "looks at", f->sees);
    if (f->contrastive)
        explain_field(b, "contrast", "compares with --contrast_targets; tinseq explain alignments");
    explain_field(b, "target",
                  f->can_be_target ? "can be explained (-fn) and reported (--step_scores)"
                                   : "can only be reported (--step_scores)");
    explain_options(b, f->options, f->n_options, "--attribution_kwargs");
}

static void explain_aggregate_function(struct text_buffer *b, const struct aggregate_function *f) {
    explain_heading(b, f->id, f->title, "an aggregation function");
    explain_field(b, "formula", f->formula);
    explain_field(b, "signs", f->signed_result ? "kept" : "lost: the result is never negative");
}

static void explain_aggregator(struct text_buffer *b, const struct aggregator *g) {
    explain_heading(b, g->id, g->title, "an aggregator");
    cli_write_row(b, "", 0, g->summary);
    text_buffer_puts(b, "\n");
    explain_field(b, "function", g->function ? g->function : "none");
    explain_options(b, g->options, g->n_options, "--aggregation_kwargs");
}

static void explain_unit(struct text_buffer *b, const struct unit *u) {
    explain_heading(b, u->id, u->title, "a unit (--unit)");
    cli_write_row(b, "", 0, u->summary);
}

/* False: nothing is called that. */
static bool explain(struct text_buffer *b, const char *name) {
    const struct method_decl *m = method_decl_find(name);
    const struct step_function_decl *f = step_function_decl_find(name);
    const struct aggregator *g = aggregator_find(name);
    const struct aggregate_function *a = aggregate_function_find(name);
    const struct unit *u = unit_find(name);
    if (strcmp(name, "expressions") == 0)
        text_buffer_puts(b, expression_grammar);
    else if (strcmp(name, "aggregation") == 0)
        text_buffer_puts(b, pipeline_rules);
    else if (strcmp(name, "alignments") == 0)
        text_buffer_puts(b, positions_rules);
    else if (m)
        explain_method(b, m);
    else if (f)
        explain_function(b, f);
    else if (g)
        explain_aggregator(b, g);
    else if (a)
        explain_aggregate_function(b, a);
    else if (u)
        explain_unit(b, u);
    else
        return false;
    return true;
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
    const struct aggregator *const *all = aggregators(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = all[i]->id;
    const struct aggregate_function *const *reductions = aggregate_functions(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = reductions[i]->id;
    const struct unit *const *all_units = units(&n);
    for (size_t i = 0; i < n && n_names < 256; i++)
        names[n_names++] = all_units[i]->id;
    return cli_unknown("nothing is called", word, names, n_names, "see 'tinseq list methods'", e);
}

static enum err_code run(const struct cli_arguments *a, struct err *e) {
    struct text_buffer b = {0};
    enum err_code code = ERR_OK;
    if (a->n_words == 0)
        return err_set(
            e, ERR_USAGE,
            "explain what? a method, a step function, an aggregator, a function of it, a unit, or "
            "\"expressions\"");
    for (size_t i = 0; i < a->n_words; i++) {
        text_buffer_puts(&b, i ? "\n" : "");
        if (!explain(&b, a->words[i])) {
            code = unknown_subject(a->words[i], e);
            goto out;
        }
    }
    code = cli_print(b.text, b.n, e);
out:
    text_buffer_dispose(&b);
    return code;
}

const struct subcommand cli_explain = {
    .id = CLI_EXPLAIN,
    .name = "explain",
    .synopsis = "NAME",
    .title = "a method, step function, aggregator or unit: formula, options, cost, paper",
    .help = help,
    .run = run,
};
