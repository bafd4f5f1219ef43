#include "methods/engine/apart.h"

#include "backend/base/mem.h"
#include "methods/engine/shared_model.h"
#include "methods/engine/step_sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_OF_A_STEP 1000 /* how finely progress is told */

/* The steps of one run among all, or one of the foils. */
struct group {
    const struct method_input *in; /* of all */
    enum column_rule rule;
    struct attribution_sequence *out;
    const struct run_ctl *ctl;
    int64_t first, n;
    int32_t *contrast_ids; /* the text before the step, and the one foil; owned */
};

static int64_t columns_of(const struct method_input *in) {
    return in->n_foils ? in->n_foils : in->end - in->start;
}

/* --- from a part's result to the whole's --- */

static bool wanted(const struct method_input *in, int64_t g) {
    return !in->columns || in->columns[g];
}

static enum err_code no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "out of memory for the scores of all steps; attribute fewer");
}

/* A side in the shape of a part's: with all columns, and the target's later rows. */
static bool take_side(struct scores *to, const struct scores *from, int64_t more_rows,
                      int64_t n_steps) {
    int64_t dims[SCORES_MAX_DIMS];
    if (to->data || !from->data)
        return true;
    memcpy(dims, from->dims, sizeof dims);
    dims[0] += more_rows;
    dims[1] = n_steps;
    return scores_init(to, from->n_dims, dims, NAN);
}

static bool take_shape(const struct group *p, const struct attribution_sequence *s) {
    const int64_t n_steps = columns_of(p->in), others = n_steps - p->n,
                  later = p->in->n_foils ? others : others - p->first;
    struct attribution_sequence *out = p->out;
    out->class = s->class;
    return take_side(&out->source_attributions, &s->source_attributions, 0, n_steps) &&
           take_side(&out->target_attributions, &s->target_attributions, later, n_steps);
}

/* By name: methods add some of their own. */
static bool take_step_scores(const struct group *p, const struct attribution_sequence *s,
                             int64_t g) {
    for (size_t i = 0; i < s->n_step_scores; i++) {
        const struct named_scores *from = &s->step_scores[i];
        struct scores *to = i < p->out->n_step_scores
                                ? &p->out->step_scores[i].scores
                                : attribution_add_step_scores(p->out, from->name);
        if (!to)
            return false;
        to->integer = from->scores.integer;
        to->data[p->first + g] = from->scores.data[g];
    }
    return true;
}

static bool take_column(const struct group *p, const struct attribution_sequence *s, int64_t g) {
    const int64_t at = p->first + g;
    scores_copy_column(&p->out->source_attributions, at, &s->source_attributions, g);
    scores_copy_column(&p->out->target_attributions, at, &s->target_attributions, g);
    if (s->candidates && s->candidates[g].items && !p->out->candidates[at].items)
        p->out->candidates[at] = step_candidates_copy(&s->candidates[g]);
    return take_step_scores(p, s, g);
}

/* What there is of a run, when it has ended: also where a column was never told of. What is of no
 * column is that of the last run, which has read all. */
static enum err_code take_all(const struct group *p, struct attribution_sequence *s,
                              struct err *e) {
    bool good = take_shape(p, s);
    for (int64_t g = 0; g < p->n && good; g++)
        good = !wanted(p->in, p->first + g) || take_column(p, s, g);
    if (p->first + p->n == columns_of(p->in)) {
        p->out->sequence_scores = s->sequence_scores;
        p->out->n_sequence_scores = s->n_sequence_scores;
        s->sequence_scores = NULL;
        s->n_sequence_scores = 0;
    }
    return good ? ERR_OK : no_memory(e);
}

/* --- what a run tells on its way --- */

static void on_shape(void *user, const struct attribution_sequence *s) {
    const struct group *p = user;
    if (take_shape(p, s) && p->first == 0 && p->in->shaped)
        p->in->shaped(p->in->user, p->out);
}

static void on_column(void *user, const struct attribution_sequence *s, int64_t g) {
    const struct group *p = user;
    if (!wanted(p->in, p->first + g))
        return;
    if (!take_shape(p, s) || !take_column(p, s, g)) /* the end of the run tells of it */
        return;
    p->out->done[p->first + g] = true;
    p->out->n_done++;
    if (p->in->column)
        p->in->column(p->in->user, p->out, p->first + g);
}

static void on_progress(void *user, const char *phase, int64_t done, int64_t total) {
    const struct group *p = user;
    const int64_t before = p->first * PARTS_OF_A_STEP, own = p->n * PARTS_OF_A_STEP;
    if (total > 0)
        run_progress(p->ctl, phase, before + (int64_t)((double)own * done / total),
                     columns_of(p->in) * PARTS_OF_A_STEP);
}

