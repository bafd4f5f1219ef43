#include "backend/architectures/names.h"
#include "backend/architectures/positions.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"
#include "backend/model/real.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLE_STEP 512 /* positions a table holds at first, and grows by at least */

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

static enum err_code open_files(struct model *m, const char *path, struct err *e) {
    enum err_code code = model_locate(&m->files, path, e);
    if (!code)
        code = weights_open(&m->weights, m->files.weights, e);
    if (!code)
        code = model_config_read(&m->config, &m->files, m->weights, e);
    if (!code)
        code = tokenizer_open(&m->tokenizer, &m->files, m->weights, &m->config, e);
    if (code)
        return code;
    parameters_init(&m->parameters, &m->config, m->config.n_encoder_layers, m->config.n_layers);
    m->embedding_scale = m->config.scale_embeddings ? sqrt((double)m->config.n_width) : 1;
    return ERR_OK;
}

static enum err_code place(struct model *m, struct loader *l, const struct model_options *o,
                           int n_threads, struct err *e) {
    m->tn->set_threads(n_threads);
    m->dtype = o->dtype == MODEL_FLOAT64 ? TN_FLOAT64 : TN_FLOAT32;
    m->half = o->dtype == MODEL_BFLOAT16;
    m->device = TN_CPU;
    m->scope = m->tn->scope_open();
    if (!m->scope)
        return err_set(e, ERR_NOMEM, "not enough memory");
    enum err_code code = o->device ? m->tn->find_device(&m->device, o->device, e) : ERR_OK;
    if (!code)
        code = loader_place(l, m->tn, m->scope, m->dtype, m->device, e);
    if (!code)
        code = model_need_positions(m, 1, e);
    return code;
}

static enum err_code load_parameters(struct model *m, const struct model_options *o,
                                     pthread_t module, struct opening *opening,
                                     const struct run_ctl *ctl, struct err *e) {
    int n_threads = o->n_threads > 0 ? o->n_threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
    struct loader *l = loader_new(m->weights, o->dtype == MODEL_BFLOAT16);
    run_progress(ctl, "loading", 1, 3);
    const struct names names = names_of(&m->config, m->weights);
    enum err_code code = names_load(&m->parameters, &names, l, e);
    if (!code)
        code = loader_decode(l, n_threads > 1 ? n_threads - 1 : 1, ctl,
                             e); /* libtorch is being opened on the other one */
    run_progress(ctl, "loading", 2, 3);
    pthread_join(module, NULL);
    m->tn = opening->tn;
    if (!code && !m->tn) {
        *e = opening->error;
        code = e->code;
    }
    if (!code)
        code = place(m, l, o, n_threads, e);
    if (!code) {
        m->buffers = loader_take_buffers(l);
        if (!m->buffers.mapped)
            weights_drop_pages(m->weights);
        if (m->dtype != TN_FLOAT32 ||
            m->device != TN_CPU) /* the tensors are copies: the host's are not needed any more */
            loader_buffers_free(&m->buffers);
    }
    loader_free(l);
    run_progress(ctl, "loading", 3, 3);
    return code;
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
    if (!code && (code = open_files(m, path, e)))
        pthread_join(module, NULL);
    else if (!code)
        code = load_parameters(m, options, module, &opening, ctl, e);
    if (code) {
        model_free(m);
        return code;
    }
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    const char *slash = memrchr(path, '/', n);
    m->name = slash ? mem_text_n(slash + 1, n - (size_t)(slash + 1 - path)) : mem_text_n(path, n);
    *out = m;
    return ERR_OK;
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
    weights_close(m->weights);
    model_files_dispose(&m->files);
    free(m->name);
    free(m);
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
int64_t model_weight_bytes(const struct model *m) {
    return m->buffers.bytes;
}
const char *model_dtype_name(const struct model *m) {
    return m->half ? "bfloat16" : m->dtype == TN_FLOAT64 ? "float64" : "float32";
}
bool model_bfloat16_slow(const struct model *m) {
    return m->half && !m->tn->multiplies_bf16(m->device);
}

/* A stack's table of n positions, in `scope`. */
static enum err_code make_table(tn_tensor **out, const struct stack *s, struct model *m,
                                tn_scope *scope, int64_t n, struct err *e) {
    int64_t width;
    double *table = positions_table(s, m->parameters.rope_divisors, n, &width);
    tn_tensor *view, *copy;
    enum err_code code = m->tn->wrap(&view, scope, table, TN_FLOAT64, (int64_t[]){n, width}, 2, e);
    if (!code) /* a copy of its own: the table on the host goes */
        code = m->tn->multiply(&copy, scope, view, 1, e);
    if (!code)
        code = m->tn->move(out, scope, copy, m->dtype, m->device, e);
    free(table);
    return code;
}

/* Both stacks', or one for both where they are alike. */
static enum err_code make_tables(struct model *m, tn_scope *scope, int64_t n, struct err *e) {
    struct stack *encoder = &m->parameters.stacks[STACK_ENCODER],
                 *decoder = &m->parameters.stacks[STACK_DECODER];
    tn_tensor *first = encoder->positions, *second = decoder->positions;
    const bool alike = positions_are_alike(encoder->plan, decoder->plan);
    enum err_code code = ERR_OK;
    if (positions_are_computed(encoder->plan))
        code = make_table(&first, encoder, m, scope, n, e);
    if (!code && positions_are_computed(decoder->plan) && !alike)
        code = make_table(&second, decoder, m, scope, n, e);
    if (code)
        return code;
    encoder->positions = first;
    decoder->positions = alike ? first : second;
    return ERR_OK;
}

/* Where tables are the checkpoint's, they do not grow. */
static enum err_code check_length(const struct model *m, int64_t n, struct err *e) {
    bool learned = false;
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++)
        learned = learned || m->parameters.stacks[i].plan->positions == POSITION_LEARNED;
    if (!learned || n <= m->config.n_positions)
        return ERR_OK;
    return err_set(e, ERR_USAGE, "the text has %lld tokens; this model has positions for %lld",
                   (long long)n, (long long)m->config.n_positions);
}

