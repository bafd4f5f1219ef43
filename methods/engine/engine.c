#include "methods/engine/engine.h"
#include "methods/engine/batch.h"
#include "methods/engine/engine_extra.h"

#include "backend/base/mem.h"
#include "backend/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LOGITS 32 /* rows at a time: cancelling takes effect between them */

int32_t engine_target(const struct method_run *g, int64_t c) {
    return g->in->target_ids[g->in->start + c];
}

int32_t engine_foil(const struct method_run *g, int64_t c) {
    const struct method_input *in = g->in;
    if (!in->contrast_ids)
        return engine_target(g, c);
    return in->foil_ids ? in->foil_ids[c] : in->contrast_ids[in->alignment[c]];
}

static int32_t baseline_id(const struct method_input *in, int32_t id) {
    const struct model_config *c = in->config;
    if (id == c->eos_token_id && !in->include_eos_baseline)
        return id;
    if (c->unk_token_id >= 0)
        return c->unk_token_id;
    return c->pad_token_id >= 0 ? c->pad_token_id
                                : c->eos_token_id; /* where nothing pads, EOS does, as in Inseq */
}

enum err_code engine_baseline(const struct method_input *in, const int32_t *ids, int64_t n,
                              bool has_start, int32_t *out, struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        out[i] = has_start && i == 0 ? ids[i] : baseline_id(in, ids[i]);
        if (out[i] < 0)
            return err_set(e, ERR_UNSUPPORTED,
                           "the tokenizer has neither an unknown, a padding nor an end token to "
                           "serve as baseline");
    }
    return ERR_OK;
}

static bool scores_contrast(const struct method_input *in) {
    bool asked = false;
    for (size_t i = 0; i < in->n_scores; i++)
        asked |= in->scores[i].function->decl.contrastive;
    return asked && in->contrast_ids;
}

static bool forces_contrast(const struct method_input *in) {
    return in->contrast_force_inputs && in->target.function &&
           in->target.function->decl.contrastive && in->contrast_ids;
}

/* The last target and the foils never pass through the model, which would refuse them; a tokenizer
 * may know more tokens than a model has logits. */
static enum err_code check_vocabulary(const struct method_run *g, struct err *e) {
    int64_t n_vocab = g->in->config->n_vocab;
    for (int64_t c = 0; c < g->n_steps; c++) {
        int32_t ids[2] = {engine_target(g, c), engine_foil(g, c)};
        for (int i = 0; i < 2; i++)
            if (ids[i] < 0 || ids[i] >= n_vocab)
                return err_set(
                    e, ERR_FORMAT,
                    "token %d at position %lld is outside the model's vocabulary of %lld", ids[i],
                    (long long)(g->in->start + c), (long long)n_vocab);
    }
    return ERR_OK;
}

enum err_code engine_open(struct method_run *g, struct attribution_sequence *out,
                          const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    *g = (struct method_run){.in = in, .out = out, .ctl = ctl, .n_steps = in->end - in->start};
    enum err_code code = check_vocabulary(g, e);
    if (code)
        return code;
    for (size_t i = 0; i < in->n_scores; i++) {
        struct scores *s = attribution_add_step_scores(out, in->scores[i].function->decl.id);
        if (!s)
            return err_set(e, ERR_NOMEM, "out of memory for step scores");
        s->integer = in->scores[i].function->decl.integer;
    }
    out->done = mem_alloc((size_t)g->n_steps * sizeof *out->done);
    out->n_done = 0;
    if (in->tokenizer)
        out->candidates = mem_alloc((size_t)g->n_steps * sizeof *out->candidates);
    if (scores_contrast(in) || forces_contrast(in))
        code = engine_extra_contrast(g, forces_contrast(in), e);
    if (code)
        return code;
    return engine_extra_noisy(g, e);
}

