#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double mixing_nearness(const float *share, const float *y, double whole, int64_t width) {
    double distance = 0;
    for (int64_t k = 0; k < width; k++)
        distance += fabs((double)y[k] - share[k]);
    return distance < whole ? whole - distance : 0;
}

void mixing_proximity(const float *shares, int64_t n, const float *y, int64_t width, float *out) {
    const double whole = norm_l1(y, width);
    double sum = 0;
    for (int64_t j = 0; j < n; j++) {
        out[j] = (float)mixing_nearness(shares + j * width, y, whole, width);
        sum += out[j];
    }
    for (int64_t j = 0; j < n && sum > 0; j++)
        out[j] = (float)(out[j] / sum);
}

enum err_code mixing_block_shares(const struct rollout_view *v, int64_t i, bool feed_forward,
                                  float *own, float *source, struct err *e) {
    const struct attention_parts *self = v->self, *cross = v->cross;
    const int64_t d = self->width, n_own = parts_keys(self, i), n_source = cross ? cross->n_key : 0,
                  n = n_own + n_source;
    float *shares = malloc((size_t)((n + 1) * d) * sizeof *shares),
          *passed = malloc((size_t)((n + 1) * d) * sizeof *passed);
    float *sum = mem_alloc((size_t)d * sizeof *sum);
    enum err_code code =
        shares && passed
            ? ERR_OK
            : err_set(e, ERR_NOMEM, "out of memory for the %lld shares of one token", (long long)n);
    if (code)
        goto out;
    parts_sum(self, i, sum);
    parts_shares(self, i, shares);
    if (cross) {
        parts_norm_shares(self, sum, shares, n_own);
        parts_sum(cross, i, sum);
        parts_moved(cross, i, -1, shares + n_own * d);
    }
    code = forward_share_rest(v->f, v->stack, v->layer, i, sum, shares, n, feed_forward, passed, e);
    if (code)
        goto out;
    memcpy(own, passed, (size_t)(n_own * d) * sizeof *own);
    if (source && n_source)
        memcpy(source, passed + n_own * d, (size_t)(n_source * d) * sizeof *source);
out:
    free(sum);
    free(passed);
    free(shares);
    return code;
}

/* --- one layer's parts --- */

static enum err_code weights_alone(struct attention_parts *p, const struct method_run *g,
                                   struct forward *f, enum attention_kind kind, int64_t layer,
                                   struct err *e) {
    const struct model_config *c = g->in->config;
    const int64_t source = g->in->n_source, target = g->in->end - 1;
    *p = (struct attention_parts){
        .n_heads = kind == ATTENTION_ENCODER_SELF ? c->encoder_sizes.n_heads : c->n_heads,
        .width = c->n_width,
        .n_query = kind == ATTENTION_ENCODER_SELF ? source : target,
        .n_key = kind == ATTENTION_DECODER_SELF ? target : source,
        .causal = kind == ATTENTION_DECODER_SELF,
        .cross = kind == ATTENTION_CROSS};
    p->weights = malloc((size_t)(p->n_heads * p->n_query * p->n_key) * sizeof *p->weights);
    return p->weights ? forward_attentions(f, kind, layer, 0, p->n_query, p->weights, e)
                      : err_set(e, ERR_NOMEM, "out of memory for one layer's attention weights");
}

enum err_code rollout_open(struct rollout_view *v, const struct rollout_method *m,
                           struct method_run *g, struct forward *f, enum model_stack stack,
                           int64_t layer, struct attention_parts parts[2], struct err *e) {
    const bool decoder = stack == STACK_DECODER;
    const int n = decoder && g->in->config->encoder_decoder ? 2 : 1;
    const enum attention_kind kinds[2] = {decoder ? ATTENTION_DECODER_SELF : ATTENTION_ENCODER_SELF,
                                          ATTENTION_CROSS};
    enum err_code code = ERR_OK;
    memset(parts, 0, 2 * sizeof *parts);
    for (int k = 0; k < n; k++) {
        code = m->weights_only ? weights_alone(&parts[k], g, f, kinds[k], layer, e)
                               : forward_attention_parts(f, kinds[k], layer, &parts[k], e);
        if (code)
            goto out;
    }
out:
    *v = (struct rollout_view){g, f, stack, layer, &parts[0], n == 2 ? &parts[1] : NULL, m->user};
    return code;
}

void rollout_close(struct attention_parts parts[2]) {
    for (int k = 0; k < 2; k++)
        attention_parts_dispose(&parts[k]);
}

/* --- the product --- */

struct product {
    const struct rollout_method *m;
    double *rows;   /* [G, n]: what each column takes from the rows of the stack at hand */
    double *source; /* [G, S]; NULL: the stack at hand is the encoder */
    double *other;  /* [G, n_other] what each column takes from the other stack */
    int64_t n, n_other;
};

static void share_columns(const struct product *p, int64_t n_steps) {
    for (int64_t c = 0; c < n_steps; c++) {
        double *rows = p->rows + c * p->n, *other = p->other + c * p->n_other, sum = 0;
        for (int64_t j = 0; j < p->n; j++)
            sum += rows[j];
        for (int64_t j = 0; j < p->n_other; j++)
            sum += other[j];
        for (int64_t j = 0; j < p->n && sum > 0; j++)
            rows[j] /= sum;
        for (int64_t j = 0; j < p->n_other && sum > 0; j++)
            other[j] /= sum;
    }
}

