/*
 * LIME. Ribeiro, Singh and Guestrin 2016, "Why should I trust you?", section 3: a linear model
 * fitted to the attributed function around the input. A sample masks each token with probability
 * 0.3; the model is ridge regression (α = 1, with intercept), samples weighted by how much of the
 * input they keep. Reference: Inseq 0.7.1, attr/feat/ops/lime.py, with scikit-learn's Ridge: a
 * masked token's embedding has all entries equal to the *number* of the unknown token (where there
 * is none, which fails there, zero), and the regression runs over all entries of all embeddings.
 * There every column draws samples of its own; here all columns share them, which gives each column
 * the same distribution. Unlike there, both sides of an encoder-decoder can be attributed, and a
 * seed repeats a result.
 *
 * With m_t ∈ {0, 1} telling whether token t is kept, its embedding is u + m_t d_t, where d_t =
 * e_t − u: the regression over all entries is one over the m_t, with features (m_t − mean)
 * ‖d_t‖, and token t's coefficients are a multiple of d_t.
 */
#include "methods/engine/perturb.h"
#include "methods/random.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RIDGE 1.0

static const char *const mask_tokens[] = {"unk", "pad", "zero", NULL};

static const struct option_decl options[] = {
    {.name = "n_samples",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "samples",
     .help = "Masked inputs that the linear model is fitted to."},
    {.name = "mask_prob",
     .type = OPTION_FLOAT,
     .default_value = "0.3",
     .minimum = 0,
     .maximum = 1,
     .help = "Probability that a token is masked."},
    {.name = "mask_token",
     .type = OPTION_CHOICE,
     .default_value = "unk",
     .choices = mask_tokens,
     .help =
         "Whose number all entries of a masked embedding become: the unknown or the padding "
         "token's, or zero; zero too where the tokenizer has no unknown token (Qwen, Llama 3)."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "The same seed masks the same tokens."},
    {.name = "perturbations_per_eval",
     .type = OPTION_INT,
     .default_value = "1",
     .minimum = 1,
     .maximum = 100000,
     .unit = "samples",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not "
             "change the result."},
};

struct lime {
    struct perturb p;
    int64_t n_samples, n_tokens; /* tokens: attributed source rows, then attributed target rows */
    double mask_prob;
    uint64_t seed;
    float number;                       /* of the mask */
    uint8_t *kept;                      /* [n_samples, n_tokens] */
    double *norm;                       /* [n_tokens] ‖d_t‖ */
    int64_t *same;                      /* [n_tokens] entries that masking leaves as they are */
    double *values;                     /* [n_samples, G] */
    double *matrix;                     /* [m, m], m = min(samples, tokens) */
    double *features;                   /* [n_samples, n_tokens] */
    double *weight, *y, *theta, *right; /* [n_samples], [n_samples], [n_tokens], [max] */
};

static const struct perturb_side *side_of(const struct lime *l, int64_t token, int64_t *row) {
    bool source = token < l->p.source.n;
    *row = source ? token : token - l->p.source.n;
    return source ? &l->p.source : &l->p.target;
}

static enum err_code mask_number(struct lime *l, struct err *e) {
    const struct method_input *in = l->p.engine.in;
    const char *mask = option_text(in->options, "mask_token");
    const int32_t unknown = in->config->unk_token_id, padding = in->config->pad_token_id;
    l->number = strcmp(mask, "unk") == 0 && unknown >= 0 ? (float)unknown : 0;
    if (strcmp(mask, "pad") != 0)
        return ERR_OK;
    l->number = (float)padding;
    return padding >= 0 ? ERR_OK
                        : err_set(e, ERR_UNSUPPORTED,
                                  "lime: the tokenizer has no padding token; set mask_token to "
                                  "\"zero\"");
}

static void choose_masks(struct lime *l) {
    for (int64_t s = 0; s < l->n_samples; s++)
        for (int64_t t = 0; t < l->n_tokens; t++) {
            int64_t row;
            const struct perturb_side *side = side_of(l, t, &row);
            uint64_t key = random_key(
                random_key(random_key(l->seed, (uint64_t)s), (uint64_t)side->stack), (uint64_t)row);
            l->kept[s * l->n_tokens + t] = random_uniform_of(key) >= l->mask_prob;
        }
}

static void measure_tokens(struct lime *l) {
    for (int64_t t = 0; t < l->n_tokens; t++) {
        int64_t row;
        const float *x = side_of(l, t, &row)->x + row * l->p.width;
        double sum = 0;
        for (int64_t k = 0; k < l->p.width; k++) {
            sum += pow((double)x[k] - l->number, 2);
            l->same[t] += x[k] == l->number;
        }
        l->norm[t] = sqrt(sum);
    }
}

