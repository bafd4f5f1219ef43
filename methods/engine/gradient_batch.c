#include "methods/engine/gradient_batch.h"

#include "methods/engine/batch.h"

#include <stdlib.h>

/* Of one sequence: its gradient takes as much again as its forward keeps. */
static int64_t bytes_of(int64_t forward, int64_t rows, int64_t width, int64_t n_row) {
    return 2 * forward + (2 * rows * width + 2 * n_row) * (int64_t)sizeof(float);
}

static int64_t width_of(const struct perturb *p, int64_t layer) {
    return layer < 0 ? p->width : p->engine.in->config->n_width;
}

int64_t gradient_batch_fit(const struct perturb *p, int64_t layer, int64_t n_source,
                           int64_t n_target, int64_t most) {
    const struct method_input *in = p->engine.in;
    const int64_t rows = n_source + n_target,
                  forward = model_forward_bytes(in->model, 1, n_source, n_target, true);
    return engine_batch(in->memory_budget, rows,
                        bytes_of(forward, rows, width_of(p, layer), p->n_row), most, true);
}

void gradient_batch_cost(struct cost *c, const struct cost_input *in, int64_t width, double n) {
    const struct model_config *m = in->config;
    const int64_t rows = in->n_source + in->n_target,
                  forward = model_config_forward_bytes(m, in->element_bytes, 1, in->n_source,
                                                       in->n_target, true),
                  bytes = bytes_of(forward, rows, width, m->n_vocab);
    const double most = (double)engine_batch(in->memory_budget, rows, bytes, INT64_MAX, true),
                 batch = n < most ? n : most;
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch);
}

enum err_code gradient_batch_open(struct gradient_batch *b, const struct perturb *p, int64_t layer,
                                  int64_t n, int64_t n_source, int64_t n_target, bool whole,
                                  struct err *e) {
    const bool moves[2] = {p->source.moves, p->target.moves};
    *b = (struct gradient_batch){
        .length = {n_source, n_target}, .layer = layer, .width = width_of(p, layer)};
    b->at = malloc((size_t)n * sizeof *b->at);
    b->logits = malloc((size_t)(n * p->n_row) * sizeof *b->logits);
    b->d_logits = malloc((size_t)(n * p->n_row) * sizeof *b->d_logits);
    bool good = b->at && b->logits && b->d_logits;
    for (int i = 0; i < 2; i++) {
        const size_t size = (size_t)(n * b->length[i] * b->width) * sizeof(float);
        if (size && (moves[i] || whole))
            good = (b->x[i] = malloc(size)) && good;
        if (size && moves[i])
            good = (b->gradient[i] = malloc(size)) && good;
    }
    return good ? ERR_OK : perturb_no_memory(e);
}

void gradient_batch_dispose(struct gradient_batch *b) {
    for (int i = 0; i < 2; i++) {
        free(b->x[i]);
        free(b->gradient[i]);
    }
    free(b->at);
    free(b->logits);
    free(b->d_logits);
    *b = (struct gradient_batch){0};
}

/* Where x stands in a forward: at the embeddings, or as the outputs of one layer. */
struct entrance {
    struct model_site sites[2];
    struct site_values given[2];
    float *gradients[2];
    int64_t n; /* sites */
};

static struct entrance entrance_of(const struct gradient_batch *b) {
    struct entrance in = {.n = 0};
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER && b->layer >= 0; stack++)
        if (b->x[stack]) {
            in.sites[in.n] = (struct model_site){stack, MODULE_BLOCK, b->layer};
            in.given[in.n] = (struct site_values){in.sites[in.n], b->x[stack]};
            in.gradients[in.n++] = b->gradient[stack];
        }
    return in;
}

enum err_code gradient_batch_run(struct gradient_batch *b, int64_t n, const struct perturb *p,
                                 gradient_visit visit, void *user, int64_t *n_back, struct err *e) {
    const struct run_ctl *ctl = p->engine.ctl;
    const struct entrance at = entrance_of(b);
    const struct forward_input input = {.n_batch = n,
                                        .source_ids = p->source.ids,
                                        .n_source = b->length[STACK_ENCODER],
                                        .source_embeddings = at.n ? NULL : b->x[STACK_ENCODER],
                                        .target_ids = p->target.ids,
                                        .n_target = b->length[STACK_DECODER],
                                        .target_embeddings = at.n ? NULL : b->x[STACK_DECODER],
                                        .sites = at.sites,
                                        .n_sites = at.n,
                                        .given = at.given,
                                        .n_given = at.n,
                                        .keep_gradient = true};
    struct forward *f = NULL;
    *n_back = 0;
    enum err_code code = model_forward(&f, p->engine.in->model, &input, ctl, e);
    if (code)
        goto out;
    code = forward_logits(f, b->at, n, b->logits, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n; i++) {
        bool wanted = true;
        code =
            visit(user, i, b->logits + i * p->n_row, b->d_logits + *n_back * p->n_row, &wanted, e);
        if (code)
            goto out;
        if (wanted)
            b->at[(*n_back)++] = b->at[i];
    }
    if (*n_back)
        code = forward_vjp(f,
                           &(struct vjp_request){.at = b->at,
                                                 .n = *n_back,
                                                 .d_logits = b->d_logits,
                                                 .source = b->gradient[STACK_ENCODER],
                                                 .target = b->gradient[STACK_DECODER],
                                                 .sites = at.n ? at.gradients : NULL},
                           ctl, e);
    if (code)
        goto out;
    code = engine_go_on(ctl, e);
out:
    forward_free(f);
    return code;
}
