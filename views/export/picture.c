#include "views/export/picture.h"

#include "backend/base/clamp.h"
#include "backend/base/text.h"
#include "views/export/ink.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MARGIN 16
#define GAP 14        /* between parts */
#define MOST_LABEL 24 /* columns of a token */
#define MOST_SCORE_LABEL 48
#define MOST_LEVEL 12    /* columns of tokens that stand upright over their cells */
#define MOST_NUMBERED 24 /* columns of cells that have room for numbers */
#define DENSE_CELL 14
#define MOST_TITLE 120

/* One text's maps: sizes in pixels. */
struct panel {
    const struct attribution_sequence *s;
    struct heat heat;
    int power;
    int64_t columns, rows[2]; /* shown */
    bool dense;               /* cells without numbers */
    bool slanted;             /* tokens over the columns */
    int label, head, cell_width, cell_height;
};

static const struct scores *side_scores(const struct attribution_sequence *s, bool target) {
    return target ? &s->target_attributions : &s->source_attributions;
}

static const struct token_list *side_tokens(const struct attribution_sequence *s, bool target) {
    return target ? &s->target : &s->source;
}

static const struct token *column_token(const struct panel *p, int64_t g) {
    return &p->s->target.items[p->s->attr_pos_start + g];
}

static enum ink_face label_face(const struct panel *p) {
    return p->dense ? INK_SMALL : INK_LABEL;
}

/* --- sizes --- */

static int token_columns(const struct token *t) {
    return (int)clamped(text_columns(t->printable), 1, MOST_LABEL);
}

static int widest_column_token(const struct panel *p) {
    int widest = 1;
    for (int64_t g = 0; g < p->columns; g++)
        widest = (int)clamped(token_columns(column_token(p, g)), widest, MOST_LABEL);
    return widest;
}

static void number_of(char text[NUMBER_BYTES], const struct panel *p, bool target, int64_t r,
                      int64_t g) {
    const float value = side_scores(p->s, target)->data[r * attribution_steps(p->s) + g];
    number_rounded(text, value, p->power, attribution_sees(p->s, target, r, g) ? "nan" : "");
}

static int widest_number(const struct panel *p) {
    char text[NUMBER_BYTES];
    int widest = 4;
    for (int target = 0; target < 2; target++)
        for (int64_t r = 0; r < p->rows[target]; r++)
            for (int64_t g = 0; g < p->columns; g++) {
                number_of(text, p, target, r, g);
                widest = (int)clamped(text_columns(text), widest, NUMBER_BYTES);
            }
    return widest;
}

/* "probability (× 1e-3)"; of bars "probability (to 0.98)". Owned by the caller. */
static char *score_label(const struct panel *p, const struct named_scores *scores, int *power) {
    const float *values = scores->scores.data;
    char *name = text_clean(scores->name), *label;
    *power = number_power_of(values, p->columns);
    if (p->dense) {
        float largest = 0;
        for (int64_t g = 0; g < p->columns; g++)
            largest = isfinite(values[g]) ? fmaxf(largest, fabsf(values[g])) : largest;
        label = mem_format("%s (to %.3g)", name, (double)largest);
    } else {
        char *times = number_power_text(*power);
        label = mem_format("%s%s", name, times);
        free(times);
    }
    free(name);
    char fitted[MOST_SCORE_LABEL * 24 + 1];
    text_fit(fitted, sizeof fitted, label, MOST_SCORE_LABEL, false);
    mem_replace(&label, mem_text(fitted));
    return label;
}

static int widest_label(const struct panel *p) {
    int widest = 5, power;
    for (int target = 0; target < 2; target++)
        for (int64_t r = 0; r < p->rows[target]; r++)
            widest = (int)clamped(token_columns(&side_tokens(p->s, target)->items[r]), widest,
                                  MOST_LABEL);
    for (size_t i = 0; i < p->s->n_step_scores; i++) {
        char *label = score_label(p, &p->s->step_scores[i], &power);
        widest = (int)clamped(text_columns(label), widest, MOST_SCORE_LABEL);
        free(label);
    }
    return widest;
}

