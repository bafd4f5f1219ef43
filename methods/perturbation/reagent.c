/*
 * ReAGent. Zhao and Shan 2024, "ReAGent: a model-agnostic feature attribution method for generative
 * language models", algorithm 1. A probe starts from random scores; a round replaces tokens at
 * random and moves the scores of replaced tokens by logit((1 + Δ)/2), of the others by its
 * negative, Δ being how much the target's probability fell; it ends when the target stays among
 * the likeliest although all but the highest-scored tokens are replaced. Reference: Inseq 0.7.1,
 * attr/feat/ops/reagent_core, whose tagger puts all tokens in one class here (the unigram sampler).
 * There every column has rounds of its own; here the replacements of a round serve all columns that
 * still run, which gives each column the same distribution, and ended probes are not run on. Unlike
 * there, an encoder-decoder's source can be attributed alone, invert_keep replaces what it says,
 * and a seed repeats a result.
 */
#include "methods/engine/perturb_texts.h"
#include "methods/random.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Draws of the model's own distribution kept for each position; a replacement takes one of them. */
#define POOL 256
#define TYPICAL_ROUNDS 20.0
#define MANY_ROUNDS 150.0 /* that few real texts went beyond */
/* Nearest to certainty that a change of probability may come: its logit must be finite. */
#define MOST_CHANGE (1 - 1e-7)

struct reagent {
    struct perturb p;
    struct perturb_texts texts;
    int64_t n_probes, n_tokens, keep_top_n, top_k, max_rounds, round, n_vocab;
    double keep_ratio, replacing_ratio;
    bool invert_keep;
    uint64_t seed;
    int32_t *pool;    /* [target rows, POOL]; NULL: any token */
    double *original; /* [G] p[y] */
    double *scores;   /* [G, probes, tokens] */
    bool *stopped;    /* [G, probes] */
    bool *replaced;   /* [probes, tokens] of this round */
    double *sorted;   /* [tokens] */
    int32_t *ids;     /* [tokens] a text */
    int64_t *columns; /* [G] of it */
};

static int64_t tokens_of(const struct reagent *r, int64_t c) {
    return r->p.source.n + (r->p.target.moves ? r->p.engine.in->start + c : 0);
}

static double *scores_of(const struct reagent *r, int64_t c, int64_t probe) {
    return r->scores + (c * r->n_probes + probe) * r->n_tokens;
}

static bool *stopped_of(const struct reagent *r, int64_t c, int64_t probe) {
    return &r->stopped[c * r->n_probes + probe];
}

/* --- what replaces a token ----------------------------------------------------------------- */

/* What a random number is for. */
enum purpose { RANDOM_SCORE, RANDOM_WHETHER, RANDOM_WHAT, RANDOM_TEST, RANDOM_POOL };

static double random_of(const struct reagent *r, enum purpose purpose, int64_t probe, int64_t round,
                        int64_t token) {
    bool source = token < r->p.source.n;
    uint64_t key =
        random_key(random_key(random_key(r->seed, purpose), (uint64_t)probe), (uint64_t)round);
    return random_uniform_of(random_key(random_key(key, source ? STACK_ENCODER : STACK_DECODER),
                                        (uint64_t)(source ? token : token - r->p.source.n)));
}

static int32_t substitute(const struct reagent *r, enum purpose purpose, int64_t probe,
                          int64_t round, int64_t token) {
    double u = random_of(r, purpose, probe, round, token);
    int64_t row = token - r->p.source.n;
    return row > 0 && r->pool ? r->pool[row * POOL + (int64_t)(u * POOL)]
                              : (int32_t)(u * (double)r->n_vocab);
}

static int32_t original_id(const struct reagent *r, int64_t token) {
    const int64_t row = token - r->p.source.n;
    return row < 0 ? r->p.source.ids[token] : r->p.target.ids[row];
}

/* --- algorithm 1 ----------------------------------------------------------------------------- */

/* Scores move by how much the target's probability fell, Δ: those of replaced tokens by
 * logit((1 + Δ)/2), the others by its negative. */
