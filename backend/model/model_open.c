#include "backend/architectures/names.h"
#include "backend/base/cores.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"
#include "backend/model/real_ops.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Opening libtorch takes 0.4 s and no processor time of ours: it runs beside everything else. */
struct opening {
    const struct tn_api *tn;
    struct err error;
};

static void *open_module(void *user) {
    struct opening *o = user;
    o->tn = tn_load(&o->error);
    return NULL;
}

/* A tokenizer from elsewhere can have more tokens than the model has rows. */
static void note_size(struct model *m) {
    const struct tokenizer *t = tokenizer_of_side(m->tokenizer, TEXT_TARGET);
    const long long n = tokenizer_vocab_size(t), n_rows = m->config.n_vocab;
    const size_t at = strlen(m->config.notice);
    if (n > n_rows)
        snprintf(m->config.notice + at, sizeof m->config.notice - at,
                 "%sThe tokenizer has %lld tokens, the model's table %lld: texts with others fail",
                 at ? ". " : "", n, n_rows);
}

/* The model's own tokenizer, or another one. */
static enum err_code open_tokenizer(struct model *m, const struct model_options *o, struct err *e) {
    struct model_files other = {0};
    struct weights *w = NULL;
    enum err_code code = ERR_OK;
    mem_replace(&m->files.tokenizer_kwargs,
                mem_text(o->tokenizer_kwargs ? o->tokenizer_kwargs : ""));
    if (!o->tokenizer)
        return tokenizer_open(&m->tokenizer, &m->files, m->weights, &m->config, e);
    m->tokenizer_path = mem_text(o->tokenizer);
    code = tokenizer_locate(&other, o->tokenizer, e);
    if (code)
        return code;
    mem_replace(&other.tokenizer_kwargs, mem_text(m->files.tokenizer_kwargs));
    if (other.layout != LAYOUT_HUGGING_FACE)
        code = weights_open(&w, other.weights, e);
    if (code)
        goto out;
    code = tokenizer_open(&m->tokenizer, &other, w, &m->config, e);
    if (code)
        goto out;
    note_size(m);
out:
    weights_close(w);
    model_files_dispose(&other);
    return code;
}

static enum err_code open_files(struct model *m, const char *path, const struct model_options *o,
                                struct err *e) {
    enum err_code code = model_locate(&m->files, path, e);
    if (code)
        return code;
    code = weights_open(&m->weights, m->files.weights, e);
    if (code)
        return code;
    code = model_config_read(&m->config, &m->files, m->weights, e);
    if (code)
        return code;
    code = model_prepare_weights(m, e);
    if (code)
        return code;
    code = open_tokenizer(m, o, e);
    if (code)
        return code;
    model_keep_start(m);
    parameters_init(&m->parameters, &m->config, m->config.encoder_sizes.n_layers,
                    m->config.n_layers);
    m->embedding_scale = m->config.scale_embeddings ? sqrt((double)m->config.n_width) : 1;
    if (m->config.embedding_scale > 0)
        m->embedding_scale = m->config.embedding_scale;
    return ERR_OK;
}

/* The row that every token's type adds, in the positions' table [P, D]. */
static enum err_code add_token_type(struct model *m, struct stack *s, struct err *e) {
    const int64_t dims[2] = {model_config_positions(&m->config, s->which), m->config.n_width};
    tn_scope *scope = m->tn->scope_open();
    float *rows = mem_alloc((size_t)(dims[0] * dims[1]) * sizeof *rows);
    for (int64_t i = 0; i < dims[0]; i++)
        memcpy(rows + i * dims[1], s->token_types, (size_t)dims[1] * sizeof *rows);
    tn_tensor *x;
    enum err_code code = scope ? m->tn->wrap(&x, scope, rows, TN_FLOAT32, dims, 2, e)
                               : err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = m->tn->move(&x, scope, x, m->dtype, m->device, e);
    if (code)
        goto out;
    code = m->tn->add(&s->positions, m->scope, s->positions, x, e);
out:
    if (scope)
        m->tn->scope_close(scope);
    free(rows);
    return code;
}

static enum err_code place(struct model *m, struct loader *l, const struct model_options *o,
                           int n_threads, struct err *e) {
    m->tn->set_threads(n_threads, true);
    m->dtype = o->dtype == MODEL_FLOAT64 ? TN_FLOAT64 : TN_FLOAT32;
    m->half = o->dtype == MODEL_BFLOAT16;
    m->device = TN_CPU;
    m->scope = m->tn->scope_open();
    if (!m->scope)
        return err_set(e, ERR_NOMEM, "not enough memory");
    enum err_code code = o->device ? m->tn->find_device(&m->device, o->device, e) : ERR_OK;
    if (code)
        return code;
    code = loader_place(l, m->tn, m->scope, m->dtype, m->device, e);
    if (code)
        return code;
    for (int i = 0; i < 2 && !code; i++)
        if (m->parameters.stacks[i].plan->token_types)
            code = add_token_type(m, &m->parameters.stacks[i], e);
    return code ? code : model_need_positions(m, 1, e);
}

