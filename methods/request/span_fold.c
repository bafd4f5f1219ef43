#include "methods/request/span_fold.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The first column that sees a row. */
static int64_t first_column(const struct attribution_sequence *s, bool target, int64_t row) {
    const int64_t first = target ? row + 1 - s->attr_pos_start : 0;
    return first > 0 ? first : 0;
}

/* [rows, G, …] to [rows, 1, …]; a target has one more row, NaN, below. What no column sees is NaN,
 * and so is a sum of what could not be computed. */
static bool fold_scores(struct attribution_sequence *of, bool target, bool mean, bool magnitude) {
    struct scores *s = target ? &of->target_attributions : &of->source_attributions;
    if (!s->data)
        return true;
    struct scores out;
    int64_t dims[SCORES_MAX_DIMS], n = s->dims[1], cell = scores_cell(s);
    memcpy(dims, s->dims, sizeof dims);
    dims[0] += target;
    dims[1] = 1;
    if (!scores_init(&out, s->n_dims, dims, NAN))
        return false;
    for (int64_t row = 0, first; row < s->dims[0]; row++) {
        first = first_column(of, target, row);
        for (int64_t k = 0; k < cell; k++) {
            double sum = 0;
            bool any = false;
            for (int64_t c = 0; c < n; c++) {
                const float x = s->data[(row * n + c) * cell + k];
                const bool counts = c >= first || !isnan(x);
                any |= counts;
                sum += counts ? x : 0;
            }
            if (mean)
                sum /= (double)n;
            if (any)
                out.data[row * cell + k] = (float)(magnitude ? fabs(sum) : sum);
        }
    }
    scores_dispose(s);
    *s = out;
    return true;
}

/* A function's values over the span by its own rule. What methods add (deltas) is linear as they
 * are, but for what bounds or counts: its largest. */
static float combine(const struct named_scores *s, const struct run_arguments *a, int64_t n) {
    const char *rule = strcmp(s->name, "deltas") == 0 ? "deltas" : NULL;
    for (size_t i = 0; i < a->n_scores; i++)
        if (strcmp(a->scores[i].function->decl.id, s->name) == 0)
            rule = a->scores[i].function->decl.span;
    double sum = 0, product = 1, largest = 0;
    for (int64_t c = 0; c < n; c++) {
        double x = s->scores.data[c];
        sum += x;
        product *= x;
        largest = fabs(x) > fabs(largest) ? x : largest;
    }
    if (rule && strcmp(rule, "deltas") == 0)
        return (float)(a->span.mean ? sum / (double)n : sum);
    if (rule && strcmp(rule, "sum") == 0)
        return (float)sum;
    return (float)(rule && strcmp(rule, "prod") == 0 ? product : largest);
}

static bool fold_step_scores(struct attribution_sequence *s, const struct run_arguments *a,
                             int64_t n) {
    const int64_t one = 1;
    for (size_t i = 0; i < s->n_step_scores; i++) {
        struct scores out;
        if (!scores_init(&out, 1, &one, combine(&s->step_scores[i], a, n)))
            return false;
        out.integer = s->step_scores[i].scores.integer;
        scores_dispose(&s->step_scores[i].scores);
        s->step_scores[i].scores = out;
    }
    return true;
}

/* The column's token goes in at the span's end. */
static void name_column(struct attribution_sequence *s, bool source_is_prefix) {
    const int64_t start = s->attr_pos_start, end = s->attr_pos_end;
    struct token_list old = s->target;
    const struct token *first = &old.items[start], *last = &old.items[end - 1];
    char *piece = end - start == 1 ? mem_text(first->piece)
                                   : mem_format("%s … %s", first->piece, last->piece);
    struct text_buffer bytes = {0};
    text_buffer_add(&bytes, first->bytes, first->n_bytes);
    if (end - start > 1) {
        text_buffer_puts(&bytes, " … ");
        text_buffer_add(&bytes, last->bytes, last->n_bytes);
    }
    s->target = (struct token_list){0};
    for (int64_t i = 0; i < (int64_t)old.n; i++) {
        const struct token *t = &old.items[i];
        if (i == end)
            token_list_add(&s->target, -1, false, piece, bytes.text ? bytes.text : "", bytes.n);
        token_list_add(&s->target, t->id, t->special, t->piece, t->bytes, t->n_bytes);
        struct token *copy = &s->target.items[s->target.n - 1];
        free(copy->printable); /* a contrast has renamed some */
        copy->printable = mem_text(t->printable);
        if (source_is_prefix && i >= start && i < end)
            token_list_add(&s->source, t->id, t->special, t->piece, t->bytes, t->n_bytes);
    }
    if (end == (int64_t)old.n)
        token_list_add(&s->target, -1, false, piece, bytes.text ? bytes.text : "", bytes.n);
    struct token *column = &s->target.items[end];
    free(column->printable);
    column->printable = end - start == 1 ? mem_text(first->printable)
                                         : mem_format("%s … %s", first->printable, last->printable);
    free(piece);
    text_buffer_dispose(&bytes);
    token_list_dispose(&old);
}

enum err_code span_fold(struct attribution_sequence *s, const struct run_arguments *a,
                        struct err *e) {
    const int64_t n = attribution_steps(s);
    const bool needs = a->method->decl.needs_attributed_fn,
               magnitude = needs && a->method->span == SPAN_MAGNITUDE,
               mean = a->span.mean || !needs;
    bool good = fold_scores(s, false, mean, magnitude) && fold_scores(s, true, mean, magnitude) &&
                fold_step_scores(s, a, n);
    if (!good)
        return err_set(e, ERR_NOMEM, "out of memory for the span's scores");
    name_column(s, !s->source_attributions.data);
    attribution_drop_candidates(s); /* they are of single steps */
    free(s->done);
    s->done = NULL;
    s->n_done = 1;
    s->attr_pos_start = s->attr_pos_end;
    s->attr_pos_end++;
    return ERR_OK;
}
