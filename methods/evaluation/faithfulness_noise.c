/*
 * Sensitivity to noise. Yeh et al. 2019, "On the (in)fidelity and sensitivity of explanations",
 * definition of max-sensitivity, with noise of a length relative to each token's embedding. A
 * method is run as it is, on a model that adds the noise wherever the input's own tokens are
 * embedded; baselines and contrast texts keep theirs.
 */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "backend/model_ops.h"
#include "methods/engine/apart.h"
#include "methods/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A model before which noise stands. */
struct noisy {
    struct model_head head;
    const struct method_input *in; /* the input's own, without noise */
    double length;
    uint64_t key; /* of the sample under way */
};

/* Which of the input's rows these ids are: by their place in memory, or as a copy of its beginning.
 * −1: they are others. */
static int64_t row_of(const int32_t *ids, int64_t n, const int32_t *own, int64_t n_own) {
    if (!own)
        return -1;
    for (int64_t row = 0; row + n <= n_own; row++)
        if (ids == own + row)
            return row;
    return n <= n_own && memcmp(ids, own, (size_t)n * sizeof *ids) == 0 ? 0 : -1;
}

/* Moves rows [row, row + n) of a stack, each in a direction of its own. A decoder's start has no
 * word and stays. */
static void move_rows(const struct noisy *noise, float *x, enum model_stack stack, int64_t row,
                      int64_t n) {
    const int64_t width = model_config_embedding_width(noise->in->config);
    double *direction = mem_alloc((size_t)width * sizeof *direction);
    for (int64_t i = 0; i < n; i++) {
        double size = 0, length = 0;
        uint64_t key = random_key(random_key(noise->key, (uint64_t)stack), (uint64_t)(row + i));
        for (int64_t k = 0; k < width; k++) {
            uint64_t own = random_key(key, (uint64_t)k);
            direction[k] = random_normal(random_uniform_of(random_key(own, 0)),
                                         random_uniform_of(random_key(own, 1)));
            length += direction[k] * direction[k];
            size += (double)x[i * width + k] * x[i * width + k];
        }
        double factor = length > 0 ? noise->length * sqrt(size / length) : 0;
        for (int64_t k = 0; k < width; k++)
            x[i * width + k] += (float)(factor * direction[k]);
    }
    free(direction);
}

static enum err_code noisy_embed(struct model *m, enum model_stack stack, const int32_t *ids,
                                 int64_t n, float *out, struct err *e) {
    const struct noisy *noise = (const struct noisy *)m;
    const struct method_input *in = noise->in;
    enum err_code code = model_embed(in->model, stack, ids, n, out, e);
    int64_t row = stack == STACK_ENCODER ? row_of(ids, n, in->source_ids, in->n_source)
                                         : row_of(ids, n, in->target_ids, in->n_target);
    if (code)
        return code;
    if (row >= 0)
        move_rows(noise, out, stack, row, n);
    return code;
}

/* The embeddings of a side that a forward would look up itself, for every entry of its batch. */
static enum err_code look_up(float **out, struct model *m, enum model_stack stack,
                             const int32_t *ids, int64_t n, int64_t first, int64_t n_batch,
                             struct err *e) {
    const int64_t width = model_config_embedding_width(((const struct noisy *)m)->in->config),
                  size = (n - first) * width;
    float *all = malloc((size_t)(n * width) * sizeof *all);
    *out = malloc((size_t)(n_batch * size) * sizeof **out);
    enum err_code code = all && *out ? noisy_embed(m, stack, ids, n, all, e)
                                     : err_set(e, ERR_NOMEM, "out of memory for noisy embeddings");
    if (code)
        goto out;
    for (int64_t b = 0; b < n_batch; b++)
        memcpy(*out + b * size, all + first * width, (size_t)size * sizeof **out);
out:
    free(all);
    return code;
}

static enum err_code noisy_forward(struct forward **out, struct model *m,
                                   const struct forward_input *given, const struct run_ctl *ctl,
                                   struct err *e) {
    struct forward_input in = *given;
    float *source = NULL, *target = NULL;
    enum err_code code = ERR_OK;
    const bool past_has_source = in.past;
    *out = NULL;
    if (in.source_ids && in.n_source && !in.source_embeddings && !past_has_source)
        code = look_up(&source, m, STACK_ENCODER, in.source_ids, in.n_source, 0, in.n_batch, e);
    if (code)
        goto out;
    if (!in.target_embeddings)
        code = look_up(&target, m, STACK_DECODER, in.target_ids, in.n_target,
                       in.past ? in.n_past : 0, in.n_batch, e);
    if (code)
        goto out;
    in.source_embeddings = source ? source : in.source_embeddings;
    in.target_embeddings = target ? target : in.target_embeddings;
    code = model_forward(out, ((const struct noisy *)m)->in->model, &in, ctl, e);
out:
    free(source);
    free(target);
    return code;
}

