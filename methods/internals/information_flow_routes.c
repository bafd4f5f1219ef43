/*
 * Information flow routes. Ferrando and Voita 2024, "Information Flow Routes: Automatically
 * Interpreting Language Models at Scale", section 2: a model as a graph whose nodes are token
 * states and whose edges are what residuals, attention heads and feed-forward layers carry between
 * them. An edge's importance is its vector's nearness to the sum that it is part of, max(0,
 * ‖y‖₁ − ‖y − z‖₁), as a share of all of that sum's terms. From the predicting
 * position down, edges of at most the threshold are dropped and the others share 1 again: what is
 * left are the routes, which end early at a node without an edge above the threshold. A node's
 * importance is what the routes bring to it: the sum over them of the product of their edges.
 * Reference: the authors' llm-transparency-tool (routes/contributions.py, routes/graph.py), which
 * keeps a residual and the attention to the same token as one edge and says which nodes are left,
 * not how important they are: here those with an importance above 0. Where edges are dropped, that
 * code divides by a sum over all positions, this one a position's edges by their own. In an
 * encoder-decoder vectors pass the norm after their sum as in ALTI+, and cross-attention leads from
 * the decoder's routes to the encoder's; a recurrence is an attention of one head. Where a block's
 * parts stand side by side, which that code does not read, its output is the sum after attention
 * and the feed-forward layer's term, whose edge leads to the block's input. What passes a norm on
 * its branch is its term behind that, the norm held at the row's statistics.
 */
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROWS 128 /* of one call: cancelling waits for it */

enum shown { SHOWN_NODES, SHOWN_ATTENTION, SHOWN_HEADS, SHOWN_FEED_FORWARD, SHOWN_TOKENS };
static const char *const outputs[] = {"nodes",        "attention", "heads",
                                      "feed_forward", "tokens",    NULL},
                         *const edges_of[] = {"heads", "tokens", NULL};

static const struct option_decl options[] = {
    {.name = "threshold",
     .type = OPTION_FLOAT,
     .default_value = "0.04",
     .minimum = 0,
     .maximum = 1,
     .help = "Edges of at most this importance are left out."},
    {.name = "edges",
     .type = OPTION_CHOICE,
     .default_value = "heads",
     .choices = edges_of,
     .help = "What an attention edge is: what one head moves from one token, or what all heads "
             "together move from it."},
    {.name = "renormalize",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "What is left of a node's edges shares 1 again; without it importance is lost at "
             "every threshold."},
    {.name = "output",
     .type = OPTION_CHOICE,
     .default_value = "nodes",
     .choices = outputs,
     .help = "nodes: importance of each token's state as each block reads it. attention: what "
             "attention carries from each token in each block (encoder-"
             "decoders: from the source by cross-attention); heads: the same head by head. "
             "feed_forward: what passes each token's feed-forward layer. tokens: only what "
             "reaches the embeddings."},
};

struct routes {
    struct method_run *g;
    struct forward *f;
    double threshold;
    bool per_head, renormalize;
    enum shown shown;
    double *rows;   /* [G, n] importance of the states at hand, of the stack at hand */
    double *source; /* [G, S] of the encoder's output */
    int64_t n_done; /* layers */
};

static bool is_shown(const struct routes *r, enum shown what) {
    return r->shown == what;
}

/* Adds to one number of the result, where that side has one. */
static void show(struct routes *r, bool source, int64_t row, int64_t c, int64_t place, double x) {
    struct scores *s = source ? &r->g->out->source_attributions : &r->g->out->target_attributions;
    if (s->data)
        s->data[(row * r->g->n_steps + c) * scores_cell(s) + place] += (float)x;
}

/* Nearness → importance: shares of 1, those of at most the threshold 0. */
static void prune(const struct routes *r, double *x, int64_t n) {
    double sum = 0, kept = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i];
    for (int64_t i = 0; i < n && sum > 0; i++) {
        x[i] = x[i] / sum > r->threshold ? x[i] / sum : 0;
        kept += x[i];
    }
    for (int64_t i = 0; i < n && r->renormalize && kept > 0; i++)
        x[i] /= kept;
}

