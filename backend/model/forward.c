#include "backend/model/forward.h"

#include "backend/architectures/head.h"
#include "backend/architectures/stack.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void cache_close(struct forward *f) {
    if (f->cache.scope)
        f->model->tn->scope_close(f->cache.scope);
    if (f->cache.cross_scope)
        f->model->tn->scope_close(f->cache.cross_scope);
    free(f->cache.layers);
    f->cache = (struct cache){0};
}

void real_free(struct forward *f) {
    if (!f)
        return;
    tape_dispose(&f->tape);
    cache_close(f);
    free(f);
}

/* One side's embeddings: those given [B, n, E], or the ids' own, for all B entries. */
static struct value *input(struct forward *f, enum model_stack stack, const int32_t *ids,
                           const float *embeddings, int64_t n) {
    struct model *m = f->model;
    struct tape *t = &f->tape;
    struct err *e = &t->error;
    const int64_t n_batch = t->spaces[stack].n_batch,
                  dims[2] = {n_batch * n, model_config_embedding_width(&m->config)};
    tn_tensor *x;
    if (t->code)
        return NULL;
    if (embeddings) {
        tn_tensor *view;
        t->code =
            m->tn->wrap(&view, t->work, (void *)(uintptr_t)embeddings, TN_FLOAT32, dims, 2, e);
        if (!t->code)
            t->code = m->tn->multiply(&x, t->work, view, 1,
                                      e); /* the caller's array may go before we do */
        if (!t->code)
            t->code = m->tn->move(&x, t->work, x, m->dtype, m->device, e);
    } else {
        int32_t *all = mem_alloc((size_t)(n_batch * n) * sizeof *all);
        for (int64_t i = 0; i < n_batch * n; i++)
            all[i] = ids[i % n];
        t->code = model_embed_tensor(&x, t->work, m, stack, all, n_batch * n,
                                     stack == STACK_DECODER && f->n_past ? 0 : n, e);
        free(all);
    }
    if (t->code)
        return NULL;
    struct value *v = tape_input(t, stack, x);
    return tape_site(t, MODULE_EMBEDDING, 0, v);
}

struct value *model_stack_forward(struct model *m, struct tape *t, enum model_stack stack,
                                  struct value *x, struct value *memory) {
    const struct stack *s = &m->parameters.stacks[stack];
    return stack_run(s, t, 0, stack_begin(s, t, x), memory);
}

/* Keys and values of a layer without a past. */
static enum err_code zero_keys(struct cache_layer *l, const struct forward *f, struct err *e) {
    const struct tn_api *tn = f->model->tn;
    const struct model_config *c = &f->model->config;
    const int64_t dims[3] = {f->n_batch, f->n_target, c->n_kv_heads * c->n_head_width};
    tn_scope *s = f->cache.scope;
    enum err_code code = tn->zeros(&l->keys, s, f->model->dtype, f->model->device, dims, 3, e);
    if (code)
        return code;
    return tn->zeros(&l->values, s, f->model->dtype, f->model->device, dims, 3, e);
}

/* Those of a past, for every entry. What comes of the source is the same, and outlives us. */
static enum err_code copy_keys(struct cache_layer *l, const struct cache_layer *from,
                               tn_tensor *index, const struct forward *f, struct err *e) {
    const struct tn_api *tn = f->model->tn;
    tn_scope *s = f->cache.scope;
    *l = (struct cache_layer){.cross_keys = from->cross_keys, .cross_values = from->cross_values};
    enum err_code code = tn->cache_copy(&l->keys, s, from->keys, index, f->n_past, f->n_target, e);
    if (code)
        return code;
    return tn->cache_copy(&l->values, s, from->values, index, f->n_past, f->n_target, e);
}

/* Room for the target's keys and values of every entry, with the first n_past rows of another
 * forward's. */
