/*
 * Input reduction. Feng et al. 2018, "Pathologies of neural models make interpretations difficult",
 * section 2: the least important token is taken out, again and again, while the prediction stays.
 * Importance is the paper's first-order estimate of what a token's removal costs, its embedding ·
 * gradient. Tokens really go: positions close up. With a beam of k, each of the k texts at hand
 * loses each of its k least important tokens in turn, and of the different texts that keep the
 * prediction the k with the largest attributed function go on; the best of the last ones is the
 * reduced input. A token's score is the round in which it fell, and one more than the last round
 * for those that are left; special tokens are never taken out and have 0. The step score
 * tokens_left counts the tokens left. The prediction stays while no more tokens are likelier than
 * the target than were before (for the model's own choice: while it is the likeliest); with a
 * contrastive function, while the target stays on its side of the foil.
 * Reference: AllenNLP's InputReduction (allennlp/interpret/attackers/input_reduction.py), which
 * ranks by the gradient's norm: importance "gradient_norm"; its beam of 3 keeps the texts that it
 * met first.
 */
#include "methods/engine/shorter_texts.h"
#include "methods/perturbation/reduced_text.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct reduction {
    struct perturb p;
    bool by_norm, contrastive;
    int64_t beam;
    struct reduced_column *columns; /* [G] */
    struct scores *left;            /* step score */
    struct item *items;             /* texts of a round */
};

/* --- the idea: what falls, and while what ------------------------------------------------- */

/* Of one token: embedding · gradient, or the gradient's squared length. */
static double importance(const struct reduction *r, const float *gradient, const float *x) {
    double sum = 0;
    for (int64_t k = 0; k < r->p.width; k++)
        sum += (double)gradient[k] * (r->by_norm ? gradient[k] : x[k]);
    return sum;
}

/* Whether the target is still what it was: as likely among all tokens, or on its side of the
 * foil. */
static bool prediction_stays(struct reduction *r, int64_t c, const float *logits) {
    struct reduced_column *col = &r->columns[c];
    int32_t y = engine_target(&r->p.engine, c), foil = engine_foil(&r->p.engine, c);
    int64_t rank = r->contrastive && logits[foil] > logits[y];
    for (int64_t v = 0; v < r->p.n_vocab && !r->contrastive; v++)
        rank += logits[v] > logits[y];
    if (col->round == 0)
        col->rank = rank;
    return r->contrastive ? rank == col->rank : rank <= col->rank;
}

static const struct perturb_side *side_of(const struct reduction *r, enum model_stack stack) {
    return stack == STACK_ENCODER ? &r->p.source : &r->p.target;
}

static bool removable(const struct reduction *r, const struct perturb_side *s, int64_t row) {
    const struct model_config *c = r->p.engine.in->config;
    int32_t id = s->ids[row];
    return s->moves && !(s->has_start && row == 0) && id != c->bos_token_id &&
           id != c->eos_token_id && id != c->pad_token_id;
}

/* Finds a text's least important tokens; gradients are of the rows left. */
static void find_least(const struct reduction *r, struct reduced_text *t,
                       const float *const gradients[2]) {
    double values[REDUCED_MOST_BEAM];
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const struct perturb_side *s = side_of(r, stack);
        const int64_t n = t->n[stack] > 1 ? t->n[stack] : 0; /* a model needs a token to run on */
        for (int64_t i = 0; i < n; i++) {
            int64_t row = t->rows[stack][i];
            if (!removable(r, s, row))
                continue;
            double value =
                importance(r, gradients[stack] + i * r->p.width, s->x + row * r->p.width);
            int64_t to = t->n_next < r->beam ? t->n_next++ : r->beam;
            for (; to > 0 && value < values[to - 1]; to--)
                if (to < r->beam)
                    values[to] = values[to - 1], t->next[to] = t->next[to - 1];
            if (to < r->beam)
                values[to] = value, t->next[to] = (struct reduced_place){stack, row, i};
        }
    }
}

static void finish(struct reduction *r, int64_t c, int64_t n_fell);

/* After a round: the best texts that keep the prediction lose one token more, or the column
 * ends. */
