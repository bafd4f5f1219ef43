/*
 * Attention flow. Abnar and Zuidema 2020, "Quantifying attention flow in Transformers", section 3:
 * the attention matrices of all layers, mixed with residuals as in rollout, are the capacities of a
 * graph from the predicting position at the top to the tokens at the bottom; a token's score is the
 * maximum flow to it. Reference: the authors' attention_flow repository, whose code divides the
 * flows of a position by their sum: normalise_rows. Maximum flows by Dinitz 1970: blocking flows in
 * graphs of shortest ways.
 */
#include "methods/engine/mixing.h"
#include "methods/internals/attention_mix.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option_decl options[] = {
    ATTENTION_MIX_OPTIONS,
    {.name = "normalise_rows",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Divide the flows of each predicting position by their sum, as the authors' code "
             "does."},
};

#define LEAST 1e-12 /* of a capacity that is left */

/* Edges in pairs: e and its reverse e ^ 1. */
struct graph {
    int64_t n_nodes, n_edges, capacity;
    int64_t *to, *next;                        /* [n_edges] */
    double *room, *whole;                      /* [n_edges]: what is left, what there was */
    int64_t *first, *level, *at, *queue, *way; /* [n_nodes] */
};

static void add_edge(struct graph *g, int64_t from, int64_t to, double capacity) {
    if (capacity <= LEAST)
        return;
    if (g->n_edges + 2 > g->capacity) {
        g->capacity = 2 * g->capacity + 1024;
        g->to = mem_resize(g->to, (size_t)g->capacity * sizeof *g->to);
        g->next = mem_resize(g->next, (size_t)g->capacity * sizeof *g->next);
        g->room = mem_resize(g->room, (size_t)g->capacity * sizeof *g->room);
        g->whole = mem_resize(g->whole, (size_t)g->capacity * sizeof *g->whole);
    }
    const int64_t ends[2] = {from, to};
    for (int i = 0; i < 2; i++) {
        g->to[g->n_edges] = ends[1 - i];
        g->whole[g->n_edges] = i == 0 ? capacity : 0;
        g->next[g->n_edges] = g->first[ends[i]];
        g->first[ends[i]] = g->n_edges++;
    }
}

static void graph_init(struct graph *g, int64_t n_nodes) {
    *g = (struct graph){.n_nodes = n_nodes};
    int64_t **arrays[] = {&g->first, &g->level, &g->at, &g->queue, &g->way};
    for (int i = 0; i < 5; i++)
        *arrays[i] = mem_alloc((size_t)n_nodes * sizeof **arrays[i]);
    for (int64_t i = 0; i < n_nodes; i++)
        g->first[i] = -1;
}

static void graph_dispose(struct graph *g) {
    int64_t *arrays[] = {g->to, g->next, g->first, g->level, g->at, g->queue, g->way};
    for (int i = 0; i < 7; i++)
        free(arrays[i]);
    free(g->room);
    free(g->whole);
}

/* Distances from `from` along edges with room; whether `to` is reached. */
static bool find_levels(struct graph *g, int64_t from, int64_t to) {
    int64_t n = 0;
    for (int64_t i = 0; i < g->n_nodes; i++)
        g->level[i] = -1;
    g->level[from] = 0;
    g->queue[n++] = from;
    for (int64_t i = 0; i < n && g->level[to] < 0; i++)
        for (int64_t e = g->first[g->queue[i]]; e >= 0; e = g->next[e])
            if (g->room[e] > LEAST && g->level[g->to[e]] < 0) {
                g->level[g->to[e]] = g->level[g->queue[i]] + 1;
                g->queue[n++] = g->to[e];
            }
    return g->level[to] >= 0;
}

/* One way down the levels, filled to its narrowest edge; 0 when there is none. way[d] is its edge
 * at depth d. */
static double push(struct graph *g, int64_t from, int64_t to) {
    int64_t depth = 0, node = from;
    while (node != to) {
        int64_t *e = &g->at[node];
        while (*e >= 0 && !(g->room[*e] > LEAST && g->level[g->to[*e]] == depth + 1))
            *e = g->next[*e];
        if (*e >= 0) {
            g->way[depth++] = *e;
            node = g->to[*e];
        } else if (depth == 0) {
            return 0;
        } else { /* a dead end: its edge is not tried again */
            node = g->to[g->way[--depth] ^ 1];
            g->at[node] = g->next[g->at[node]];
        }
    }
    double least = INFINITY;
    for (int64_t i = 0; i < depth; i++)
        least = fmin(least, g->room[g->way[i]]);
    for (int64_t i = 0; i < depth; i++) {
        g->room[g->way[i]] -= least;
        g->room[g->way[i] ^ 1] += least;
    }
    return least;
}

