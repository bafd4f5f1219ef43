/* Disposal, and columns cut out of one sequence and put into another. */
#include "app/jobs/worker_event.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void column_dispose(struct worker_column *c) {
    scores_dispose(&c->source);
    scores_dispose(&c->target);
    for (size_t i = 0; i < c->n_step_scores; i++) {
        free(c->step_scores[i].name);
        scores_dispose(&c->step_scores[i].scores);
    }
    free(c->step_scores);
    step_candidates_dispose(&c->candidates);
}

void worker_event_dispose(struct worker_event *event) {
    free(event->text);
    token_list_dispose(&event->tokens);
    if (event->sequence)
        attribution_sequence_dispose(event->sequence);
    free(event->sequence);
    result_info_dispose(&event->info);
    if (event->column)
        column_dispose(event->column);
    free(event->column);
    attribution_release(event->result);
    curves_dispose(&event->curves);
    *event = (struct worker_event){0};
}

/* [rows, G, cell…] → [rows, 1, cell…]. */
static bool column_scores(struct scores *out, const struct scores *in, int64_t g) {
    if (!in->data)
        return true;
    int64_t dims[SCORES_MAX_DIMS];
    memcpy(dims, in->dims, sizeof dims);
    dims[1] = 1;
    if (!scores_init(out, in->n_dims, dims, 0))
        return false;
    int64_t rows = in->dims[0], n_columns = in->dims[1], cell = scores_cell(in);
    for (int64_t r = 0; r < rows; r++)
        memcpy(out->data + r * cell, in->data + (r * n_columns + g) * cell,
               (size_t)cell * sizeof(float));
    return true;
}

static bool column_fill(struct worker_column *out, const struct attribution_sequence *s,
                        int64_t g) {
    out->g = g;
    if (!column_scores(&out->source, &s->source_attributions, g) ||
        !column_scores(&out->target, &s->target_attributions, g))
        return false;
    out->step_scores = mem_alloc(s->n_step_scores * sizeof *out->step_scores);
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const int64_t one = 1;
        if (!s->step_scores[i].scores.data ||
            !scores_init(&out->step_scores[out->n_step_scores].scores, 1, &one, 0))
            continue;
        out->step_scores[out->n_step_scores].name = mem_text(s->step_scores[i].name);
        out->step_scores[out->n_step_scores++].scores.data[0] = s->step_scores[i].scores.data[g];
    }
    if (s->candidates)
        out->candidates = step_candidates_copy(&s->candidates[g]);
    return true;
}

struct worker_column *worker_column_copy(const struct attribution_sequence *s, int64_t g) {
    struct worker_column *column = mem_alloc(sizeof *column);
    if (!column_fill(column, s, g)) {
        column_dispose(column);
        free(column);
        return NULL;
    }
    return column;
}

/* The reverse of column_scores; the caller checked the dims. */
static void store_scores(struct scores *to, const struct scores *column, int64_t g) {
    if (!column->data)
        return;
    int64_t rows = to->dims[0], n_columns = to->dims[1], cell = scores_cell(to);
    for (int64_t r = 0; r < rows; r++)
        memcpy(to->data + (r * n_columns + g) * cell, column->data + r * cell,
               (size_t)cell * sizeof(float));
}

static bool scores_fit(const struct scores *to, const struct scores *column, int64_t g) {
    if (!column->data)
        return true;
    if (!to->data || to->n_dims != column->n_dims || to->n_dims < 2 ||
        to->dims[0] != column->dims[0] || g >= to->dims[1])
        return false;
    for (int i = 2; i < to->n_dims; i++)
        if (to->dims[i] != column->dims[i])
            return false;
    return true;
}

static void store_step_scores(struct attribution_sequence *s, const struct worker_column *column) {
    for (size_t i = 0; i < column->n_step_scores; i++) {
        const struct named_scores *from = &column->step_scores[i];
        struct scores *to = NULL;
        for (size_t j = 0; j < s->n_step_scores && !to; j++)
            if (strcmp(s->step_scores[j].name, from->name) == 0)
                to = &s->step_scores[j].scores;
        if (!to)
            to = attribution_add_step_scores(s, from->name);
        if (to && to->data && column->g < to->dims[0])
            to->data[column->g] = from->scores.data[0];
    }
}

static void store_candidates(struct attribution_sequence *s, const struct worker_column *column,
                             int64_t n_columns) {
    if (!column->candidates.n)
        return;
    if (!s->candidates)
        s->candidates = mem_alloc((size_t)n_columns * sizeof *s->candidates);
    if (!s->candidates[column->g].n)
        s->candidates[column->g] = step_candidates_copy(&column->candidates);
}

bool worker_column_store(struct attribution_sequence *s, const struct worker_column *column) {
    int64_t n_columns = attribution_steps(s);
    if (column->g < 0 || column->g >= n_columns ||
        !scores_fit(&s->source_attributions, &column->source, column->g) ||
        !scores_fit(&s->target_attributions, &column->target, column->g))
        return false;
    store_scores(&s->source_attributions, &column->source, column->g);
    store_scores(&s->target_attributions, &column->target, column->g);
    store_step_scores(s, column);
    store_candidates(s, column, n_columns);
    if (!s->done)
        s->done = mem_alloc((size_t)n_columns * sizeof *s->done);
    if (!s->done[column->g]) {
        s->done[column->g] = true;
        s->n_done++;
    }
    return true;
}

/* --- a shape that replaces another ------------------------------------------------------- */

static bool same_tokens(const struct token_list *a, const struct token_list *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (i >= a->n || i >= b->n || a->items[i].id != b->items[i].id ||
            strcmp(a->items[i].piece, b->items[i].piece) != 0)
            return false;
    return true;
}

/* A column's scores with as many rows as `like` has; what is new is NaN. False: they are not of one
 * kind. */
static bool resize_rows(struct scores *column, const struct scores *like) {
    struct scores resized;
    int64_t dims[SCORES_MAX_DIMS];
    if (!column->data || !like->data)
        return !column->data && !like->data;
    memcpy(dims, like->dims, sizeof dims);
    dims[1] = 1;
    if (column->n_dims != like->n_dims || scores_cell(column) != scores_cell(like) ||
        !scores_init(&resized, like->n_dims, dims, NAN))
        return false;
    int64_t rows = dims[0] < column->dims[0] ? dims[0] : column->dims[0];
    memcpy(resized.data, column->data, (size_t)(rows * scores_cell(column)) * sizeof(float));
    scores_dispose(column);
    *column = resized;
    return true;
}

bool worker_columns_keep(struct attribution_sequence *to, const struct attribution_sequence *from) {
    bool by_source = from->source_attributions.data != NULL, kept = false;
    if ((by_source && (from->source.n != to->source.n ||
                       !same_tokens(&from->source, &to->source, from->source.n))) ||
        !same_tokens(&from->target, &to->target, from->target.n))
        return false;
    for (int64_t g = 0; g < attribution_steps(from); g++) {
        struct worker_column *column =
            !from->done || from->done[g] ? worker_column_copy(from, g) : NULL;
        if (!column)
            continue;
        column->g = from->attr_pos_start + g - to->attr_pos_start;
        if (resize_rows(&column->source, &to->source_attributions) &&
            resize_rows(&column->target, &to->target_attributions))
            kept |= worker_column_store(to, column);
        struct worker_event holder = {.column = column};
        worker_event_dispose(&holder);
    }
    return kept;
}
