#include "methods/perturbation/bottleneck_inputs.h"

#include "backend/base/mem.h"
#include "methods/random.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_VARIANCE 1e-10
#define EMBED_AT_ONCE 1024
/* Keeps the draws of reference texts apart from those of the noise. */
#define REFERENCES UINT64_MAX

int64_t bottleneck_width(const struct option_set *options, const struct model_config *config) {
    const bool embedded = strcmp(option_text(options, "layer"), "null") == 0;
    return embedded ? model_config_embedding_width(config) : config->n_width;
}

enum err_code bottleneck_read_layer(struct bottleneck_inputs *b, const struct method_input *in,
                                    struct err *e) {
    const struct model_config *m = in->config;
    int64_t n = m->encoder_decoder ? m->encoder_sizes.n_layers : m->n_layers;
    n = m->encoder_decoder && in->attribute_target && m->n_layers < n ? m->n_layers : n;
    cJSON *v = cJSON_Parse(option_text(in->options, "layer"));
    const double x = cJSON_IsNumber(v) ? v->valuedouble : 0;
    const bool good =
        cJSON_IsNull(v) || (cJSON_IsNumber(v) && x >= (double)-n && x < (double)n && x == floor(x));
    b->layer = -1;
    b->width = bottleneck_width(in->options, m);
    if (good && cJSON_IsNumber(v))
        b->layer = x < 0 ? (int64_t)x + n : (int64_t)x;
    cJSON_Delete(v);
    if (good)
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "information_bottleneck: option \"layer\" is a block from 0 to %lld%s, "
                   "or null for the embeddings",
                   (long long)n - 1,
                   m->encoder_decoder && in->attribute_target ? ", which both stacks have" : "");
}

/* Attributed rows of a side that column c sees. */
static int64_t rows_of(const struct bottleneck_inputs *b, enum model_stack stack, int64_t c) {
    if (!bottleneck_side(b, stack)->moves)
        return 0;
    return stack == STACK_ENCODER ? b->p->source.n : b->p->engine.in->start + c;
}

int64_t bottleneck_entries(const struct bottleneck_inputs *b, int64_t c) {
    return (rows_of(b, STACK_ENCODER, c) + rows_of(b, STACK_DECODER, c)) * b->width;
}

bool bottleneck_next(const struct bottleneck_inputs *b, int64_t c, struct bottleneck_entry *i) {
    i->place++;
    if (++i->k == b->width) {
        i->k = 0;
        i->row++;
    }
    if (i->stack == STACK_ENCODER && i->row >= rows_of(b, STACK_ENCODER, c)) {
        i->stack = STACK_DECODER;
        i->row = 0;
    }
    if (i->row >= rows_of(b, i->stack, c))
        return false;
    const float x = bottleneck_input(b, i->stack)[i->row * b->width + i->k];
    i->normal = (x - b->mean[i->stack][i->k]) / b->deviation[i->stack][i->k];
    return true;
}

static void open_moments(struct bottleneck_inputs *b, enum model_stack stack) {
    b->mean[stack] = mem_alloc((size_t)b->width * sizeof *b->mean[stack]);
    b->deviation[stack] = mem_alloc((size_t)b->width * sizeof *b->deviation[stack]);
}

/* Adds to sums and sums of squares. */
static void add_moments(struct bottleneck_inputs *b, enum model_stack stack, const float *x,
                        int64_t n) {
    for (int64_t i = 0; i < n * b->width; i++) {
        b->mean[stack][i % b->width] += x[i];
        b->deviation[stack][i % b->width] += (double)x[i] * x[i];
    }
}

static void close_moments(struct bottleneck_inputs *b, enum model_stack stack, double n) {
    double *mean = b->mean[stack], *deviation = b->deviation[stack];
    for (int64_t k = 0; k < b->width; k++) {
        mean[k] /= n;
        deviation[k] = sqrt(fmax(deviation[k] / n - mean[k] * mean[k], LEAST_VARIANCE));
    }
}

/* Of every entry over the vocabulary. */
static enum err_code measure_embeddings(struct bottleneck_inputs *b, enum model_stack stack,
                                        struct err *e) {
    const struct method_input *in = b->p->engine.in;
    int64_t width = b->width, n_vocab = b->p->n_vocab;
    float *x = malloc((size_t)(EMBED_AT_ONCE * width) * sizeof *x);
    int32_t ids[EMBED_AT_ONCE];
    enum err_code code = x ? ERR_OK : perturb_no_memory(e);
    open_moments(b, stack);
    if (code)
        goto out;
    for (int64_t v = 0; v < n_vocab; v += EMBED_AT_ONCE) {
        int64_t n = n_vocab - v < EMBED_AT_ONCE ? n_vocab - v : EMBED_AT_ONCE;
        for (int64_t i = 0; i < n; i++)
            ids[i] = (int32_t)(v + i);
        code = model_embed(in->model, stack, ids, n, x, e);
        if (code)
            goto out;
        add_moments(b, stack, x, n);
        code = engine_go_on(b->p->engine.ctl, e);
        if (code)
            goto out;
    }
out:
    close_moments(b, stack, (double)n_vocab);
    free(x);
    return code;
}