/* One run, reduced to scores per token. */
static enum err_code run_once(struct attribution_sequence *out, const struct method *method,
                              const struct method_input *in,
                              const struct attribution_sequence *tokens,
                              const struct faithfulness_reducer *reducer, const struct run_ctl *ctl,
                              struct err *e) {
    struct attribution_sequence raw = {.attr_pos_start = in->start, .attr_pos_end = in->end};
    token_list_append(&raw.source, &tokens->source);
    token_list_append(&raw.target, &tokens->target);
    enum err_code code = apart_run(&raw, method, in, ctl, e);
    if (code)
        goto out;
    code = reducer->reduce(reducer->user, out, &raw, e);
out:
    attribution_sequence_dispose(&raw);
    return code;
}

/* ‖b − a‖ / ‖a‖ of column g over both sides. */
static double distance(const struct attribution_sequence *a, const struct attribution_sequence *b,
                       int64_t g) {
    const struct scores *sides[2][2] = {{&a->source_attributions, &b->source_attributions},
                                        {&a->target_attributions, &b->target_attributions}};
    double moved = 0, size = 0;
    for (int side = 0; side < 2; side++) {
        const struct scores *x = sides[side][0], *y = sides[side][1];
        for (int64_t i = g; x->data && y->data && i < scores_count(x); i += x->dims[1]) {
            double u = x->data[i], v = y->data[i];
            if (isnan(u) || isnan(v))
                continue;
            moved += (v - u) * (v - u);
            size += u * u;
        }
    }
    return size > 0 ? sqrt(moved / size) : NAN;
}

/* The columns [first, end) that were run. */
struct range {
    int64_t first, end;
};

/* From the first to the last column that is wanted. */
static struct range wanted_range(const struct faithfulness *f) {
    struct range r = {0, f->n_columns};
    while (r.end > 0 && !f->wanted[r.end - 1])
        r.end--;
    while (r.first < r.end && !f->wanted[r.first])
        r.first++;
    return r;
}

static void take_sample(const struct faithfulness *f, struct faithfulness_method *out,
                        struct range columns, const struct attribution_sequence *clean,
                        const struct attribution_sequence *moved, int64_t i) {
    const int64_t n = f->spec.n_noise;
    for (int64_t g = columns.first; g < columns.end; g++) {
        struct faithfulness_numbers *numbers = &out->columns[g].numbers;
        if (!f->wanted[g])
            continue;
        double d = distance(clean, moved, g - columns.first);
        numbers->sensitivity = (i ? numbers->sensitivity : 0) + d / (double)n;
        numbers->worst_sensitivity =
            i && !(d > numbers->worst_sensitivity) ? numbers->worst_sensitivity : d;
    }
}

enum err_code faithfulness_noise(struct faithfulness *f, size_t i, const struct method *method,
                                 const struct method_input *in,
                                 const struct attribution_sequence *tokens,
                                 const struct faithfulness_reducer *reducer,
                                 const struct run_ctl *ctl, struct err *e) {
    static const struct model_ops ops = {.embed = noisy_embed, .forward = noisy_forward};
    struct method_input own = *in, noisy_in;
    struct noisy noise = {.head = {&ops, in->model}, .in = &own, .length = f->spec.noise};
    struct attribution_sequence clean = {0}, moved = {0};
    const struct range columns = wanted_range(f);
    /* The progress of single runs would jump. */
    const struct run_ctl silent = {.cancel = ctl ? ctl->cancel : NULL};
    own.n_scores = 0;
    own.tokenizer = NULL;
    own.column = NULL;
    own.shaped = NULL;
    own.publish_early = false;
    own.start = in->start + columns.first;
    own.end = in->start + columns.end;
    own.alignment = in->alignment ? in->alignment + columns.first : NULL;
    noisy_in = own;
    noisy_in.model = (struct model *)&noise;
    enum err_code code = run_once(&clean, method, &own, tokens, reducer, &silent, e);
    if (code)
        goto out;
    for (int64_t s = 0; s < f->spec.n_noise; s++) {
        run_progress(ctl, "evaluating noise", (int64_t)i * (f->spec.n_noise + 1) + s + 1,
                     (int64_t)f->n_methods * (f->spec.n_noise + 1));
        noise.key = random_key(random_key(f->spec.seed, 2), (uint64_t)s);
        attribution_sequence_dispose(&moved);
        code = run_once(&moved, method, &noisy_in, tokens, reducer, &silent, e);
        if (code)
            goto out;
        take_sample(f, &f->methods[i], columns, &clean, &moved, s);
    }
out:
    attribution_sequence_dispose(&moved);
    attribution_sequence_dispose(&clean);
    return code;
}