void engine_close(struct method_run *g) {
    forward_free(g->contrast);
    for (size_t i = 0; g->noisy && i <= g->in->n_scores; i++)
        free(g->noisy[i]);
    free(g->noisy);
    free(g->forced);
    free(g->contrast_logits);
    *g = (struct method_run){0};
}

static enum err_code keep_candidate(struct step_candidates *kept, struct token_list *tokens,
                                    const struct method_run *g, struct candidate of,
                                    struct err *e) {
    /* A model's table of embeddings may be longer than its vocabulary: such entries have no name.
     */
    if (of.id < 0 ||
        of.id >= tokenizer_vocab_size(tokenizer_of_side(g->in->tokenizer, TEXT_TARGET)))
        return ERR_OK;
    enum err_code code = tokenizer_token(g->in->tokenizer, TEXT_TARGET, of.id, tokens, e);
    if (code)
        return code;
    const struct token *t = &tokens->items[tokens->n - 1];
    kept->items[kept->n++] =
        (struct step_candidate){t->id, mem_text(t->piece), mem_text(t->printable), of.probability};
    return ERR_OK;
}

/* What was written, or is held against it, has its probability told also where the model thinks
 * little of it. */
static enum err_code keep_named(struct step_candidates *kept, struct token_list *tokens,
                                const struct method_run *g, int32_t id, const float *logits,
                                struct err *e) {
    for (size_t i = 0; i < kept->n; i++)
        if (kept->items[i].id == id)
            return ERR_OK;
    if (id < 0 || id >= g->in->config->n_vocab)
        return ERR_OK;
    const double log = (double)step_token_score(logits, g->in->config->n_vocab, id, true);
    return keep_candidate(kept, tokens, g, (struct candidate){id, (float)exp(log)}, e);
}

static enum err_code keep_candidates(struct method_run *g, int64_t c, const float *logits,
                                     struct err *e) {
    struct candidates top;
    struct token_list tokens = {0};
    candidates_from_logits(&top, logits, g->in->config->n_vocab);
    struct step_candidates kept = {mem_alloc((size_t)(top.n + 2) * sizeof *kept.items), 0};
    enum err_code code = ERR_OK;
    for (int i = 0; i < top.n && !code; i++)
        code = keep_candidate(&kept, &tokens, g, top.items[i], e);
    if (code)
        goto out;
    code = keep_named(&kept, &tokens, g, engine_target(g, c), logits, e);
    if (code)
        goto out;
    code = keep_named(&kept, &tokens, g, engine_foil(g, c), logits, e);
out:
    if (code)
        step_candidates_dispose(&kept);
    else
        g->out->candidates[c] = kept;
    token_list_dispose(&tokens);
    return code;
}

/* What the which-th function (0: the attributed one) sees of column c. */
static struct step_view view_of(const struct method_run *g, const struct step_request *r, int64_t c,
                                const float *logits, const float *contrast, size_t which) {
    const double *noisy = g->noisy ? g->noisy[which] : NULL;
    int64_t n_noisy = noisy ? option_int(&r->options, "n_mcd_steps") : 0;
    return (struct step_view){logits,
                              contrast,
                              g->in->config->n_vocab,
                              engine_target(g, c),
                              engine_foil(g, c),
                              &r->options,
                              r->function,
                              noisy ? noisy + c * n_noisy : NULL,
                              n_noisy,
                              g->in->first + c,
                              g->in->layouts ? &g->in->layouts[which] : NULL};
}

