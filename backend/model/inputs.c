/* What a forward begins with: embeddings of ids, and tables of positions that are long enough. */
#include "backend/architectures/positions.h"
#include "backend/base/mem.h"
#include "backend/model/model.h"
#include "backend/model/real.h"

#include <stdlib.h>

#define TABLE_STEP 512 /* positions a table holds at first, and grows by at least */

/* A table [n_rows, width] of positions, in `scope`; the one on the host is freed. */
static enum err_code place_table(tn_tensor **out, double *table, struct model *m, tn_scope *scope,
                                 int64_t n_rows, int64_t width, struct err *e) {
    tn_tensor *view, *copy;
    enum err_code code =
        m->tn->wrap(&view, scope, table, TN_FLOAT64, (int64_t[]){n_rows, width}, 2, e);
    if (code)
        goto out;
    /* A copy of its own: the table on the host goes. */
    code = m->tn->multiply(&copy, scope, view, 1, e);
    if (code)
        goto out;
    code = m->tn->move(out, scope, copy, m->dtype, m->device, e);
out:
    free(table);
    return code;
}

/* A stack's table of n positions, in `scope`. */
static enum err_code make_table(tn_tensor **out, const struct stack *s, struct model *m,
                                tn_scope *scope, int64_t n, struct err *e) {
    int64_t n_rows, width;
    double *table = positions_table(s, &m->parameters, n, &n_rows, &width);
    return place_table(out, table, m, scope, n_rows, width, e);
}

static enum err_code make_local_table(tn_tensor **out, const struct stack *s, struct model *m,
                                      tn_scope *scope, int64_t n, struct err *e) {
    int64_t width;
    double *table = positions_local_table(s, n, &width);
    return place_table(out, table, m, scope, n, width, e);
}

/* One for each layer, or one for all. */
static enum err_code make_biases(struct stack *s, struct model *m, tn_scope *scope, struct err *e) {
    enum err_code code = ERR_OK;
    for (int64_t i = 0; s->biases && i < s->n_layers && !code; i++) {
        const float *own = stack_part(s, i, PART_ATTENTION)->buckets;
        int64_t columns;
        s->biases[i] = s->biases[0];
        if (i > 0 && !own)
            continue;
        double *table = positions_biases(s, own ? own : s->buckets, &columns, &s->bias_zero);
        code = place_table(&s->biases[i], table, m, scope, s->sizes->n_heads, columns, e);
    }
    return code;
}

/* Both stacks', or one for both where they are alike. */
static enum err_code make_tables(struct model *m, tn_scope *scope, int64_t n, struct err *e) {
    struct stack *encoder = &m->parameters.stacks[STACK_ENCODER],
                 *decoder = &m->parameters.stacks[STACK_DECODER];
    tn_tensor *first = encoder->positions, *second = decoder->positions;
    const bool alike = positions_are_alike(encoder, decoder);
    enum err_code code = ERR_OK;
    if (positions_are_computed(encoder->plan))
        code = make_table(&first, encoder, m, scope, n, e);
    if (code)
        return code;
    if (positions_are_computed(decoder->plan) && !alike)
        code = make_table(&second, decoder, m, scope, n, e);
    if (code)
        return code;
    code = make_biases(encoder, m, scope, e);
    if (code)
        return code;
    code = make_biases(decoder, m, scope, e);
    if (code)
        return code;
    if (m->config.rope_local_base > 0)
        code = make_local_table(&decoder->local_positions, decoder, m, scope, n, e);
    if (code)
        return code;
    encoder->positions = first;
    decoder->positions = alike ? first : second;
    return ERR_OK;
}

enum err_code model_need_positions(struct model *m, int64_t n, struct err *e) {
    enum err_code code = model_config_check_text(&m->config, n, e);
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

enum err_code model_need_source_positions(struct model *m, int64_t n, struct err *e) {
    /* A table of another length is the checkpoint's: there is nothing to make. */
    return m->config.n_source_positions ? model_config_check_prompt(&m->config, n, e)
                                        : model_need_positions(m, n, e);
}

enum err_code model_place_rotations(struct model *m, struct tape *t, struct err *e) {
    const struct space *rows = &t->spaces[STACK_DECODER];
    const int64_t run = rows->first + rows->length;
    int64_t width;
    tn_tensor *table;
    if (!m->config.rope_switch || run <= m->config.rope_switch)
        return ERR_OK;
    double *numbers = positions_rotations(&m->parameters.stacks[STACK_DECODER], &m->parameters, run,
                                          rows->first, run, &width);
    enum err_code code = place_table(&table, numbers, m, t->keep, run, width, e);
    if (code)
        return code;
    t->rotations = table;
    return ERR_OK;
}

/* An int64 tensor of n numbers that stay the caller's. */
static enum err_code index_tensor(tn_tensor **out, tn_scope *s, struct model *m, int64_t *numbers,
                                  int64_t n, struct err *e) {
    enum err_code code = m->tn->wrap(out, s, numbers, TN_INT64, &n, 1, e);
    if (code)
        return code;
    return m->tn->like(out, s, *out, m->parameters.embedding.matrix, e);
}

/* A start without an embedding is left out of the look-up, and its row zero. */
enum err_code model_embed_tensor(tn_tensor **out, tn_scope *s, struct model *m,
                                 enum model_stack stack, const int32_t *ids, int64_t n,
                                 int64_t length, struct err *e) {
    const struct weight *table = parameters_embedding(&m->parameters, stack);
    const int64_t n_vocab = model_config_vocab(&m->config, stack);
    const bool zero_start = m->config.zero_start && stack == STACK_DECODER && length > 0;
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows),
            *places = mem_alloc((size_t)n * sizeof *places), n_rows = 0;
    tn_tensor *index, *x = NULL;
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n; i++) {
        if (zero_start && i % length == 0 && ids[i] == m->config.decoder_start_token_id)
            continue;
        if (ids[i] < 0 || ids[i] >= n_vocab) {
            code = err_set(e, ERR_FORMAT, "token id %d is outside the vocabulary of %lld", ids[i],
                           (long long)n_vocab);
            goto out;
        }
        rows[n_rows] = ids[i];
        places[n_rows++] = i;
    }
    code = index_tensor(&index, s, m, rows, n_rows, e);
    if (code)
        goto out;
    code = m->tn->gather(&x, s, table->matrix, index, e);
    if (code)
        goto out;
    if (m->embedding_scale != 1)
        code = m->tn->multiply(&x, s, x, m->embedding_scale, e);
    if (code || n_rows == n)
        goto out;
    code = index_tensor(&index, s, m, places, n_rows, e);
    if (code)
        goto out;
    code = m->tn->spread(&x, s, x, index, n, e);
out:
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
    if (code)
        goto out;
    code = m->tn->read(x, out, TN_FLOAT32, e);
out:
    m->tn->scope_close(s);
    return code;
}