static struct panel panel_of(const struct attribution_sequence *s, const struct heat_ends *ends) {
    struct panel p = {.s = s,
                      .heat = heat_of(s, ends),
                      .power = number_power(heat_of(s, NULL).to),
                      .columns = clamped(attribution_steps(s), 0, PICTURE_MAX_COLUMNS)};
    for (int target = 0; target < 2; target++)
        p.rows[target] = clamped(attribution_visible_rows(s, target), 0, PICTURE_MAX_ROWS);
    p.dense = p.columns > MOST_NUMBERED;
    const int token = widest_column_token(&p), number = p.dense ? 0 : widest_number(&p);
    p.slanted = p.dense || token > MOST_LEVEL;
    p.cell_height = p.dense ? DENSE_CELL : 20;
    p.cell_width = p.dense ? DENSE_CELL : ink_text_width(INK_NUMBER, number) + 12;
    if (!p.slanted)
        p.cell_width = (int)clamped(ink_text_width(INK_LABEL, token) + 10, p.cell_width, 1 << 20);
    p.head = 20;
    if (p.slanted)
        p.head = 7 * ink_text_width(label_face(&p), token) / 10 + 14;
    p.label = ink_text_width(label_face(&p), widest_label(&p)) + 8;
    return p;
}

/* --- drawing --- */

/* A token within its columns, "~" where it is cut. */
static void put_token(struct ink *k, struct ink_text how, int x, int y, const struct token *t) {
    char fitted[MOST_LABEL * 24 + 1];
    text_fit(fitted, sizeof fitted, t->printable, MOST_LABEL, false);
    how.role = t->special ? INK_DIM : INK_TEXT;
    how.italic = t->special;
    ink_put(k, &how, x, y, fitted);
}

static void put_heads(struct ink *k, const struct panel *p, int x, int y) {
    const struct ink_text how = {.face = label_face(p),
                                 .anchor = p->slanted ? INK_START : INK_MIDDLE,
                                 .slanted = p->slanted};
    for (int64_t g = 0; g < p->columns; g++) {
        const int middle = x + (int)g * p->cell_width + p->cell_width / 2;
        put_token(k, how, middle + (p->slanted ? ink_text_height(how.face) / 3 : 0), y - 6,
                  column_token(p, g));
    }
}

static void put_cells(struct ink *k, const struct panel *p, bool target, int x, int y) {
    const struct scores *scores = side_scores(p->s, target);
    struct ink_cells cells = {.has_signs = p->heat.has_signs};
    for (int64_t r = 0; r < p->rows[target]; r++)
        for (int64_t g = 0; g < p->columns; g++) {
            const float value = scores->data[r * attribution_steps(p->s) + g];
            const int at = x + (int)g * p->cell_width, row = y + (int)r * p->cell_height;
            if (isnan(value))
                ink_cell_none(&cells, k, at, row, p->cell_width, p->cell_height);
            else
                ink_cell(&cells, k, heat_part(&p->heat, value), at, row, p->cell_width,
                         p->cell_height);
        }
    ink_cells_take(k, &cells);
}

static void put_numbers(struct ink *k, const struct panel *p, bool target, int x, int y) {
    const struct scores *scores = side_scores(p->s, target);
    const struct ink_text none = {
        .face = INK_NUMBER, .role = INK_DIM, .anchor = INK_MIDDLE, .italic = true};
    char text[NUMBER_BYTES];
    ink_open_numbers(k);
    for (int64_t r = 0; r < p->rows[target]; r++)
        for (int64_t g = 0; g < p->columns; g++) {
            const float value = scores->data[r * attribution_steps(p->s) + g];
            const int middle = x + (int)g * p->cell_width + p->cell_width / 2,
                      line = y + (int)r * p->cell_height + 14;
            number_of(text, p, target, r, g);
            if (!isnan(value))
                ink_number(k, p->heat.has_signs, heat_part(&p->heat, value), middle, line, text);
            else if (*text)
                ink_put(k, &none, middle, line, text);
        }
    ink_close_numbers(k);
}

static void put_row_labels(struct ink *k, const struct panel *p, bool target, int x, int y) {
    const struct ink_text how = {.face = label_face(p), .anchor = INK_END};
    for (int64_t r = 0; r < p->rows[target]; r++)
        put_token(k, how, x - 6, y + (int)r * p->cell_height + 7 * p->cell_height / 10 + 1,
                  &side_tokens(p->s, target)->items[r]);
}

/* A side's map below y; returns where it ends. */
static int put_side(struct ink *k, const struct panel *p, bool target, const char *title, int y) {
    const int x = MARGIN + p->label, top = y + 16 + p->head;
    const struct ink_text heading = {.face = INK_SMALL, .role = INK_DIM};
    ink_put(k, &heading, MARGIN, y + 12, title);
    put_heads(k, p, x, top);
    put_row_labels(k, p, target, x, top);
    put_cells(k, p, target, x, top);
    if (!p->dense)
        put_numbers(k, p, target, x, top);
    return top + (int)p->rows[target] * p->cell_height;
}

