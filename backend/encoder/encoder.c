/* A block of BERT's is the block of MarianMT's encoder (post-norm, Vaswani et al. 2017) with other
 * names; the embeddings are its own. */
#include "backend/encoder.h"

#include "backend/base/mem.h"
#include "backend/config/settings.h"
#include "backend/model/loader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CONFIG (4u << 20)
#define MAX_THREADS 4

struct encoder {
    const struct tn_api *tn;
    tn_scope *scope;              /* of all parameters */
    struct model_config config;   /* its encoder's sizes only; n_encoder_layers is what is loaded */
    struct parameters parameters; /* encoder blocks only */
    struct norm embedding_norm;
    const struct weight_info *words, *positions, *types; /* tables, read row by row */
    struct model_files files;
    struct weights *weights;
    struct loader_buffers buffers;
    struct wordpiece tokenizer;
    const char *prefix; /* of tensor names: "" or "bert." */
};

static const struct architecture_ops *const blocks = &architecture_marian_mt;

/* --- opening ----------------------------------------------------------------------------- */

static enum err_code read_config(struct model_config *c, const char *path, double part,
                                 struct err *e) {
    cJSON *json;
    enum err_code code = json_read_object(&json, path, MAX_CONFIG, e);
    if (code != ERR_OK)
        return code;
    const struct settings *const tables[] = {&settings_bert, &settings_generation};
    struct setting_notes notes = {0};
    struct fields f = {.file = path, .json = json, .notes = &notes, .e = e};
    char type[32];
    field_text(&f, "model_type", "", type, sizeof type);
    if (strcmp(type, "bert") != 0)
        field_fail(&f, ERR_UNSUPPORTED,
                   "model_type is \"%s\"; the encoders that run here are of type bert", type);
    *c = (struct model_config){.architecture = ARCHITECTURE_MARIAN_MT, .encoder_decoder = true};
    settings_read(c, &f, tables[0], &c->n_vocab);
    settings_check_keys(&f, tables, NULL, 2);
    setting_notes_take(&notes, c->notice, sizeof c->notice);
    const int64_t layers = c->n_encoder_layers, taken = llround(part * (double)layers);
    c->n_encoder_layers = taken < 1 ? 1 : taken;
    if (f.code == ERR_OK && c->n_width % c->n_encoder_heads != 0)
        field_fail(&f, ERR_FORMAT, "hidden_size is no multiple of num_attention_heads");
    cJSON_Delete(json);
    return f.code;
}

struct names {
    char weight[160], bias[160];
};

/* layer −1: of the embeddings. */
static struct names names_of(const struct encoder *x, int64_t layer, const char *part) {
    char place[40] = "embeddings";
    struct names n;
    if (layer >= 0)
        snprintf(place, sizeof place, "encoder.layer.%d", (int)layer);
    snprintf(n.weight, sizeof n.weight, "%s%s.%s.weight", x->prefix, place, part);
    snprintf(n.bias, sizeof n.bias, "%s%s.%s.bias", x->prefix, place, part);
    return n;
}

static enum err_code linear(struct encoder *x, struct loader *l, struct weight *w, int64_t layer,
                            const char *part, int64_t n_out, int64_t n_in, struct err *e) {
    const struct names n = names_of(x, layer, part);
    return loader_linear(l, w, n.weight, n.bias, n_out, n_in, false, 0, e);
}

static enum err_code norm(struct encoder *x, struct loader *l, struct norm *w, int64_t layer,
                          const char *part, struct err *e) {
    const struct names n = names_of(x, layer, part);
    return loader_norm(l, w, n.weight, n.bias, x->config.n_width, e);
}

static enum err_code load_block(struct encoder *x, struct loader *l, int64_t i, struct err *e) {
    struct block_weights *b = &x->parameters.encoder[i];
    const int64_t d = x->config.n_width, f = x->config.n_ffn;
    enum err_code code;
    if ((code = linear(x, l, &b->query, i, "attention.self.query", d, d, e)) ||
        (code = linear(x, l, &b->key, i, "attention.self.key", d, d, e)) ||
        (code = linear(x, l, &b->value, i, "attention.self.value", d, d, e)) ||
        (code = linear(x, l, &b->output, i, "attention.output.dense", d, d, e)) ||
        (code = norm(x, l, &b->self_norm, i, "attention.output.LayerNorm", e)) ||
        (code = linear(x, l, &b->up, i, "intermediate.dense", f, d, e)) ||
        (code = linear(x, l, &b->down, i, "output.dense", d, f, e)))
        return code;
    return norm(x, l, &b->ffn_norm, i, "output.LayerNorm", e);
}