/* Samples [first, first + n) of one side into out [n, rows, E]. */
static void place(const struct lime *l, const struct perturb_side *s, int64_t first, int64_t n,
                  float *out) {
    int64_t offset = s->stack == STACK_ENCODER ? 0 : l->p.source.n, width = l->p.width;
    for (int64_t b = 0; b < n; b++)
        for (int64_t r = 0; r < s->n; r++) {
            float *to = out + (b * s->n + r) * width;
            bool kept = l->kept[(first + b) * l->n_tokens + offset + r];
            for (int64_t k = 0; k < width; k++)
                to[k] = kept ? s->x[r * width + k] : l->number;
        }
}

static enum err_code sample(struct lime *l, struct err *e) {
    struct perturb *p = &l->p;
    struct perturb_batch batch;
    enum err_code code = perturb_batch_open(&batch, p, e);
    if (code)
        goto out;
    for (int64_t s = 0; s < l->n_samples; s += batch.most) {
        const int64_t n = l->n_samples - s < batch.most ? l->n_samples - s : batch.most;
        if (p->source.moves)
            place(l, &p->source, s, n, batch.x[STACK_ENCODER]);
        if (p->target.moves)
            place(l, &p->target, s, n, batch.x[STACK_DECODER]);
        code = perturb_batch_run(&batch, p, n, e);
        if (code)
            goto out;
        code = perturb_values(p, batch.f, n, 0, l->values + s * p->engine.n_steps, e);
        if (code)
            goto out;
        perturb_progress(p, n);
        code = engine_go_on(p->engine.ctl, e);
        if (code)
            goto out;
    }
out:
    perturb_batch_dispose(&batch);
    return code;
}

/* Weights, centred features [samples, n] and centred values of column c, all times the square root
 * of the weight. */
static void centre(struct lime *l, int64_t c, int64_t n) {
    double total = 0, mean_y = 0;
    for (int64_t s = 0; s < l->n_samples; s++) {
        int64_t count = 0;
        for (int64_t t = 0; t < n; t++)
            count += l->kept[s * l->n_tokens + t] ? l->p.width : l->same[t];
        l->weight[s] = (double)count;
        total += (double)count;
        mean_y += (double)count * l->values[s * l->p.engine.n_steps + c];
    }
    double scale = total > 0 ? 1 / total : 0; /* every sample masks everything: nothing is known */
    for (int64_t t = 0; t < n; t++) {
        double mean = 0;
        for (int64_t s = 0; s < l->n_samples; s++)
            mean += l->weight[s] * l->kept[s * l->n_tokens + t] * scale;
        for (int64_t s = 0; s < l->n_samples; s++)
            l->features[s * n + t] =
                (l->kept[s * l->n_tokens + t] - mean) * l->norm[t] * sqrt(l->weight[s]);
    }
    for (int64_t s = 0; s < l->n_samples; s++)
        l->y[s] = (l->values[s * l->p.engine.n_steps + c] - mean_y * scale) * sqrt(l->weight[s]);
}

/* Solves A x = b in place, A [m, m] symmetric positive definite (its lower half is used and lost).
 * Errors: CANCELLED. */
static enum err_code solve(double *a, double *b, int64_t m, const struct run_ctl *ctl,
                           struct err *e) {
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double sum = a[i * m + j];
            for (int64_t k = 0; k < j; k++)
                sum -= a[i * m + k] * a[j * m + k];
            a[i * m + j] = i == j ? sqrt(sum) : sum / a[j * m + j];
        }
        enum err_code code = i % 64 == 63 ? engine_go_on(ctl, e) : ERR_OK;
        if (code)
            return code;
    }
    for (int64_t i = 0; i < m; i++) {
        for (int64_t k = 0; k < i; k++)
            b[i] -= a[i * m + k] * b[k];
        b[i] /= a[i * m + i];
    }
    for (int64_t i = m - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < m; k++)
            b[i] -= a[k * m + i] * b[k];
        b[i] /= a[i * m + i];
    }
    return ERR_OK;
}

/* θ of the ridge regression of y on the features: over tokens, or, where there are fewer samples,
 * over samples (the same solution). */
static enum err_code fit(struct lime *l, int64_t n, struct err *e) {
    const struct run_ctl *ctl = l->p.engine.ctl;
    enum err_code code;
    bool over_tokens = n <= l->n_samples;
    int64_t m = over_tokens ? n : l->n_samples, inner = over_tokens ? l->n_samples : n;
    int64_t step = over_tokens ? 1 : n,
            along = over_tokens
                        ? n
                        : 1; /* of features, from one unknown and one inner index to the next */
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double sum = i == j ? RIDGE : 0;
            for (int64_t k = 0; k < inner; k++)
                sum += l->features[i * step + k * along] * l->features[j * step + k * along];
            l->matrix[i * m + j] = sum;
        }
        code = i % 64 == 63 ? engine_go_on(ctl, e) : ERR_OK;
        if (code)
            return code;
    }
    double *b = over_tokens ? l->theta : l->right;
    for (int64_t i = 0; i < m; i++) {
        b[i] = over_tokens ? 0 : l->y[i];
        for (int64_t s = 0; over_tokens && s < l->n_samples; s++)
            b[i] += l->features[s * n + i] * l->y[s];
    }
    code = solve(l->matrix, b, m, ctl, e);
    if (code)
        return code;
    for (int64_t t = 0; !over_tokens && t < n; t++) {
        l->theta[t] = 0;
        for (int64_t s = 0; s < l->n_samples; s++)
            l->theta[t] += l->features[s * n + t] * l->right[s];
    }
    return engine_go_on(ctl, e);
}

