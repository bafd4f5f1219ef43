#include "backend/architectures/head.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_STEP 64 /* positions a cache grows by */

struct decoder {
    struct model *model;
    const struct run_ctl *ctl; /* of whoever opened it */
    struct cache cache;
    struct space source;
    tn_scope *memory_scope;
    struct value
        memory; /* the encoder's output, until the first step has taken keys and values from it */
    bool has_memory;
    int32_t *ids; /* [n_rows, length] of every hypothesis, where its keys may have to be computed
                     again; else NULL */
};

/* Whether keys are computed again once a text has other rotations. */
static bool may_restart(const struct model_config *c) {
    return c->rope_switch && c->decoder.rotations_restart;
}

static enum err_code no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "not enough memory for the cache");
}

static enum err_code run_encoder(struct decoder *d, const int32_t *ids, int64_t n,
                                 const struct run_ctl *ctl, struct err *e) {
    struct model *m = d->model;
    struct tape t;
    tn_tensor *x;
    enum err_code code = model_need_source_positions(m, n, e);
    if (code)
        return code;
    tape_init(&t, m->tn, ctl);
    t.spaces[STACK_ENCODER] = d->source = (struct space){STACK_ENCODER, 1, n, 0};
    if (!t.code)
        t.code = model_embed_tensor(&x, t.work, m, STACK_ENCODER, ids, n, 0, &t.error);
    struct value *memory =
        t.code ? NULL
               : model_stack_forward(m, &t, STACK_ENCODER, tape_input(&t, STACK_ENCODER, x), NULL);
    if (!t.code)
        t.code = m->tn->promote(&d->memory.tensor, d->memory_scope, memory->tensor, &t.error);
    d->memory.space = &d->source;
    d->has_memory = true;
    code = t.code;
    if (code)
        *e = t.error;
    tape_dispose(&t);
    return code;
}

enum err_code decoder_open(struct decoder **out, struct model *m, const int32_t *source_ids,
                           int64_t n_source, int64_t n_rows, const struct run_ctl *ctl,
                           struct err *e) {
    struct decoder *d = mem_alloc(sizeof *d);
    *out = NULL;
    d->model = m;
    d->ctl = ctl;
    d->cache =
        (struct cache){.scope = m->tn->scope_open(),
                       .cross_scope = m->tn->scope_open(),
                       .n_rows = n_rows,
                       .n_layers = m->config.n_layers,
                       .layers = mem_alloc((size_t)m->config.n_layers * sizeof *d->cache.layers)};
    d->memory_scope = m->tn->scope_open();
    enum err_code code =
        d->cache.scope && d->cache.cross_scope && d->memory_scope ? ERR_OK : no_memory(e);
    if (code)
        goto out;
    if (m->config.encoder_decoder)
        code = run_encoder(d, source_ids, n_source, ctl, e);
out:
    if (code) {
        decoder_close(d);
        return code;
    }
    *out = d;
    return ERR_OK;
}

void decoder_close(struct decoder *d) {
    if (!d)
        return;
    const struct tn_api *tn = d->model->tn;
    tn_scope *scopes[] = {d->cache.scope, d->cache.cross_scope, d->memory_scope};
    for (int i = 0; i < 3; i++)
        if (scopes[i])
            tn->scope_close(scopes[i]);
    free(d->cache.layers);
    free(d->ids);
    free(d);
}

/* A layer's part of a cache in a new scope: entries by index [n], with room for `capacity`
 * positions. A layer without attention has a state in place of keys. */
static enum err_code rebuild_layer(struct cache_layer *l, tn_scope *scope, const struct decoder *d,
                                   tn_tensor *index, int64_t n, int64_t capacity, struct err *e) {
    const struct tn_api *tn = d->model->tn;
    const struct model_config *c = &d->model->config;
    const enum tn_dtype dtype = d->model->dtype;
    const int device = d->model->device;
    const int64_t length = d->cache.length,
                  dims[3] = {n, capacity, c->n_kv_heads * c->n_head_width};
    if (!plan_has(&c->decoder, PART_ATTENTION))
        return l->state ? tn->gather(&l->state, scope, l->state, index, e) : ERR_OK;
    const bool fresh = !l->keys;
    enum err_code code = fresh
                             ? tn->zeros(&l->keys, scope, dtype, device, dims, 3, e)
                             : tn->cache_copy(&l->keys, scope, l->keys, index, length, capacity, e);
    if (code)
        return code;
    return fresh ? tn->zeros(&l->values, scope, dtype, device, dims, 3, e)
                 : tn->cache_copy(&l->values, scope, l->values, index, length, capacity, e);
}

/* Copies the cache into a new scope: hypothesis i from entry from[i], with room for `capacity`
 * positions. */
static enum err_code rebuild(struct decoder *d, const int32_t *from, int64_t n, int64_t capacity,
                             struct err *e) {
    const struct tn_api *tn = d->model->tn;
    struct cache *cache = &d->cache;
    tn_scope *scope = tn->scope_open();
    struct cache_layer *layers = mem_copy(cache->layers, (size_t)cache->n_layers * sizeof *layers);
    int64_t *entries = mem_alloc((size_t)n * sizeof *entries);
    for (int64_t i = 0; i < n; i++)
        entries[i] = from ? from[i] : i;
    tn_tensor *index = NULL;
    enum err_code code =
        scope ? tn->wrap(&index, scope, entries, TN_INT64, &n, 1, e) : no_memory(e);
    if (code)
        goto out;
    code = tn->move(&index, scope, index, TN_INT64, d->model->device, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < cache->n_layers; i++) {
        code = rebuild_layer(&layers[i], scope, d, index, n, capacity, e);
        if (code)
            goto out;
    }
out:
    free(entries);
    if (code) {
        if (scope)
            tn->scope_close(scope);
        free(layers);
        return code;
    }
    tn->scope_close(cache->scope);
    free(cache->layers);
    cache->scope = scope;
    cache->layers = layers;
    cache->capacity = capacity;
    cache->n_rows = n;
    return ERR_OK;
}

