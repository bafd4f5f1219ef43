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
#include "methods/engine/perturb.h"
#include "methods/perturbation/reduced_text.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

struct reduction {
    struct perturb p;
    bool by_norm, contrastive;
    int64_t beam;
    struct reduced_column *columns; /* [G] */
    struct scores *left;            /* step score */
};

static const struct perturb_side *side_of(const struct reduction *r, enum model_stack stack) {
    return stack == STACK_ENCODER ? &r->p.source : &r->p.target;
}

static float *score_of(struct reduction *r, enum model_stack stack, int64_t row, int64_t c) {
    struct attribution_sequence *out = r->p.engine.out;
    return (stack == STACK_ENCODER ? &out->source_attributions : &out->target_attributions)->data +
           row * r->p.engine.n_steps + c;
}

static bool removable(const struct reduction *r, const struct perturb_side *s, int64_t row) {
    const struct model_config *c = r->p.engine.in->config;
    int32_t id = s->ids[row];
    return s->moves && !(s->has_start && row == 0) && id != c->bos_token_id &&
           id != c->eos_token_id && id != c->pad_token_id;
}

static int64_t tokens_of(const struct reduction *r, int64_t c) {
    return r->p.source.n + (r->p.target.moves ? r->p.engine.in->start + c : 0);
}

/* --- ends -------------------------------------------------------------------------------- */

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

/* After a round: the best texts go on, or the column ends. */
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

/* --- one text ---------------------------------------------------------------------------- */

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

static double importance(const struct reduction *r, const float *gradient, const float *x) {
    double sum = 0;
    for (int64_t k = 0; k < r->p.width; k++)
        sum += (double)gradient[k] * (r->by_norm ? gradient[k] : x[k]);
    return sum;
}

/* Finds a text's least important tokens; gradients are of the rows left. */
static void find_least(const struct reduction *r, struct reduced_text *t,
                       const float *const gradients[2]) {
    double values[REDUCED_MOST_BEAM];
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const struct perturb_side *s = side_of(r, stack);
        for (int64_t i = 0; i < t->n[stack] && t->n[stack] > 1;
             i++) { /* a model needs a token to run on */
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

/* --- a round of several texts ------------------------------------------------------------ */

struct item {
    int64_t column;
    struct reduced_text *text;
};

struct batch {
    struct item *items;
    int64_t n, length[2]; /* of each side, the longest */
    float *x[2], *gradient[2], *logits, *derivatives;
    struct position *at;
};

static void batch_dispose(struct batch *b) {
    for (int i = 0; i < 2; i++) {
        free(b->x[i]);
        free(b->gradient[i]);
    }
    free(b->logits);
    free(b->derivatives);
    free(b->at);
}

/* Embeddings of what is left, ids: what stands after an entry's end is seen by none of it. */
static enum err_code place(struct reduction *r, struct batch *b, enum model_stack stack,
                           struct err *e) {
    const struct method_input *in = r->p.engine.in;
    const struct perturb_side *s = side_of(r, stack);
    int64_t length = b->length[stack];
    int32_t *ids = mem_alloc((size_t)length * sizeof *ids);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < b->n; i++) {
        const struct reduced_text *t = b->items[i].text;
        for (int64_t k = 0; k < length; k++)
            ids[k] = s->ids[k < t->n[stack] ? t->rows[stack][k] : 0];
        code = model_embed(in->model, stack, ids, length, b->x[stack] + i * length * r->p.width, e);
        if (code)
            goto out;
    }
out:
    free(ids);
    return code;
}

static enum err_code prepare(struct reduction *r, struct batch *b, struct err *e) {
    size_t n = (size_t)b->n, width = (size_t)r->p.width, row = (size_t)r->p.n_row;
    bool good = (b->logits = malloc(n * row * sizeof(float))) &&
                (b->derivatives = malloc(n * row * sizeof(float))) &&
                (b->at = malloc(n * sizeof *b->at));
    enum err_code code = good ? ERR_OK : perturb_no_memory(e);
    if (code)
        return code;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        size_t size = n * (size_t)b->length[stack] * width * sizeof(float);
        if (b->length[stack] == 0)
            continue;
        b->x[stack] = malloc(size);
        b->gradient[stack] = side_of(r, stack)->moves ? malloc(size) : NULL;
        code = b->x[stack] && (b->gradient[stack] || !side_of(r, stack)->moves)
                   ? place(r, b, stack, e)
                   : perturb_no_memory(e);
        if (code)
            return code;
    }
    for (int64_t i = 0; i < b->n; i++)
        b->at[i] = (struct position){i, b->items[i].text->n[STACK_DECODER] - 1};
    return code;
}

/* Values of a batch, and which texts keep the prediction; those move to the front of `at` and
 * `derivatives`. Returns how many. */
