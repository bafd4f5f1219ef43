#include "tests/methods/toy.h"

#include "methods/registry.h"
#include "methods/step_functions/registry.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct forward {
    struct forward_head head;
    struct model *model;
    int64_t n_batch, n_source, n_target;
    bool keep_gradient, keep_states, keep_past;
    float *source, *target; /* [B, n, D] */
    struct model_site sites[TOY_MOST_SITES];
    int64_t n_sites;
};

/* --- the mathematics --------------------------------------------------------------------- */

static double embedding_at(enum model_stack stack, int32_t id, int k) {
    return (float)sin(0.8 * id + 1.9 * k + (stack == STACK_ENCODER ? 0.4 : 0));
}

/* Sines and cosines are most of what the model costs: worked out once a token. */
void toy_embedding(double out[TOY_WIDTH], enum model_stack stack, int32_t id) {
    static double known[2][TOY_VOCAB][TOY_WIDTH];
    static bool is_known;
    for (int32_t t = 0; !is_known && t < TOY_VOCAB; t++)
        for (int k = 0; k < TOY_WIDTH; k++) {
            known[0][t][k] = embedding_at(STACK_DECODER, t, k);
            known[1][t][k] = embedding_at(STACK_ENCODER, t, k);
        }
    is_known = true;
    for (int k = 0; k < TOY_WIDTH; k++)
        out[k] = id >= 0 && id < TOY_VOCAB ? known[stack == STACK_ENCODER][id][k]
                                           : embedding_at(stack, id, k);
}

double toy_row_weight(enum model_stack stack, int64_t row) {
    return stack == STACK_ENCODER ? 0.5 - 0.125 * (double)row : 0.25 + 0.125 * (double)row;
}

void toy_vectors(double u[TOY_WIDTH], double w[TOY_WIDTH], int v) {
    static double known[TOY_VOCAB][2][TOY_WIDTH];
    static bool is_known;
    for (int t = 0; !is_known && t < TOY_VOCAB; t++)
        for (int k = 0; k < TOY_WIDTH; k++) {
            known[t][0][k] = sin(1.3 * t + 0.7 * k + 0.2);
            known[t][1][k] = 0.5 * cos(0.9 * t - 1.1 * k);
        }
    is_known = true;
    for (int k = 0; k < TOY_WIDTH; k++) {
        u[k] = known[v][0][k];
        w[k] = known[v][1][k];
    }
}

void toy_add_rows(double h[TOY_WIDTH], enum model_stack stack, const int32_t *ids, int64_t n) {
    for (int64_t r = 0; r < n; r++) {
        double x[TOY_WIDTH];
        toy_embedding(x, stack, ids[r]);
        for (int k = 0; k < TOY_WIDTH; k++)
            h[k] += toy_row_weight(stack, r) * x[k];
    }
}

static double dot(const double *a, const double *b) {
    double sum = 0;
    for (int k = 0; k < TOY_WIDTH; k++)
        sum += a[k] * b[k];
    return sum;
}

void toy_logits(double out[TOY_VOCAB], const double h[TOY_WIDTH]) {
    for (int v = 0; v < TOY_VOCAB; v++) {
        double u[TOY_WIDTH], w[TOY_WIDTH];
        toy_vectors(u, w, v);
        out[v] = dot(u, h) + 0.5 * dot(w, h) * dot(w, h);
    }
}

double toy_site_factor(const struct model_site *s) {
    static const double of_module[] = {
        [MODULE_BLOCK] = 1, [MODULE_ATTENTION] = 0.25, [MODULE_MLP] = -0.5};
    return s->module == MODULE_EMBEDDING ? 1 : of_module[s->module] * (double)(s->layer + 2);
}

float toy_attention(enum attention_kind kind, int64_t layer, int64_t head, int64_t query,
                    int64_t key) {
    return (float)(kind * 10000 + layer * 1000 + head * 100 + query * 10 + key);
}

/* --- what it answers ---------------------------------------------------------------------- */