/* A table of embeddings [at least `rows`, D]. */
static enum err_code find_table(const struct encoder *x, const struct weight_info **out,
                                const char *part, int64_t rows, struct err *e) {
    const struct names n = names_of(x, -1, part);
    *out = weights_find(x->weights, n.weight);
    if (!*out)
        return err_set(e, ERR_FORMAT, "the checkpoint has no tensor \"%s\"", n.weight);
    if ((*out)->n_dims != 2 || (*out)->dims[0] < rows || (*out)->dims[1] != x->config.n_width)
        return err_set(e, ERR_SHAPE, "tensor \"%s\" is not [%lld, %lld], as the configuration asks",
                       n.weight, (long long)rows, (long long)x->config.n_width);
    return ERR_OK;
}

static enum err_code want_all(struct encoder *x, struct loader *l, struct err *e) {
    enum err_code code = find_table(x, &x->words, "word_embeddings", x->config.n_vocab, e);
    if (!code)
        code = find_table(x, &x->positions, "position_embeddings", x->config.n_positions, e);
    if (!code)
        code = find_table(x, &x->types, "token_type_embeddings", 1, e);
    if (!code)
        code = norm(x, l, &x->embedding_norm, -1, "LayerNorm", e);
    for (int64_t i = 0; i < x->config.n_encoder_layers && !code; i++)
        code = load_block(x, l, i, e);
    return code;
}

static enum err_code load(struct encoder *x, const struct run_ctl *ctl, struct err *e) {
    struct loader *l = loader_new(x->weights, false);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    x->parameters.encoder =
        mem_alloc((size_t)x->config.n_encoder_layers * sizeof *x->parameters.encoder);
    enum err_code code = want_all(x, l, e);
    if (!code)
        code = loader_decode(l, cores > MAX_THREADS ? MAX_THREADS : (int)cores, ctl, e);
    run_progress(ctl, "loading the encoder", 2, 3);
    if (!code && !(x->tn = tn_load(e)))
        code = e->code;
    if (!code && !(x->scope = x->tn->scope_open()))
        code = err_set(e, ERR_NOMEM, "not enough memory");
    if (!code)
        code = loader_place(l, x->tn, x->scope, TN_FLOAT32, TN_CPU, e);
    x->buffers = loader_take_buffers(l); /* tensors may stand on them, whatever came after */
    loader_free(l);
    return code;
}

enum err_code encoder_open(struct encoder **out, const char *folder, double part,
                           const struct run_ctl *ctl, struct err *e) {
    struct encoder *x = mem_alloc(sizeof *x);
    struct err own;
    e = e ? e : &own;
    *out = NULL;
    run_progress(ctl, "loading the encoder", 0, 3);
    enum err_code code = model_locate(&x->files, folder, e);
    if (!code && x->files.layout != LAYOUT_HUGGING_FACE)
        code = err_set(e, ERR_UNSUPPORTED,
                       "%s is no Hugging Face folder, the only layout that an encoder has here",
                       folder);
    if (!code)
        code = read_config(&x->config, x->files.config, part, e);
    if (!code)
        code = wordpiece_open(&x->tokenizer, x->files.folder, e);
    run_progress(ctl, "loading the encoder", 1, 3);
    if (!code && run_cancelled(ctl))
        code = err_set(e, ERR_CANCELLED, "loading was cancelled");
    if (!code)
        code = weights_open(&x->weights, x->files.weights, e);
    if (!code) {
        x->prefix =
            weights_find(x->weights, "bert.embeddings.word_embeddings.weight") ? "bert." : "";
        code = load(x, ctl, e);
    }
    if (code) {
        encoder_free(x);
        return code;
    }
    run_progress(ctl, "loading the encoder", 3, 3);
    *out = x;
    return ERR_OK;
}