/* What is decoded becomes the model's tensors. */
static enum err_code take_parameters(struct model *m, const struct model_options *o,
                                     struct loader *l, int n_threads, struct err *e) {
    enum err_code code = place(m, l, o, n_threads, e);
    if (code)
        return code;
    m->buffers = loader_take_buffers(l);
    if (!m->buffers.mapped)
        weights_drop_pages(m->weights);
    const bool copied = m->dtype != TN_FLOAT32 || m->device != TN_CPU;
    if (copied)
        loader_buffers_free(&m->buffers);
    return ERR_OK;
}

static enum err_code load_parameters(struct model *m, const struct model_options *o,
                                     pthread_t module, struct opening *opening,
                                     const struct run_ctl *ctl, struct err *e) {
    int n_threads = o->n_threads > 0 ? o->n_threads : cores_threads();
    struct loader *l = loader_new(m->weights, o->dtype == MODEL_BFLOAT16);
    run_progress(ctl, "loading", 1, 3);
    const struct names names = names_of(&m->config, m->weights);
    enum err_code code = names_load(&m->parameters, &names, l, e);
    if (!code) /* libtorch is being opened on the other thread */
        code = loader_decode(l, n_threads > 1 ? n_threads - 1 : 1, ctl, e);
    run_progress(ctl, "loading", 2, 3);
    pthread_join(module, NULL);
    m->tn = opening->tn;
    if (code)
        goto out;
    if (!m->tn) {
        *e = opening->error;
        code = e->code;
        goto out;
    }
    code = take_parameters(m, o, l, n_threads, e);
out:
    loader_free(l);
    run_progress(ctl, "loading", 3, 3);
    return code;
}

static void name_model(struct model *m, const char *path, const char *name) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    const char *slash = memrchr(path, '/', n), *leaf = slash ? slash + 1 : path;
    m->name = name ? mem_text(name) : mem_text_n(leaf, n - (size_t)(leaf - path));
    m->path = name ? NULL : realpath(path, NULL);
}

enum err_code model_open(struct model **out, const char *path, const struct model_options *options,
                         const struct run_ctl *ctl, struct err *e) {
    static const struct model_options defaults = {.dtype = MODEL_FLOAT32};
    options = options ? options : &defaults;
    struct model *m = mem_alloc(sizeof *m);
    struct opening opening = {0};
    pthread_t module;
    *out = NULL;
    m->head.ops = &real_model_ops;
    run_progress(ctl, "loading", 0, 3);
    enum err_code code = pthread_create(&module, NULL, open_module, &opening)
                             ? err_set(e, ERR_INTERNAL, "a thread could not be started")
                             : ERR_OK;
    if (code)
        goto out;
    code = open_files(m, path, options, e);
    if (code) {
        pthread_join(module, NULL);
        goto out;
    }
    code = load_parameters(m, options, module, &opening, ctl, e);
    if (code)
        goto out;
    name_model(m, path, options->name);
    m->hash = model_files_hash(&m->files);
    *out = m;
    return ERR_OK;
out:
    model_free(m);
    return code;
}

void model_free(struct model *m) {
    if (!m)
        return;
    if (m->table_scope)
        m->tn->scope_close(m->table_scope);
    if (m->scope)
        m->tn->scope_close(m->scope);
    loader_buffers_free(&m->buffers);
    free(m->half_squares[0]);
    free(m->half_squares[1]);
    parameters_dispose(&m->parameters);
    tokenizer_free(m->tokenizer);
    free(m->tokenizer_path);
    weights_close(m->weights);
    model_files_dispose(&m->files);
    free(m->name);
    free(m->path);
    free(m->hash);
    free(m);
}

enum err_code model_whole(const struct model *m, struct err *e) {
    return weights_whole(m->weights, e);
}

const struct model_config *model_config(const struct model *m) {
    return &m->config;
}
const struct tokenizer *model_tokenizer(const struct model *m) {
    return m->tokenizer;
}
const char *model_name(const struct model *m) {
    return m->name;
}
const char *model_hash(const struct model *m) {
    return m->hash;
}
const char *model_tokenizer_path(const struct model *m) {
    return m->tokenizer_path;
}
const char *model_tokenizer_kwargs(const struct model *m) {
    return m->files.tokenizer_kwargs;
}
const char *model_path(const struct model *m) {
    return m->path;
}
const char *model_libtorch(const struct model *m) {
    return m->tn->libtorch;
}
int64_t model_weight_bytes(const struct model *m) {
    return m->buffers.bytes;
}
const char *model_dtype_name(const struct model *m) {
    const char *wide = m->dtype == TN_FLOAT64 ? "float64" : "float32";
    return m->half ? "bfloat16" : wide;
}
bool model_bfloat16_slow(const struct model *m) {
    return m->half && !m->tn->multiplies_bf16(m->device);
}