static enum err_code call(struct model *m, struct err *e) {
    m->n_calls++;
    if (m->n_calls == m->cancel_at)
        atomic_store(&m->cancel, true);
    return m->n_calls == m->fail_at
               ? err_set(e, m->fail_code, "toy call %lld failed", (long long)m->n_calls)
               : ERR_OK;
}

static enum err_code embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                           float *out, struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        double x[TOY_WIDTH];
        toy_embedding(x, stack, ids[i]);
        for (int k = 0; k < TOY_WIDTH; k++)
            out[i * TOY_WIDTH + k] = (float)x[k];
    }
    return call(m, e);
}

/* [B, n, D] embeddings, given or of the ids. */
static float *rows_of(enum model_stack stack, const int32_t *ids, const float *given,
                      int64_t n_batch, int64_t n) {
    float *out = calloc((size_t)(n_batch * n * TOY_WIDTH) + 1, sizeof *out);
    if (given && n)
        memcpy(out, given, (size_t)(n_batch * n * TOY_WIDTH) * sizeof *out);
    for (int64_t i = 0; !given && i < n_batch * n; i++) {
        double x[TOY_WIDTH];
        toy_embedding(x, stack, ids[i % n]);
        for (int k = 0; k < TOY_WIDTH; k++)
            out[i * TOY_WIDTH + k] = (float)x[k];
    }
    return out;
}

/* The past's rows, then the others. */
static float *continued_rows(const struct forward_input *in) {
    int64_t n_new = in->n_target - in->n_past;
    size_t row = TOY_WIDTH * sizeof(float);
    cr_assert(in->past->keep_past && in->past->n_batch == 1 && in->n_past >= 1 && n_new >= 1 &&
              in->n_past <= in->past->n_target && !in->source_embeddings);
    float *out = malloc((size_t)(in->n_batch * in->n_target) * row);
    float *rest = rows_of(STACK_DECODER, in->target_ids + in->n_past, in->target_embeddings,
                          in->n_batch, n_new);
    for (int64_t b = 0; b < in->n_batch; b++) {
        memcpy(out + b * in->n_target * TOY_WIDTH, in->past->target, (size_t)in->n_past * row);
        memcpy(out + (b * in->n_target + in->n_past) * TOY_WIDTH, rest + b * n_new * TOY_WIDTH,
               (size_t)n_new * row);
    }
    free(rest);
    return out;
}

/* Rows as a site yields them: times its factor. */
static void scale_rows(float *out, const float *rows, int64_t n, double factor) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)(factor * rows[i]);
}

/* What is given stands for the rows times the factor of its site. */
static void take_given(struct forward *f, const struct forward_input *in) {
    for (int64_t i = 0; i < in->n_given; i++) {
        const struct model_site *s = &in->given[i].site;
        const bool encoder = s->stack == STACK_ENCODER;
        cr_assert(s->module != MODULE_EMBEDDING && s->layer < TOY_LAYERS);
        scale_rows(encoder ? f->source : f->target, in->given[i].values,
                   in->n_batch * (encoder ? f->n_source : f->n_target) * TOY_WIDTH,
                   1 / toy_site_factor(s));
    }
    f->n_sites = in->n_sites;
    cr_assert(f->n_sites <= TOY_MOST_SITES);
    for (int64_t i = 0; i < in->n_sites; i++)
        f->sites[i] = in->sites[i];
}

static const struct forward_ops forward_ops;

