/*
 * Input reduction. Feng et al. 2018, "Pathologies of neural models make interpretations difficult", section 2: the least important token is taken out, again and
 * again, while the prediction stays. Importance is the paper's first-order estimate of what a token's removal costs, its embedding · gradient. Tokens really go:
 * positions close up.
 * A token's score is the round in which it fell, and one more than the last round for those that are left; special tokens are never taken out and have 0.
 * The step score tokens_left counts the tokens left.
 * The prediction stays while no more tokens are likelier than the target than were before (for the model's own choice: while it is the likeliest); with a
 * contrastive function, while the target stays on its side of the foil.
 * Reference: AllenNLP's InputReduction (allennlp/interpret/attackers/input_reduction.py), which ranks by the gradient's norm: importance "gradient_norm".
 */
#include "methods/perturb.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a forward beyond which larger products are no faster. */
#define ROWS_WORTHWHILE 256

static const char *const importances[] = {"input_x_gradient", "gradient_norm", NULL};

static const struct option_decl options[] = {
    {.name = "importance", .type = OPTION_CHOICE, .default_value = "input_x_gradient", .choices = importances,
     .help = "What is least for the token to be taken out: embedding · gradient, or the gradient's length."},
};

/* What is left of column c's input: rows of each side, in order. */
struct column {
    int64_t *rows[2], n[2];       /* by enum model_stack */
    int64_t taken_row, taken_at;  /* the last to fall: its row, and its place in rows */
    enum model_stack taken_from;
    int64_t round;                /* tokens taken out */
    int64_t rank;                 /* tokens likelier than the target, at first; or whether the foil was */
    bool open, has_rank;
};

struct reduction {
    struct perturb p;
    bool by_norm, contrastive;
    struct column *columns;       /* [G] */
    struct scores *left;          /* step score */
};

static const struct perturb_side *side_of(const struct reduction *r, enum model_stack stack) {
    return stack == STACK_ENCODER ? &r->p.source : &r->p.target;
}

static float *score_of(struct reduction *r, enum model_stack stack, int64_t row, int64_t c) {
    struct attribution_sequence *out = r->p.engine.out;
    return (stack == STACK_ENCODER ? &out->source_attributions : &out->target_attributions)->data + row * r->p.engine.n_steps + c;
}

static bool removable(const struct reduction *r, const struct perturb_side *s, int64_t row) {
    const struct model_config *c = r->p.engine.in->config;
    int32_t id = s->ids[row];
    return s->moves && !(s->has_start && row == 0) && id != c->bos_token_id && id != c->eos_token_id && id != c->pad_token_id;
}

static int64_t tokens_of(const struct reduction *r, int64_t c) { return r->p.source.n + (r->p.target.moves ? r->p.engine.in->start + c : 0); }

/* Nothing more can fall: scores of what is left. */
static void finish(struct reduction *r, int64_t c) {
    struct column *col = &r->columns[c];
    int64_t n_left = 0;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const struct perturb_side *s = side_of(r, stack);
        for (int64_t i = 0; s->moves && i < col->n[stack]; i++) {
            bool counts = removable(r, s, col->rows[stack][i]);
            *score_of(r, stack, col->rows[stack][i], c) = counts ? (float)(col->round + 1) : 0;
            n_left += counts;
        }
    }
    r->left->data[c] = (float)n_left;
    col->open = false;
    perturb_progress(&r->p, tokens_of(r, c) - col->round);
    engine_publish(&r->p.engine, c);
}

/* The last token taken out was one too many. */
static void put_back(struct column *col) {
    int64_t *rows = col->rows[col->taken_from], *n = &col->n[col->taken_from];
    memmove(rows + col->taken_at + 1, rows + col->taken_at, (size_t)(*n - col->taken_at) * sizeof *rows);
    rows[col->taken_at] = col->taken_row;
    (*n)++;
    col->round--;
}

static bool prediction_stays(struct reduction *r, int64_t c, const float *logits) {
    struct column *col = &r->columns[c];
    int32_t y = engine_target(&r->p.engine, c), foil = engine_foil(&r->p.engine, c);
    int64_t rank = r->contrastive && logits[foil] > logits[y];
    for (int64_t v = 0; v < r->p.n_vocab && !r->contrastive; v++)
        rank += logits[v] > logits[y];
    if (!col->has_rank)
        col->rank = rank;
    col->has_rank = true;
    return r->contrastive ? rank == col->rank : rank <= col->rank;
}

static double importance(const struct reduction *r, const float *gradient, const float *x) {
    double sum = 0;
    for (int64_t k = 0; k < r->p.width; k++)
        sum += (double)gradient[k] * (r->by_norm ? gradient[k] : x[k]);
    return sum;
}

