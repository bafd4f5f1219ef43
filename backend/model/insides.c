/* Parts of blocks run alone, on a tape of their own over the states that a forward kept. */
#include "backend/insides.h"

#include "backend/architectures/block.h"
#include "backend/architectures/norm.h"
#include "backend/architectures/parts.h"
#include "backend/architectures/stack.h"
#include "backend/base/mem.h"
#include "backend/model/insides_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct value *open_rows(struct tape *t, const struct forward *f, enum model_stack stack, int64_t n,
                        tn_tensor *rows) {
    tape_init(t, f->model->tn, NULL);
    t->spaces[STACK_ENCODER] = (struct space){STACK_ENCODER, 1, f->n_source, 0};
    t->spaces[STACK_DECODER] = (struct space){STACK_DECODER, 1, f->n_target, 0};
    t->spaces[stack].length = n;
    return t->code || !rows ? NULL : tape_input(t, stack, rows);
}

enum err_code close_rows(struct tape *t, struct err *e) {
    enum err_code code = t->code;
    if (code)
        *e = t->error;
    tape_dispose(t);
    return code;
}

struct value *wrap_rows(struct tape *t, const struct forward *f, enum model_stack stack,
                        const float *host, int64_t n) {
    const int64_t dims[2] = {n, f->model->config.n_width};
    tn_tensor *x = NULL;
    t->spaces[stack].length = n;
    if (!t->code)
        t->code = t->tn->wrap(&x, t->work, (void *)(uintptr_t)host, TN_FLOAT32, dims, 2, &t->error);
    if (!t->code)
        t->code = t->tn->move(&x, t->work, x, f->model->dtype, f->model->device, &t->error);
    return t->code ? NULL : tape_input(t, stack, x);
}

/* The encoder's output as a value of this tape. */
static struct value *memory_of(struct tape *t, const struct forward *f) {
    return f->memory ? tape_input(t, STACK_ENCODER, f->memory->tensor) : NULL;
}

float *read_new(struct tape *t, const tn_tensor *x, int64_t n) {
    float *out = mem_alloc((size_t)n * sizeof *out);
    if (!t->code)
        t->code = t->tn->read(x, out, TN_FLOAT32, &t->error);
    return out;
}

const struct stack *stack_of(const struct forward *f, enum model_stack stack) {
    return &f->model->parameters.stacks[stack];
}

static enum model_stack stack_that_has(enum attention_kind kind) {
    return kind == ATTENTION_ENCODER_SELF ? STACK_ENCODER : STACK_DECODER;
}

/* The place of an attention, or of what stands for it, among a block's parts. */
static int index_of(const struct stack *s, enum attention_kind kind) {
    return kind == ATTENTION_CROSS ? plan_index(s->plan, PART_CROSS_ATTENTION) : 0;
}

static enum err_code check(const struct forward *f, enum attention_kind kind, int64_t layer,
                           struct err *e) {
    const struct stack *s = stack_of(f, stack_that_has(kind));
    if (f->n_batch != 1 || !f->tape.keep_states)
        return err_set(e, ERR_INTERNAL,
                       "the inside of a forward that did not keep it, or of several sequences");
    if (layer < 0 || layer >= s->n_layers || index_of(s, kind) < 0)
        return err_set(e, ERR_UNSUPPORTED, "this model has no such attention");
    return ERR_OK;
}

/* Rows [n] of a tensor. */
static tn_tensor *take_rows(struct tape *t, const struct forward *f, const tn_tensor *x,
                            const int64_t *rows, int64_t n) {
    tn_tensor *index = NULL, *out = NULL;
    if (!t->code)
        t->code = t->tn->wrap(&index, t->work, (void *)(uintptr_t)rows, TN_INT64, &n, 1, &t->error);
    if (!t->code)
        t->code = t->tn->move(&index, t->work, index, TN_INT64, f->model->device, &t->error);
    if (!t->code)
        t->code = t->tn->gather(&out, t->work, x, index, &t->error);
    return out;
}

struct value *input_rows(struct tape *t, const struct forward *f, const struct stack *s,
                         int64_t layer, const int64_t *rows, int64_t n) {
    if (s->plan->join != JOIN_SIDE_BY_SIDE)
        return NULL;
    tn_tensor *x = take_rows(t, f, f->tape.hidden[s->which][layer], rows, n);
    return t->code ? NULL : tape_input(t, s->which, x);
}

/* --- how an attention moves information --- */