/* The outputs of the layer: of the sides that are attributed. Returns how many. */
static int64_t sites_of(const struct bottleneck_inputs *b, struct model_site sites[2]) {
    int64_t n = 0;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++)
        if (bottleneck_side(b, stack)->moves)
            sites[n++] = (struct model_site){stack, MODULE_BLOCK, b->layer};
    return n;
}

/* Embeddings of reference text r: the side's own special tokens, others drawn. */
static enum err_code embed_reference(const struct bottleneck_inputs *b, enum model_stack stack,
                                     int64_t r, float *out, struct err *e) {
    const struct method_input *in = b->p->engine.in;
    const struct model_config *c = in->config;
    const struct perturb_side *s = bottleneck_side(b, stack);
    const uint64_t key =
        random_key(random_key(random_key(b->seed, REFERENCES), (uint64_t)r), (uint64_t)stack);
    int32_t *ids = mem_copy(s->ids, (size_t)s->n * sizeof *ids);
    for (int64_t row = 0; row < s->n; row++)
        if (!(s->has_start && row == 0) && ids[row] != c->bos_token_id &&
            ids[row] != c->eos_token_id && ids[row] != c->pad_token_id)
            ids[row] = (int32_t)(random_uniform_of(random_key(key, (uint64_t)row)) *
                                 (double)b->p->n_vocab);
    enum err_code code = model_embed(in->model, stack, ids, s->n, out, e);
    free(ids);
    return code;
}

/* A forward of n texts of both sides' embeddings (NULL: the input's own): out of each side [n,
 * rows, width]. */
static enum err_code layer_outputs(struct bottleneck_inputs *b, int64_t n, float *const x[2],
                                   float *const out[2], struct err *e) {
    const struct perturb *p = b->p;
    struct model_site sites[2];
    struct forward *f = NULL;
    struct forward_input input = {.n_batch = n,
                                  .source_ids = p->source.ids,
                                  .n_source = p->source.n,
                                  .source_embeddings = x[0],
                                  .target_ids = p->target.ids,
                                  .n_target = p->target.n,
                                  .target_embeddings = x[1],
                                  .sites = sites,
                                  .n_sites = sites_of(b, sites)};
    enum err_code code = model_forward(&f, p->engine.in->model, &input, p->engine.ctl, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < input.n_sites; i++) {
        code = forward_activation(f, i, out[sites[i].stack], e);
        if (code)
            goto out;
    }
out:
    forward_free(f);
    return code ? code : engine_go_on(p->engine.ctl, e);
}

/* The layer's output for the input, and its mean and deviation over reference texts. */
static enum err_code measure_layer(struct bottleneck_inputs *b, struct err *e) {
    float *x[2] = {NULL, NULL}, *out[2] = {NULL, NULL}, *const none[2] = {NULL, NULL};
    const int64_t most = perturb_fit(b->p, 0, true);
    bool good = true;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        const size_t row = sizeof(float) * (size_t)b->width,
                     n = (size_t)bottleneck_side(b, stack)->n;
        if (!bottleneck_side(b, stack)->moves)
            continue;
        open_moments(b, stack);
        good = good && (b->states[stack] = malloc(n * row)) &&
               (x[stack] = malloc((size_t)most * n * (size_t)b->p->width * sizeof(float))) &&
               (out[stack] = malloc((size_t)most * n * row));
    }
    enum err_code code = good ? layer_outputs(b, 1, none, b->states, e) : perturb_no_memory(e);
    if (code)
        goto out;
    for (int64_t r = 0; r < b->n_references; r += most) {
        const int64_t n = b->n_references - r < most ? b->n_references - r : most;
        for (int64_t i = 0; i < 2 * n; i++) {
            if (x[i & 1])
                code = embed_reference(
                    b, i & 1, r + i / 2,
                    x[i & 1] + i / 2 * bottleneck_side(b, i & 1)->n * b->p->width, e);
            if (code)
                goto out;
        }
        code = layer_outputs(b, n, x, out, e);
        if (code)
            goto out;
        for (int stack = 0; stack < 2; stack++)
            if (x[stack])
                add_moments(b, stack, out[stack], n * bottleneck_side(b, stack)->n);
    }
out:
    for (int stack = 0; stack < 2; stack++) {
        if (x[stack])
            close_moments(b, stack, (double)(b->n_references * bottleneck_side(b, stack)->n));
        free(x[stack]);
        free(out[stack]);
    }
    return code;
}

enum err_code bottleneck_measure(struct bottleneck_inputs *b, struct err *e) {
    enum err_code code = b->layer >= 0 ? measure_layer(b, e) : ERR_OK;
    if (code)
        return code;
    for (enum model_stack stack = b->p->source.n ? STACK_ENCODER : STACK_DECODER;
         stack <= STACK_DECODER && b->layer < 0; stack++) {
        code = measure_embeddings(b, stack, e);
        if (code)
            return code;
    }
    return code;
}

void bottleneck_inputs_dispose(struct bottleneck_inputs *b) {
    for (int i = 0; i < 2; i++) {
        free(b->mean[i]);
        free(b->deviation[i]);
        free(b->states[i]);
    }
}