static enum err_code forward(struct forward **out, struct model *m, const struct forward_input *in,
                             const struct run_ctl *ctl, struct err *e) {
    enum err_code code = call(m, e);
    *out = NULL;
    if (code == ERR_OK && run_cancelled(ctl))
        code = err_set(e, ERR_CANCELLED, "cancelled in the forward");
    if (code != ERR_OK)
        return code;
    cr_assert(in->n_batch >= 1 && in->n_target >= 1);
    struct forward *f = malloc(sizeof *f);
    *f = (struct forward){.head = {&forward_ops, NULL},
                          .model = m,
                          .n_batch = in->n_batch,
                          .n_source = in->n_source,
                          .n_target = in->n_target,
                          .keep_gradient = in->keep_gradient,
                          .keep_states = in->keep_states || in->keep_attentions,
                          .keep_past = in->keep_past};
    f->source =
        rows_of(STACK_ENCODER, in->source_ids, in->source_embeddings, in->n_batch, in->n_source);
    f->target = in->past ? continued_rows(in)
                         : rows_of(STACK_DECODER, in->target_ids, in->target_embeddings,
                                   in->n_batch, in->n_target);
    take_given(f, in);
    m->n_open++;
    m->n_forwards++;
    m->n_sequences += in->n_batch;
    m->most_batch = in->n_batch > m->most_batch ? in->n_batch : m->most_batch;
    *out = f;
    return ERR_OK;
}

static void forward_end(struct forward *f) {
    f->model->n_open--;
    free(f->source);
    free(f->target);
    free(f);
}

static void state_at(const struct forward *f, const struct position *at, double h[TOY_WIDTH]) {
    cr_assert(at->batch >= 0 && at->batch < f->n_batch && at->row >= 0 && at->row < f->n_target);
    memset(h, 0, TOY_WIDTH * sizeof *h);
    for (int k = 0; k < TOY_WIDTH; k++) {
        for (int64_t r = 0; r < f->n_source; r++)
            h[k] += toy_row_weight(STACK_ENCODER, r) *
                    f->source[(at->batch * f->n_source + r) * TOY_WIDTH + k];
        for (int64_t r = 0; r <= at->row; r++)
            h[k] += toy_row_weight(STACK_DECODER, r) *
                    f->target[(at->batch * f->n_target + r) * TOY_WIDTH + k];
    }
}

static enum err_code logits(struct forward *f, const struct position *at, int64_t n, float *out,
                            struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        double h[TOY_WIDTH], z[TOY_VOCAB];
        state_at(f, &at[i], h);
        toy_logits(z, h);
        for (int v = 0; v < TOY_VOCAB; v++)
            out[i * TOY_VOCAB + v] = (float)z[v];
    }
    return call(f->model, e);
}

static void write_gradient(float *out, enum model_stack stack, int64_t n, int64_t n_seen,
                           const double *d_h) {
    for (int64_t r = 0; out && r < n; r++)
        for (int k = 0; k < TOY_WIDTH; k++)
            out[r * TOY_WIDTH + k] = r < n_seen ? (float)(toy_row_weight(stack, r) * d_h[k]) : 0;
}

static enum err_code gradient(struct forward *f, const struct position *at, int64_t n,
                              const float *d_logits, float *source_gradient, float *target_gradient,
                              const struct run_ctl *ctl, struct err *e) {
    struct model *m = f->model;
    cr_assert(f->keep_gradient);
    m->most_positions = n > m->most_positions ? n : m->most_positions;
    for (int64_t i = 0; i < n; i++) {
        double h[TOY_WIDTH], d_h[TOY_WIDTH] = {0}, u[TOY_WIDTH], w[TOY_WIDTH];
        state_at(f, &at[i], h);
        for (int v = 0; v < TOY_VOCAB; v++) {
            toy_vectors(u, w, v);
            for (int k = 0; k < TOY_WIDTH; k++)
                d_h[k] += d_logits[i * TOY_VOCAB + v] * (u[k] + dot(w, h) * w[k]);
        }
        write_gradient(source_gradient ? source_gradient + i * f->n_source * TOY_WIDTH : NULL,
                       STACK_ENCODER, f->n_source, f->n_source, d_h);
        write_gradient(target_gradient ? target_gradient + i * f->n_target * TOY_WIDTH : NULL,
                       STACK_DECODER, f->n_target, at[i].row + 1, d_h);
    }
    enum err_code code = call(m, e);
    return code == ERR_OK && run_cancelled(ctl)
               ? err_set(e, ERR_CANCELLED, "cancelled in the gradient")
               : code;
}

