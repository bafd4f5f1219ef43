/*
 * A result as heat tables for LaTeX, to be put into a document: what its preamble must have stands
 * in a comment. Tokens may hold anything: what means something to TeX is written as what it looks
 * like.
 */
#include "backend/base/text.h"
#include "views/export/export.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERED 24 /* columns that have room for numbers */
#define LEGEND_STEPS 32

static const char preamble[] = "% In the preamble:\n"
                               "%   \\usepackage[table]{xcolor}\n"
                               "%   \\usepackage{graphicx}\n"
                               "%   \\usepackage[T1]{fontenc} % pdflatex\n"
                               "%   \\usepackage{fontspec}    % lualatex or xelatex: a main font "
                               "that has the tokens' scripts\n"
                               "% A table that is too wide: \\resizebox{\\linewidth}{!}{...}\n";

/* What LaTeX has another spelling for. A brace behind keeps two signs from becoming one. */
static const struct {
    const char *sign, *spelling;
} spellings[] = {{"\\", "\\textbackslash{}"},
                 {"{", "\\{"},
                 {"}", "\\}"},
                 {"$", "\\$"},
                 {"&", "\\&"},
                 {"#", "\\#"},
                 {"_", "\\_"},
                 {"%", "\\%"},
                 {"^", "\\textasciicircum{}"},
                 {"~", "\\textasciitilde{}"},
                 {"<", "\\textless{}"},
                 {">", "\\textgreater{}"},
                 {"|", "\\textbar{}"},
                 {"\"", "\\textquotedbl{}"},
                 {"'", "\\textquotesingle{}"},
                 {"`", "\\textasciigrave{}"},
                 {"-", "-{}"},
                 {",", ",{}"},
                 {"?", "?{}"},
                 {"!", "!{}"},
                 {"[", "{[}"},
                 {"]", "{]}"},
                 {"*", "{*}"},
                 {"  ", "\\ \\ "},
                 {"·", "\\textperiodcentered{}"},
                 {"×", "\\ensuremath{\\times}"},
                 {"→", "\\ensuremath{\\rightarrow}"},
                 {"⏎", "\\ensuremath{\\hookleftarrow}"},
                 {"⇥", "\\ensuremath{\\mapsto}"},
                 {"◌", "\\ensuremath{\\circ}"}};

/* The spelling of what a text begins with, and its bytes; NULL: it is written as it is. */
static const char *spelling_of(size_t *n, const char *text) {
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        *n = strlen(spellings[i].sign);
        if (strncmp(text, spellings[i].sign, *n) == 0)
            return spellings[i].spelling;
    }
    *n = 1;
    return NULL;
}

static void put_plain(struct text_buffer *b, const char *text) {
    for (size_t n; *text; text += n) {
        const char *spelling = spelling_of(&n, text);
        if (spelling)
            text_buffer_puts(b, spelling);
        else
            text_buffer_add(b, text, n);
    }
}

/* One text's tables. */
struct tables {
    const struct export_input *in;
    const struct attribution_sequence *s;
    struct heat heat;
    const struct colour_map *map;
    int power;
    int64_t steps;
    bool dense; /* colours without numbers */
};

static void put_number_text(struct text_buffer *b, const char *number) {
    text_buffer_puts(b, *number == '-' ? "$-$" : "");
    text_buffer_puts(b, *number == '-' ? number + 1 : number);
}

static void put_number(struct text_buffer *b, float value, int power, bool seen) {
    char number[NUMBER_BYTES];
    number_rounded(number, value, power, seen ? "nan" : "");
    put_number_text(b, number);
}

static void put_end(struct text_buffer *b, float value) {
    char number[NUMBER_BYTES];
    snprintf(number, sizeof number, "%.3g", (double)value);
    put_number_text(b, number);
}

static void put_cell(struct text_buffer *b, const struct tables *t, float value, bool seen) {
    bool dark_text;
    text_buffer_puts(b, " & ");
    if (isnan(value)) {
        text_buffer_puts(b, seen && !t->dense ? "nan" : "");
        return;
    }
    const uint32_t rgb = colour_map_rgb(t->map, heat_part(&t->heat, value), &dark_text);
    text_buffer_format(b, "\\cellcolor[HTML]{%06X}", rgb);
    if (t->dense)
        return;
    text_buffer_puts(b, dark_text ? "" : "\\textcolor{white}{");
    put_number(b, value, t->power, seen);
    text_buffer_puts(b, dark_text ? "" : "}");
}

static void put_token(struct text_buffer *b, const struct token *t) {
    text_buffer_puts(b, t->special ? "{\\itshape " : "{");
    put_plain(b, t->printable);
    text_buffer_puts(b, "}");
}

static void put_heading(struct text_buffer *b, const struct tables *t) {
    for (int64_t g = 0; g < t->steps; g++) {
        text_buffer_format(b, " & \\makebox[%s][l]{\\rotatebox{60}{", t->dense ? "0pt" : "1em");
        put_token(b, &t->s->target.items[t->s->attr_pos_start + g]);
        text_buffer_puts(b, "}}");
    }
    text_buffer_puts(b, " \\\\\n");
}

static void put_rows(struct text_buffer *b, const struct tables *t, bool target) {
    const struct scores *scores = target ? &t->s->target_attributions : &t->s->source_attributions;
    const struct token_list *tokens = target ? &t->s->target : &t->s->source;
    for (int64_t r = 0, n = attribution_visible_rows(t->s, target); r < n; r++) {
        put_token(b, &tokens->items[r]);
        for (int64_t g = 0; g < t->steps; g++)
            put_cell(b, t, scores->data[r * t->steps + g], attribution_sees(t->s, target, r, g));
        text_buffer_puts(b, " \\\\\n");
    }
}