/* The part of the output map that reads head h: [O, d] or, transposed, [d, O]. */
static struct weight head_part(struct tape *t, const struct forward *f, const struct weight *w,
                               int64_t h, int64_t d) {
    struct weight part = {.transposed = w->transposed};
    if (!w->transposed) {
        if (!t->code)
            t->code = t->tn->columns(&part.matrix, t->work, w->matrix, h * d, d, &t->error);
        return part;
    }
    int64_t *rows = mem_alloc((size_t)d * sizeof *rows);
    for (int64_t i = 0; i < d; i++)
        rows[i] = h * d + i;
    part.matrix = take_rows(t, f, w->matrix, rows, d);
    free(rows);
    return part;
}

/* Values [Tk, K·d] through each head's part of the output map. */
static void move_values(struct tape *t, const struct forward *f, struct attention_parts *out,
                        const struct value *values, const struct weight *output, int64_t n_kv,
                        int64_t d) {
    const int64_t n = out->n_key, h_per_kv = out->n_heads / n_kv;
    float *v = read_new(t, values ? values->tensor : NULL, n * n_kv * d),
          *one = mem_alloc((size_t)(n * d) * sizeof *one);
    out->moved = malloc((size_t)(out->n_heads * n * out->width) * sizeof *out->moved);
    if (!t->code && !out->moved)
        t->code = err_set(&t->error, ERR_NOMEM, "out of memory for the values that %lld heads move",
                          (long long)out->n_heads);
    for (int64_t h = 0; h < out->n_heads && !t->code; h++) {
        for (int64_t j = 0; j < n; j++)
            memcpy(one + j * d, v + (j * n_kv + h / h_per_kv) * d, (size_t)d * sizeof *one);
        const struct weight part = head_part(t, f, output, h, d);
        const int64_t dims[2] = {n, d};
        tn_tensor *x = NULL, *y = NULL;
        if (!t->code)
            t->code = t->tn->wrap(&x, t->work, one, TN_FLOAT32, dims, 2, &t->error);
        if (!t->code)
            t->code = t->tn->move(&x, t->work, x, f->model->dtype, f->model->device, &t->error);
        if (!t->code)
            t->code =
                t->tn->linear(&y, t->work, x, part.matrix, NULL, NULL, part.transposed, &t->error);
        if (!t->code)
            t->code = t->tn->read(y, out->moved + h * n * out->width, TN_FLOAT32, &t->error);
    }
    free(one);
    free(v);
}

/* Input, forget gate and states of a recurrence. */
static void read_recurrence(struct tape *t, struct attention_parts *out,
                            const struct part_weights *w, struct value *x) {
    const int64_t n = out->n_query * out->width;
    struct value *input = tape_linear(t, x, &w->recurrent_input),
                 *gate = tape_linear(t, x, &w->recurrent_gate);
    struct value *state = tape_recurrence(t, input, gate, 0);
    out->input = read_new(t, t->code ? NULL : input->tensor, n);
    out->forget = read_new(t, t->code ? NULL : gate->tensor, n);
    out->state = read_new(t, t->code ? NULL : state->tensor, n);
    for (int64_t i = 0; i < n; i++)
        out->forget[i] = 1 / (1 + expf(-out->forget[i]));
}

struct row_norm read_norm(struct tape *t, const struct stack *s, const struct norm *w) {
    const int64_t width = s->config->n_width;
    if (!w)
        return (struct row_norm){0};
    return (struct row_norm){.scale = read_new(t, w->scale, width),
                             .shift = w->bias ? read_new(t, w->bias, width) : NULL,
                             .centred = norm_centres(s->plan->norm),
                             .epsilon = s->sizes->norm_epsilon};
}

void scale_numbers(float *x, int64_t n, double factor) {
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(factor * x[i]);
}

struct row_norm read_branch_norm(struct tape *t, const struct stack *s,
                                 const struct part_weights *w) {
    const double factor = s->config->branch_scale;
    const int64_t width = s->config->n_width;
    struct row_norm norm = read_norm(t, s, block_branch_norm(s->plan, w));
    if (norm.scale && factor > 0)
        scale_numbers(norm.scale, width, factor);
    if (norm.shift && factor > 0)
        scale_numbers(norm.shift, width, factor);
    return norm;
}

void row_norm_dispose(struct row_norm *norm) {
    free(norm->scale);
    free(norm->shift);
    *norm = (struct row_norm){0};
}