static void put_bars(struct ink *k, const struct panel *p, const float *values, int x, int y) {
    float largest = 0;
    for (int64_t g = 0; g < p->columns; g++)
        largest = isfinite(values[g]) ? fmaxf(largest, fabsf(values[g])) : largest;
    for (int64_t g = 0; g < p->columns; g++) {
        const int height =
            largest > 0 && isfinite(values[g])
                ? (int)lroundf(fabsf(values[g]) / largest * (float)(p->cell_height - 2))
                : 0;
        ink_rectangle(k, INK_DIM, x + (int)g * p->cell_width + 2, y + p->cell_height - height,
                      p->cell_width - 4, height);
    }
}

static void put_score_numbers(struct ink *k, const struct panel *p, const float *values, int power,
                              int x, int y) {
    const struct ink_text how = {.face = INK_NUMBER, .role = INK_TEXT, .anchor = INK_MIDDLE};
    char text[NUMBER_BYTES];
    for (int64_t g = 0; g < p->columns; g++) {
        number_rounded(text, values[g], power, attribution_done(p->s, g) ? "nan" : "");
        ink_put(k, &how, x + (int)g * p->cell_width + p->cell_width / 2, y + 14, text);
    }
}

/* Step scores below y; returns where they end. */
static int put_step_scores(struct ink *k, const struct panel *p, int y) {
    const struct ink_text how = {
        .face = label_face(p), .role = INK_DIM, .anchor = INK_END, .italic = true};
    const int x = MARGIN + p->label;
    for (size_t i = 0; i < p->s->n_step_scores; i++, y += p->cell_height + 2) {
        const float *values = p->s->step_scores[i].scores.data;
        int power;
        char *label = score_label(p, &p->s->step_scores[i], &power);
        ink_put(k, &how, x - 6, y + 7 * p->cell_height / 10 + 1, label);
        if (p->dense)
            put_bars(k, p, values, x, y);
        else
            put_score_numbers(k, p, values, power, x, y);
        free(label);
    }
    return y;
}

#define LEGEND_STEPS 40
#define LEGEND_STEP 4
#define LEGEND_HEIGHT 10

/* The colours between their ends, and what else must be known to read the map; returns where it
 * ends. */
static int put_legend(struct ink *k, const struct panel *p, int y) {
    struct ink_cells cells = {.has_signs = p->heat.has_signs};
    struct ink_text how = {.face = INK_SMALL, .role = INK_DIM};
    char from[NUMBER_BYTES], to[NUMBER_BYTES];
    snprintf(from, sizeof from, "%.3g", (double)p->heat.from);
    snprintf(to, sizeof to, "%.3g", (double)p->heat.to);
    int x = MARGIN;
    ink_put(k, &how, x, y + LEGEND_HEIGHT, from);
    x += ink_text_width(INK_SMALL, text_columns(from) + 1);
    for (int i = 0; i < LEGEND_STEPS; i++) {
        const float share = ((float)i + 0.5f) / LEGEND_STEPS,
                    value = p->heat.from + share * (p->heat.to - p->heat.from);
        ink_cell(&cells, k, heat_part(&p->heat, value), x + i * LEGEND_STEP, y, LEGEND_STEP,
                 LEGEND_HEIGHT + 2);
    }
    ink_cells_take(k, &cells);
    x += LEGEND_STEPS * LEGEND_STEP + ink_text_width(INK_SMALL, 1);
    struct text_buffer rest = {0};
    text_buffer_puts(&rest, to);
    if (p->power && !p->dense)
        text_buffer_format(&rest, "   numbers × 1e%d", p->power);
    char *fixed = heat_told(&p->heat, p->s);
    if (fixed)
        text_buffer_format(&rest, "   %s", fixed);
    ink_put(k, &how, x, y + LEGEND_HEIGHT, rest.text);
    free(fixed);
    text_buffer_dispose(&rest);
    return y + LEGEND_HEIGHT + GAP;
}

static int put_note(struct ink *k, int y, char *taken) {
    const struct ink_text how = {.face = INK_SMALL, .role = INK_DIM, .italic = true};
    ink_put(k, &how, MARGIN, y + ink_text_height(INK_SMALL), taken);
    free(taken);
    return y + ink_text_height(INK_SMALL) + 6;
}