enum err_code model_need_positions(struct model *m, int64_t n, struct err *e) {
    enum err_code code = check_length(m, n, e);
    if (code || n <= m->n_table)
        return code;
    const int64_t size = n + TABLE_STEP - 1 - (n - 1) % TABLE_STEP;
    tn_scope *scope = m->tn->scope_open();
    if (!scope)
        return err_set(e, ERR_NOMEM, "not enough memory");
    code = make_tables(m, scope, size, e);
    if (code) {
        m->tn->scope_close(scope);
        return code;
    }
    if (m->table_scope)
        m->tn->scope_close(m->table_scope);
    m->table_scope = scope;
    m->n_table = size;
    return ERR_OK;
}

/* An int64 tensor of n numbers that stay the caller's. */
static enum err_code index_tensor(tn_tensor **out, tn_scope *s, struct model *m, int64_t *numbers,
                                  int64_t n, struct err *e) {
    enum err_code code = m->tn->wrap(out, s, numbers, TN_INT64, &n, 1, e);
    return code ? code : m->tn->like(out, s, *out, m->parameters.embedding.matrix, e);
}

/* A start without an embedding is left out of the look-up, and its row zero. */
enum err_code model_embed_tensor(tn_tensor **out, tn_scope *s, struct model *m,
                                 enum model_stack stack, const int32_t *ids, int64_t n,
                                 int64_t length, struct err *e) {
    const struct weight *table = parameters_embedding(&m->parameters, stack);
    const bool zero_start = m->config.zero_start && stack == STACK_DECODER && length > 0;
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows),
            *places = mem_alloc((size_t)n * sizeof *places), n_rows = 0;
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && !code; i++) {
        if (zero_start && i % length == 0 && ids[i] == m->config.decoder_start_token_id)
            continue;
        rows[n_rows] = ids[i], places[n_rows++] = i;
        if (ids[i] < 0 || ids[i] >= m->config.n_vocab)
            code = err_set(e, ERR_FORMAT, "token id %d is outside the vocabulary of %lld", ids[i],
                           (long long)m->config.n_vocab);
    }
    tn_tensor *index, *x;
    if (!code)
        code = index_tensor(&index, s, m, rows, n_rows, e);
    if (!code)
        code = m->tn->gather(&x, s, table->matrix, index, e);
    if (!code && m->embedding_scale != 1)
        code = m->tn->multiply(&x, s, x, m->embedding_scale, e);
    if (!code && n_rows < n) {
        code = index_tensor(&index, s, m, places, n_rows, e);
        if (!code)
            code = m->tn->spread(&x, s, x, index, n, e);
    }
    free(rows);
    free(places);
    *out = code ? NULL : x;
    return code;
}

enum err_code real_embed(struct model *m, enum model_stack stack, const int32_t *ids, int64_t n,
                         float *out, struct err *e) {
    tn_scope *s = m->tn->scope_open();
    tn_tensor *x;
    if (!s)
        return err_set(e, ERR_NOMEM, "not enough memory");
    enum err_code code = model_embed_tensor(&x, s, m, stack, ids, n, n, e);
    if (!code)
        code = m->tn->read(x, out, TN_FLOAT32, e);
    m->tn->scope_close(s);
    return code;
}