static enum err_code cache_open(struct forward *f, const struct forward *past, struct err *e) {
    const struct tn_api *tn = f->model->tn;
    const struct model_config *c = &f->model->config;
    struct cache *to = &f->cache;
    *to = (struct cache){.scope = tn->scope_open(),
                         .cross_scope = tn->scope_open(),
                         .n_rows = f->n_batch,
                         .length = f->n_past,
                         .capacity = f->n_target,
                         .layers = mem_alloc((size_t)c->n_layers * sizeof *to->layers),
                         .n_layers = c->n_layers};
    int64_t *entries = mem_alloc((size_t)f->n_batch * sizeof *entries); /* all 0: there is one */
    tn_tensor *index = NULL;
    enum err_code code = to->scope && to->cross_scope
                             ? tn->wrap(&index, to->scope, entries, TN_INT64, &f->n_batch, 1, e)
                             : err_set(e, ERR_NOMEM, "not enough memory for keys and values");
    if (code)
        goto out;
    code = tn->move(&index, to->scope, index, TN_INT64, f->model->device, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < c->n_layers; i++) {
        code = past ? copy_keys(&to->layers[i], &past->cache.layers[i], index, f, e)
                    : zero_keys(&to->layers[i], f, e);
        if (code)
            goto out;
    }
out:
    free(entries);
    return code;
}

static void run(struct forward *f, const struct forward_input *in) {
    struct model *m = f->model;
    struct tape *t = &f->tape;
    if (m->config.encoder_decoder && !in->past) {
        f->source = input(f, STACK_ENCODER, in->source_ids, in->source_embeddings, in->n_source);
        f->memory = t->code
                        ? NULL
                        : tape_keep(t, model_stack_forward(m, t, STACK_ENCODER, f->source, NULL));
    }
    f->target = input(f, STACK_DECODER, in->target_ids ? in->target_ids + f->n_past : NULL,
                      in->target_embeddings, in->n_target - f->n_past);
    f->out = t->code ? NULL
                     : tape_keep(t, model_stack_forward(m, t, STACK_DECODER, f->target, f->memory));
    f->read = t->code ? NULL : head_reads(&m->parameters, t, f->out);
    if (f->read != f->out)
        f->read = tape_keep(t, f->read);
}

static enum err_code check_past(const struct model *m, const struct forward_input *in,
                                struct err *e) {
    const struct forward *past = in->past;
    if (in->dropout && (in->keep_gradient || in->keep_past || past || in->rescale != RESCALE_NONE))
        return err_set(e, ERR_INTERNAL, "a forward pass with dropout keeps nothing");
    if ((in->keep_past || past) && !plan_has(&m->config.decoder, PART_ATTENTION))
        return err_set(e, ERR_UNSUPPORTED, "a recurrent decoder keeps no keys and values");
    if ((in->keep_past || past) && (in->keep_gradient || in->keep_states || in->keep_attentions))
        return err_set(e, ERR_INTERNAL,
                       "a forward pass shares its past with others or keeps its insides, not both");
    if (past && (!past->cache.layers || past->n_batch != 1 || past->n_past || in->n_past < 1 ||
                 in->n_past >= in->n_target || in->n_past > past->n_target ||
                 in->source_embeddings || in->n_source != past->n_source ||
                 model_config_alike_until(&m->config, past->n_target) !=
                     model_config_alike_until(&m->config, in->n_target)))
        return err_set(e, ERR_INTERNAL, "a forward pass continues another that does not fit");
    return ERR_OK;
}

static bool recomputes(const struct model *m, const struct forward_input *in) {
    return in->keep_gradient && !in->n_sites && !in->n_given &&
           (in->recompute || model_config_recomputes(&m->config, model_element_bytes(m),
                                                     in->n_batch, in->n_source, in->n_target));
}

static struct dropout_rates dropout_rates_of(const struct model *m,
                                             const struct forward_input *in) {
    const double rate = in->dropout_rate;
    if (rate <= 0)
        return m->config.dropout;
    return (struct dropout_rates){.embedding = rate, .attention = rate, .residual = rate};
}