enum err_code engine_score(struct method_run *g, int64_t c, const float *logits, struct err *e) {
    const struct method_input *in = g->in;
    if (in->log_probabilities)
        in->log_probabilities[c] =
            step_token_score(logits, in->config->n_vocab, engine_target(g, c), true);
    if (in->lost)
        in->lost[c] = !isfinite(engine_attribute(g, c, logits, NULL));
    if (g->contrast) {
        enum err_code code = engine_extra_contrast_logits(g, c, g->contrast_logits, e);
        if (code)
            return code;
    }
    for (size_t i = 0; i < in->n_scores; i++) {
        struct step_view v =
            view_of(g, &in->scores[i], c, logits, g->contrast ? g->contrast_logits : logits, i + 1);
        /* Step scores were added in the order of the requests, first of all. */
        g->out->step_scores[i].scores.data[c] = (float)in->scores[i].function->value(&v);
    }
    return in->tokenizer && !g->out->candidates[c].items ? keep_candidates(g, c, logits, e)
                                                         : ERR_OK;
}

/* Most functions write derivatives with respect to logits only. */
static void derive(const struct method_run *g,
                   void (*derivative)(const struct step_view *v, float *out),
                   const struct step_view *v, float *out) {
    if (g->in->n_row)
        memset(out, 0, (size_t)g->in->n_row * sizeof *out);
    derivative(v, out);
}

double engine_attribute(const struct method_run *g, int64_t c, const float *logits,
                        float *derivative) {
    const float *contrast =
        g->forced && !engine_contrast_is_input(g, c) ? g->forced + c * method_row(g->in) : logits;
    struct step_view v = view_of(g, &g->in->target, c, logits, contrast, 0);
    if (derivative)
        derive(g, g->in->target.function->derivative, &v, derivative);
    return g->in->target.function->value(&v);
}

double engine_attribute_against(const struct method_run *g, int64_t c, const float *logits,
                                const float *contrast_logits, float *derivative,
                                float *contrast_derivative) {
    const struct step_function *f = g->in->target.function;
    const bool own = engine_contrast_is_input(g, c);
    struct step_view v = view_of(g, &g->in->target, c, logits, own ? logits : contrast_logits, 0);
    if (derivative)
        derive(g, f->derivative, &v, derivative);
    if (contrast_derivative && f->contrast_derivative && !own)
        derive(g, f->contrast_derivative, &v, contrast_derivative);
    else if (contrast_derivative)
        memset(contrast_derivative, 0, (size_t)step_row(&v) * sizeof *contrast_derivative);
    return f->value(&v);
}

/* How many rows of n_row logits are fetched at a time. */
static int64_t logits_together(int64_t budget, int64_t n_row) {
    return engine_fit(budget / 4, n_row * (int64_t)sizeof(float), MOST_LOGITS);
}

void engine_logits_cost(struct cost *c, const struct cost_input *in) {
    const int64_t n_vocab = in->config->n_vocab;
    c->bytes += (double)(logits_together(in->memory_budget, n_vocab) * n_vocab) * sizeof(float);
}

enum err_code engine_logits(const struct method_run *g, struct forward *f,
                            const struct position *at, int64_t n, engine_visit visit, void *user,
                            struct err *e) {
    const int64_t n_row = method_row(g->in), group = logits_together(g->in->memory_budget, n_row);
    float *logits = malloc((size_t)(group * n_row) * sizeof *logits);
    enum err_code code =
        logits ? ERR_OK
               : err_set(e, ERR_NOMEM, "out of memory for %lld rows of logits", (long long)group);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i += group) {
        const int64_t k = n - i < group ? n - i : group;
        code = forward_logits(f, at + i, k, logits, e);
        if (code)
            goto out;
        for (int64_t j = 0; j < k; j++) {
            code = visit(user, i + j, logits + j * n_row, e);
            if (code)
                goto out;
        }
        code = engine_go_on(g->ctl, e);
        if (code)
            goto out;
    }
out:
    free(logits);
    return code;
}

static enum err_code score_column(void *user, int64_t c, const float *logits, struct err *e) {
    return engine_score(user, c, logits, e);
}

static enum err_code score_columns(struct method_run *g, struct forward *f, struct err *e) {
    struct position *at = mem_alloc((size_t)g->n_steps * sizeof *at);
    for (int64_t c = 0; c < g->n_steps; c++)
        at[c] = (struct position){0, engine_row(g, c)};
    enum err_code code = engine_logits(g, f, at, g->n_steps, score_column, g, e);
    free(at);
    return code;
}