static void move_scores(struct reagent *r, int64_t c, int64_t probe, double probability) {
    double change = r->original[c] - probability, *score = scores_of(r, c, probe);
    change = fmax(fmin(change, MOST_CHANGE), -MOST_CHANGE);
    double step = log((1 + change) / (1 - change));
    for (int64_t t = 0; t < tokens_of(r, c); t++)
        score[t] += r->replaced[probe * r->n_tokens + t] ? step : -step;
}

/* A text whose tokens are replaced at random, the same for all columns. */
static void replace_some(struct reagent *r, int64_t probe, int64_t round) {
    for (int64_t t = 0; t < r->n_tokens; t++) {
        bool *replaced = &r->replaced[probe * r->n_tokens + t];
        *replaced = random_of(r, RANDOM_WHETHER, probe, round, t) < r->replacing_ratio;
        r->ids[t] = *replaced ? substitute(r, RANDOM_WHAT, probe, round, t) : original_id(r, t);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The score from which on tokens of column c are kept. */
static double least_kept(struct reagent *r, int64_t c, int64_t probe) {
    const int64_t n = tokens_of(r, c),
                  keep = r->keep_top_n ? r->keep_top_n : (int64_t)ceil(r->keep_ratio * (double)n);
    if (keep <= 0 || keep >= n)
        return keep <= 0 ? INFINITY : -INFINITY;
    memcpy(r->sorted, scores_of(r, c, probe), (size_t)n * sizeof *r->sorted);
    qsort(r->sorted, (size_t)n, sizeof *r->sorted, ascending);
    return r->sorted[n - keep];
}

/* A text of which only the tokens with the highest scores of column c are kept; what comes later
 * reaches the column no more. */
static void replace_low(struct reagent *r, int64_t c, int64_t probe, int64_t round) {
    const double least = least_kept(r, c, probe), *score = scores_of(r, c, probe);
    for (int64_t t = 0; t < r->n_tokens; t++) {
        const bool kept = t >= tokens_of(r, c) || (score[t] >= least) != r->invert_keep;
        r->ids[t] = kept ? original_id(r, t) : substitute(r, RANDOM_TEST, probe, round, t);
    }
}

static enum err_code see_probability(void *user, int64_t probe, int64_t c, const float *logits,
                                     struct err *e) {
    struct reagent *r = user;
    (void)e;
    move_scores(r, c, probe,
                step_probability(logits, r->p.n_vocab, engine_target(&r->p.engine, c)));
    return ERR_OK;
}

/* Replaces tokens at random and moves the scores of all columns that run. */
static enum err_code update(struct reagent *r, int64_t round, struct err *e) {
    r->texts.visit = see_probability;
    for (int64_t probe = 0; probe < r->n_probes; probe++) {
        int64_t n = 0;
        for (int64_t c = 0; c < r->p.engine.n_steps; c++)
            if (!*stopped_of(r, c, probe))
                r->columns[n++] = c;
        if (n == 0)
            continue;
        replace_some(r, probe, round);
        enum err_code code = perturb_texts_add(&r->texts, r->ids, probe, r->columns, n, e);
        if (code)
            return code;
    }
    return perturb_texts_flush(&r->texts, e);
}

static enum err_code see_rank(void *user, int64_t probe, int64_t c, const float *logits,
                              struct err *e) {
    struct reagent *r = user;
    const int32_t y = engine_target(&r->p.engine, c);
    int64_t rank = 0;
    (void)e;
    for (int64_t v = 0; v < r->p.n_vocab; v++)
        rank += logits[v] > logits[y];
    *stopped_of(r, c, probe) = rank < r->top_k;
    /* A probe that ends leaves out the rounds that it might have had. */
    perturb_progress(&r->p, rank < r->top_k ? r->max_rounds - r->round + 1 : 1);
    return ERR_OK;
}

/* A probe ends where the highest-scored tokens alone still predict the target. */
static enum err_code test(struct reagent *r, int64_t round, struct err *e) {
    r->texts.visit = see_rank;
    for (int64_t c = 0; c < r->p.engine.n_steps; c++)
        for (int64_t probe = 0; probe < r->n_probes; probe++) {
            if (*stopped_of(r, c, probe))
                continue;
            replace_low(r, c, probe, round);
            enum err_code code = perturb_texts_add(&r->texts, r->ids, probe, &c, 1, e);
            if (code)
                return code;
        }
    return perturb_texts_flush(&r->texts, e);
}

static bool column_ended(const struct reagent *r, int64_t c) {
    for (int64_t probe = 0; probe < r->n_probes; probe++)
        if (!*stopped_of(r, c, probe))
            return false;
    return true;
}

static void write_column(struct reagent *r, int64_t c);

static enum err_code run_rounds(struct reagent *r, struct err *e) {
    struct method_run *g = &r->p.engine;
    for (int64_t round = 1; round <= r->max_rounds && g->out->n_done < g->n_steps; round++) {
        r->round = round;
        enum err_code code = update(r, round, e);
        if (code)
            return code;
        code = test(r, round, e);
        if (code)
            return code;
        for (int64_t c = 0; c < g->n_steps; c++)
            if (!g->out->done[c] && (round == r->max_rounds || column_ended(r, c))) {
                write_column(r, c);
                engine_publish(g, c);
            }
    }
    return ERR_OK;
}

/* --- results ----------------------------------------------------------------------------- */

/* Adds softmax(score) [n] to mean. */
static void add_softmax(double *mean, const double *score, int64_t n) {
    double largest = -INFINITY, sum = 0;
    for (int64_t t = 0; t < n; t++)
        largest = score[t] > largest ? score[t] : largest;
    for (int64_t t = 0; t < n; t++)
        sum += exp(score[t] - largest);
    for (int64_t t = 0; t < n; t++)
        mean[t] += exp(score[t] - largest) / sum;
}

/* The mean softmax of the probes that ended, for every entry of the embedding; NaN when none
 * did. */
static void write_column(struct reagent *r, int64_t c) {
    struct attribution_sequence *out = r->p.engine.out;
    int64_t n = tokens_of(r, c), n_ended = 0, width = r->p.width;
    double *mean = r->sorted;
    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int64_t probe = 0; probe < r->n_probes; probe++)
        if (*stopped_of(r, c, probe)) {
            n_ended++;
            add_softmax(mean, scores_of(r, c, probe), n);
        }
    for (int64_t t = 0; t < n; t++) {
        bool source = t < r->p.source.n;
        int64_t row = source ? t : t - r->p.source.n;
        float *to = (source ? &out->source_attributions : &out->target_attributions)->data +
                    (row * r->p.engine.n_steps + c) * width;
        for (int64_t k = 0; k < width; k++)
            to[k] = (float)(mean[t] / (double)n_ended);
    }
}

/* --- the model's own distribution -------------------------------------------------------- */

/* Draws of a row from the logits before it: sorted uniforms meet the cumulative sum in one pass;
 * then shuffled back by being picked at random. */
static void fill_pool(const struct reagent *r, int64_t row, const float *logits) {
    double u[POOL], log_sum = step_log_sum(logits, r->p.n_vocab), sum = 0;
    for (int64_t i = 0; i < POOL; i++)
        u[i] = random_of(r, RANDOM_POOL, i, 0, r->p.source.n + row);
    qsort(u, POOL, sizeof *u, ascending);
    int64_t i = 0;
    int32_t last = 0;
    for (int64_t v = 0; v < r->p.n_vocab && i < POOL; v++) {
        double p = exp(logits[v] - log_sum);
        sum += p;
        last = p > 0 ? (int32_t)v : last;
        while (i < POOL && u[i] < sum)
            r->pool[row * POOL + i++] = (int32_t)v;
    }
    while (i < POOL) /* rounding left the sum below 1 */
        r->pool[row * POOL + i++] = last;
}

static enum err_code fill_pools(struct reagent *r, struct forward *f, struct err *e) {
    float *logits = malloc((size_t)r->p.n_row * sizeof *logits);
    r->pool = malloc((size_t)(r->p.target.n * POOL) * sizeof *r->pool);
    enum err_code code = logits && r->pool ? ERR_OK : perturb_no_memory(e);
    if (code)
        goto out;
    for (int64_t row = 1; row < r->p.target.n; row++) {
        struct position at = {0, row - 1};
        code = forward_logits(f, &at, 1, logits, e);
        if (code)
            goto out;
        fill_pool(r, row, logits);
        code = engine_go_on(r->p.engine.ctl, e);
        if (code)
            goto out;
    }
out:
    free(logits);
    return code;
}

/* --- around it ---------------------------------------------------------------------------- */

static enum err_code see_original(void *user, int64_t c, const float *logits, struct err *e) {
    struct reagent *r = user;
    r->original[c] = step_probability(logits, r->p.n_vocab, engine_target(&r->p.engine, c));
    return engine_score(&r->p.engine, c, logits, e);
}

/* What the text itself has: p[y] of every column, and what the model would write at every place. */
static enum err_code run_original(struct reagent *r, struct err *e) {
    struct perturb *p = &r->p;
    struct forward *f = NULL;
    struct perturb_place *at = mem_alloc((size_t)p->engine.n_steps * sizeof *at);
    for (int64_t c = 0; c < p->engine.n_steps; c++)
        at[c] = (struct perturb_place){0, c};
    enum err_code code = perturb_forward(p, &f, &(struct perturb_variants){.n = 1}, e);
    if (code)
        goto out;
    code = perturb_logits(p, f, at, p->engine.n_steps, see_original, r, e);
    if (code)
        goto out;
    if (strcmp(option_text(p->engine.in->options, "sampler"), "model") == 0)
        code = fill_pools(r, f, e);
out:
    forward_free(f);
    free(at);
    return code;
}

static enum err_code run_open(struct reagent *r, struct err *e) {
    struct perturb *p = &r->p;
    const struct method_input *in = p->engine.in;
    const size_t steps = (size_t)p->engine.n_steps, probes = (size_t)r->n_probes,
                 tokens = (size_t)r->n_tokens;
    enum err_code code = engine_shape(&p->engine, 1, &p->width, e);
    if (code)
        return code;
    engine_shaped(&p->engine);
    r->original = malloc(steps * sizeof *r->original);
    r->scores = malloc(steps * probes * tokens * sizeof *r->scores);
    r->stopped = calloc(steps * probes, sizeof *r->stopped);
    r->replaced = malloc(probes * tokens * sizeof *r->replaced);
    r->sorted = malloc(tokens * sizeof *r->sorted);
    r->ids = malloc(tokens * sizeof *r->ids);
    r->columns = malloc(steps * sizeof *r->columns);
    if (!r->original || !r->scores || !r->stopped || !r->replaced || !r->sorted || !r->ids ||
        !r->columns)
        return perturb_no_memory(e);
    for (int64_t c = 0; c < p->engine.n_steps; c++)
        for (int64_t probe = 0; probe < r->n_probes; probe++)
            for (int64_t t = 0; t < r->n_tokens; t++)
                scores_of(r, c, probe)[t] = random_of(r, RANDOM_SCORE, probe, 0, t);
    r->n_vocab = p->n_vocab;
    for (int side = 0; in->tokenizer && side < 2; side++) {
        const struct tokenizer *t = tokenizer_of_side(in->tokenizer, (enum text_side)side);
        if (tokenizer_vocab_size(t) < r->n_vocab)
            r->n_vocab = tokenizer_vocab_size(t);
    }
    p->work = p->engine.n_steps * r->n_probes * r->max_rounds;
    code = run_original(r, e);
    if (code)
        return code;
    code = perturb_texts_open(&r->texts, p, e);
    if (code)
        return code;
    r->texts.user = r;
    return run_rounds(r, e);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const struct option_set *o = in->options;
    struct reagent r = {.n_probes = option_int(o, "num_probes"),
                        .keep_top_n = option_int(o, "keep_top_n"),
                        .keep_ratio = option_float(o, "keep_ratio"),
                        .invert_keep = option_bool(o, "invert_keep"),
                        .top_k = option_int(o, "stopping_condition_top_k"),
                        .replacing_ratio = option_float(o, "replacing_ratio"),
                        .max_rounds = option_int(o, "max_probe_steps"),
                        .seed = (uint64_t)option_int(o, "seed")};
    out->class = ATTRIBUTION_GRANULAR;
    enum err_code code = perturb_open(&r.p, out, in, ctl, e);
    r.n_tokens = r.p.source.n + (r.p.target.moves ? r.p.target.n : 0);
    if (code)
        goto out;
    code = run_open(&r, e);
out:
    free(r.pool);
    free(r.original);
    free(r.scores);
    free(r.stopped);
    free(r.replaced);
    free(r.sorted);
    free(r.ids);
    free(r.columns);
    perturb_texts_dispose(&r.texts);
    perturb_close(&r.p);
    return code;
}

/* --- the method as others see it ------------------------------------------------------------ */

static const char *const samplers[] = {"unigram", "model", NULL};

static const struct option_decl options[] = {
    {.name = "keep_top_n",
     .type = OPTION_INT,
     .default_value = "5",
     .minimum = 0,
     .maximum = 1000000,
     .unit = "tokens",
     .help = "A probe ends when the target is predicted although all but this many tokens are "
             "replaced; 0: keep_ratio says how many."},
    {.name = "keep_ratio",
     .type = OPTION_FLOAT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 1,
     .help = "The same as a share of the tokens, if keep_top_n is 0."},
    {.name = "invert_keep",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Replace the highest-scored tokens instead of keeping them."},
    {.name = "stopping_condition_top_k",
     .type = OPTION_INT,
     .default_value = "3",
     .minimum = 1,
     .maximum = 1000000,
     .unit = "tokens",
     .help = "The target is predicted when it is among this many likeliest tokens."},
    {.name = "replacing_ratio",
     .type = OPTION_FLOAT,
     .default_value = "0.3",
     .minimum = 0,
     .maximum = 1,
     .help = "Probability that a round replaces a token."},
    {.name = "max_probe_steps",
     .type = OPTION_INT,
     .default_value = "3000",
     .minimum = 1,
     .maximum = 1000000,
     .unit = "rounds",
     .help = "Rounds of a probe at most."},
    {.name = "num_probes",
     .type = OPTION_INT,
     .default_value = "16",
     .minimum = 1,
     .maximum = 1000,
     .unit = "probes",
     .help = "Probes whose scores are averaged."},
    {.name = "sampler",
     .type = OPTION_CHOICE,
     .default_value = "unigram",
     .choices = samplers,
     .help = "What replaces a token: any of the vocabulary, or what the model itself would write "
             "there (the source, where it writes nothing, still any)."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "The same seed replaces the same tokens."},
};

static double least_of(double a, double b) {
    return a < b ? a : b;
}

/* How many rounds a probe takes is not known before; TYPICAL_ROUNDS is what real texts took. A
 * round replaces once for all columns and tests each. */
static void cost(struct cost *c, const struct cost_input *in) {
    const double all_rounds = (double)option_int(in->options, "max_probe_steps");
    double rounds = all_rounds < TYPICAL_ROUNDS ? all_rounds : TYPICAL_ROUNDS,
           probes = (double)option_int(in->options, "num_probes"), steps = (double)in->n_steps;
    cost_forwards(c, in, 1 + rounds * probes * (1 + steps), steps + 2 * rounds * probes * steps);
    c->least = 1 / rounds;
    c->most = least_of(all_rounds, MANY_ROUNDS) / rounds;
    c->worst = all_rounds / rounds;
    perturb_cost_bytes(c, in, probes * steps);
    c->bytes += probes * steps * (double)cost_rows(in) * sizeof(double);
    cost_result_bytes(c, in, model_config_embedding_width(in->config));
}

const struct method method_reagent = {
    .decl = {.id = "reagent",
             .title = "ReAGent",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS_WIDTH,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "Which tokens suffice: random replacements move scores by how much the "
                        "target's probability falls, until the highest-scored tokens alone "
                        "still predict it. No attributed function takes part.",
             .paper = "Zhao and Shan 2024, ReAGent: a model-agnostic feature attribution method "
                      "for generative language models, algorithm 1",
             .reference =
                 "Inseq's reagent with one tag for all tokens; same distribution, repeatable by "
                 "its seed, and works with an encoder-decoder's source alone"},
    .no_number = "no probe ended within max_probe_steps rounds: raise max_probe_steps, "
                 "stopping_condition_top_k or keep_top_n",
    .cost = cost,
    .run = run,
};