/* Takes out the least important token; gradients are of the rows left. False: there is none to take. */
static bool take_out(struct reduction *r, int64_t c, const float *gradients[2]) {
    struct column *col = &r->columns[c];
    double least = INFINITY;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const struct perturb_side *s = side_of(r, stack);
        for (int64_t i = 0; i < col->n[stack] && col->n[stack] > 1; i++) { /* a model needs a token to run on */
            int64_t row = col->rows[stack][i];
            if (!removable(r, s, row))
                continue;
            double value = importance(r, gradients[stack] + i * r->p.width, s->x + row * r->p.width);
            if (value < least || least == INFINITY) {
                least = value;
                col->taken_from = stack, col->taken_at = i, col->taken_row = row;
            }
        }
    }
    if (least == INFINITY)
        return false;
    int64_t *rows = col->rows[col->taken_from], *n = &col->n[col->taken_from];
    memmove(rows + col->taken_at, rows + col->taken_at + 1, (size_t)(*n - col->taken_at - 1) * sizeof *rows);
    (*n)--;
    col->round++;
    return true;
}

/* --- a round of several columns --------------------------------------------------------------------------------------------------------- */

struct batch {
    int64_t *columns, n, length[2];       /* of each side, the longest */
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
static enum err_code place(struct reduction *r, struct batch *b, enum model_stack stack, struct err *e) {
    const struct method_input *in = r->p.engine.in;
    const struct perturb_side *s = side_of(r, stack);
    int64_t length = b->length[stack];
    int32_t *ids = mem_alloc((size_t)length * sizeof *ids);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < b->n && code == ERR_OK; i++) {
        const struct column *col = &r->columns[b->columns[i]];
        for (int64_t k = 0; k < length; k++)
            ids[k] = s->ids[k < col->n[stack] ? col->rows[stack][k] : 0];
        code = in->ops->embed(in->model, stack, ids, length, b->x[stack] + i * length * r->p.width, e);
    }
    free(ids);
    return code;
}

static enum err_code prepare(struct reduction *r, struct batch *b, struct err *e) {
    size_t n = (size_t)b->n, width = (size_t)r->p.width, row = (size_t)r->p.n_row;
    bool good = (b->logits = malloc(n * row * sizeof(float))) && (b->derivatives = malloc(n * row * sizeof(float))) && (b->at = malloc(n * sizeof *b->at));
    enum err_code code = good ? ERR_OK : perturb_no_memory(e);
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER && code == ERR_OK; stack++) {
        size_t size = n * (size_t)b->length[stack] * width * sizeof(float);
        if (b->length[stack] == 0)
            continue;
        b->x[stack] = malloc(size);
        b->gradient[stack] = side_of(r, stack)->moves ? malloc(size) : NULL;
        code = b->x[stack] && (b->gradient[stack] || !side_of(r, stack)->moves) ? place(r, b, stack, e) : perturb_no_memory(e);
    }
    for (int64_t i = 0; i < b->n && code == ERR_OK; i++)
        b->at[i] = (struct position){i, r->columns[b->columns[i]].n[STACK_DECODER] - 1};
    return code;
}

/* Logits and gradients of a batch; then each column ends or loses a token. */
static enum err_code run_batch(struct reduction *r, struct batch *b, struct err *e) {
    struct perturb *p = &r->p;
    const struct method_input *in = p->engine.in;
    struct forward *f = NULL;
    enum err_code code = prepare(r, b, e);
    struct forward_input input = {.n_batch = b->n, .source_ids = p->source.ids, .n_source = b->length[0], .source_embeddings = b->x[0],
                                  .target_ids = p->target.ids, .n_target = b->length[1], .target_embeddings = b->x[1], .keep_gradient = true};
    if (code == ERR_OK)
        code = in->ops->forward(&f, in->model, &input, p->engine.ctl, e);
    if (code == ERR_OK)
        code = in->ops->logits(f, b->at, b->n, b->logits, e);
    for (int64_t i = 0; i < b->n && code == ERR_OK; i++) {
        const float *logits = b->logits + i * p->n_row;
        engine_attribute(&p->engine, b->columns[i], logits, b->derivatives + i * p->n_row);
        if (r->columns[b->columns[i]].round == 0)
            code = engine_score(&p->engine, b->columns[i], logits, e);
    }
    if (code == ERR_OK)
        code = in->ops->gradient(f, b->at, b->n, b->derivatives, b->gradient[0], b->gradient[1], p->engine.ctl, e);
    if (f)
        in->ops->forward_free(f);
    if (code == ERR_OK && run_cancelled(p->engine.ctl))
        code = perturb_cancelled(e);
    for (int64_t i = 0; i < b->n && code == ERR_OK; i++) {
        int64_t c = b->columns[i];
        struct column *col = &r->columns[c];
        const float *gradients[2] = {NULL, NULL};
        for (int k = 0; k < 2; k++)
            if (b->gradient[k])
                gradients[k] = b->gradient[k] + i * b->length[k] * p->width;
        if (!prediction_stays(r, c, b->logits + i * p->n_row)) {
            put_back(col);
            finish(r, c);
            continue;
        }
        if (col->round) { /* its removal stands */
            *score_of(r, col->taken_from, col->taken_row, c) = (float)col->round;
            perturb_progress(p, 1);
        }
        if (!take_out(r, c, gradients))
            finish(r, c);
    }
    return code;
}

