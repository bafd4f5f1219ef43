#include "views/export/tsv.h"

#include "backend/base/text.h"
#include "views/export/export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nothing where there is nothing; "nan" where a step should have a number. */
static void put_number(struct text_buffer *b, float v, bool seen) {
    if (!isnan(v))
        text_buffer_format(b, "%.6g", (double)v);
    else if (seen)
        text_buffer_puts(b, "nan");
}

static const char *token_text(const struct token_list *list, int64_t i) {
    return i >= 0 && i < (int64_t)list->n ? list->items[i].printable : "?";
}

static void put_side(struct text_buffer *b, const struct attribution_sequence *s, bool target) {
    const struct scores *scores = target ? &s->target_attributions : &s->source_attributions;
    int64_t steps = attribution_steps(s);
    for (int64_t r = 0, rows = attribution_visible_rows(s, target); r < rows; r++) {
        text_buffer_format(b, "\n%s\t%lld\t%s", target ? "target" : "source", (long long)r,
                           token_text(target ? &s->target : &s->source, r));
        for (int64_t g = 0; g < steps; g++) {
            text_buffer_puts(b, "\t");
            put_number(b, scores->data[r * steps + g], attribution_sees(s, target, r, g));
        }
    }
}

static void put_step_scores(struct text_buffer *b, const struct attribution_sequence *s,
                            const struct named_scores *scores) {
    char *name = text_sanitise(scores->name, strlen(scores->name), false);
    text_buffer_format(b, "\nstep score\t\t%s", name);
    free(name);
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        text_buffer_puts(b, "\t");
        if (scores->scores.data && g < scores->scores.dims[0])
            put_number(b, scores->scores.data[g], attribution_done(s, g));
    }
}

void tsv_write(struct text_buffer *b, const struct attribution_sequence *s) {
    int64_t steps = attribution_steps(s);
    text_buffer_puts(b, "side\tposition\ttoken");
    for (int64_t g = 0; g < steps; g++)
        text_buffer_format(b, "\t%s", token_text(&s->target, s->attr_pos_start + g));
    put_side(b, s, false);
    put_side(b, s, true);
    for (size_t i = 0; i < s->n_step_scores; i++)
        put_step_scores(b, s, &s->step_scores[i]);
    text_buffer_puts(b, "\n");
}

/* Texts have columns of their own, so each has a heading of its own, after an empty line. */
static void put(void *user, struct text_buffer *b, const struct attribution_sequence *s, size_t i) {
    (void)user;
    if (i > 0)
        text_buffer_puts(b, "\n");
    tsv_write(b, s);
}

static enum err_code write(struct text_buffer *b, const struct export_input *in, struct err *e) {
    return export_each(b, in->shown, put, NULL, e);
}

const struct export export_tsv = {
    .id = "tsv",
    .title = "TSV",
    .noun = "the scores",
    .help = "The scores as they are shown, for spreadsheets and scripts.",
    .endings = {".tsv"},
    .write = write,
};