static enum err_code judge(struct reduction *r, struct batch *b, int64_t *n_stay, struct err *e) {
    struct engine *g = &r->p.engine;
    enum err_code code = ERR_OK;
    *n_stay = 0;
    for (int64_t i = 0; i < b->n; i++) {
        const int64_t c = b->items[i].column;
        const float *logits = b->logits + i * r->p.n_row;
        struct reduced_text *t = b->items[i].text;
        if (r->columns[c].round == 0)
            code = engine_score(g, c, logits, e);
        if (code)
            return code;
        t->stays = prediction_stays(r, c, logits);
        if (!t->stays)
            continue;
        t->value = engine_attribute(g, c, logits, b->derivatives + *n_stay * r->p.n_row);
        b->at[(*n_stay)++] = b->at[i];
    }
    return code;
}

/* Logits of a batch; and gradients of the texts that keep the prediction. */
static enum err_code run_batch(struct reduction *r, struct batch *b, struct err *e) {
    struct perturb *p = &r->p;
    const struct method_input *in = p->engine.in;
    struct forward *f = NULL;
    int64_t n_stay = 0;
    enum err_code code = prepare(r, b, e);
    struct forward_input input = {.n_batch = b->n,
                                  .source_ids = p->source.ids,
                                  .n_source = b->length[0],
                                  .source_embeddings = b->x[0],
                                  .target_ids = p->target.ids,
                                  .n_target = b->length[1],
                                  .target_embeddings = b->x[1],
                                  .keep_gradient = true};
    if (code == ERR_OK)
        code = model_forward(&f, in->model, &input, p->engine.ctl, e);
    if (code == ERR_OK)
        code = forward_logits(f, b->at, b->n, b->logits, e);
    if (code == ERR_OK)
        code = judge(r, b, &n_stay, e);
    if (code == ERR_OK && n_stay)
        code = forward_vjp(f,
                           &(struct vjp_request){.at = b->at,
                                                 .n = n_stay,
                                                 .d_logits = b->derivatives,
                                                 .source = b->gradient[0],
                                                 .target = b->gradient[1]},
                           p->engine.ctl, e);
    forward_free(f);
    if (code == ERR_OK)
        code = engine_go_on(p->engine.ctl, e);
    for (int64_t i = 0; i < n_stay && code == ERR_OK; i++) {
        const float *gradients[2] = {NULL, NULL};
        for (int k = 0; k < 2; k++)
            if (b->gradient[k])
                gradients[k] = b->gradient[k] + i * b->length[k] * p->width;
        find_least(r, b->items[b->at[i].batch].text, gradients);
    }
    return code;
}

/* How many texts with so many rows a batch takes. */
static int64_t fitting(const struct reduction *r, int64_t n_source, int64_t n_target) {
    const struct method_input *in = r->p.engine.in;
    int64_t rows = n_source + n_target, numbers = 2 * rows * r->p.width + 2 * r->p.n_row;
    int64_t bytes = 2 * model_forward_bytes(in->model, 1, n_source, n_target, true) +
                    numbers * (int64_t)sizeof(float); /* the gradient's as much again */
    return engine_batch(in->memory_budget, rows, bytes, INT64_MAX, true);
}

/* All texts of `items` that are not done yet and have sources as long as the first of these, as
 * many as fit. */
static enum err_code run_some(struct reduction *r, struct item *items, int64_t n, struct err *e) {
    struct item *chosen = mem_alloc((size_t)n * sizeof *chosen);
    struct batch b = {.items = chosen, .length = {items[0].text->n[0], 0}};
    for (int64_t i = 0; i < n; i++) {
        const struct reduced_text *t = items[i].text;
        int64_t longest = t && t->n[1] > b.length[1] ? t->n[1] : b.length[1];
        if (!t || t->n[0] != b.length[0] || (b.n && b.n >= fitting(r, b.length[0], longest)))
            continue;
        b.length[1] = longest;
        chosen[b.n++] = items[i];
        items[i].text = NULL;
    }
    enum err_code code = run_batch(r, &b, e);
    batch_dispose(&b);
    free(chosen);
    return code;
}

/* One round of all open columns. */
static enum err_code run_round(struct reduction *r, struct err *e) {
    const int64_t n_steps = r->p.engine.n_steps;
    int64_t n = 0;
    for (int64_t c = 0; c < n_steps; c++)
        n += r->columns[c].n_tried;
    struct item *items = mem_alloc((size_t)n * sizeof *items);
    enum err_code code = ERR_OK;
    n = 0;
    for (int64_t c = 0; c < n_steps; c++)
        for (int64_t i = 0; i < r->columns[c].n_tried; i++)
            items[n++] = (struct item){c, &r->columns[c].tried[i]};
    for (int64_t i = 0; i < n && code == ERR_OK; i++)
        if (items[i].text)
            code = run_some(r, items + i, n - i, e);
    free(items);
    for (int64_t c = 0; c < n_steps && code == ERR_OK; c++)
        if (r->columns[c].open)
            settle(r, c);
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
    double batch = cost_batch(in, (double)in->n_steps * beam * beam, true);
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch);
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