static int64_t vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    (void)at;
    if (f->model->vjp_bytes)
        return n * f->model->vjp_bytes;
    return n * (f->n_source + f->n_target) * TOY_WIDTH * 8;
}

static int64_t forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                             int64_t n_target, bool keep_gradient) {
    (void)m, (void)keep_gradient;
    return n_batch * (n_source + n_target) * TOY_WIDTH * 8;
}

static enum err_code attentions(struct forward *f, enum attention_kind kind, int64_t layer,
                                int64_t first, int64_t n, float *out, struct err *e) {
    cr_assert(f->keep_states);
    int64_t n_query = kind == ATTENTION_ENCODER_SELF ? f->n_source : f->n_target,
            n_key = kind == ATTENTION_DECODER_SELF ? f->n_target : f->n_source;
    cr_assert(first >= 0 && first + n <= n_query);
    for (int64_t h = 0; h < TOY_HEADS; h++)
        for (int64_t q = 0; q < n; q++)
            for (int64_t k = 0; k < n_key; k++)
                out[(h * n + q) * n_key + k] = toy_attention(kind, layer, h, first + q, k);
    return call(f->model, e);
}

/* By brute force over the table. */
static enum err_code neighbours(struct model *m, enum model_stack stack, const int32_t *ids,
                                int64_t n, int64_t k, int32_t *out, struct err *e) {
    cr_assert(k >= 1 && k < TOY_VOCAB);
    for (int64_t i = 0; i < n; i++) {
        bool taken[TOY_VOCAB] = {false};
        double x[TOY_WIDTH], a[TOY_WIDTH];
        toy_embedding(x, stack, ids[i]);
        taken[ids[i]] = true;
        for (int64_t j = 0; j < k; j++) {
            double least = INFINITY;
            for (int32_t v = 0; v < TOY_VOCAB; v++) {
                toy_embedding(a, stack, v);
                double d = 0;
                for (int c = 0; c < TOY_WIDTH; c++)
                    d += (a[c] - x[c]) * (a[c] - x[c]);
                if (!taken[v] && d < least) {
                    least = d;
                    out[i * k + j] = v;
                }
            }
            taken[out[i * k + j]] = true;
        }
    }
    return call(m, e);
}

static enum err_code activation(struct forward *f, int64_t site, float *out, struct err *e) {
    cr_assert(site < f->n_sites);
    const struct model_site *s = &f->sites[site];
    const bool encoder = s->stack == STACK_ENCODER;
    scale_rows(out, encoder ? f->source : f->target,
               f->n_batch * (encoder ? f->n_source : f->n_target) * TOY_WIDTH, toy_site_factor(s));
    return call(f->model, e);
}

static enum err_code site_gradients(struct forward *f, const struct vjp_request *r,
                                    const struct run_ctl *ctl, struct err *e) {
    enum err_code code = ERR_OK;
    for (int64_t s = 0; s < f->n_sites && code == ERR_OK; s++) {
        const bool encoder = f->sites[s].stack == STACK_ENCODER;
        float *out = r->sites[s];
        code = gradient(f, r->at, r->n, r->d_logits, encoder ? out : NULL, encoder ? NULL : out,
                        ctl, e);
        scale_rows(out, out, r->n * (encoder ? f->n_source : f->n_target) * TOY_WIDTH,
                   1 / toy_site_factor(&f->sites[s]));
    }
    return code;
}

static enum err_code vjp(struct forward *f, const struct vjp_request *r, const struct run_ctl *ctl,
                         struct err *e) {
    if (r->sites)
        return site_gradients(f, r, ctl, e);
    enum err_code code = gradient(f, r->at, r->n, r->d_logits, r->source, r->target, ctl, e);
    for (int64_t i = 0; i < r->n && r->first; i++) {
        cr_assert(r->first[i] >= 0 && r->first[i] <= r->at[i].row);
        memset(r->target + i * f->n_target * TOY_WIDTH, 0,
               (size_t)(r->first[i] * TOY_WIDTH) * sizeof(float));
    }
    return code;
}