static void settle(struct reduction *r, int64_t c) {
    struct reduced_column *col = &r->columns[c];
    const int64_t round = col->round;
    if (!reduced_texts_keep_best(col, r->beam)) {
        finish(r, c, round - 1);
        return;
    }
    if (round)
        perturb_progress(&r->p, 1);
    if (!reduced_texts_expand(col, r->beam))
        finish(r, c, round);
}

/* --- a column's end ------------------------------------------------------------------------ */

static float *score_of(struct reduction *r, enum model_stack stack, int64_t row, int64_t c) {
    struct attribution_sequence *out = r->p.engine.out;
    return (stack == STACK_ENCODER ? &out->source_attributions : &out->target_attributions)->data +
           row * r->p.engine.n_steps + c;
}

static int64_t tokens_of(const struct reduction *r, int64_t c) {
    return r->p.source.n + (r->p.target.moves ? r->p.engine.in->start + c : 0);
}

/* Nothing more can fall: scores of the best text. */
static void finish(struct reduction *r, int64_t c, int64_t n_fell) {
    struct reduced_column *col = &r->columns[c];
    const struct reduced_text *best = &col->kept[0];
    int64_t n_left = 0;
    for (int64_t i = 0; i < n_fell; i++)
        *score_of(r, best->fell[i].stack, best->fell[i].row, c) = (float)(i + 1);
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const struct perturb_side *s = side_of(r, stack);
        for (int64_t i = 0; s->moves && i < best->n[stack]; i++) {
            bool counts = removable(r, s, best->rows[stack][i]);
            *score_of(r, stack, best->rows[stack][i], c) = counts ? (float)(n_fell + 1) : 0;
            n_left += counts;
        }
    }
    r->left->data[c] = (float)n_left;
    col->open = false;
    perturb_progress(&r->p, tokens_of(r, c) - n_fell);
    engine_publish(&r->p.engine, c);
}

/* --- a round of all columns' texts --------------------------------------------------------- */

struct item {
    int64_t column;
    struct reduced_text *text;
};

/* A text's value where the prediction stays; its gradient is wanted then. */
static enum err_code judge(void *user, int64_t i, const float *logits, float *d_logits,
                           bool *wanted, struct err *e) {
    struct reduction *r = user;
    const int64_t c = r->items[i].column;
    struct reduced_text *t = r->items[i].text;
    if (r->columns[c].round == 0) {
        enum err_code code = engine_score(&r->p.engine, c, logits, e);
        if (code)
            return code;
    }
    t->stays = *wanted = prediction_stays(r, c, logits);
    if (t->stays)
        t->value = engine_attribute(&r->p.engine, c, logits, d_logits);
    return ERR_OK;
}

static void take_gradients(void *user, int64_t i, const float *const gradients[2]) {
    struct reduction *r = user;
    find_least(r, r->items[i].text, gradients);
}

static enum err_code run_round(struct reduction *r, struct err *e) {
    const struct shorter_texts engine = {&r->p, r, judge, take_gradients};
    const int64_t n_steps = r->p.engine.n_steps;
    int64_t n = 0;
    for (int64_t c = 0; c < n_steps; c++)
        n += r->columns[c].n_tried;
    struct shorter_text *texts = mem_alloc((size_t)n * sizeof *texts);
    r->items = mem_alloc((size_t)n * sizeof *r->items);
    n = 0;
    for (int64_t c = 0; c < n_steps; c++)
        for (int64_t i = 0; i < r->columns[c].n_tried; i++) {
            struct reduced_text *t = &r->columns[c].tried[i];
            texts[n] = (struct shorter_text){{t->rows[0], t->rows[1]}, {t->n[0], t->n[1]}};
            r->items[n++] = (struct item){c, t};
        }
    enum err_code code = shorter_texts_run(&engine, texts, n, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < n_steps; c++)
        if (r->columns[c].open)
            settle(r, c);
out:
    free(texts);
    free(r->items);
    return code;
}