void encoder_free(struct encoder *x) {
    if (!x)
        return;
    if (x->scope)
        x->tn->scope_close(x->scope);
    loader_buffers_free(&x->buffers);
    free(x->parameters.encoder);
    wordpiece_dispose(&x->tokenizer);
    weights_close(x->weights);
    model_files_dispose(&x->files);
    free(x);
}

const struct wordpiece *encoder_tokenizer(const struct encoder *x) {
    return &x->tokenizer;
}
int64_t encoder_width(const struct encoder *x) {
    return x->config.n_width;
}
int64_t encoder_layers(const struct encoder *x) {
    return x->config.n_encoder_layers;
}

const char *encoder_notice(const struct encoder *x) {
    return x->config.notice;
}

int64_t encoder_longest(const struct encoder *x) {
    const int64_t said = x->tokenizer.longest_text,
                  n = said > 2 && said < x->config.n_positions ? said : x->config.n_positions;
    return n - 2;
}

/* --- running ----------------------------------------------------------------------------- */

/* Words, plus type 0, plus positions, before the norm: out [n + 2, D]. */
static enum err_code embed(const struct encoder *x, const int32_t *ids, int64_t n, float *out,
                           struct err *e) {
    const int64_t d = x->config.n_width;
    float *other = mem_alloc((size_t)d * 2 * sizeof *other), *type = other + d;
    enum err_code code = weights_read_rows_f32(x->weights, x->types, 0, 1, type, e);
    for (int64_t i = 0; i < n + 2 && !code; i++) {
        const int32_t id = i == 0 ? x->tokenizer.begin : i == n + 1 ? x->tokenizer.end : ids[i - 1];
        float *row = out + i * d;
        if (id < 0 || id >= x->config.n_vocab)
            code = err_set(e, ERR_FORMAT,
                           "%s: piece %d of its tokenizer has no embedding: there are %lld",
                           x->files.folder, id, (long long)x->config.n_vocab);
        if (!code)
            code = weights_read_rows_f32(x->weights, x->words, id, 1, row, e);
        if (!code)
            code = weights_read_rows_f32(x->weights, x->positions, i, 1, other, e);
        for (int64_t k = 0; k < d && !code; k++)
            row[k] = row[k] + type[k] + other[k];
    }
    free(other);
    return code;
}

enum err_code encoder_states(struct encoder *x, const int32_t *ids, int64_t n, float *out,
                             const struct run_ctl *ctl, struct err *e) {
    const int64_t d = x->config.n_width, dims[2] = {n + 2, d};
    if (n < 1 || n > encoder_longest(x))
        return err_set(e, ERR_USAGE, "the encoder reads texts of 1 to %lld pieces, not %lld",
                       (long long)encoder_longest(x), (long long)n);
    float *rows = malloc((size_t)((n + 2) * d) * sizeof *rows);
    if (!rows)
        return err_set(e, ERR_NOMEM, "not enough memory for the encoder's states");
    enum err_code code = embed(x, ids, n, rows, e);
    struct tape t;
    tape_init(&t, x->tn, ctl);
    t.spaces[STACK_ENCODER] = (struct space){STACK_ENCODER, 1, n + 2, 0};
    tn_tensor *view;
    if (!code && !t.code)
        t.code = x->tn->wrap(&view, t.keep, rows, TN_FLOAT32, dims, 2, &t.error);
    if (!code && !t.code) {
        struct value *v = tape_layer_norm(&t, tape_input(&t, STACK_ENCODER, view),
                                          &x->embedding_norm, x->config.norm_epsilon);
        v = stack_run(blocks, &x->parameters, &x->config, &t, STACK_ENCODER, 0, v, NULL);
        if (!t.code)
            t.code = x->tn->read(v->tensor, rows, TN_FLOAT32, &t.error);
    }
    if (!code && t.code) {
        code = t.code;
        if (e)
            *e = t.error;
    }
    if (!code)
        memcpy(out, rows + d, (size_t)(n * d) * sizeof *out);
    tape_dispose(&t);
    free(rows);
    return code;
}