static void write_column(struct lime *l, int64_t c, int64_t n) {
    struct attribution_sequence *out = l->p.engine.out;
    for (int64_t t = 0; t < n; t++) {
        int64_t row, width = l->p.width;
        const struct perturb_side *s = side_of(l, t, &row);
        float *to =
            (s->stack == STACK_ENCODER ? &out->source_attributions : &out->target_attributions)
                ->data +
            (row * l->p.engine.n_steps + c) * width;
        double times = l->norm[t] > 0 ? l->theta[t] / l->norm[t] : 0;
        for (int64_t k = 0; k < width; k++)
            to[k] = (float)(times * ((double)s->x[row * width + k] - l->number));
    }
}

static enum err_code run_open(struct lime *l, struct err *e) {
    struct perturb *p = &l->p;
    enum err_code code = engine_shape(&p->engine, 1, &p->width, e);
    if (code)
        return code;
    engine_shaped(&p->engine);
    size_t samples = (size_t)l->n_samples, tokens = (size_t)l->n_tokens,
           least = samples < tokens ? samples : tokens;
    l->kept = calloc(samples * tokens, 1);
    l->norm = calloc(tokens, sizeof *l->norm);
    l->same = calloc(tokens, sizeof *l->same);
    l->values = calloc(samples * (size_t)p->engine.n_steps, sizeof *l->values);
    l->matrix = calloc(least * least, sizeof *l->matrix);
    l->features = calloc(samples * tokens, sizeof *l->features);
    l->weight = calloc(samples, sizeof *l->weight);
    l->y = calloc(samples, sizeof *l->y);
    l->theta = calloc(tokens, sizeof *l->theta);
    l->right = calloc(samples, sizeof *l->right);
    if (!l->kept || !l->norm || !l->same || !l->values || !l->matrix || !l->features ||
        !l->weight || !l->y || !l->theta || !l->right)
        return perturb_no_memory(e);
    code = perturb_scores(p, e);
    if (code)
        return code;
    p->work = l->n_samples;
    choose_masks(l);
    measure_tokens(l);
    code = sample(l, e);
    if (code)
        return code;
    const int64_t last = p->engine.n_steps - 1;
    for (int64_t c = 0; c <= last; c++) {
        const int64_t seen = p->engine.in->start + (p->engine.in->span ? last : c),
                      n = p->source.n + (p->target.moves ? seen : 0);
        centre(l, c, n);
        code = fit(l, n, e);
        if (code)
            return code;
        write_column(l, c, n);
        engine_publish(&p->engine, c);
    }
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct lime l = {.n_samples = option_int(in->options, "n_samples"),
                     .mask_prob = option_float(in->options, "mask_prob"),
                     .seed = (uint64_t)option_int(in->options, "seed")};
    out->class = ATTRIBUTION_GRANULAR;
    enum err_code code = perturb_open(&l.p, out, in, ctl, e);
    l.n_tokens = l.p.source.n + (l.p.target.moves ? l.p.target.n : 0);
    if (code)
        goto out;
    code = mask_number(&l, e);
    if (code)
        goto out;
    code = run_open(&l, e);
out:
    free(l.kept);
    free(l.norm);
    free(l.same);
    free(l.values);
    free(l.matrix);
    free(l.features);
    free(l.weight);
    free(l.y);
    free(l.theta);
    free(l.right);
    perturb_close(&l.p);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    double n = (double)option_int(in->options, "n_samples");
    cost_forwards(c, in, n + 1, (n + 1) * (double)in->n_steps);
    perturb_cost_bytes(c, in, n);
    c->bytes += n * ((double)cost_rows(in) * (sizeof(double) + 1) +
                     (double)in->n_steps * sizeof(double)); /* masks and features; values */
    cost_result_bytes(c, in, model_config_embedding_width(in->config));
}

const struct method method_lime = {
    .span = SPAN_LINEAR,
    .decl = {.id = "lime",
             .title = "LIME",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "Coefficients of a ridge regression of f on embeddings in which tokens are "
                        "masked at random, samples weighted by how much they keep.",
             .paper = "Ribeiro et al. 2016, Why should I trust you?, section 3",
             .reference = "Inseq's lime with scikit-learn's Ridge; same distribution, repeatable "
                          "by its seed, and works with attribute_target"},
    .cost = cost,
    .run = run,
};