/* --- edges ------------------------------------------------------------------------------- */

static int64_t heads_of(const struct routes *r, const struct attention_parts *p) {
    return r->per_head && !p->input ? p->n_heads : 1;
}

/* Of row i's sum: out [heads, keys], then the residual. */
static enum err_code attention_edges(const struct routes *r, const struct attention_parts *p,
                                     int64_t i, double *out, struct err *e) {
    const int64_t d = p->width, n = parts_keys(p, i), n_heads = heads_of(r, p);
    float *moved = malloc((size_t)(n * d) * sizeof *moved),
          *sum = mem_alloc((size_t)(3 * d) * sizeof *sum), *whole = sum + d, *residual = whole + d;
    enum err_code code =
        moved ? ERR_OK
              : err_set(e, ERR_NOMEM, "out of memory for what %lld tokens move", (long long)n);
    if (moved) {
        parts_sum(p, i, sum);
        parts_output(p, sum, whole);
    }
    const double length = norm_l1(whole, d);
    if (code)
        goto out;
    for (int64_t h = 0; h < n_heads; h++) {
        parts_moved(p, i, n_heads > 1 ? h : -1, moved);
        parts_norm_shares(p, sum, moved, n);
        for (int64_t j = 0; j < n; j++)
            out[h * n + j] = mixing_nearness(moved + j * d, whole, length, d);
        code = engine_go_on(r->g->ctl, e);
        if (code)
            goto out;
    }
out:
    memcpy(residual, p->residual + i * d, (size_t)d * sizeof *residual);
    parts_norm_shares(p, sum, residual, 1);
    out[n_heads * n] = mixing_nearness(residual, whole, length, d);
    prune(r, out, n_heads * n + 1);
    free(sum);
    free(moved);
    return code;
}

/* Row i's importance goes to the keys, to [G, n_to], and to the residual: to_residual [G, n] in row
 * i. */
static enum err_code follow_attention(struct routes *r, const struct attention_parts *p,
                                      int64_t layer, int64_t i, int64_t n, double *to, int64_t n_to,
                                      double *to_residual, struct err *e) {
    const int64_t n_keys = parts_keys(p, i), n_heads = heads_of(r, p),
                  n_cells = is_shown(r, SHOWN_HEADS) ? n_heads : 1;
    const bool shows = is_shown(r, SHOWN_ATTENTION) || is_shown(r, SHOWN_HEADS),
               encoder = !p->causal && !p->cross;
    double *edges = malloc((size_t)(n_heads * n_keys + 1) * sizeof *edges);
    enum err_code code = edges ? attention_edges(r, p, i, edges, e)
                               : err_set(e, ERR_NOMEM, "out of memory for the edges of one token");
    if (code)
        goto out;
    for (int64_t c = 0; c < r->g->n_steps; c++) {
        const double taken = r->rows[c * n + i];
        if (taken == 0)
            continue;
        for (int64_t h = 0; h < n_heads; h++)
            for (int64_t j = 0; j < n_keys; j++) {
                const double carried = taken * edges[h * n_keys + j];
                to[c * n_to + j] += carried;
                if (shows && !encoder && carried != 0)
                    show(r, p->cross, j, c, layer * n_cells + (n_cells > 1 ? h : 0), carried);
            }
        if (p->cross)
            to_residual[c * n + i] = taken * edges[n_heads * n_keys];
        else
            to_residual[c * n + i] += taken * edges[n_heads * n_keys];
    }
out:
    free(edges);
    return code;
}

static bool is_taken(const struct routes *r, int64_t n, int64_t i) {
    for (int64_t c = 0; c < r->g->n_steps; c++)
        if (r->rows[c * n + i] != 0)
            return true;
    return false;
}

