#include "views/export/delimited.h"

#include "backend/base/text.h"
#include "views/export/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One file under way. */
struct writer {
    const struct delimited *d;
    size_t n_texts;
    int64_t widest;    /* G of the text that has most */
    size_t n_formulas; /* fields that got a ' */
};

/* What spreadsheets compute: OWASP, "CSV Injection". Tabs and line ends are no part of printable
 * text. */
static bool is_formula(const char *text) {
    static const char *const starts[] = {"=", "+", "-", "@", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static void put_between(struct text_buffer *b, const struct writer *w) {
    text_buffer_puts(b, w->d->between);
}

bool delimited_field(struct text_buffer *b, const char *text, bool may_quote) {
    const bool formula = is_formula(text), quoted = may_quote && strpbrk(text, "\",\r\n");
    text_buffer_puts(b, quoted ? "\"" : "");
    text_buffer_puts(b, formula ? "'" : "");
    for (; *text; text++) {
        text_buffer_add(b, text, 1);
        text_buffer_puts(b, quoted && *text == '"' ? "\"" : "");
    }
    text_buffer_puts(b, quoted ? "\"" : "");
    return formula;
}

static void put_field(struct text_buffer *b, struct writer *w, const char *text) {
    w->n_formulas += delimited_field(b, text, w->d->quoted);
}

/* The fields that a record has less than the widest, and its end. */
static void end_record(struct text_buffer *b, const struct writer *w, int64_t n_columns) {
    for (int64_t g = n_columns; w->d->even && g < w->widest; g++)
        put_between(b, w);
    text_buffer_puts(b, w->d->end);
}

static void begin_record(struct text_buffer *b, const struct writer *w, const char *text) {
    if (w->d->even) {
        text_buffer_puts(b, text);
        put_between(b, w);
    }
}

static void put_heading(struct text_buffer *b, struct writer *w,
                        const struct attribution_sequence *s) {
    begin_record(b, w, "text");
    text_buffer_puts(b, "side");
    put_between(b, w);
    text_buffer_puts(b, "position");
    put_between(b, w);
    text_buffer_puts(b, "token");
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        put_between(b, w);
        put_field(b, w, s->target.items[s->attr_pos_start + g].printable);
    }
    end_record(b, w, attribution_steps(s));
}

static const char *token_text(const struct token_list *list, int64_t i) {
    return i >= 0 && i < (int64_t)list->n ? list->items[i].printable : "?";
}

static void put_side(struct text_buffer *b, struct writer *w, const struct attribution_sequence *s,
                     bool target, const char *text) {
    const struct scores *scores = target ? &s->target_attributions : &s->source_attributions;
    const int64_t steps = attribution_steps(s), rows = attribution_visible_rows(s, target);
    for (int64_t r = 0; r < rows; r++) {
        begin_record(b, w, text);
        text_buffer_puts(b, target ? "target" : "source");
        put_between(b, w);
        text_buffer_format(b, "%lld", (long long)r);
        put_between(b, w);
        put_field(b, w, token_text(target ? &s->target : &s->source, r));
        for (int64_t g = 0; g < steps; g++) {
            put_between(b, w);
            number_exact_cell(b, scores->data[r * steps + g], attribution_sees(s, target, r, g));
        }
        end_record(b, w, steps);
    }
}

static void put_step_scores(struct text_buffer *b, struct writer *w,
                            const struct attribution_sequence *s, const struct named_scores *scores,
                            const char *text) {
    const int64_t steps = attribution_steps(s);
    begin_record(b, w, text);
    text_buffer_puts(b, "step score");
    put_between(b, w);
    put_between(b, w);
    char *name = text_clean(scores->name);
    put_field(b, w, name);
    free(name);
    for (int64_t g = 0; g < steps; g++) {
        put_between(b, w);
        if (scores->scores.data && g < scores->scores.dims[0])
            number_exact_cell(b, scores->scores.data[g], attribution_done(s, g));
    }
    end_record(b, w, steps);
}

static void put_text(void *user, struct text_buffer *b, const struct attribution_sequence *s,
                     size_t i) {
    struct writer *w = user;
    char *text = mem_format("%zu", i + 1);
    text_buffer_puts(b, i > 0 && !w->d->even ? w->d->end : "");
    put_heading(b, w, s);
    put_side(b, w, s, false, text);
    put_side(b, w, s, true, text);
    for (size_t k = 0; k < s->n_step_scores; k++)
        put_step_scores(b, w, s, &s->step_scores[k], text);
    free(text);
}

enum err_code delimited_write(struct text_buffer *b, const struct delimited *d,
                              const struct export_input *in, struct err *e) {
    struct writer w = {.d = d, .n_texts = in->shown->n_sequences};
    for (size_t i = 0; i < w.n_texts; i++)
        if (attribution_steps(&in->shown->sequences[i]) > w.widest)
            w.widest = attribution_steps(&in->shown->sequences[i]);
    enum err_code code = export_each(b, in->shown, put_text, &w, e);
    if (!code && w.n_formulas)
        export_tell(in,
                    "%zu field%s of the file begin%s with =, +, - or @: a ' stands before, so that "
                    "no spreadsheet takes a token for a formula",
                    w.n_formulas, w.n_formulas == 1 ? "" : "s", w.n_formulas == 1 ? "s" : "");
    return code;
}