static enum err_code run_open(struct reduction *r, struct err *e) {
    struct perturb *p = &r->p;
    const int64_t none = 0;
    enum err_code code = engine_shape(&p->engine, 0, &none, e);
    if (code)
        return code;
    engine_shaped(&p->engine);
    r->columns = mem_alloc((size_t)p->engine.n_steps * sizeof *r->columns);
    for (int64_t c = 0; c < p->engine.n_steps; c++) {
        struct reduced_column *col = &r->columns[c];
        *col = (struct reduced_column){
            .tried = mem_alloc(sizeof *col->tried), .n_tried = 1, .open = true};
        col->tried[0] = reduced_text_whole(p->source.n, p->engine.in->start + c);
        p->work += tokens_of(r, c);
    }
    while (p->engine.out->n_done < p->engine.n_steps) {
        code = run_round(r, e);
        if (code)
            return code;
    }
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct reduction r = {.by_norm =
                              strcmp(option_text(in->options, "importance"), "gradient_norm") == 0,
                          .beam = option_int(in->options, "beam"),
                          .contrastive = in->target.function->decl.contrastive && in->contrast_ids};
    out->class = ATTRIBUTION_COARSE;
    enum err_code code = perturb_open(&r.p, out, in, ctl, e);
    if (code)
        goto out;
    if (!(r.left = attribution_add_step_scores(out, "tokens_left")))
        code = perturb_no_memory(e);
    if (code)
        goto out;
    code = run_open(&r, e);
out:
    for (int64_t c = 0; r.columns && c < r.p.engine.n_steps; c++) {
        reduced_texts_dispose(&r.columns[c].kept, &r.columns[c].n_kept);
        reduced_texts_dispose(&r.columns[c].tried, &r.columns[c].n_tried);
    }
    free(r.columns);
    perturb_close(&r.p);
    return code;
}

/* --- the method as others see it ------------------------------------------------------------ */

static const char *const importances[] = {"input_x_gradient", "gradient_norm", NULL};

static const struct option_decl options[] = {
    {.name = "importance",
     .type = OPTION_CHOICE,
     .default_value = "input_x_gradient",
     .choices = importances,
     .help = "What is least for the token to be taken out: embedding · gradient, or the "
             "gradient's length."},
    {.name = "beam",
     .type = OPTION_INT,
     .default_value = "1",
     .minimum = 1,
     .maximum = REDUCED_MOST_BEAM,
     .unit = "texts",
     .help = "How many reduced texts are followed at a time; more find shorter ones, at the square "
             "of the cost."},
};

/* At most: every token of every column falls, half of them being there on the average; with a beam,
 * each of its texts in as many ways. */
static void cost(struct cost *c, const struct cost_input *in) {
    bool target = !in->config->encoder_decoder || in->attribute_target;
    double prefix = (double)in->n_target - ((double)in->n_steps - 1) / 2,
           source = (double)in->n_source, rounds = source + (target ? prefix : 0);
    double beam = (double)option_int(in->options, "beam"),
           n = (double)in->n_steps * rounds * beam * beam;
    c->passes += n;
    c->source_rows += n * source / 2;
    c->source_gradients += n * source / 2;
    c->target_rows += n * prefix * (target ? 0.5 : 1);
    c->target_gradients += n * prefix * (target ? 0.5 : 1);
    c->logits += n;
    c->logit_gradients += n;
    c->least = 1 / (rounds + 1); /* the first token that falls may be the last */
    c->most = 1;
    gradient_batch_cost(c, in, model_config_embedding_width(in->config),
                        (double)in->n_steps * beam * beam);
    cost_result_bytes(c, in, 1);
}

const struct method method_input_reduction = {
    .decl = {.id = "input_reduction",
             .title = "Input reduction",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "Takes out the least important token (least embedding · gradient) while "
                        "the prediction stays. A token's score is the round in which it fell; "
                        "those left have one more than the last. With a beam, the shortest text "
                        "that several ways lead to.",
             .paper = "Feng et al. 2018, Pathologies of neural models make interpretations "
                      "difficult, section 2",
             .reference = "AllenNLP's InputReduction; its beam of 3 keeps the texts met first, "
                          "ours those with the largest attributed function"},
    .cost = cost,
    .shortens = true,
    .run = run,
};