/* The head of what a site yields at one row, alone. */
static enum err_code lens(struct forward *f, int64_t site, const struct position *at, int64_t n,
                          float *out, struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        double h[TOY_WIDTH], z[TOY_VOCAB];
        for (int k = 0; k < TOY_WIDTH; k++)
            h[k] = toy_site_factor(&f->sites[site]) *
                   f->target[(at[i].batch * f->n_target + at[i].row) * TOY_WIDTH + k];
        toy_logits(z, h);
        for (int v = 0; v < TOY_VOCAB; v++)
            out[i * TOY_VOCAB + v] = (float)z[v];
    }
    return call(f->model, e);
}

const struct model_ops toy_ops = {
    .embed = embed, .neighbours = neighbours, .forward = forward, .forward_bytes = forward_bytes};

static const struct forward_ops forward_ops = {.free = forward_end,
                                               .logits = logits,
                                               .vjp = vjp,
                                               .vjp_bytes = vjp_bytes,
                                               .attentions = attentions,
                                               .activation = activation,
                                               .lens = lens};

/* --- one attribution --------------------------------------------------------------------- */

static const int32_t prompt_and_text[6] = {3, 5, 4, 6, 3, TOY_EOS}, source[3] = {4, 6, TOY_EOS},
                     translation[5] = {TOY_PAD, 5, 3, 6, TOY_EOS};

static void on_shaped(void *user, const struct attribution_sequence *out) {
    struct session *s = user;
    s->n_shaped++;
    cr_expect_eq(out->n_done, 0);
    cr_expect_eq(s->n_published, 0);
    if (s->cancel_when_shaped)
        atomic_store(&s->model.cancel, true);
}

static void on_column(void *user, const struct attribution_sequence *out, int64_t c) {
    struct session *s = user;
    cr_assert(s->n_published < TOY_MAX_LOG);
    s->published[s->n_published++] = c;
    cr_expect(out->done[c]);
    cr_expect_eq(out->n_done, s->n_published);
    if (s->n_published == s->cancel_after_columns)
        atomic_store(&s->model.cancel, true);
}

static struct step_request request_of(const char *id) {
    struct step_request r = {.function = step_function_find(id)};
    cr_assert_not_null(r.function, "%s", id);
    option_set_init(&r.options, r.function->decl.options, r.function->decl.n_options);
    return r;
}

void session_init(struct session *s, bool encoder_decoder, const char *method,
                  const char *function) {
    *s = (struct session){.method = method_find(method)};
    cr_assert_not_null(s->method, "%s", method);
    s->config = (struct model_config){
        .encoder_decoder = encoder_decoder,
        .encoder = {{PART_ATTENTION, PART_FEED_FORWARD}},
        .decoder = {{PART_ATTENTION, encoder_decoder ? PART_CROSS_ATTENTION : PART_NONE,
                     PART_FEED_FORWARD}},
        .n_vocab = TOY_VOCAB,
        .n_width = TOY_WIDTH,
        .n_layers = TOY_LAYERS,
        .n_heads = TOY_HEADS,
        .encoder_sizes.n_layers = TOY_LAYERS,
        .encoder_sizes.n_heads = TOY_HEADS,
        .bos_token_id = -1,
        .eos_token_id = TOY_EOS,
        .pad_token_id = TOY_PAD,
        .unk_token_id = TOY_UNK,
        .decoder_start_token_id = TOY_PAD};
    s->ctl.cancel = &s->model.cancel;
    option_set_init(&s->options, s->method->decl.options, s->method->decl.n_options);
    s->model.head.ops = &toy_ops;
    s->in = (struct method_input){.model = &s->model,
                                  .config = &s->config,
                                  .source_ids = encoder_decoder ? source : NULL,
                                  .n_source = encoder_decoder ? 3 : 0,
                                  .target_ids = encoder_decoder ? translation : prompt_and_text,
                                  .n_target = encoder_decoder ? 5 : 6,
                                  .start = encoder_decoder ? 1 : 2,
                                  .end = encoder_decoder ? 5 : 6,
                                  .target = request_of(function),
                                  .scores = s->scores,
                                  .options = &s->options,
                                  .memory_budget = 1 << 20,
                                  .column = on_column,
                                  .shaped = on_shaped,
                                  .user = s};
}