/* How many of n columns with so many rows a batch takes. */
static int64_t fitting(const struct reduction *r, int64_t n_source, int64_t n_target) {
    const struct method_input *in = r->p.engine.in;
    int64_t rows = n_source + n_target, numbers = 2 * rows * r->p.width + 2 * r->p.n_row, n = ROWS_WORTHWHILE / rows;
    int64_t bytes = 2 * in->ops->forward_bytes(in->model, 1, n_source, n_target, true) + numbers * (int64_t)sizeof(float); /* the gradient's as much again */
    n = n > in->memory_budget / bytes ? in->memory_budget / bytes : n;
    return n < 1 ? 1 : n;
}

/* One round of all open columns, those with sources of one length together. */
static enum err_code run_round(struct reduction *r, struct err *e) {
    int64_t n_steps = r->p.engine.n_steps;
    bool *ran = mem_alloc((size_t)n_steps * sizeof *ran);
    int64_t *chosen = mem_alloc((size_t)n_steps * sizeof *chosen);
    enum err_code code = ERR_OK;
    for (int64_t first = 0; first < n_steps && code == ERR_OK; first++) {
        const struct column *like = &r->columns[first];
        struct batch b = {.columns = chosen, .length = {like->n[0], 0}};
        for (int64_t c = first; c < n_steps; c++) {
            const struct column *col = &r->columns[c];
            int64_t longest = col->n[1] > b.length[1] ? col->n[1] : b.length[1];
            if (ran[c] || !col->open || col->n[0] != like->n[0] || (b.n && b.n >= fitting(r, like->n[0], longest)))
                continue;
            ran[c] = true;
            b.length[1] = longest;
            chosen[b.n++] = c;
        }
        if (b.n)
            code = run_batch(r, &b, e);
        batch_dispose(&b);
    }
    free(ran);
    free(chosen);
    return code;
}

static enum err_code run_open(struct reduction *r, struct err *e) {
    struct perturb *p = &r->p;
    const int64_t none = 0;
    enum err_code code = engine_shape(&p->engine, 0, &none, e);
    if (code != ERR_OK)
        return code;
    engine_shaped(&p->engine);
    r->columns = mem_alloc((size_t)p->engine.n_steps * sizeof *r->columns);
    for (int64_t c = 0; c < p->engine.n_steps; c++) {
        struct column *col = &r->columns[c];
        *col = (struct column){.n = {p->source.n, p->engine.in->start + c}, .open = true};
        p->work += tokens_of(r, c);
        for (int i = 0; i < 2; i++) {
            col->rows[i] = mem_alloc((size_t)col->n[i] * sizeof *col->rows[i]);
            for (int64_t k = 0; k < col->n[i]; k++)
                col->rows[i][k] = k;
        }
    }
    while (p->engine.out->n_done < p->engine.n_steps && code == ERR_OK)
        code = run_round(r, e);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    struct reduction r = {.by_norm = strcmp(option_text(in->options, "importance"), "gradient_norm") == 0,
                          .contrastive = in->target.function->decl.contrastive && in->contrast_ids};
    out->class = ATTRIBUTION_COARSE;
    enum err_code code = perturb_open(&r.p, out, in, ctl, e);
    if (code == ERR_OK && !(r.left = attribution_add_step_scores(out, "tokens_left")))
        code = perturb_no_memory(e);
    if (code == ERR_OK)
        code = run_open(&r, e);
    for (int64_t c = 0; r.columns && c < r.p.engine.n_steps; c++) {
        free(r.columns[c].rows[0]);
        free(r.columns[c].rows[1]);
    }
    free(r.columns);
    perturb_close(&r.p);
    return code;
}

/* At most: every token of every column falls, half of them being there on the average. */
static void cost(struct cost *c, const struct cost_input *in) {
    bool target = !in->config->encoder_decoder || in->attribute_target;
    double prefix = (double)in->n_target - ((double)in->n_steps - 1) / 2, source = (double)in->n_source, rounds = source + (target ? prefix : 0);
    double n = (double)in->n_steps * rounds;
    c->passes += n;
    c->source_rows += n * source / 2;
    c->source_gradients += n * source / 2;
    c->target_rows += n * prefix * (target ? 0.5 : 1);
    c->target_gradients += n * prefix * (target ? 0.5 : 1);
    c->logits += n;
    c->logit_gradients += n;
    double batch = cost_batch(in, (double)in->n_steps, true);
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch);
    cost_result_bytes(c, in, 1);
}

const struct method method_input_reduction = {
    .decl = {.id = "input_reduction", .title = "Input reduction", .family = FAMILY_PERTURBATION, .axes = AXES_TOKENS, .needs_attributed_fn = true,
             .options = options, .n_options = sizeof options / sizeof options[0],
             .summary = "Takes out the least important token (least embedding · gradient) while the prediction stays. A token's score is the round in which it fell; "
                        "those left have one more than the last.",
             .paper = "Feng et al. 2018, Pathologies of neural models make interpretations difficult, section 2",
             .reference = "AllenNLP's InputReduction, without its beam"},
    .cost = cost,
    .shortens = true,
    .run = run,
};
