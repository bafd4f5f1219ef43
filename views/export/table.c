#include "views/export/table.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/export/export.h"
#include "views/export/heat.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_WIDTH 5 /* "-0.12" */
#define MAX_TOKEN_WIDTH 20
#define MAX_LABEL_WIDTH 24
#define MAX_SCORE_WIDTH 40 /* a step score's name and its power of ten */

/* A row of step scores: its name, with the power of ten of its numbers, and that power. */
struct score_row {
    char *label;
    int power;
};

struct layout {
    const struct attribution_sequence *s;
    const struct table_options *o;
    struct heat heat;
    int power; /* of the attributions, told once */
    int label_width;
    int *widths;            /* [G] */
    struct score_row *rows; /* [n_step_scores] */
};

static void repeat(struct text_buffer *b, char c, int n) {
    for (int i = 0; i < n; i++)
        text_buffer_add(b, &c, 1);
}

static void put_fit(struct text_buffer *b, const char *utf8, int width, bool right) {
    char fitted[MAX_SCORE_WIDTH * 24 + 1];
    int used = text_fit(fitted, sizeof fitted, utf8, width, false);
    repeat(b, ' ', right ? width - used : 0);
    text_buffer_puts(b, fitted);
    repeat(b, ' ', right ? 0 : width - used);
}

/* The escape sequence that colours a value, or nothing. Returns whether it must be undone. */
static bool open_colour(struct text_buffer *b, const struct layout *l, float value) {
    const float part = heat_part(&l->heat, value);
    const struct colour_map *map = l->heat.has_signs ? l->o->diverging : l->o->sequential;
    const int step = colour_shade_step(part);
    if (l->o->depth == COLOUR_MONO || step == 0)
        return false;
    if (l->o->depth < COLOUR_256) { /* sign by hue, size by weight */
        if (step < 2)
            return false;
        text_buffer_format(b, "\033[%s%dm", step > 2 ? "1;" : "", part < 0 ? 34 : 31);
        return true;
    }
    bool dark_text;
    uint32_t rgb = colour_map_rgb(map, part, &dark_text);
    if (l->o->depth == COLOUR_256)
        text_buffer_format(b, "\033[48;5;%d;38;5;%dm", map->index256[colour_map_level(map, part)],
                           dark_text ? 16 : 231);
    else
        text_buffer_format(b, "\033[48;2;%u;%u;%u;38;2;%sm", rgb >> 16, rgb >> 8 & 0xFF, rgb & 0xFF,
                           dark_text ? "0;0;0" : "255;255;255");
    return true;
}

static void open_style(struct text_buffer *b, const struct layout *l, const char *sgr) {
    if (l->o->depth != COLOUR_MONO)
        text_buffer_format(b, "\033[%sm", sgr);
}

static void close_style(struct text_buffer *b, const struct layout *l) {
    if (l->o->depth != COLOUR_MONO)
        text_buffer_puts(b, "\033[0m");
}

static bool is_shaded(const struct layout *l) {
    return l->o->shades && l->o->depth == COLOUR_MONO;
}

/* What stands for a colour, as on a screen without any. */
static const char *shade_of(const struct layout *l, float value) {
    const float part = heat_part(&l->heat, value);
    const int step = isnan(part) ? 0 : colour_shade_step(part);
    if (step == 0)
        return " ";
    return part < 0 ? colour_stroke_glyph(step, l->o->ascii)
                    : colour_shade_glyph(step, l->o->ascii);
}

/* seen: by the step, so that NaN is a number that could not be computed. */
static void put_cell(struct text_buffer *b, const struct layout *l, float value, bool seen,
                     int width, int power, bool heat) {
    char number[NUMBER_BYTES];
    const bool shaded = heat && is_shaded(l);
    number_rounded(number, value, power, seen ? "nan" : "");
    text_buffer_puts(b, " ");
    bool coloured = heat && open_colour(b, l, value);
    put_fit(b, number, width - shaded, true);
    if (shaded)
        text_buffer_puts(b, shade_of(l, value));
    if (coloured)
        text_buffer_puts(b, "\033[0m");
}

static int number_width(float value, int power) {
    char number[NUMBER_BYTES];
    number_rounded(number, value, power, "nan");
    return (int)strlen(number);
}

static void widen(int *width, int least) {
    if (*width < least)
        *width = least;
}

/* Widths of the columns from tokens and every number that will stand in them. */
static void measure_columns(struct layout *l) {
    const struct attribution_sequence *s = l->s;
    const int64_t steps = attribution_steps(s);
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    for (int64_t g = 0; g < steps; g++)
        l->widths[g] = (int)clamped(text_columns(s->target.items[s->attr_pos_start + g].printable),
                                    NUMBER_WIDTH, MAX_TOKEN_WIDTH);
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0, n = scores_count(sides[side]); i < n; i++)
            widen(&l->widths[i % steps], number_width(sides[side]->data[i], l->power));
    for (size_t i = 0; i < s->n_step_scores; i++)
        for (int64_t g = 0; g < steps; g++)
            widen(&l->widths[g], number_width(s->step_scores[i].scores.data[g], l->rows[i].power));
}

