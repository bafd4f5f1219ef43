/* A family without a decoder: the words and segments are read from the file row by row, as few of
 * them are wanted; all else is the encoder of its plan. */
#include "backend/encoder.h"

#include "backend/architectures/families.h"
#include "backend/architectures/loader.h"
#include "backend/architectures/names.h"
#include "backend/architectures/stack.h"
#include "backend/base/cores.h"
#include "backend/base/finite.h"
#include "backend/base/json_file.h"
#include "backend/base/mem.h"
#include "backend/settings/settings.h"
#include "backend/tokenizers/wordpiece.h"

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
    struct model_config config;   /* its encoder's sizes only */
    struct parameters parameters; /* as many of its layers as are wanted */
    struct model_files files;
    struct weights *weights;
    struct loader_buffers buffers;
    struct wordpiece tokenizer;
};

/* --- opening ----------------------------------------------------------------------------- */

/* The family by its type; one that writes texts, or none, is an error. */
static struct family_match find_family(struct fields *f) {
    char type[32];
    field_text(f, "model_type", "", type, sizeof type);
    const struct family_match m = family_find(LAYOUT_HUGGING_FACE, NULL, type);
    if (m.family && !family_writes(m.family))
        return m;
    char *list = family_list_encoders(LAYOUT_HUGGING_FACE);
    field_fail(f, ERR_UNSUPPORTED,
               "model_type is \"%s\"; the encoders that run here are of type %s", type, list);
    free(list);
    return m;
}

static void read_family(struct model_config *c, struct fields *f, const struct family_match *m) {
    const struct settings *const tables[] = {m->class->settings, m->class->generation};
    struct setting_notes notes = {0};
    f->notes = &notes;
    family_begin(c, m);
    settings_read(c, f, tables[0], &c->n_vocab);
    settings_check_keys(f, tables, NULL, 2);
    setting_notes_take(&notes, c->notice, sizeof c->notice);
    if (!f->code && c->n_width % c->encoder_sizes.n_heads != 0)
        field_fail(f, ERR_FORMAT, "hidden_size is no multiple of num_attention_heads");
}

static enum err_code read_config(struct model_config *c, const char *path, struct err *e) {
    cJSON *json;
    enum err_code code = json_read_object(&json, path, MAX_CONFIG, e);
    if (code)
        return code;
    struct fields f = {.file = path, .json = json, .e = e};
    const struct family_match m = find_family(&f);
    if (!f.code)
        read_family(c, &f, &m);
    cJSON_Delete(json);
    return f.code;
}

static enum err_code load(struct encoder *x, double part, const struct run_ctl *ctl,
                          struct err *e) {
    struct loader *l = loader_new(x->weights, false);
    const int n_threads = cores_threads();
    const struct names names = names_of(&x->config, x->weights);
    const int64_t taken = llround(part * (double)x->config.encoder_sizes.n_layers);
    parameters_init(&x->parameters, &x->config, taken < 1 ? 1 : taken, 0);
    enum err_code code = names_load(&x->parameters, &names, l, e);
    if (code)
        goto out;
    code = loader_decode(l, n_threads > MAX_THREADS ? MAX_THREADS : n_threads, ctl, e);
    run_progress(ctl, "loading the encoder", 2, 3);
    if (code)
        goto out;
    if (!(x->tn = tn_load(e)))
        code = e->code;
    if (code)
        goto out;
    if (!(x->scope = x->tn->scope_open()))
        code = err_set(e, ERR_NOMEM, "not enough memory");
    if (code)
        goto out;
    code = loader_place(l, x->tn, x->scope, TN_FLOAT32, TN_CPU, e);
out:
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
    if (code)
        goto out;
    if (x->files.layout != LAYOUT_HUGGING_FACE)
        code = err_set(e, ERR_UNSUPPORTED,
                       "%s is no Hugging Face folder, the only layout that an encoder has here",
                       folder);
    if (code)
        goto out;
    code = read_config(&x->config, x->files.config, e);
    if (code)
        goto out;
    code = wordpiece_open(&x->tokenizer, x->files.folder, e);
    run_progress(ctl, "loading the encoder", 1, 3);
    if (code)
        goto out;
    if (run_cancelled(ctl))
        code = err_set(e, ERR_CANCELLED, "loading was cancelled");
    if (code)
        goto out;
    code = weights_open(&x->weights, x->files.weights, e);
    if (code)
        goto out;
    code = load(x, part, ctl, e);
out:
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
    parameters_dispose(&x->parameters);
    wordpiece_dispose(&x->tokenizer);
    weights_close(x->weights);
    model_files_dispose(&x->files);
    free(x);
}