static void reorder_ids(struct decoder *d, const int32_t *from, int64_t n) {
    const size_t size = (size_t)d->cache.length * sizeof *d->ids;
    if (!d->ids || !size)
        return;
    int32_t *ids = mem_alloc((size_t)n * size);
    for (int64_t i = 0; i < n; i++)
        memcpy(ids + i * d->cache.length, d->ids + from[i] * d->cache.length, size);
    free(d->ids);
    d->ids = ids;
}

enum err_code decoder_reorder(struct decoder *d, const int32_t *from, int64_t n, struct err *e) {
    bool same = n == d->cache.n_rows;
    for (int64_t i = 0; i < n; i++) {
        if (from[i] < 0 || from[i] >= d->cache.n_rows)
            return err_set(e, ERR_INTERNAL, "hypothesis %d of %lld", from[i],
                           (long long)d->cache.n_rows);
        same = same && from[i] == i;
    }
    if (same)
        return ERR_OK;
    reorder_ids(d, from, n);
    return rebuild(d, from, n, d->cache.capacity, e);
}

/* Every hypothesis has its n_new ids behind it. */
static void append_ids(struct decoder *d, const int32_t *ids, int64_t n_new) {
    const int64_t n_rows = d->cache.n_rows, before = d->cache.length, after = before + n_new;
    int32_t *all = mem_alloc((size_t)(n_rows * after) * sizeof *all);
    for (int64_t i = 0; i < n_rows; i++) {
        if (before)
            memcpy(all + i * after, d->ids + i * before, (size_t)before * sizeof *all);
        memcpy(all + i * after + before, ids + i * n_new, (size_t)n_new * sizeof *all);
    }
    free(d->ids);
    d->ids = all;
}

/* Forgets what there is of texts that will have other rotations with n_new tokens more, and puts
 * the whole of them in the place of these. Reference: transformers 4.57,
 * models/phi3/modeling_phi3.py, prepare_inputs_for_generation. */
static void restart(struct decoder *d, const int32_t **ids, int64_t *n_new) {
    const struct model_config *c = &d->model->config;
    const int64_t before = d->cache.length, after = before + *n_new;
    append_ids(d, *ids, *n_new);
    if (before && model_config_alike_until(c, before) != model_config_alike_until(c, after)) {
        d->cache.length = 0;
        *ids = d->ids;
        *n_new = after;
    }
}

enum err_code decoder_step(struct decoder *d, const int32_t *ids, int64_t n_new, float *out,
                           struct err *e) {
    struct model *m = d->model;
    struct cache *cache = &d->cache;
    enum err_code code = model_need_positions(m, cache->length + n_new, e);
    if (code)
        return code;
    if (may_restart(&m->config))
        restart(d, &ids, &n_new);
    if (cache->length + n_new > cache->capacity)
        code =
            rebuild(d, NULL, cache->n_rows,
                    (cache->length + n_new + CAPACITY_STEP - 1) / CAPACITY_STEP * CAPACITY_STEP, e);
    if (code)
        return code;
    struct tape t;
    tn_tensor *x, *last, *z, *index;
    tape_init(&t, m->tn, d->ctl);
    t.cache = cache;
    t.spaces[STACK_ENCODER] = d->source;
    t.spaces[STACK_DECODER] = (struct space){STACK_DECODER, cache->n_rows, n_new, cache->length};
    if (!t.code)
        t.code = model_place_rotations(m, &t, &t.error);
    if (!t.code)
        t.code = model_embed_tensor(&x, t.work, m, STACK_DECODER, ids, cache->n_rows * n_new,
                                    cache->length ? 0 : n_new, &t.error);
    struct value *memory = d->has_memory ? &d->memory : NULL;
    struct value *h = t.code ? NULL
                             : model_stack_forward(m, &t, STACK_DECODER,
                                                   tape_input(&t, STACK_DECODER, x), memory);
    h = t.code ? NULL : head_reads(&m->parameters, &t, h);
    int64_t n = cache->n_rows, *rows = mem_alloc((size_t)n * sizeof *rows);
    for (int64_t i = 0; i < n; i++)
        rows[i] = (i + 1) * n_new - 1;
    if (!t.code)
        t.code = m->tn->wrap(&index, t.work, rows, TN_INT64, &n, 1, &t.error);
    if (!t.code)
        t.code = m->tn->move(&index, t.work, index, TN_INT64, m->device, &t.error);
    if (!t.code)
        t.code = m->tn->gather(&last, t.work, h->tensor, index, &t.error);
    if (!t.code)
        t.code = head_logits(&z, t.work, m->tn, &m->parameters, last, &t.error);
    if (!t.code)
        t.code = m->tn->read(z, out, TN_FLOAT32, &t.error);
    free(rows);
    if (!t.code)
        t.code = weights_whole(m->weights, &t.error);
    for (int64_t i = 0; i < n && !t.code; i++)
        t.code =
            model_finite_logits(m, out + i * m->config.n_vocab, cache->length + n_new, &t.error);
    code = t.code;
    if (code)
        *e = t.error;
    else
        cache->length += n_new;
    tape_dispose(&t);
    return code;
}