/* The widest label of the rows' tokens and the scores' names. */
static int measure_labels(const struct layout *l) {
    const struct attribution_sequence *s = l->s;
    const struct scores *sides[] = {&s->source_attributions, &s->target_attributions};
    const struct token_list *lists[] = {&s->source, &s->target};
    int label = 5;
    for (size_t i = 0; i < s->n_step_scores; i++)
        widen(&label, (int)clamped(text_columns(l->rows[i].label), 0, MAX_SCORE_WIDTH));
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; sides[side]->data && i < lists[side]->n; i++)
            widen(&label,
                  (int)clamped(text_columns(lists[side]->items[i].printable), 0, MAX_LABEL_WIDTH));
    return label;
}

/* A power of ten that would be cut off is not taken out. */
static void drop_powers(struct layout *l) {
    for (size_t i = 0; i < l->s->n_step_scores; i++) {
        struct score_row *row = &l->rows[i];
        if (row->power && text_columns(row->label) > l->label_width) {
            mem_replace(&row->label, text_clean(l->s->step_scores[i].name));
            row->power = 0;
        }
    }
}

/* What fits the terminal. */
static void measure(struct layout *l) {
    const int room = l->o->columns > 0 ? l->o->columns : 1 << 20;
    int widest = room / 2, most = NUMBER_WIDTH;
    if (widest > room - NUMBER_WIDTH - 2)
        widest = room - NUMBER_WIDTH - 2;
    l->label_width = (int)clamped(measure_labels(l), 1, widest > 4 ? widest : 4);
    drop_powers(l);
    measure_columns(l);
    widen(&most, room - l->label_width - 2);
    for (int64_t g = 0; g < attribution_steps(l->s); g++)
        l->widths[g] = (int)clamped(l->widths[g] + is_shaded(l), 1, most);
}

/* The first column that no longer fits beside column `from`. */
static int64_t block_end(const struct layout *l, int64_t from) {
    int64_t g = from, steps = attribution_steps(l->s);
    for (int used = l->label_width + 1; g < steps; g++) {
        used += l->widths[g] + 1;
        if (g > from && l->o->columns > 0 && used > l->o->columns)
            break;
    }
    return g;
}

static void write_header(struct text_buffer *b, const struct layout *l, int64_t from, int64_t to) {
    repeat(b, ' ', l->label_width + 1);
    open_style(b, l, "1");
    for (int64_t g = from; g < to; g++) {
        text_buffer_puts(b, " ");
        put_fit(b, l->s->target.items[l->s->attr_pos_start + g].printable, l->widths[g], true);
    }
    close_style(b, l);
    text_buffer_puts(b, "\n");
}

static void write_step_scores(struct text_buffer *b, const struct layout *l, int64_t from,
                              int64_t to) {
    const struct attribution_sequence *s = l->s;
    if (s->n_step_scores == 0)
        return;
    int width = l->label_width + 1;
    for (int64_t g = from; g < to; g++)
        width += l->widths[g] + 1;
    open_style(b, l, "2");
    repeat(b, '-', width);
    close_style(b, l);
    text_buffer_puts(b, "\n");
    for (size_t i = 0; i < s->n_step_scores; i++) {
        open_style(b, l, "3");
        put_fit(b, l->rows[i].label, l->label_width, false);
        close_style(b, l);
        text_buffer_puts(b, " ");
        for (int64_t g = from; g < to; g++)
            put_cell(b, l, s->step_scores[i].scores.data[g], attribution_done(s, g), l->widths[g],
                     l->rows[i].power, false);
        text_buffer_puts(b, "\n");
    }
}

/* Of one step's columns none sees another's token. */
static int64_t rows_of(const struct layout *l, const struct scores *scores) {
    const bool hidden = l->s->one_step && scores == &l->s->target_attributions;
    if (!scores || !scores->data)
        return 0;
    return hidden ? attribution_visible_rows(l->s, true) : scores->dims[0];
}

static void write_side(struct text_buffer *b, const struct layout *l, const char *title,
                       const struct token_list *tokens, const struct scores *scores) {
    const bool target = scores == &l->s->target_attributions;
    int64_t steps = attribution_steps(l->s), rows = rows_of(l, scores);
    char *power = number_power_text(rows ? l->power : 0);
    open_style(b, l, "1");
    text_buffer_puts(b, title);
    close_style(b, l);
    text_buffer_format(b, "%s\n", power);
    free(power);
    for (int64_t from = 0, to; from < steps; from = to) {
        to = block_end(l, from);
        text_buffer_puts(b, from ? "\n" : "");
        write_header(b, l, from, to);
        for (int64_t r = 0; r < rows; r++) {
            put_fit(b, tokens->items[r].printable, l->label_width, false);
            text_buffer_puts(b, " ");
            for (int64_t g = from; g < to; g++)
                put_cell(b, l, scores->data[r * steps + g], attribution_sees(l->s, target, r, g),
                         l->widths[g], l->power, true);
            text_buffer_puts(b, "\n");
        }
        write_step_scores(b, l, from, to);
    }
    text_buffer_puts(b, "\n");
}