void session_option(struct session *s, const char *key, const char *json) {
    struct err e = {0};
    bool known = false;
    struct json_document *d;
    char *text = mem_format("{\"%s\": %s}", key, json);
    cr_assert_eq(json_parse(&d, text, strlen(text), &e), ERR_OK, "%s", e.message);
    cr_assert_eq(option_set_json(&s->options, "test", json_root(d)->first, &known, &e), ERR_OK,
                 "%s", e.message);
    cr_assert(known, "%s", key);
    json_free(d);
    free(text);
}

void session_score(struct session *s, const char *function) {
    s->scores[s->in.n_scores++] = request_of(function);
}

void session_contrast(struct session *s, const int32_t *ids, int64_t n, const int64_t *alignment) {
    s->in.contrast_ids = ids;
    s->in.n_contrast = n;
    s->in.alignment = alignment;
}

enum err_code session_run(struct session *s) {
    attribution_sequence_dispose(&s->out);
    s->out =
        (struct attribution_sequence){.attr_pos_start = s->in.start, .attr_pos_end = s->in.end};
    s->n_shaped = s->n_published = 0;
    s->model.n_calls = s->model.n_forwards = s->model.n_sequences = s->model.most_batch =
        s->model.most_positions = 0;
    err_clear(&s->err);
    enum err_code code = s->method->run(&s->out, &s->in, &s->ctl, &s->err);
    int64_t n_done = 0;
    for (int64_t c = 0; s->out.done && c < s->in.end - s->in.start; c++)
        n_done += s->out.done[c];
    cr_expect_eq(s->model.n_open, 0, "%d forwards were not freed", (int)s->model.n_open);
    cr_expect_eq(s->out.n_done, n_done);
    cr_expect(!s->in.column || s->n_published == n_done);
    cr_expect_eq(code, s->err.code);
    cr_expect(code != ERR_OK || (n_done == s->in.end - s->in.start && s->n_shaped == 1));
    return code;
}

void session_dispose(struct session *s) {
    attribution_sequence_dispose(&s->out);
    option_set_dispose(&s->options);
    option_set_dispose(&s->in.target.options);
    for (size_t i = 0; i < s->in.n_scores; i++)
        option_set_dispose(&s->scores[i].options);
}

void session_state(const struct session *s, int64_t c, double h[TOY_WIDTH]) {
    memset(h, 0, TOY_WIDTH * sizeof *h);
    toy_add_rows(h, STACK_ENCODER, s->in.source_ids, s->in.n_source);
    toy_add_rows(h, STACK_DECODER, s->in.target_ids, s->in.start + c);
}

float session_at(const struct session *s, const struct scores *scores, int64_t row, int64_t c,
                 int64_t k) {
    return scores->data[(row * (s->in.end - s->in.start) + c) * scores_cell(scores) + k];
}

void session_check_nan(const struct session *s) {
    const struct scores *source_side = &s->out.source_attributions,
                        *target_side = &s->out.target_attributions;
    for (int64_t c = 0; c < s->in.end - s->in.start; c++) {
        for (int64_t row = 0; target_side->data && row < target_side->dims[0]; row++)
            for (int64_t k = 0; k < scores_cell(target_side); k++)
                cr_expect_eq(isnan(session_at(s, target_side, row, c, k)) != 0,
                             row >= s->in.start + c, "target row %d, column %d", (int)row, (int)c);
        for (int64_t row = 0; source_side->data && row < source_side->dims[0]; row++)
            for (int64_t k = 0; k < scores_cell(source_side); k++)
                cr_expect_not(isnan(session_at(s, source_side, row, c, k)),
                              "source row %d, column %d", (int)row, (int)c);
    }
}