/* Whether a stack's feed-forward layers read the block's input, not the sum before them. */
static bool stands_beside(const struct routes *r, enum model_stack stack) {
    const struct model_config *m = r->g->in->config;
    return (stack == STACK_ENCODER ? &m->encoder : &m->decoder)->join == JOIN_SIDE_BY_SIDE;
}

/* Feed-forward layers of n_chosen rows: importance of a block's output → of the sum after its
 * last attention, and to `input` of the block's input where that is what they read; both [G, n].
 * rooms [4, n_chosen, D]. */
static enum err_code follow_feed_forward(struct routes *r, const struct rollout_view *v, int64_t n,
                                         const int64_t *chosen, int64_t n_chosen, float *rooms,
                                         double *input, struct err *e) {
    const struct attention_parts *last = v->cross ? v->cross : v->self;
    const int64_t d = last->width, size = n_chosen * d;
    float *sums = rooms, *residual = rooms + size, *feed_forward = rooms + 2 * size,
          *whole = rooms + 3 * size;
    for (int64_t k = 0; k < n_chosen; k++)
        parts_sum(last, chosen[k], sums + k * d);
    enum err_code code = forward_rest_terms(r->f, v->stack, v->layer, chosen, sums, n_chosen,
                                            residual, feed_forward, whole, e);
    if (code)
        return code;
    for (int64_t k = 0; k < n_chosen; k++) {
        const double length = norm_l1(whole + k * d, d);
        double edges[2] = {mixing_nearness(residual + k * d, whole + k * d, length, d),
                           mixing_nearness(feed_forward + k * d, whole + k * d, length, d)};
        prune(r, edges, 2);
        for (int64_t c = 0; c < r->g->n_steps; c++) {
            double *taken = &r->rows[c * n + chosen[k]];
            if (is_shown(r, SHOWN_FEED_FORWARD) && *taken != 0)
                show(r, v->stack == STACK_ENCODER, chosen[k], c, v->layer, *taken * edges[1]);
            if (stands_beside(r, v->stack))
                input[c * n + chosen[k]] += *taken * edges[1];
            *taken *= stands_beside(r, v->stack) ? edges[0] : edges[0] + edges[1];
        }
    }
    return engine_go_on(r->g->ctl, e);
}

static enum err_code follow_all_feed_forward(struct routes *r, const struct rollout_view *v,
                                             int64_t n, double *input, struct err *e) {
    int64_t chosen[MOST_ROWS], n_chosen = 0;
    float *rooms = malloc((size_t)(4 * MOST_ROWS * v->self->width) * sizeof *rooms);
    enum err_code code =
        rooms ? ERR_OK
              : err_set(e, ERR_NOMEM, "out of memory for the terms of %d states", MOST_ROWS);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        if (is_taken(r, n, i))
            chosen[n_chosen++] = i;
        if (n_chosen && (n_chosen == MOST_ROWS || i + 1 == n)) {
            code = follow_feed_forward(r, v, n, chosen, n_chosen, rooms, input, e);
            n_chosen = 0;
        }
        if (code)
            goto out;
    }
out:
    free(rooms);
    return code;
}

/* --- layers, from the last --------------------------------------------------------------- */

/* r->rows: importance of a block's output → of its input. */
static enum err_code one_layer(struct routes *r, enum model_stack stack, int64_t layer, int64_t n,
                               struct err *e) {
    const struct rollout_method whole_parts = {0};
    struct attention_parts parts[2];
    struct rollout_view v;
    double *next = mem_alloc((size_t)(r->g->n_steps * n) * sizeof *next);
    enum err_code code = rollout_open(&v, &whole_parts, r->g, r->f, stack, layer, parts, e);
    if (code)
        goto out;
    code = follow_all_feed_forward(r, &v, n, next, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        if (!is_taken(r, n, i))
            continue;
        if (v.cross)
            code = follow_attention(r, v.cross, layer, i, n, r->source, r->g->in->n_source, r->rows,
                                    e);
        if (code)
            goto out;
        code = follow_attention(r, v.self, layer, i, n, next, n, next, e);
        if (code)
            goto out;
    }
out:
    rollout_close(parts);
    memcpy(r->rows, next, (size_t)(r->g->n_steps * n) * sizeof *next);
    free(next);
    return code;
}