static void write_sides(struct text_buffer *b, const struct layout *l) {
    const struct attribution_sequence *s = l->s;
    const bool source = s->source_attributions.data, target = s->target_attributions.data;
    if (source)
        write_side(b, l, attribution_map_of(s, false), &s->source, &s->source_attributions);
    if (target)
        write_side(b, l, attribution_map_of(s, true), &s->target, &s->target_attributions);
    if (!source && !target)
        write_side(b, l, "step scores", NULL, NULL);
}

/* What the colours mean, where there are any and a person fixed it. */
static void write_colours(struct text_buffer *b, const struct layout *l) {
    char *told = l->o->depth == COLOUR_MONO ? NULL : heat_told(&l->heat, l->s);
    if (told)
        text_buffer_format(b, "%s\n\n", told);
    free(told);
}

static void lay_out_rows(struct layout *l) {
    const struct attribution_sequence *s = l->s;
    l->rows = mem_alloc((s->n_step_scores + 1) * sizeof *l->rows);
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const struct named_scores *scores = &s->step_scores[i];
        l->rows[i].power = number_power_of(scores->scores.data, attribution_steps(s));
        char *name = text_clean(scores->name), *power = number_power_text(l->rows[i].power);
        l->rows[i].label = mem_format("%s%s", name, power);
        free(name);
        free(power);
    }
}

static void layout_dispose(struct layout *l) {
    for (size_t i = 0; i < l->s->n_step_scores; i++)
        free(l->rows[i].label);
    free(l->rows);
    free(l->widths);
}

void table_write(struct text_buffer *b, const struct attribution_sequence *s,
                 const struct table_options *o) {
    int64_t steps = attribution_steps(s);
    if (steps < 1) {
        text_buffer_puts(b, "(no step was attributed)\n");
        return;
    }
    struct layout l = {.s = s,
                       .o = o,
                       .heat = heat_of(s, &o->ends),
                       .power = number_power(heat_of(s, NULL).to),
                       .widths = mem_alloc((size_t)steps * sizeof *l.widths)};
    lay_out_rows(&l);
    measure(&l);
    write_sides(b, &l);
    write_colours(b, &l);
    layout_dispose(&l);
}

static void put_text(struct text_buffer *b, const char *title, const char *text) {
    char *clean = text ? text_sanitise(text, strlen(text), false) : NULL;
    if (clean)
        text_buffer_format(b, "%-10s %s\n", title, clean);
    free(clean);
}

char *table_method(const struct result_info *info, const char *function) {
    struct text_buffer line = {0};
    if (!info->method)
        return NULL;
    text_buffer_puts(&line, info->method);
    if (function)
        text_buffer_format(&line, " of %s", function);
    if (info->model_name)
        text_buffer_format(&line, " with %s", info->model_name);
    return text_buffer_take(&line);
}

static void put_method(struct text_buffer *b, const struct result_info *info,
                       const struct table_options *o) {
    char *line = table_method(info, o->function);
    if (line && !text_same(line, o->above))
        put_text(b, "method:", line);
    free(line);
}

static void put_texts(struct text_buffer *b, const struct result_info *info,
                      const struct table_options *o, size_t i) {
    const size_t before = b->n;
    if (i == 0)
        put_method(b, info, o);
    put_text(b, "input:", info_text_of(&info->input_texts, i));
    put_text(b, "generated:", info_text_of(&info->generated_texts, i));
    if (b->n > before)
        text_buffer_puts(b, "\n");
}

struct tables {
    const struct result_info *info;
    const struct table_options *look;
};

static void put_tables(void *user, struct text_buffer *b, const struct attribution_sequence *s,
                       size_t i) {
    const struct tables *t = user;
    if (s->heading)
        put_text(b, "map:", s->heading);
    put_texts(b, t->info, t->look, i);
    table_write(b, s, t->look);
}

enum err_code table_write_all(struct text_buffer *b, const struct attribution *shown,
                              const struct table_options *o, struct err *e) {
    struct tables t = {&shown->info, o};
    return export_each(b, shown, put_tables, &t, e);
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    const struct table_options plain = {.depth = COLOUR_MONO, .function = in->function};
    return table_write_all(b, in->shown, &plain, e);
}

const struct export export_table = {
    .id = "table",
    .title = "Text",
    .noun = "the table",
    .help = "The table as it is printed on the command line, as wide as it gets.",
    .endings = {".txt"},
    .write = write,
};