static bool is_taken(const double *rows, int64_t n_steps, int64_t n, int64_t i) {
    for (int64_t c = 0; c < n_steps; c++)
        if (rows[c * n + i] != 0)
            return true;
    return false;
}

/* rows of a layer's output → rows of its input. */
static enum err_code one_layer(struct method_run *g, struct forward *f, struct product *p,
                               enum model_stack stack, int64_t layer, int64_t n, struct err *e) {
    struct attention_parts parts[2];
    struct rollout_view v;
    const int64_t n_source = g->in->n_source;
    double *next = mem_alloc((size_t)(g->n_steps * n) * sizeof *next);
    float *own = mem_alloc((size_t)n * sizeof *own),
          *source = mem_alloc((size_t)n_source * sizeof *source);
    enum err_code code = rollout_open(&v, p->m, g, f, stack, layer, parts, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        if (!is_taken(p->rows, g->n_steps, n, i))
            continue;
        memset(own, 0, (size_t)n * sizeof *own);
        memset(source, 0, (size_t)n_source * sizeof *source);
        code = p->m->row(&v, i, own, v.cross ? source : NULL, e);
        if (code)
            goto out;
        for (int64_t c = 0; c < g->n_steps; c++) {
            const double taken = p->rows[c * n + i];
            for (int64_t j = 0; j < n && taken != 0; j++)
                next[c * n + j] += taken * own[j];
            for (int64_t j = 0; j < n_source && taken != 0 && v.cross; j++)
                p->source[c * n_source + j] += taken * source[j];
        }
        code = engine_go_on(g->ctl, e);
        if (code)
            goto out;
    }
out:
    rollout_close(parts);
    free(source);
    free(own);
    memcpy(p->rows, next, (size_t)(g->n_steps * n) * sizeof *next);
    free(next);
    if (p->m->share_columns)
        share_columns(p, g->n_steps);
    return code;
}

static enum err_code one_stack(struct method_run *g, struct forward *f, struct product *p,
                               enum model_stack stack, int64_t n_rows, int64_t *n_done,
                               struct err *e) {
    const struct model_config *c = g->in->config;
    enum err_code code = ERR_OK;
    for (int64_t layer = (stack == STACK_ENCODER ? c->encoder_sizes.n_layers : c->n_layers) - 1;
         layer >= 0; layer--) {
        code = one_layer(g, f, p, stack, layer, n_rows, e);
        run_progress(g->ctl, "attributing", ++*n_done,
                     c->n_layers + (c->encoder_decoder ? c->encoder_sizes.n_layers : 0));
        if (code)
            return code;
    }
    return code;
}

static void take(struct scores *to, const double *rows, int64_t n, int64_t c, int64_t n_seen) {
    for (int64_t j = 0; j < n_seen && to->data; j++)
        to->data[j * to->dims[1] + c] = (float)rows[c * n + j];
}

static enum err_code fill_product(struct method_run *g, struct forward *f, void *user,
                                  struct err *e) {
    const int64_t n = g->in->end - 1, n_source = g->in->n_source, n_steps = g->n_steps;
    double *decoder = mem_alloc((size_t)(n_steps * n) * sizeof *decoder),
           *encoder = mem_alloc((size_t)(n_steps * n_source) * sizeof *encoder);
    struct product p = {.m = user,
                        .rows = decoder,
                        .source = encoder,
                        .other = encoder,
                        .n = n,
                        .n_other = n_source};
    int64_t n_done = 0;
    for (int64_t c = 0; c < n_steps; c++)
        decoder[c * n + engine_row(g, c)] = 1;
    enum err_code code = one_stack(g, f, &p, STACK_DECODER, n, &n_done, e);
    if (code)
        goto out;
    p = (struct product){.m = user, .rows = encoder, .other = decoder, .n = n_source, .n_other = n};
    if (g->in->config->encoder_decoder)
        code = one_stack(g, f, &p, STACK_ENCODER, n_source, &n_done, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < n_steps; c++) {
        take(&g->out->target_attributions, decoder, n, c, engine_row(g, c) + 1);
        take(&g->out->source_attributions, encoder, n_source, c, n_source);
    }
out:
    free(decoder);
    free(encoder);
    return code;
}

/* --- around it --- */

enum err_code mixing_tokens(struct attribution_sequence *out, const struct method_input *in,
                            engine_fill fill, void *user, const struct run_ctl *ctl,
                            struct err *e) {
    struct method_run g;
    out->class = ATTRIBUTION_COARSE;
    enum err_code code = engine_open(&g, out, in, ctl, e);
    if (code)
        goto out;
    code = engine_shape(&g, 0, &(int64_t){0}, e);
    if (code)
        goto out;
    code = engine_look(&g, &(struct forward_input){.keep_states = true}, fill, user, e);
out:
    engine_close(&g);
    return code;
}

enum err_code mixing_rollout(struct attribution_sequence *out, const struct method_input *in,
                             const struct rollout_method *m, const struct run_ctl *ctl,
                             struct err *e) {
    return mixing_tokens(out, in, fill_product, (void *)(uintptr_t)m, ctl, e);
}
