#include "methods/result/attribution.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct attribution *attribution_new(size_t n_sequences) {
    struct attribution *a = mem_alloc(sizeof *a);
    a->n_references = 1;
    a->sequences = mem_alloc(n_sequences * sizeof *a->sequences);
    a->n_sequences = n_sequences;
    return a;
}

struct attribution *attribution_retain(struct attribution *a) {
    if (a)
        __atomic_add_fetch(&a->n_references, 1, __ATOMIC_RELAXED);
    return a;
}

void attribution_release(struct attribution *a) {
    if (!a || __atomic_sub_fetch(&a->n_references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < a->n_sequences; i++)
        attribution_sequence_dispose(&a->sequences[i]);
    free(a->sequences);
    steps_dispose(&a->steps);
    result_info_dispose(&a->info);
    free(a);
}

struct scores *attribution_add_step_scores(struct attribution_sequence *s, const char *name) {
    struct scores scores;
    if (!scores_init(&scores, 1, (int64_t[]){attribution_steps(s)}, __builtin_nanf("")))
        return NULL;
    s->step_scores = mem_resize(s->step_scores, (s->n_step_scores + 1) * sizeof *s->step_scores);
    struct named_scores *added = &s->step_scores[s->n_step_scores++];
    *added = (struct named_scores){mem_text(name), scores};
    return &added->scores;
}

const struct scores *attribution_find_step_scores(const struct attribution_sequence *s,
                                                  const char *name) {
    for (size_t i = 0; i < s->n_step_scores; i++)
        if (strcmp(s->step_scores[i].name, name) == 0)
            return &s->step_scores[i].scores;
    return NULL;
}

/* Sets done[g] where column g has a number; returns whether all are set. */
static bool mark_numbers(bool *done, int64_t n, const struct scores *s) {
    const int64_t cell = scores_cell(s);
    bool all = false;
    for (int64_t row = 0; s->data && !all && row < s->dims[0]; row++) {
        all = true;
        for (int64_t g = 0; g < n; g++) {
            for (int64_t k = 0; k < cell && !done[g]; k++)
                done[g] = !isnan(s->data[(row * n + g) * cell + k]);
            all = all && done[g];
        }
    }
    return all;
}

void attribution_find_done(struct attribution_sequence *s) {
    const int64_t n = attribution_steps(s);
    if (s->done || n <= 0 || (!s->source_attributions.data && !s->target_attributions.data))
        return;
    bool *done = mem_alloc((size_t)n * sizeof *done);
    if (mark_numbers(done, n, &s->source_attributions) ||
        mark_numbers(done, n, &s->target_attributions)) {
        free(done);
        return;
    }
    s->done = done;
    s->n_done = 0;
    for (int64_t g = 0; g < n; g++)
        s->n_done += done[g];
}

static void void_column(struct scores *s, int64_t rows, int64_t g) {
    const int64_t columns = s->n_dims ? s->dims[s->n_dims > 1] : 0, cell = scores_cell(s);
    for (int64_t row = 0; s->data && row < rows; row++)
        for (int64_t k = 0; k < cell; k++)
            s->data[(row * columns + g) * cell + k] = NAN;
}

void attribution_void_unfinished(struct attribution_sequence *s) {
    for (int64_t g = 0; g < attribution_steps(s); g++) {
        if (attribution_done(s, g))
            continue;
        void_column(&s->source_attributions, s->source_attributions.dims[0], g);
        void_column(&s->target_attributions, s->target_attributions.dims[0], g);
        for (size_t i = 0; i < s->n_step_scores; i++)
            void_column(&s->step_scores[i].scores, 1, g);
    }
    named_scores_dispose(s->sequence_scores, s->n_sequence_scores);
    s->sequence_scores = NULL;
    s->n_sequence_scores = 0;
}

/* Whether any number of the first column's cell at this row is more than nothing. */
static bool first_sees(const struct scores *s, int64_t row) {
    const int64_t cell = scores_cell(s);
    const float *at = s->data + row * s->dims[1] * cell;
    bool any = false;
    for (int64_t k = 0; k < cell; k++)
        any |= !isnan(at[k]) && at[k] != 0;
    return any;
}

int64_t attribution_left_out(const struct attribution *a, size_t i) {
    const struct attribution_sequence *s = &a->sequences[i];
    const struct scores *t = &s->target_attributions;
    int64_t n = 0;
    if (a->info.version || s->source_attributions.data || !t->data || t->dims[1] < 1)
        return 0;
    while (s->attr_pos_start + n < t->dims[0] && first_sees(t, s->attr_pos_start + n))
        n++;
    return n;
}

struct step_candidates step_candidates_copy(const struct step_candidates *from) {
    struct step_candidates to = {0};
    if (from->n) /* columns to come have none yet */
        to.items = mem_alloc(from->n * sizeof *to.items);
    for (; to.n < from->n; to.n++) {
        const struct step_candidate *c = &from->items[to.n];
        to.items[to.n] = (struct step_candidate){c->id, mem_text(c->piece), mem_text(c->printable),
                                                 c->probability};
    }
    return to;
}

static struct step_candidates *copy_candidates(const struct step_candidates *from, int64_t n) {
    if (!from)
        return NULL;
    struct step_candidates *to = mem_alloc((size_t)n * sizeof *to);
    for (int64_t g = 0; g < n; g++)
        to[g] = step_candidates_copy(&from[g]);
    return to;
}

bool attribution_sequence_copy(struct attribution_sequence *to,
                               const struct attribution_sequence *from, bool with_scores) {
    *to = (struct attribution_sequence){.class = from->class,
                                        .class_name = mem_text(from->class_name),
                                        .heading = mem_text(from->heading),
                                        .map_of = mem_text(from->map_of),
                                        .attr_pos_start = from->attr_pos_start,
                                        .attr_pos_end = from->attr_pos_end,
                                        .one_step = from->one_step,
                                        .n_done = from->n_done};
    int64_t n = attribution_steps(from);
    token_list_append(&to->source, &from->source);
    token_list_append(&to->target, &from->target);
    to->candidates = copy_candidates(from->candidates, n);
    if (from->done)
        to->done = mem_copy(from->done, (size_t)n * sizeof *from->done);
    bool good = named_scores_copy(&to->step_scores, &to->n_step_scores, from->step_scores,
                                  from->n_step_scores);
    if (with_scores) {
        good = scores_copy(&to->source_attributions, &from->source_attributions) && good;
        good = scores_copy(&to->target_attributions, &from->target_attributions) && good;
        good = named_scores_copy(&to->sequence_scores, &to->n_sequence_scores,
                                 from->sequence_scores, from->n_sequence_scores) &&
               good;
    }
    if (!good)
        attribution_sequence_dispose(to);
    return good;
}

void step_candidates_dispose(struct step_candidates *c) {
    for (size_t i = 0; i < c->n; i++) {
        free(c->items[i].piece);
        free(c->items[i].printable);
    }
    free(c->items);
    *c = (struct step_candidates){0};
}

void attribution_drop_candidates(struct attribution_sequence *s) {
    const int64_t n = attribution_steps(s);
    for (int64_t g = 0; s->candidates && g < n; g++)
        step_candidates_dispose(&s->candidates[g]);
    free(s->candidates);
    s->candidates = NULL;
}

void attribution_sequence_dispose(struct attribution_sequence *s) {
    attribution_drop_candidates(s);
    free(s->done);
    free(s->class_name);
    free(s->heading);
    free(s->map_of);
    token_list_dispose(&s->source);
    token_list_dispose(&s->target);
    scores_dispose(&s->source_attributions);
    scores_dispose(&s->target_attributions);
    named_scores_dispose(s->step_scores, s->n_step_scores);
    named_scores_dispose(s->sequence_scores, s->n_sequence_scores);
    *s = (struct attribution_sequence){0};
}

/* The column of a span comes after its own last token, which none of its steps sees. */
static int64_t seen_rows(const struct attribution_sequence *s, int64_t g) {
    const int64_t at = s->attr_pos_start + g;
    if (s->one_step)
        return s->attr_pos_start;
    const bool span =
        attribution_steps(s) == 1 && at < (int64_t)s->target.n && s->target.items[at].id < 0;
    return span ? at - 1 : at;
}

bool attribution_sees(const struct attribution_sequence *s, bool target, int64_t row, int64_t g) {
    return attribution_done(s, g) && !s->map_of && (!target || row < seen_rows(s, g));
}

const char *attribution_map_of(const struct attribution_sequence *s, bool target) {
    if (s->map_of)
        return s->map_of;
    if (!target)
        return "source × generated";
    return s->source_attributions.data ? "target × generated" : "input × generated";
}

char *attribution_heading(const struct attribution_sequence *s, size_t i, size_t n) {
    return mem_format("Text %zu of %zu%s%s", i + 1, n, s->heading ? ": " : "",
                      s->heading ? s->heading : "");
}

/* Whether a row has a number. */
static bool row_has_number(const struct scores *s, int64_t row) {
    const int64_t n = s->dims[1] * scores_cell(s);
    bool has = false;
    for (int64_t i = 0; i < n && !has; i++)
        has = !isnan(s->data[row * n + i]);
    return has;
}

int64_t attribution_visible_rows(const struct attribution_sequence *s, bool target) {
    const struct scores *scores = target ? &s->target_attributions : &s->source_attributions;
    if (!scores->data || scores->n_dims < 2)
        return 0;
    const int64_t n = scores->dims[0], last = s->one_step ? s->attr_pos_start : s->attr_pos_end - 1;
    if (!target || n <= last || last < 0)
        return target && last < 0 ? 0 : n;
    const bool merged = !s->one_step && last < (int64_t)s->target.n && s->target.items[last].id < 0;
    return last + (merged && row_has_number(scores, last));
}
