/* A result as tables of GitHub's Markdown. Reference: GitHub Flavored Markdown 0.29 (tables 4.10,
 * escapes 2.4, autolinks 6.9). */
#include "backend/base/text.h"
#include "views/export/export.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What Markdown, HTML, mathematics, mentions and autolinks begin with, or could. */
static void put_plain(struct text_buffer *b, const char *text) {
    for (const char *at = text; *at; at++) {
        const bool dot = *at == '.' && at - text >= 3 && strncasecmp(at - 3, "www", 3) == 0;
        if (dot || strchr("\\`*_[]<>|~&#!$:@^{}()", *at))
            text_buffer_puts(b, "\\");
        text_buffer_add(b, at, 1);
    }
}

static void put_clean(struct text_buffer *b, const char *text) {
    char *clean = text_clean(text);
    put_plain(b, clean);
    free(clean);
}

/* One side of one text. */
struct side {
    const struct attribution_sequence *s;
    const struct scores *scores;
    const struct token_list *tokens;
    bool target;
    int power;
};

static float score(const struct side *t, int64_t r, int64_t g) {
    return t->scores->data[r * attribution_steps(t->s) + g];
}

/* The row of a column's largest score without sign; −1: it has none. */
static int64_t largest(const struct side *t, int64_t g) {
    int64_t best = -1;
    for (int64_t r = 0, n = attribution_visible_rows(t->s, t->target); r < n; r++)
        if (isfinite(score(t, r, g)) &&
            (best < 0 || fabsf(score(t, r, g)) > fabsf(score(t, best, g))))
            best = r;
    return best;
}

static void put_number(struct text_buffer *b, float value, int power, bool seen, bool strong) {
    char number[NUMBER_BYTES];
    number_rounded(number, value, power, seen ? "nan" : "");
    text_buffer_format(b, strong ? " **%s** |" : " %s |", number);
}

/* The tokens that are explained, and how columns stand. */
static void put_heading(struct text_buffer *b, const struct attribution_sequence *s) {
    text_buffer_puts(b, "| |");
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        text_buffer_puts(b, " ");
        put_plain(b, s->target.items[s->attr_pos_start + g].printable);
        text_buffer_puts(b, " |");
    }
    text_buffer_puts(b, "\n|:--|");
    for (int64_t g = 0; g < attribution_steps(s); g++)
        text_buffer_puts(b, "--:|");
    text_buffer_puts(b, "\n");
}

static void put_rows(struct text_buffer *b, const struct side *t) {
    const int64_t steps = attribution_steps(t->s);
    int64_t *best = mem_alloc((size_t)steps * sizeof *best);
    for (int64_t g = 0; g < steps; g++)
        best[g] = largest(t, g);
    for (int64_t r = 0, n = attribution_visible_rows(t->s, t->target); r < n; r++) {
        text_buffer_puts(b, "| ");
        put_plain(b, t->tokens->items[r].printable);
        text_buffer_puts(b, " |");
        for (int64_t g = 0; g < steps; g++)
            put_number(b, score(t, r, g), t->power, attribution_sees(t->s, t->target, r, g),
                       best[g] == r);
        text_buffer_puts(b, "\n");
    }
    free(best);
}

static void put_step_scores(struct text_buffer *b, const struct attribution_sequence *s) {
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const float *values = s->step_scores[i].scores.data;
        const int power = number_power_of(values, attribution_steps(s));
        char *times = number_power_text(power);
        text_buffer_puts(b, "| *");
        put_clean(b, s->step_scores[i].name);
        text_buffer_format(b, "*%s |", times);
        for (int64_t g = 0; g < attribution_steps(s); g++)
            put_number(b, values[g], power, attribution_done(s, g), false);
        text_buffer_puts(b, "\n");
        free(times);
    }
}

static void put_table(struct text_buffer *b, const struct side *t, const char *title) {
    char *times = number_power_text(t->scores ? t->power : 0);
    text_buffer_format(b, "%s%s\n\n", title, times);
    put_heading(b, t->s);
    if (t->scores)
        put_rows(b, t);
    put_step_scores(b, t->s);
    text_buffer_puts(b, "\n");
    free(times);
}

static void put_tables(struct text_buffer *b, const struct attribution_sequence *s) {
    const bool source = s->source_attributions.data, target = s->target_attributions.data;
    struct side side = {.s = s, .power = number_power(heat_of(s, NULL).to)};
    if (attribution_steps(s) < 1) {
        text_buffer_puts(b, "No step was attributed.\n\n");
        return;
    }
    if (!source && !target)
        put_table(b, &side, "step scores");
    side.scores = &s->source_attributions;
    side.tokens = &s->source;
    if (source)
        put_table(b, &side, attribution_map_of(s, false));
    side.scores = &s->target_attributions;
    side.tokens = &s->target;
    side.target = true;
    if (target)
        put_table(b, &side, attribution_map_of(s, true));
}

static void put_paragraph(struct text_buffer *b, const char *title, const char *text) {
    if (!text)
        return;
    text_buffer_format(b, "**%s:** ", title);
    put_clean(b, text);
    text_buffer_puts(b, "\n\n");
}

static void put_text(void *user, struct text_buffer *b, const struct attribution_sequence *s,
                     size_t i) {
    const struct export_input *in = user;
    const struct result_info *info = &in->shown->info;
    if (in->shown->n_sequences > 1) {
        char *heading = attribution_heading(s, i, in->shown->n_sequences);
        text_buffer_puts(b, "### ");
        put_clean(b, heading);
        text_buffer_puts(b, "\n\n");
        free(heading);
    }
    put_paragraph(b, "Input", info_text_of(&info->input_texts, i));
    put_paragraph(b, "Generated", info_text_of(&info->generated_texts, i));
    put_tables(b, s);
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    char *title = export_title(in);
    text_buffer_puts(b, "## ");
    put_plain(b, title);
    text_buffer_puts(b, "\n\n");
    free(title);
    return export_each(b, in->shown, put_text, (void *)in, e);
}

const struct export export_markdown = {
    .id = "markdown",
    .title = "Markdown",
    .noun = "the tables",
    .help = "Tables with two decimals, the largest of a column in bold, for issues and notebooks.",
    .endings = {".md"},
    .write = write,
};