/* What has no room in a picture. */
static int put_left_out(struct ink *k, const struct panel *p, const struct export_input *in,
                        int y) {
    static const char *const what[] = {"source rows", "target rows", "generated tokens"};
    const int64_t shown[] = {p->rows[0], p->rows[1], p->columns},
                  all[] = {attribution_visible_rows(p->s, false),
                           attribution_visible_rows(p->s, true), attribution_steps(p->s)};
    for (int i = 0; i < 3; i++) {
        if (shown[i] == all[i])
            continue;
        char *note = mem_format("The first %lld of %lld %s.", (long long)shown[i],
                                (long long)all[i], what[i]);
        export_tell(in, "Of a text the picture has: %s", note);
        y = put_note(k, y, note);
    }
    return y;
}

/* One text below y; returns where it ends. */
static int put_panel(struct ink *k, const struct panel *p, const struct export_input *in, int y) {
    const bool source = p->s->source_attributions.data, target = p->s->target_attributions.data;
    if (p->columns < 1)
        return put_note(k, y, mem_text("No step was attributed."));
    if (source || target)
        y = put_legend(k, p, y);
    if (source)
        y = put_side(k, p, false, attribution_map_of(p->s, false), y) + GAP;
    if (target)
        y = put_side(k, p, true, attribution_map_of(p->s, true), y) + GAP;
    if (!source && !target) {
        put_heads(k, p, MARGIN + p->label, y + p->head);
        y += p->head + GAP;
    }
    y = put_step_scores(k, p, y - GAP + 4) + GAP;
    return put_left_out(k, p, in, y);
}

/* --- the picture --- */

/* One picture under way. */
struct easel {
    struct ink ink;
    const struct export_input *in;
    int y;
    struct text_buffer texts; /* what they say, for who cannot see it */
};

static void add_said(struct text_buffer *b, const char *what, const char *text) {
    char *clean = text ? text_clean(text) : NULL;
    if (clean)
        text_buffer_format(b, "%s: %s\n", what, clean);
    free(clean);
}

static void put_text(void *user, struct text_buffer *b, const struct attribution_sequence *s,
                     size_t i) {
    struct easel *easel = user;
    const struct result_info *info = &easel->in->shown->info;
    (void)b;
    const struct panel p = panel_of(s, &easel->in->ends);
    if (easel->in->shown->n_sequences > 1) {
        const struct ink_text how = {.face = INK_LABEL, .role = INK_TEXT, .bold = true};
        char *heading = attribution_heading(s, i, easel->in->shown->n_sequences);
        ink_put(&easel->ink, &how, MARGIN, easel->y + ink_text_height(INK_LABEL), heading);
        free(heading);
        easel->y += ink_text_height(INK_LABEL) + GAP;
    }
    easel->y = put_panel(&easel->ink, &p, easel->in, easel->y) + GAP;
    add_said(&easel->texts, "Input", info_text_of(&info->input_texts, i));
    add_said(&easel->texts, "Generated", info_text_of(&info->generated_texts, i));
}

static void put_title(struct easel *easel, const char *title) {
    const struct ink_text how = {.face = INK_TITLE, .role = INK_TEXT, .bold = true};
    char fitted[MOST_TITLE * 24 + 1];
    text_fit(fitted, sizeof fitted, title, MOST_TITLE, false);
    easel->y = MARGIN + ink_text_height(INK_TITLE);
    ink_put(&easel->ink, &how, MARGIN, easel->y, fitted);
    easel->y += GAP;
}

enum err_code picture_draw(struct picture *out, const struct export_input *in, size_t from,
                           size_t to, bool follows, struct err *e) {
    struct text_buffer body = {0};
    struct easel easel = {
        .ink = {.b = &body, .theme = in->theme ? in->theme : theme_find("light"), .map = in->map},
        .in = in};
    char *title = export_title(in);
    *out = (struct picture){0};
    put_title(&easel, title);
    enum err_code code = export_some(&body, in->shown, from, to, put_text, &easel, e);
    if (code)
        goto out;
    easel.ink.width += MARGIN;
    easel.ink.height += MARGIN;
    ink_document(&out->svg, &easel.ink, follows && !in->theme, title,
                 easel.texts.text ? easel.texts.text : "");
    out->text = easel.ink.written;
    easel.ink.written = (struct text_buffer){0};
    out->width = easel.ink.width;
    out->height = easel.ink.height;
out:
    free(title);
    text_buffer_dispose(&easel.texts);
    text_buffer_dispose(&easel.ink.written);
    text_buffer_dispose(&body);
    return code;
}

void picture_dispose(struct picture *p) {
    text_buffer_dispose(&p->svg);
    text_buffer_dispose(&p->text);
}