enum err_code real_forward(struct forward **out, struct model *m, const struct forward_input *in,
                           const struct run_ctl *ctl, struct err *e) {
    *out = NULL;
    enum err_code code =
        in->n_batch < 1 || in->n_target < 1 || (m->config.encoder_decoder && in->n_source < 1)
            ? err_set(e, ERR_USAGE, "an empty sequence")
            : model_need_positions(m, in->n_target, e);
    if (!code && m->config.encoder_decoder)
        code = model_need_source_positions(m, in->n_source, e);
    if (code)
        return code;
    code = check_past(m, in, e);
    if (code)
        return code;
    if (in->rescale != RESCALE_NONE && (in->n_batch % 2 || !in->target_embeddings ||
                                        (m->config.encoder_decoder && !in->source_embeddings)))
        code = err_set(e, ERR_INTERNAL, "a forward pass has no reference for every entry");
    if (code)
        return code;
    struct forward *f = mem_alloc(sizeof *f);
    *f = (struct forward){.model = m,
                          .n_batch = in->n_batch,
                          .n_source = in->n_source,
                          .n_target = in->n_target,
                          .n_past = in->past ? in->n_past : 0};
    tape_init(&f->tape, m->tn, ctl);
    f->tape.keep_gradient = in->keep_gradient;
    f->tape.keep_states = in->keep_states;
    f->tape.keep_hidden = in->keep_hidden;
    f->tape.recompute = recomputes(m, in);
    f->tape.keep_attentions = in->keep_attentions || in->keep_states;
    f->tape.rescale = in->rescale;
    const struct dropout dropout = {dropout_rates_of(m, in), m->dtype, m->device};
    f->tape.dropout = in->dropout ? &dropout : NULL;
    f->tape.dropout_seed = in->dropout_seed;
    /* An encoder whose input does not vary runs once for the whole batch; noise does vary. */
    const bool varies = in->source_embeddings || in->dropout || forward_gives(in, STACK_ENCODER);
    f->tape.spaces[STACK_ENCODER] =
        (struct space){STACK_ENCODER, varies ? in->n_batch : 1, in->n_source, 0};
    f->tape.spaces[STACK_DECODER] =
        (struct space){STACK_DECODER, in->n_batch, in->n_target - f->n_past, f->n_past};
    if (!f->tape.code)
        f->tape.code = model_place_rotations(m, &f->tape, &f->tape.error);
    if (!f->tape.code && (in->keep_past || in->past)) {
        f->tape.code = cache_open(f, in->past, &f->tape.error);
        f->tape.cache = &f->cache;
    }
    forward_place_sites(f, in);
    if (!f->tape.code)
        run(f, in);
    forward_check_sites(f);
    f->tape.cache = NULL;
    if (!in->keep_past)
        cache_close(f);
    f->tape.dropout = NULL;
    f->tape.ctl = NULL; /* the caller's, for this call only */
    f->tape.sites = NULL;
    if (!f->tape.code)
        f->tape.code = weights_whole(m->weights, &f->tape.error);
    if (f->tape.code) {
        *e = f->tape.error;
        code = f->tape.code;
        real_free(f);
        return code;
    }
    *out = f;
    return ERR_OK;
}

/* --- what it yields ---------------------------------------------------------------------- */

static enum err_code logits(const struct forward *f, const struct position *at, int64_t n,
                            void *out, enum tn_dtype dtype, struct err *e) {
    const struct model *m = f->model;
    tn_scope *s = m->tn->scope_open();
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        rows[i] = at[i].batch * (f->n_target - f->n_past) + at[i].row - f->n_past;
    tn_tensor *index, *hidden, *z;
    enum err_code code = s ? m->tn->wrap(&index, s, rows, TN_INT64, &n, 1, e)
                           : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = m->tn->move(&index, s, index, TN_INT64, m->device, e);
    if (code)
        goto out;
    code = m->tn->gather(&hidden, s, f->read->tensor, index, e);
    if (code)
        goto out;
    code = head_logits(&z, s, m->tn, &m->parameters, hidden, e);
    if (code)
        goto out;
    code = m->tn->read(z, out, dtype, e);
out:
    if (s)
        m->tn->scope_close(s);
    free(rows);
    return code;
}