static enum err_code one_stack(struct routes *r, enum model_stack stack, int64_t n, struct err *e) {
    const struct model_config *m = r->g->in->config;
    const bool source = stack == STACK_ENCODER;
    for (int64_t layer = (source ? m->encoder_sizes.n_layers : m->n_layers) - 1; layer >= 0;
         layer--) {
        enum err_code code = one_layer(r, stack, layer, n, e);
        run_progress(r->g->ctl, "attributing", ++r->n_done,
                     m->n_layers + (m->encoder_decoder ? m->encoder_sizes.n_layers : 0));
        if (code)
            return code;
        if (!is_shown(r, SHOWN_NODES) && !(is_shown(r, SHOWN_TOKENS) && layer == 0))
            continue;
        for (int64_t c = 0; c < r->g->n_steps; c++)
            for (int64_t row = 0; row < (source ? n : engine_row(r->g, c) + 1); row++)
                show(r, source, row, c, layer, r->rows[c * n + row]);
    }
    return ERR_OK;
}

static enum err_code follow(struct method_run *g, struct forward *f, void *user, struct err *e) {
    struct routes *r = user;
    const int64_t n = g->in->end - 1, n_source = g->in->n_source;
    double *decoder = mem_alloc((size_t)(g->n_steps * n) * sizeof *decoder),
           *encoder = mem_alloc((size_t)(g->n_steps * n_source) * sizeof *encoder);
    r->f = f;
    r->rows = decoder;
    r->source = encoder;
    for (int64_t c = 0; c < g->n_steps; c++)
        decoder[c * n + engine_row(g, c)] = 1;
    enum err_code code = one_stack(r, STACK_DECODER, n, e);
    if (code || !g->in->config->encoder_decoder)
        goto out;
    r->rows = encoder;
    r->source = NULL;
    code = one_stack(r, STACK_ENCODER, n_source, e);
out:
    free(decoder);
    free(encoder);
    return code;
}

/* --- around them ------------------------------------------------------------------------- */

/* One side's scores [rows, G, …]: 0 where a column sees the row, else NaN. */
static bool shape_side(const struct routes *r, struct scores *s, int64_t rows, int64_t n_layers,
                       bool causal) {
    const struct method_run *g = r->g;
    const int n_trailing = !is_shown(r, SHOWN_TOKENS) + is_shown(r, SHOWN_HEADS);
    if (!scores_init(s, 2 + n_trailing,
                     (int64_t[]){rows, g->n_steps, n_layers, g->in->config->n_heads}, NAN))
        return false;
    const int64_t cell = scores_cell(s);
    for (int64_t c = 0; c < g->n_steps; c++)
        for (int64_t row = 0; row < (causal ? engine_row(g, c) + 1 : rows); row++)
            memset(s->data + (row * g->n_steps + c) * cell, 0, (size_t)cell * sizeof *s->data);
    return true;
}

/* Both sides of a result have as many layers: those that a shorter stack has not stay 0. */
static enum err_code shape(const struct routes *r, struct err *e) {
    const struct method_input *in = r->g->in;
    const struct model_config *m = in->config;
    const bool of_decoder =
                   !m->encoder_decoder || is_shown(r, SHOWN_ATTENTION) || is_shown(r, SHOWN_HEADS),
               two = m->encoder_decoder && in->attribute_target;
    int64_t n_layers = of_decoder ? m->n_layers : m->encoder_sizes.n_layers;
    n_layers = two && m->n_layers > n_layers ? m->n_layers : n_layers;
    bool good = !m->encoder_decoder ||
                shape_side(r, &r->g->out->source_attributions, in->n_source, n_layers, false);
    if (good && (!m->encoder_decoder || two))
        good = shape_side(r, &r->g->out->target_attributions, in->end, n_layers, true);
    return good ? ERR_OK
                : err_set(e, ERR_NOMEM,
                          "out of memory for the scores of %lld steps; attribute fewer "
                          "(--start_pos, --end_pos)",
                          (long long)r->g->n_steps);
}