void encoder_pieces(const struct encoder *x, const char *text, size_t n_text, int32_t **ids,
                    size_t *n) {
    struct piece_ids all = {*ids, *n};
    wordpiece_encode(&x->tokenizer, text, n_text, &all);
    *ids = all.items;
    *n = all.n;
}
int64_t encoder_width(const struct encoder *x) {
    return x->config.n_width;
}
int64_t encoder_layers(const struct encoder *x) {
    return x->parameters.stacks[STACK_ENCODER].n_layers;
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

/* Words, plus the first segment's: out [n + 2, D]. */
static enum err_code embed(const struct encoder *x, const int32_t *ids, int64_t n, float *out,
                           struct err *e) {
    const int64_t d = x->config.n_width;
    float *segment = mem_alloc((size_t)d * sizeof *segment);
    int32_t *all = mem_alloc((size_t)(n + 2) * sizeof *all);
    memcpy(all + 1, ids, (size_t)n * sizeof *all);
    all[0] = x->tokenizer.begin;
    all[n + 1] = x->tokenizer.end;
    enum err_code code =
        weights_read_rows_f32(x->weights, x->parameters.segments, 0, 1, segment, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n + 2; i++) {
        const int32_t id = all[i];
        float *row = out + i * d;
        if (id < 0 || id >= x->config.n_vocab)
            code = err_set(e, ERR_FORMAT,
                           "%s: piece %d of its tokenizer has no embedding: there are %lld",
                           x->files.folder, id, (long long)x->config.n_vocab);
        if (code)
            goto out;
        code = weights_read_rows_f32(x->weights, x->parameters.words, id, 1, row, e);
        if (code)
            goto out;
        for (int64_t k = 0; k < d; k++)
            row[k] += segment[k];
    }
out:
    free(all);
    free(segment);
    return code;
}

/* The states of pieces whose embeddings are in rows [n, D], into the same rows. */
static enum err_code run_stack(const struct encoder *x, float *rows, int64_t n,
                               const struct run_ctl *ctl, struct err *e) {
    const struct stack *s = &x->parameters.stacks[STACK_ENCODER];
    const int64_t dims[2] = {n, x->config.n_width};
    struct tape t;
    tn_tensor *view;
    tape_init(&t, x->tn, ctl);
    t.spaces[STACK_ENCODER] = (struct space){STACK_ENCODER, 1, n, 0};
    if (!t.code)
        t.code = x->tn->wrap(&view, t.keep, rows, TN_FLOAT32, dims, 2, &t.error);
    if (t.code)
        goto out;
    const struct value *v =
        stack_run(s, &t, 0, stack_begin(s, &t, tape_input(&t, STACK_ENCODER, view)), NULL);
    if (t.code)
        goto out;
    t.code = x->tn->read(v->tensor, rows, TN_FLOAT32, &t.error);
out:;
    const enum err_code code = t.code;
    if (code && e)
        *e = t.error;
    tape_dispose(&t);
    return code;
}

enum err_code encoder_states(struct encoder *x, const int32_t *ids, int64_t n, float *out,
                             const struct run_ctl *ctl, struct err *e) {
    const int64_t d = x->config.n_width;
    if (n < 1 || n > encoder_longest(x))
        return err_set(e, ERR_USAGE, "the encoder reads texts of 1 to %lld pieces, not %lld",
                       (long long)encoder_longest(x), (long long)n);
    float *rows = malloc((size_t)((n + 2) * d) * sizeof *rows);
    if (!rows)
        return err_set(e, ERR_NOMEM, "not enough memory for the encoder's states");
    enum err_code code = embed(x, ids, n, rows, e);
    if (code)
        goto out;
    code = run_stack(x, rows, n + 2, ctl, e);
    if (code)
        goto out;
    memcpy(out, rows + d, (size_t)(n * d) * sizeof *out);
    if (finite_first_not(out, n * d) >= 0)
        code = err_set(e, ERR_FORMAT,
                       "%s: the encoder's states are not finite: its weights are damaged",
                       x->files.folder);
out:
    free(rows);
    return code;
}