enum err_code engine_look(struct method_run *g, const struct forward_input *keep, engine_fill fill,
                          void *user, struct err *e) {
    const struct method_input *in = g->in;
    struct forward_input input = *keep;
    struct forward *f = NULL;
    input.n_batch = 1;
    input.source_ids = in->source_ids;
    input.n_source = in->n_source;
    input.target_ids = in->target_ids;
    input.n_target = in->end - 1;
    engine_shaped(g);
    enum err_code code = model_forward(&f, in->model, &input, g->ctl, e);
    if (code)
        goto out;
    code = score_columns(g, f, e);
    if (code)
        goto out;
    if (fill)
        code = fill(g, f, user, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < g->n_steps; c++)
        engine_publish(g, c);
out:
    forward_free(f);
    return code;
}

enum err_code engine_go_on(const struct run_ctl *ctl, struct err *e) {
    return run_cancelled(ctl) ? err_set(e, ERR_CANCELLED, "the attribution was cancelled") : ERR_OK;
}

/* A derivative of what is no number may be 0, and would look like an answer. */
static void blank_column(struct method_run *g, int64_t c) {
    struct scores *sides[] = {&g->out->source_attributions, &g->out->target_attributions};
    for (int i = 0; i < 2; i++) {
        const int64_t cell = scores_cell(sides[i]);
        for (int64_t row = 0; sides[i]->data && row < sides[i]->dims[0]; row++)
            for (int64_t k = 0; k < cell; k++)
                sides[i]->data[(row * g->n_steps + c) * cell + k] = NAN;
    }
}

void engine_publish(struct method_run *g, int64_t c) {
    if (g->out->done[c])
        return;
    if (g->in->lost && g->in->lost[c])
        blank_column(g, c);
    g->out->done[c] = true;
    g->out->n_done++;
    if (!g->own_progress)
        run_progress(g->ctl, "attributing", g->out->n_done, g->n_steps);
    if (g->in->column)
        g->in->column(g->in->user, g->out, c);
}

void engine_shaped(struct method_run *g) {
    if (g->in->shaped)
        g->in->shaped(g->in->user, g->out);
}

enum err_code engine_scores(struct method_run *g, struct scores *s, int n_dims, const int64_t *dims,
                            struct err *e) {
    const int64_t slice = 1 << 21;
    if (!scores_reserve(s, n_dims, dims))
        return err_set(e, ERR_NOMEM,
                       "out of memory for the scores of %lld steps; attribute fewer "
                       "(--start_pos, --end_pos)",
                       (long long)g->n_steps);
    const int64_t n = scores_count(s);
    for (int64_t from = 0; from < n; from += slice) {
        enum err_code code = engine_go_on(g->ctl, e);
        if (code) {
            scores_dispose(s);
            return code;
        }
        for (int64_t i = from; i < n && i < from + slice; i++)
            s->data[i] = NAN;
    }
    return ERR_OK;
}

enum err_code engine_shape(struct method_run *g, int n_trailing, const int64_t *trailing,
                           struct err *e) {
    int64_t dims[SCORES_MAX_DIMS] = {0, g->n_steps};
    enum err_code code = ERR_OK;
    memcpy(dims + 2, trailing, (size_t)n_trailing * sizeof *dims);
    if (g->in->config->encoder_decoder) {
        dims[0] = g->in->n_source;
        code = engine_scores(g, &g->out->source_attributions, 2 + n_trailing, dims, e);
    }
    if (code)
        return code;
    if (!g->in->config->encoder_decoder || g->in->attribute_target) {
        dims[0] = g->in->end;
        code = engine_scores(g, &g->out->target_attributions, 2 + n_trailing, dims, e);
    }
    return code;
}