static enum err_code run_open(struct routes *r, struct err *e) {
    enum err_code code = shape(r, e);
    if (code)
        return code;
    r->g->own_progress = true;
    return engine_look(r->g, &(struct forward_input){.keep_states = true}, follow, r, e);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const struct option_set *o = in->options;
    struct method_run g;
    struct routes r = {.g = &g,
                       .threshold = option_float(o, "threshold"),
                       .per_head = strcmp(option_text(o, "edges"), "heads") == 0,
                       .renormalize = option_bool(o, "renormalize")};
    while (strcmp(outputs[r.shown], option_text(o, "output")) != 0)
        r.shown++;
    out->class = is_shown(&r, SHOWN_TOKENS) ? ATTRIBUTION_COARSE : ATTRIBUTION_MULTI_DIMENSIONAL;
    if (is_shown(&r, SHOWN_HEADS) && !r.per_head)
        return err_set(e, ERR_USAGE,
                       "information_flow_routes: heads can be shown only where edges are those of "
                       "heads; leave out edges or ask for output "
                       "attention");
    if (is_shown(&r, SHOWN_HEADS) && !plan_has(&in->config->decoder, PART_ATTENTION) &&
        in->attribute_target)
        return err_set(e, ERR_UNSUPPORTED,
                       "information_flow_routes: this model's decoder is recurrent and has no "
                       "heads; ask for output attention");
    enum err_code code = engine_open(&g, out, in, ctl, e);
    if (code)
        goto out;
    code = run_open(&r, e);
out:
    engine_close(&g);
    return code;
}

/* Every pair of a row and a key once for each head, and every row through its feed-forward
 * layer. */
static void cost(struct cost *c, const struct cost_input *in) {
    const struct model_config *m = in->config;
    const double s = (double)in->n_source, t = (double)in->n_target, d = (double)m->n_width;
    const double layers = (double)m->n_layers, encoder_layers = (double)m->encoder_sizes.n_layers;
    const double heads =
        strcmp(option_text(in->options, "edges"), "heads") == 0 ? (double)m->n_heads : 1;
    const char *output = option_text(in->options, "output");
    int64_t cell = m->n_layers;
    if (strcmp(output, "tokens") == 0)
        cell = 1;
    else if (strcmp(output, "heads") == 0)
        cell *= m->n_heads;
    mixing_cost(c, in, MIXING_ALL_SHARES, cell);
    c->operations += 4 * d * heads * (layers * t * (t / 2 + s) + encoder_layers * s * s);
    c->operations +=
        6 * d *
        (layers * t * (double)m->n_ffn + encoder_layers * s * (double)m->encoder_sizes.n_ffn);
}

const struct method method_information_flow_routes = {
    .decl = {.id = "information_flow_routes",
             .title = "Information flow routes",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "The paths by which information reaches the predicting position: of every "
                        "sum in the model, the terms near enough to it, max(0, ‖y‖₁ − "
                        "‖y − z‖₁) as a share of 1 above the threshold, followed down to "
                        "the tokens. A node's importance is the sum over its routes of the "
                        "product of their edges.",
             .paper = "Ferrando and Voita 2024, Information Flow Routes: Automatically "
                      "Interpreting Language Models at Scale, section 2",
             .reference = "the authors' llm-transparency-tool, whose graph these are the nodes of, "
                          "but that the edges which are left to a position share 1 among "
                          "themselves, where its renormalisation sums over all positions, and that "
                          "the edge of a feed-forward layer beside attention leads to the block's "
                          "input; not in Inseq"},
    .run = run,
    .cost = cost,
};