/* Without room for numbers there is none for these. */
static void put_step_scores(struct text_buffer *b, const struct tables *t) {
    for (size_t i = 0; i < t->s->n_step_scores && !t->dense; i++) {
        const float *values = t->s->step_scores[i].scores.data;
        const int power = number_power_of(values, t->steps);
        char *times = number_power_text(power), *name = text_clean(t->s->step_scores[i].name);
        text_buffer_puts(b, i ? "{\\itshape " : "\\hline\n{\\itshape ");
        put_plain(b, name);
        put_plain(b, times);
        text_buffer_puts(b, "}");
        for (int64_t g = 0; g < t->steps; g++) {
            text_buffer_puts(b, " & ");
            put_number(b, values[g], power, attribution_done(t->s, g));
        }
        text_buffer_puts(b, " \\\\\n");
        free(times);
        free(name);
    }
}

/* More cells than TeX's memory has been seen to hold. */
#define MANY_CELLS 10000

static void tell_of_size(const struct export_input *in, int64_t cells) {
    if (cells > MANY_CELLS)
        export_tell(in,
                    "a LaTeX table of %lld cells may be more than TeX's memory holds: the PDF can "
                    "be included instead",
                    (long long)cells);
}

/* Without sides: step scores alone. A dense table's cells are squares of 6 points. */
static void put_table(struct text_buffer *b, const struct tables *t, const char *title, bool rows,
                      bool target) {
    char *times = number_power_text(rows && !t->dense ? t->power : 0);
    text_buffer_puts(b, "\\noindent ");
    put_plain(b, title);
    put_plain(b, times);
    text_buffer_format(b, "\\\\[2pt]\n{%s\\setlength{\\tabcolsep}{3pt}%%\n",
                       t->dense ? "\\tiny" : "");
    text_buffer_format(b, "\\begin{tabular}{r*{%lld}{%s}}\n", (long long)t->steps,
                       t->dense ? "p{0pt}" : "r");
    put_heading(b, t);
    if (rows)
        put_rows(b, t, target);
    put_step_scores(b, t);
    text_buffer_puts(b, "\\end{tabular}}\n\n");
    free(times);
    tell_of_size(t->in, rows ? attribution_visible_rows(t->s, target) * t->steps : 0);
}

static void put_legend(struct text_buffer *b, const struct tables *t) {
    char *fixed = heat_told(&t->heat, t->s);
    text_buffer_puts(b, "\\noindent{\\footnotesize ");
    put_end(b, t->heat.from);
    text_buffer_puts(b, " ");
    for (int i = 0; i < LEGEND_STEPS; i++) {
        const float value =
            t->heat.from + (t->heat.to - t->heat.from) * ((float)i + 0.5f) / LEGEND_STEPS;
        text_buffer_format(b, "\\textcolor[HTML]{%06X}{\\rule{4pt}{6pt}}%%\n",
                           colour_map_rgb(t->map, heat_part(&t->heat, value), NULL));
    }
    text_buffer_puts(b, "\\ ");
    put_end(b, t->heat.to);
    text_buffer_puts(b, "\\quad ");
    put_plain(b, fixed ? fixed : "");
    text_buffer_puts(b, "}\\\\[4pt]\n");
    free(fixed);
}

static void put_tables(struct text_buffer *b, const struct tables *t) {
    const bool source = t->s->source_attributions.data, target = t->s->target_attributions.data;
    if (t->steps < 1) {
        text_buffer_puts(b, "No step was attributed.\n\n");
        return;
    }
    if (source || target)
        put_legend(b, t);
    if (source)
        put_table(b, t, attribution_map_of(t->s, false), true, false);
    if (target)
        put_table(b, t, attribution_map_of(t->s, true), true, true);
    if (!source && !target)
        put_table(b, t, "step scores", false, false);
}

static void put_text(void *user, struct text_buffer *b, const struct attribution_sequence *s,
                     size_t i) {
    const struct export_input *in = user;
    struct tables t = {.in = in,
                       .s = s,
                       .heat = heat_of(s, &in->ends),
                       .power = number_power(heat_of(s, NULL).to),
                       .steps = attribution_steps(s)};
    t.map = heat_map(t.heat.has_signs, in->map, in->theme ? in->theme : theme_find("light"));
    t.dense = t.steps > MOST_NUMBERED;
    if (t.dense && s->n_step_scores)
        export_tell(in,
                    "LaTeX's tables of more than %d columns have no numbers, and no step scores",
                    MOST_NUMBERED);
    if (in->shown->n_sequences > 1) {
        char *heading = attribution_heading(s, i, in->shown->n_sequences);
        text_buffer_puts(b, "\\subsection*{");
        put_plain(b, heading);
        text_buffer_puts(b, "}\n");
        free(heading);
    }
    put_tables(b, &t);
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    char *title = export_title(in);
    text_buffer_format(b, "%% %s\n%s\n", title, preamble);
    free(title);
    return export_each(b, in->shown, put_text, (void *)in, e);
}

const struct export export_latex = {
    .id = "latex",
    .title = "LaTeX",
    .noun = "the tables",
    .help = "Tables with coloured cells to put into a document, what its preamble needs in a "
            "comment.",
    .endings = {".tex"},
    .coloured = true,
    .write = write,
};