/* --- the runs --- */

static struct method_input input_of(struct group *p) {
    struct method_input in = *p->in;
    in.columns = p->rule == COLUMNS_PICKED && in.columns ? in.columns + p->first : NULL;
    if (in.n_foils) {
        memcpy(p->contrast_ids, in.contrast_ids, (size_t)in.start * sizeof *p->contrast_ids);
        p->contrast_ids[in.start] = in.contrast_ids[in.start + p->first];
        in.contrast_ids = p->contrast_ids;
        in.n_contrast = in.start + 1;
        in.n_foils = 0; /* alignment[0] is the step itself */
        in.columns = NULL;
    } else {
        in.start += p->first;
        in.end = in.start + p->n;
        in.first += p->first;
        in.alignment = in.alignment ? in.alignment + p->first : NULL;
        in.foil_ids = in.foil_ids ? in.foil_ids + p->first : NULL;
    }
    in.log_probabilities = in.log_probabilities ? in.log_probabilities + p->first : NULL;
    in.lost = in.lost ? in.lost + p->first : NULL;
    in.publish_early = in.publish_early && p->first == 0;
    in.column = on_column;
    in.shaped = on_shape;
    in.user = p;
    return in;
}

static enum err_code run_part(struct group *p, const struct method *method, struct err *e) {
    const struct method_input in = input_of(p);
    const struct run_ctl ctl = {
        .cancel = p->ctl ? p->ctl->cancel : NULL, .progress = on_progress, .user = p};
    struct attribution_sequence s = {.attr_pos_start = in.start, .attr_pos_end = in.end};
    enum err_code code = method->run(&s, &in, &ctl, e);
    if (code)
        goto out;
    code = take_all(p, &s, e);
out:
    attribution_sequence_dispose(&s);
    return code;
}

static void open_columns(struct attribution_sequence *out, const struct method_input *in) {
    const size_t n = (size_t)columns_of(in);
    if (!out->done)
        out->done = mem_alloc(n * sizeof *out->done);
    if (in->tokenizer && !out->candidates)
        out->candidates = mem_alloc(n * sizeof *out->candidates);
}

enum err_code foils_run(struct attribution_sequence *out, const struct method *method,
                        const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    if (in->sight)
        return err_set(e, ERR_UNSUPPORTED,
                       "several foils do not go with a function that looks further than logits: "
                       "explain each by itself");
    struct shared_model *shared = shared_model_open(in->model, in->config, in->memory_budget);
    struct method_input own = *in;
    own.model = (struct model *)shared;
    struct group p = {.in = &own,
                      .out = out,
                      .ctl = ctl,
                      .n = 1,
                      .contrast_ids = mem_alloc((size_t)(in->start + 1) * sizeof *p.contrast_ids)};
    enum err_code code = ERR_OK;
    open_columns(out, in);
    for (; p.first < in->n_foils && !code; p.first++)
        code = run_part(&p, method, e);
    free(p.contrast_ids);
    shared_model_close(shared);
    return code;
}

/* At most `most` columns from `first` on, all of which are wanted, or none. */
static int64_t wanted_alike(const struct method_input *in, int64_t first, int64_t most) {
    int64_t n = 1;
    while (n < most && wanted(in, first + n) == wanted(in, first))
        n++;
    return n;
}

/* How many of at most `most` columns from `first` on one run is for: up to the last wanted one
 * where the method can do with others between them; of those that nobody wants, all. */
static int64_t columns_together(const struct method_input *in, enum column_rule rule, int64_t first,
                                int64_t most) {
    if (rule == COLUMNS_APART || !wanted(in, first))
        return wanted_alike(in, first, most);
    while (!wanted(in, first + most - 1))
        most--;
    return most;
}

enum err_code apart_run(struct attribution_sequence *out, const struct method *method,
                        const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    const int64_t n_steps = in->end - in->start;
    struct group p = {.in = in, .out = out, .ctl = ctl, .rule = method->columns};
    enum err_code code = ERR_OK;
    for (; p.first < n_steps && !code; p.first += p.n) {
        p.n = model_config_steps_alike(in->config, in->start + p.first, n_steps - p.first);
        p.n = step_sight_alike(in->sight, p.first, p.n);
        p.n = columns_together(in, p.rule, p.first, p.n);
        if (!wanted(in, p.first))
            continue;
        if (p.n == n_steps && (!in->columns || p.rule != COLUMNS_TOGETHER))
            return method->run(out, in, ctl, e);
        open_columns(out, in);
        code = run_part(&p, method, e);
    }
    return code;
}