enum err_code forward_finite_logits(const struct forward *f, const struct position *at, int64_t n,
                                    const float *logits, struct err *e) {
    for (int64_t i = 0; i < n; i++) {
        enum err_code code =
            model_finite_logits(f->model, logits + i * f->model->config.n_vocab, at[i].row + 1, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

enum err_code real_logits(struct forward *f, const struct position *at, int64_t n, float *out,
                          struct err *e) {
    enum err_code code = logits(f, at, n, out, TN_FLOAT32, e);
    if (code)
        return code;
    return forward_finite_logits(f, at, n, out, e);
}

enum err_code forward_logits_f64(struct forward *f, const struct position *at, int64_t n,
                                 double *out, struct err *e) {
    return logits(f, at, n, out, TN_FLOAT64, e);
}

void forward_repeat(float *out, int64_t n_there, int64_t n_batch, int64_t size) {
    for (int64_t i = n_there; i < n_batch; i++)
        memcpy(out + i * size, out, (size_t)size * sizeof *out);
}

enum err_code real_attentions(struct forward *f, enum attention_kind kind, int64_t layer,
                              int64_t first, int64_t n, float *out, struct err *e) {
    const struct tape *t = &f->tape;
    const struct tn_api *tn = t->tn;
    if (layer < 0 || layer >= t->n_attentions[kind] || !t->attentions[kind][layer].q)
        return err_set(e, ERR_UNSUPPORTED, "this model has no such attention weights");
    struct tn_attention a = t->attentions[kind][layer].shape;
    if (first < 0 || n < 1 || first + n > a.n_query)
        return err_set(e, ERR_INTERNAL, "attention rows %lld to %lld of %lld", (long long)first,
                       (long long)(first + n), (long long)a.n_query);
    const int64_t n_rows = a.n_batch * n;
    int64_t *rows = mem_alloc((size_t)n_rows * sizeof *rows);
    for (int64_t i = 0; i < n_rows; i++)
        rows[i] = i / n * a.n_query + first + i % n;
    a.n_query = n;
    a.first_query += first;
    tn_scope *s = tn->scope_open();
    tn_tensor *weights, *index, *q;
    enum err_code code = s ? tn->wrap(&index, s, rows, TN_INT64, &n_rows, 1, e)
                           : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = tn->move(&index, s, index, TN_INT64, f->model->device, e);
    if (code)
        goto out;
    code = tn->gather(&q, s, t->attentions[kind][layer].q, index, e);
    if (code)
        goto out;
    code = tn->attention_weights(&weights, s, &a, q, t->attentions[kind][layer].k, e);
    if (code)
        goto out;
    code = tn->read(weights, out, TN_FLOAT32, e);
    if (code)
        goto out;
    forward_repeat(out, a.n_batch, f->n_batch, a.n_heads * n * a.n_key);
out:
    if (s)
        tn->scope_close(s);
    free(rows);
    return code;
}

enum err_code real_hidden(struct forward *f, enum model_stack stack, int64_t layer, float *out,
                          struct err *e) {
    const struct tape *t = &f->tape;
    if (layer < 0 || layer >= t->n_hidden[stack] || !t->hidden[stack][layer])
        return err_set(e, ERR_UNSUPPORTED, "layer %lld has no hidden states here",
                       (long long)layer);
    enum err_code code = t->tn->read(t->hidden[stack][layer], out, TN_FLOAT32, e);
    const struct space *space = &t->spaces[stack];
    if (code)
        return code;
    forward_repeat(out, space->n_batch, f->n_batch, space->length * f->model->config.n_width);
    return code;
}

/* --- what it costs ----------------------------------------------------------------------- */

int64_t model_element_bytes(const struct model *m) {
    return m->dtype == TN_FLOAT64 ? 8 : 4;
}

int64_t real_forward_bytes(const struct model *m, int64_t n_batch, int64_t n_source,
                           int64_t n_target, bool keep_gradient) {
    return model_config_forward_bytes(&m->config, model_element_bytes(m), n_batch, n_source,
                                      n_target, keep_gradient);
}

/* What a row of a block keeps for its gradients: what the derivatives of its parts need (the norms'
 * inputs, queries, keys and values, the feed-forward layer before its activation; experts keep
 * nothing and compute again). */
static int64_t kept_of_row(const struct model_config *c, enum model_stack stack) {
    const struct stack_plan *plan = stack == STACK_ENCODER ? &c->encoder : &c->decoder;
    const struct stack_sizes *s = model_config_sizes(c, stack);
    const int64_t qkv = (s->n_heads + 2 * s->n_kv_heads) * s->n_head_width,
                  mixed = layer_count(&plan->mixed, s->n_layers),
                  hidden = s->n_layers ? 2 * s->n_ffn * (s->n_layers - mixed) / s->n_layers : 0;
    /* Norms of queries and keys, and of what a part makes, keep what they read. */
    const int64_t normed = plan->query_norm == QUERY_NORM_NONE
                               ? 0
                               : (s->n_heads + s->n_kv_heads) * s->n_head_width,
                  branch = plan->norm_place == NORM_AROUND_BRANCH ? c->n_width : 0;
    const int64_t of_part[] = {[PART_ATTENTION] = c->n_width + qkv + normed + branch,
                               [PART_RECURRENCE] = c->n_width + qkv,
                               [PART_CROSS_ATTENTION] = 3 * c->n_width,
                               [PART_FEED_FORWARD] = c->n_width + hidden + branch};
    int64_t numbers = 0;
    for (int i = 0; i < PLAN_PARTS; i++)
        numbers += of_part[plan->parts[i]];
    return numbers;
}

/* What a row keeps of what its head reads, where that is not the final state. */
static int64_t kept_of_head(const struct model_config *c) {
    const int64_t kept[] = {[HEAD_MAP_NONE] = 0, [HEAD_MAP_ALONE] = 1, [HEAD_MAP_BENT] = 3};
    return kept[c->decoder.head_map] * model_config_embedding_width(c);
}

/* What a forward of one sequence keeps for its gradients; or only blocks' inputs, and one block's
 * inside at a time. */
static int64_t kept_numbers(const struct model_config *c, int64_t n_source, int64_t n_target,
                            bool recompute) {
    const int64_t head_row = kept_of_head(c), target_row = kept_of_row(c, STACK_DECODER),
                  source_row = kept_of_row(c, STACK_ENCODER),
                  memory_row = 2 * c->n_heads *
                               c->n_head_width; /* keys and values of the cross-attentions */
    if (recompute)
        return (c->n_layers * n_target + c->encoder_sizes.n_layers * n_source) * c->n_width +
               n_target * (target_row + head_row) + n_source * (source_row + memory_row);
    return n_target * (c->n_layers * target_row + head_row) +
           n_source * (c->encoder_sizes.n_layers * source_row + c->n_layers * memory_row);
}

bool model_config_recomputes(const struct model_config *c, int64_t element_bytes, int64_t n_batch,
                             int64_t n_source, int64_t n_target) {
    return n_batch * kept_numbers(c, n_source, n_target, false) * element_bytes > RECOMPUTE_BYTES;
}

int64_t model_config_forward_bytes(const struct model_config *c, int64_t element_bytes,
                                   int64_t n_batch, int64_t n_source, int64_t n_target,
                                   bool keep_gradient) {
    const int64_t passing = 4 * c->n_width + 3 * model_config_widest(c); /* of the layer at work */
    const int64_t longest = n_target > n_source ? n_target : n_source,
                  ends = c->n_width + model_config_embedding_width(c); /* of a stack */
    int64_t numbers = longest * passing + (n_source + n_target) * ends;
    if (keep_gradient)
        numbers +=
            kept_numbers(c, n_source, n_target,
                         model_config_recomputes(c, element_bytes, n_batch, n_source, n_target));
    return n_batch * numbers * element_bytes;
}

int64_t real_vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    const struct model_config *c = &f->model->config;
    int64_t rows = 0;
    for (int64_t i = 0; i < n; i++)
        rows += at[i].row + 1;
    const int64_t source_rows = c->encoder_decoder ? n * f->n_source : 0,
                  widest = rows > source_rows ? rows : source_rows;
    /* The widest place is a feed-forward layer, before and after its activation; all the while the
     * encoder's output collects its gradient. Inputs' gradients are unpacked from a copy on the
     * host. */
    const int64_t numbers = widest * (5 * c->n_width + 3 * model_config_widest(c)) +
                            (rows + source_rows) * (c->n_width + model_config_embedding_width(c)) +
                            n * c->n_vocab;
    return numbers * model_element_bytes(f->model);
}