static void read_parts(struct tape *t, struct forward *f, enum attention_kind kind, int64_t layer,
                       struct attention_parts *out) {
    const struct stack *s = stack_of(f, stack_that_has(kind));
    const int part = index_of(s, kind);
    const struct part_weights *w = &s->blocks[layer].parts[part];
    struct value *input = open_rows(t, f, s->which, out->n_query, f->tape.hidden[s->which][layer]),
                 *memory = memory_of(t, f);
    struct value *x = block_state(s, t, layer, part, block_sums(s, t, layer, part, input, memory));
    const struct norm *read = block_read_norm(s, layer, part);
    if (t->code)
        return;
    out->residual = read_new(t, x->tensor, out->n_query * out->width);
    out->branch = read_branch_norm(t, s, w);
    out->after = read_norm(t, s, block_state_norm(s, layer, part + 1));
    if (s->plan->join == JOIN_SIDE_BY_SIDE)
        x = input;
    if (read)
        x = norm_apply(s, t, read, x);
    if (s->plan->parts[part] == PART_RECURRENCE) {
        read_recurrence(t, out, w, x);
        return;
    }
    struct value *values = out->cross ? tape_linear(t, memory, &w->value) : part_values(s, t, w, x);
    const int64_t n_kv = kind == ATTENTION_CROSS ? out->n_heads : s->sizes->n_kv_heads;
    if (!t->code)
        move_values(t, f, out, values, &w->output, n_kv, t->tn->columns_of(values->tensor) / n_kv);
    out->bias = w->output.bias ? read_new(t, w->output.bias, out->width)
                               : mem_alloc((size_t)out->width * sizeof *out->bias);
    if (!t->code && !out->branch.scale && s->config->branch_scale > 0) {
        scale_numbers(out->moved, out->n_heads * out->n_key * out->width, s->config->branch_scale);
        scale_numbers(out->bias, out->width, s->config->branch_scale);
    }
}

enum err_code real_attention_parts(struct forward *f, enum attention_kind kind, int64_t layer,
                                   struct attention_parts *out, struct err *e) {
    const struct model_config *c = &f->model->config;
    struct tape t = {0};
    *out = (struct attention_parts){.width = c->n_width,
                                    .causal = kind == ATTENTION_DECODER_SELF,
                                    .cross = kind == ATTENTION_CROSS};
    enum err_code code = check(f, kind, layer, e);
    if (code)
        return code;
    out->n_heads = model_config_sizes(c, stack_that_has(kind))->n_heads;
    out->n_query = kind == ATTENTION_ENCODER_SELF ? f->n_source : f->n_target;
    out->n_key = kind == ATTENTION_DECODER_SELF ? f->n_target : f->n_source;
    read_parts(&t, f, kind, layer, out);
    code = close_rows(&t, e);
    if (code)
        goto out;
    if (!out->input) {
        out->weights =
            malloc((size_t)(out->n_heads * out->n_query * out->n_key) * sizeof *out->weights);
        code = out->weights
                   ? real_attentions(f, kind, layer, 0, out->n_query, out->weights, e)
                   : err_set(e, ERR_NOMEM, "out of memory for one layer's attention weights");
    }
out:
    if (code)
        attention_parts_dispose(out);
    return code;
}

void attention_parts_dispose(struct attention_parts *p) {
    free(p->weights);
    free(p->moved);
    free(p->residual);
    free(p->bias);
    free(p->input);
    free(p->forget);
    free(p->state);
    row_norm_dispose(&p->branch);
    row_norm_dispose(&p->after);
    *p = (struct attention_parts){0};
}

/* --- the rest of a block ----------------------------------------------------------------- */

enum err_code real_block_rest(struct forward *f, enum attention_kind after, int64_t layer,
                              const int64_t *rows, const float *sums, int64_t n, bool final_norm,
                              float *out, struct err *e) {
    const struct stack *s = stack_of(f, stack_that_has(after));
    struct tape t;
    enum err_code code = check(f, after, layer, e);
    if (code)
        return code;
    open_rows(&t, f, s->which, n, NULL);
    struct value *x = wrap_rows(&t, f, s->which, sums, n),
                 *input = input_rows(&t, f, s, layer, rows, n);
    x = block_rest(s, &t, layer, index_of(s, after) + 1, input, x, memory_of(&t, f));
    if (final_norm)
        x = stack_block_end(s, &t, layer, x);
    if (!t.code)
        t.code = t.tn->read(x->tensor, out, TN_FLOAT32, &t.error);
    return close_rows(&t, e);
}

int64_t real_block_rest_bytes(const struct forward *f) {
    const struct model_config *c = &f->model->config;
    const int64_t attention = c->encoder_decoder ? 2 * c->n_heads * c->n_head_width : 0;
    return (8 * c->n_width + 3 * model_config_widest(c) + attention) *
           (f->model->dtype == TN_FLOAT64 ? 8 : 4);
}