static enum err_code maximum_flow(struct graph *g, int64_t from, int64_t to, double *flow,
                                  const struct run_ctl *ctl, struct err *e) {
    *flow = 0;
    memcpy(g->room, g->whole, (size_t)g->n_edges * sizeof *g->room);
    while (find_levels(g, from, to)) {
        memcpy(g->at, g->first, (size_t)g->n_nodes * sizeof *g->at);
        for (double more; (more = push(g, from, to)) > 0;)
            *flow += more;
        enum err_code code = engine_go_on(ctl, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* --- the model's graph: the decoder's layers, tokens first, then the encoder's --- */

static enum err_code add_layer(struct graph *to, const struct rollout_view *v, int64_t base,
                               int64_t n, int64_t memory, struct err *e) {
    const int64_t n_source = v->g->in->n_source;
    float *own = mem_alloc((size_t)n * sizeof *own),
          *source = mem_alloc((size_t)n_source * sizeof *source);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n; i++) {
        code = attention_mix_row(v, i, own, v->cross ? source : NULL, e);
        if (code)
            goto out;
        for (int64_t j = 0; j < parts_keys(v->self, i); j++)
            add_edge(to, base + (v->layer + 1) * n + i, base + v->layer * n + j, own[j]);
        for (int64_t j = 0; v->cross && j < n_source; j++)
            add_edge(to, base + (v->layer + 1) * n + i, memory + j, source[j]);
    }
    code = engine_go_on(v->g->ctl, e);
out:
    free(source);
    free(own);
    return code;
}

static enum err_code add_stack(struct graph *to, struct method_run *g, struct forward *f,
                               struct attention_mix *mix, enum model_stack stack, int64_t base,
                               int64_t n, int64_t memory, struct err *e) {
    const struct model_config *c = g->in->config;
    const int64_t n_layers = stack == STACK_ENCODER ? c->encoder_sizes.n_layers : c->n_layers;
    struct rollout_method m = {.row = attention_mix_row, .user = mix, .weights_only = true};
    enum err_code code = ERR_OK;
    for (int64_t layer = 0; layer < n_layers; layer++) {
        struct attention_parts parts[2];
        struct rollout_view v;
        code = rollout_open(&v, &m, g, f, stack, layer, parts, e);
        if (!code)
            code = add_layer(to, &v, base, n, memory, e);
        rollout_close(parts);
        if (code)
            return code;
    }
    return code;
}

/* Both sides' flows of a column sum to 1. */
static void normalise_column(struct scores *const sides[2], const int64_t rows[2], int64_t n_steps,
                             int64_t c) {
    double sum = 0;
    for (int side = 0; side < 2; side++)
        for (int64_t j = 0; j < rows[side] && sides[side]->data; j++)
            sum += sides[side]->data[j * n_steps + c];
    for (int side = 0; side < 2; side++)
        for (int64_t j = 0; j < rows[side] && sides[side]->data && sum > 0; j++)
            sides[side]->data[j * n_steps + c] = (float)(sides[side]->data[j * n_steps + c] / sum);
}

static enum err_code one_column(struct method_run *g, struct graph *graph, int64_t c,
                                int64_t encoder, struct err *e) {
    const int64_t n = g->in->end - 1, from = g->in->config->n_layers * n + engine_row(g, c);
    struct scores *sides[2] = {&g->out->target_attributions, &g->out->source_attributions};
    const int64_t rows[2] = {engine_row(g, c) + 1, g->in->n_source}, bases[2] = {0, encoder};
    for (int side = 0; side < 2; side++)
        for (int64_t j = 0; j < rows[side] && sides[side]->data; j++) {
            double flow;
            enum err_code code = maximum_flow(graph, from, bases[side] + j, &flow, g->ctl, e);
            if (code)
                return code;
            sides[side]->data[j * g->n_steps + c] = (float)flow;
        }
    if (option_bool(g->in->options, "normalise_rows"))
        normalise_column(sides, rows, g->n_steps, c);
    return ERR_OK;
}

static enum err_code fill(struct method_run *g, struct forward *f, void *user, struct err *e) {
    const struct model_config *c = g->in->config;
    const int64_t n = g->in->end - 1, n_source = g->in->n_source, encoder = (c->n_layers + 1) * n;
    struct graph graph;
    graph_init(&graph, encoder + (c->encoder_sizes.n_layers + 1) * n_source);
    enum err_code code = add_stack(&graph, g, f, user, STACK_DECODER, 0, n,
                                   encoder + c->encoder_sizes.n_layers * n_source, e);
    if (code)
        goto out;
    if (c->encoder_decoder)
        code = add_stack(&graph, g, f, user, STACK_ENCODER, encoder, n_source, 0, e);
    if (code)
        goto out;
    for (int64_t column = 0; column < g->n_steps; column++) {
        code = one_column(g, &graph, column, encoder, e);
        if (code)
            goto out;
        engine_publish(g, column);
    }
out:
    graph_dispose(&graph);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct attention_mix mix;
    enum err_code code = attention_mix_read(&mix, in, "attention_flow", e);
    if (code)
        return code;
    return mixing_tokens(out, in, fill, &mix, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_WEIGHTS, 1);
    /* A maximum flow for each column and token, through a graph with an edge for every pair of
     * every layer. */
    c->operations += (double)(in->n_steps * cost_rows(in) * in->config->n_layers) *
                     (double)(in->n_target * in->n_target);
    c->bytes += 32.0 * (double)in->config->n_layers * (double)(in->n_target * in->n_target);
}

const struct method method_attention_flow = {
    .decl = {.id = "attention_flow",
             .title = "Attention flow",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "The maximum flow from the predicting position at the top of the model to "
                        "each token, through edges with capacities ½A + ½I. Slow for long texts.",
             .paper =
                 "Abnar and Zuidema 2020, Quantifying attention flow in Transformers, section 3",
             .reference =
                 "the authors' attention_flow, whose code divides a position's flows by their "
                 "sum (normalise_rows); not in Inseq"},
    .run = run,
    .cost = cost,
};
