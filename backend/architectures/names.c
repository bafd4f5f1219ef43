#include "backend/architectures/names.h"

#include "backend/architectures/loader.h"
#include "backend/architectures/row_order.h"
#include "backend/base/mem.h"

#include <assert.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NAME 200

struct names names_of(const struct model_config *c, const struct weights *w) {
    const struct family_layout *l = &c->family->layouts[c->layout];
    struct names n = {l, c, w, false};
    n.bare = l->prefix && !weights_find(w, l->rows[0].name) &&
             weights_find(w, l->rows[0].name + strlen(l->prefix));
    return n;
}

/* --- what a slot is */

enum kind {
    KIND_NONE,
    KIND_MAP,
    KIND_QKV,
    KIND_TABLE,
    KIND_MATRIX,
    KIND_NORM,
    KIND_VECTOR,
    KIND_HOST, /* numbers, read at once; may be missing */
    KIND_ROWS  /* a table that stays in the file, of at least so many rows */
};
enum dim {
    DIM_ONE,
    DIM_WIDTH,
    DIM_FFN,
    DIM_QUERIES,
    DIM_KEYS,
    DIM_VOCAB,
    DIM_POSITIONS,
    DIM_PAIRS
};

/* `at` is within struct part_weights where a part is named, else within struct stack from
 * SLOT_POSITIONS on, and before within struct parameters. */
struct slot_is {
    enum kind kind;
    size_t at;
    enum dim out, in;
    enum part part; /* whose it is; PART_NONE: the stack's or the model's */
};

#define MODEL(member) offsetof(struct parameters, member)
#define STACK(member) offsetof(struct stack, member)
#define PART(member) offsetof(struct part_weights, member)
#define WIDE DIM_WIDTH, DIM_WIDTH

static const struct slot_is slots[] = {
    [SLOT_IGNORED] = {KIND_NONE},
    [SLOT_EMBEDDING] = {KIND_TABLE, MODEL(embedding), DIM_VOCAB, DIM_WIDTH},
    [SLOT_DECODER_EMBEDDING] = {KIND_TABLE, MODEL(decoder_embedding), DIM_VOCAB, DIM_WIDTH},
    [SLOT_WORDS] = {KIND_ROWS, MODEL(words), DIM_VOCAB, DIM_WIDTH},
    [SLOT_SEGMENTS] = {KIND_ROWS, MODEL(segments), DIM_ONE, DIM_WIDTH},
    [SLOT_HEAD] = {KIND_TABLE, MODEL(head), DIM_VOCAB, DIM_WIDTH},
    [SLOT_HEAD_BIAS] = {KIND_VECTOR, MODEL(head.bias), DIM_VOCAB},
    [SLOT_ROPE_DIVISORS] = {KIND_HOST, MODEL(rope_divisors), DIM_PAIRS},
    [SLOT_POSITIONS] = {KIND_MATRIX, STACK(positions), DIM_POSITIONS, DIM_WIDTH},
    [SLOT_EMBEDDING_NORM] = {KIND_NORM, STACK(embedding_norm), DIM_WIDTH},
    [SLOT_FINAL_NORM] = {KIND_NORM, STACK(final_norm), DIM_WIDTH},
    [SLOT_SELF_NORM] = {KIND_NORM, PART(norm), WIDE, PART_ATTENTION},
    [SLOT_QUERY] = {KIND_MAP, PART(query), DIM_QUERIES, DIM_WIDTH, PART_ATTENTION},
    [SLOT_KEY] = {KIND_MAP, PART(key), DIM_KEYS, DIM_WIDTH, PART_ATTENTION},
    [SLOT_VALUE] = {KIND_MAP, PART(value), DIM_KEYS, DIM_WIDTH, PART_ATTENTION},
    [SLOT_QKV] = {KIND_QKV, 0, DIM_QUERIES, DIM_WIDTH, PART_ATTENTION},
    [SLOT_OUTPUT] = {KIND_MAP, PART(output), DIM_WIDTH, DIM_QUERIES, PART_ATTENTION},
    [SLOT_RECURRENT_NORM] = {KIND_NORM, PART(norm), WIDE, PART_RECURRENCE},
    [SLOT_RECURRENT_INPUT] = {KIND_MAP, PART(recurrent_input), WIDE, PART_RECURRENCE},
    [SLOT_RECURRENT_GATE] = {KIND_MAP, PART(recurrent_gate), WIDE, PART_RECURRENCE},
    [SLOT_CROSS_NORM] = {KIND_NORM, PART(norm), WIDE, PART_CROSS_ATTENTION},
    [SLOT_CROSS_QUERY] = {KIND_MAP, PART(query), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_KEY] = {KIND_MAP, PART(key), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_VALUE] = {KIND_MAP, PART(value), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_OUTPUT] = {KIND_MAP, PART(output), DIM_WIDTH, DIM_QUERIES, PART_CROSS_ATTENTION},
    [SLOT_FFN_NORM] = {KIND_NORM, PART(norm), WIDE, PART_FEED_FORWARD},
    [SLOT_GATE] = {KIND_MAP, PART(gate), DIM_FFN, DIM_WIDTH, PART_FEED_FORWARD},
    [SLOT_UP] = {KIND_MAP, PART(up), DIM_FFN, DIM_WIDTH, PART_FEED_FORWARD},
    [SLOT_DOWN] = {KIND_MAP, PART(down), DIM_WIDTH, DIM_FFN, PART_FEED_FORWARD},
};

/* Whether a stack has what would fill this slot of it, and files of this layout have it. */
static bool stack_wants(const struct stack_plan *plan, const struct family_layout *l,
                        enum slot slot) {
    const bool has_part = plan_has(plan, slots[slot].part);
    switch (slot) {
    case SLOT_QKV:
        return has_part && l->fuse;
    case SLOT_QUERY:
    case SLOT_KEY:
    case SLOT_VALUE:
        return has_part && !l->fuse;
    case SLOT_POSITIONS:
        return plan->positions == POSITION_LEARNED;
    case SLOT_EMBEDDING_NORM:
        return plan->embedding_norm;
    case SLOT_FINAL_NORM:
        return plan->final_norm;
    case SLOT_GATE:
        return plan->gated;
    case SLOT_FFN_NORM:
        return has_part && !plan->shared_norm;
    default:
        return has_part;
    }
}

static int64_t size_of(const struct model_config *c, enum model_stack stack, enum dim dim) {
    const struct stack_sizes *s = model_config_sizes(c, stack);
    const int64_t sizes[] = {
        [DIM_ONE] = 1,
        [DIM_WIDTH] = c->n_width,
        [DIM_FFN] = s->n_ffn,
        [DIM_QUERIES] = s->n_heads * s->n_head_width,
        [DIM_KEYS] = s->n_kv_heads * s->n_head_width,
        [DIM_VOCAB] = c->n_vocab,
        [DIM_POSITIONS] = c->n_positions,
        [DIM_PAIRS] = (c->n_rotated ? c->n_rotated : s->n_head_width) / 2,
    };
    return sizes[dim];
}

/* --- what it is called */

/* A block, or a stack's own tensors (layer 0). */
struct place {
    enum model_stack stack;
    int64_t layer;
};

struct name {
    char text[LONGEST_NAME];
};

/* What {…} at `from` stands for, appended to out; returns what follows it. */
static const char *expand(struct name *out, size_t n, const char *from, const struct names *names,
                          const struct place *at, bool bias) {
    const char *end = strchr(from, '}'), * or = memchr(from, '|', (size_t)(end - from));
    const size_t room = sizeof out->text - n;
    char *to = out->text + n;
    if (or &&bias)
        snprintf(to, room, "%.*s", (int)(end - or -1), or +1);
    else if (or)
        snprintf(to, room, "%.*s", (int)(or -from - 1), from + 1);
    else if (strncmp(from, "{layer}", 7) == 0)
        snprintf(to, room, "%lld", (long long)at->layer + names->layout->first_layer);
    else
        snprintf(to, room, "%s", at->stack == STACK_ENCODER ? "encoder" : "decoder");
    return end + 1;
}

static struct name name_in_file(const struct names *names, const char *pattern,
                                const struct place *at, bool bias) {
    const char *prefix = names->layout->prefix;
    struct name out = {""};
    if (names->bare && strncmp(pattern, prefix, strlen(prefix)) == 0)
        pattern += strlen(prefix);
    for (size_t n = 0; *pattern && n + 1 < sizeof out.text; n = strlen(out.text)) {
        if (*pattern == '{')
            pattern = expand(&out, n, pattern, names, at, bias);
        else
            out.text[n] = *pattern++;
    }
    return out;
}

/* --- taking them */

struct taking {
    const struct names *names;
    struct loader *loader;
    struct parameters *parameters;
    const struct weight_info **known; /* [n_known]: tensors that a row names */
    size_t n_known;
    struct err *e;
};

static void know(struct taking *g, const char *name) {
    const struct weight_info *info = weights_find(g->names->weights, name);
    if (!info)
        return;
    g->known = mem_resize(g->known, (g->n_known + 1) * sizeof *g->known);
    g->known[g->n_known++] = info;
}

static const struct stack_plan *plan_of(const struct taking *g, const struct place *at) {
    const struct model_config *c = g->names->config;
    return at->stack == STACK_ENCODER ? &c->encoder : &c->decoder;
}

static bool has_bias(const struct taking *g, const struct tensor_row *row, const struct place *at) {
    const struct model_config *c = g->names->config;
    const struct stack_plan *plan = plan_of(g, at);
    const struct slot_is *is = &slots[row->slot];
    bool wanted = strchr(row->name, '|') != NULL;
    if (is->kind == KIND_NORM)
        wanted = wanted && plan->norm == NORM_LAYER;
    else if (is->part == PART_ATTENTION)
        wanted = wanted && c->attention_bias;
    else if (is->part == PART_FEED_FORWARD)
        wanted = wanted && c->mlp_bias;
    return wanted;
}

/* Of a slot's rows the first whose tensor is there, or the first; NULL: the layout has none. */
static const struct tensor_row *row_of(const struct names *names, enum slot slot,
                                       const struct place *at) {
    const struct tensor_row *rows = names->layout->rows, *first = NULL;
    for (size_t i = 0; i < names->layout->n_rows; i++) {
        if (rows[i].slot != slot)
            continue;
        if (weights_find(names->weights, name_in_file(names, rows[i].name, at, false).text))
            return &rows[i];
        first = first ? first : &rows[i];
    }
    return first;
}

/* The head's own row, or that of the embedding which it is tied to. */
static const struct tensor_row *row_of_head(const struct names *names, const struct place *at) {
    const struct tensor_row *row =
        names->config->tied_embeddings ? NULL : row_of(names, SLOT_HEAD, at);
    if (!row)
        row = row_of(names, SLOT_DECODER_EMBEDDING, at);
    return row ? row : row_of(names, SLOT_EMBEDDING, at);
}

static enum err_code want_fused(struct taking *g, struct part_weights *w, const char *name,
                                const char *bias, int64_t n_queries, int64_t n_keys, int64_t n_in) {
    int64_t *order = row_order(g->names->config, g->names->layout, SLOT_QKV);
    const struct {
        struct weight *out;
        int64_t first, n;
    } parts[] = {{&w->query, 0, n_queries},
                 {&w->key, n_queries, n_keys},
                 {&w->value, n_queries + n_keys, n_keys}};
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !code; i++)
        code = loader_linear_part(g->loader, parts[i].out, name, bias, n_queries + 2 * n_keys,
                                  parts[i].first, parts[i].n, n_in, g->names->layout->transposed,
                                  order, g->e);
    free(order);
    return code;
}

static enum err_code want_map(struct taking *g, enum slot slot, const struct place *at,
                              struct weight *w, const char *name, const char *bias) {
    const struct model_config *c = g->names->config;
    const struct family_layout *l = g->names->layout;
    const struct slot_is *is = &slots[slot];
    const int64_t n_out = size_of(c, at->stack, is->out), n_in = size_of(c, at->stack, is->in);
    int64_t *order = row_order(c, l, slot);
    enum err_code code =
        loader_linear(g->loader, w, name, bias, n_out, n_in, l->transposed, order, g->e);
    free(order);
    return code;
}

static enum err_code want_divisors(struct taking *g, float **out, const char *name, int64_t n) {
    if (!weights_find(g->names->weights, name))
        return ERR_OK;
    *out = mem_alloc((size_t)n * sizeof **out);
    return loader_read(g->loader, *out, name, n, g->e);
}

static enum err_code find_rows(struct taking *g, const struct weight_info **out, const char *name,
                               int64_t n, int64_t n_columns) {
    const struct weight_info *info = weights_find(g->names->weights, name);
    if (!info)
        return err_set(g->e, ERR_FORMAT, "the checkpoint has no tensor \"%s\"", name);
    if (info->n_dims != 2 || info->dims[0] < n || info->dims[1] != n_columns)
        return err_set(g->e, ERR_SHAPE,
                       "tensor \"%s\" is not [%lld, %lld], as the configuration asks", name,
                       (long long)n, (long long)n_columns);
    *out = info;
    return ERR_OK;
}

/* Wants what a row names. `base` is what the slot's place counts from. */
static enum err_code want(struct taking *g, enum slot slot, const struct tensor_row *row,
                          const struct place *at, void *base) {
    const struct slot_is *is = &slots[slot];
    const int64_t n_out = size_of(g->names->config, at->stack, is->out),
                  n_in = size_of(g->names->config, at->stack, is->in);
    const struct name name = name_in_file(g->names, row->name, at, false),
                      shift = name_in_file(g->names, row->name, at, true);
    const char *bias = has_bias(g, row, at) ? shift.text : NULL;
    void *out = (char *)base + is->at;
    switch (is->kind) {
    case KIND_MAP:
        return want_map(g, slot, at, out, name.text, bias);
    case KIND_QKV:
        return want_fused(g, base, name.text, bias, n_out,
                          size_of(g->names->config, at->stack, DIM_KEYS), n_in);
    case KIND_TABLE:
        return loader_linear(g->loader, out, name.text, bias, n_out, n_in, false, NULL, g->e);
    case KIND_MATRIX:
        return loader_matrix(g->loader, out, name.text, plan_of(g, at)->position_offset, n_out,
                             n_in, g->e);
    case KIND_NORM:
        return loader_norm(g->loader, out, name.text, bias, n_out, g->e);
    case KIND_VECTOR:
        return loader_vector(g->loader, out, name.text, n_out, g->e);
    case KIND_HOST:
        return want_divisors(g, out, name.text, n_out);
    case KIND_ROWS:
        return find_rows(g, out, name.text, n_out, n_in);
    case KIND_NONE:
        break;
    }
    return ERR_OK;
}

/* What fills a slot, where the layout has it; all of its names are known from now on. Without a
 * base nothing is wanted. */
static enum err_code take(struct taking *g, enum slot slot, const struct place *at, void *base) {
    const struct names *names = g->names;
    const struct tensor_row *rows = names->layout->rows, *row = slot == SLOT_HEAD
                                                                    ? row_of_head(names, at)
                                                                    : row_of(names, slot, at);
    for (size_t i = 0; i < names->layout->n_rows; i++) {
        if (rows[i].slot != slot)
            continue;
        know(g, name_in_file(names, rows[i].name, at, false).text);
        if (has_bias(g, &rows[i], at))
            know(g, name_in_file(names, rows[i].name, at, true).text);
    }
    assert(row || slot < SLOT_POSITIONS); /* a family's table names all that its plan has */
    return row && base ? want(g, slot, row, at, base) : ERR_OK;
}

/* One block, its weights in `to`; NULL: its names are only known. */
static enum err_code take_block(struct taking *g, const struct stack *s, const struct place *at,
                                struct block_weights *to) {
    enum err_code code = ERR_OK;
    for (enum slot slot = SLOT_SELF_NORM; slot <= SLOT_DOWN && !code; slot++) {
        if (!stack_wants(s->plan, g->names->layout, slot))
            continue;
        code = take(g, slot, at, to ? &to->parts[plan_index(s->plan, slots[slot].part)] : NULL);
    }
    return code;
}

static enum err_code take_stack(struct taking *g, struct stack *s) {
    struct place at = {s->which, 0};
    enum err_code code = ERR_OK;
    for (enum slot slot = SLOT_POSITIONS; slot < SLOT_SELF_NORM && !code; slot++)
        if (stack_wants(s->plan, g->names->layout, slot))
            code = take(g, slot, &at, s);
    for (; at.layer < s->sizes->n_layers && !code; at.layer++)
        code = take_block(g, s, &at, at.layer < s->n_layers ? &s->blocks[at.layer] : NULL);
    return code;
}

static int by_address(const void *a, const void *b) {
    const struct weight_info *const *x = a, *const *y = b;
    return (*x > *y) - (*x < *y);
}

/* Numbers and masks that modules keep beside their weights. */
static bool is_buffer(const struct weight_info *info) {
    static const char *const buffers[] = {"*position_ids", "*token_type_ids",
                                          "*.attn.bias",   "*.attention.bias",
                                          "*.masked_bias", "*.num_batches_tracked"};
    bool found = false;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers && !found; i++)
        found = fnmatch(buffers[i], info->name, 0) == 0;
    return found && weight_type_is_whole(info->type);
}

static bool is_ignored(const struct names *names, const char *name) {
    const struct place nowhere = {STACK_DECODER, 0};
    bool found = false;
    for (size_t i = 0; i < names->layout->n_rows && !found; i++) {
        const struct tensor_row *row = &names->layout->rows[i];
        found = row->slot == SLOT_IGNORED &&
                fnmatch(name_in_file(names, row->name, &nowhere, false).text, name, 0) == 0;
    }
    return found;
}

/* The checkpoint has no tensor beside those that are known. */
static enum err_code check_rest(struct taking *g) {
    const struct weights *w = g->names->weights;
    qsort(g->known, g->n_known, sizeof *g->known, by_address);
    for (size_t i = 0; i < weights_count(w); i++) {
        const struct weight_info *info = weights_at(w, i);
        if (!bsearch(&info, g->known, g->n_known, sizeof *g->known, by_address) &&
            !is_ignored(g->names, info->name) && !is_buffer(info))
            return err_set(g->e, ERR_UNSUPPORTED,
                           "the checkpoint has a tensor \"%.100s\", which %s with this "
                           "configuration does not use",
                           info->name, g->names->config->class_name);
    }
    return ERR_OK;
}

enum err_code names_load(struct parameters *p, const struct names *n, struct loader *l,
                         struct err *e) {
    struct taking g = {.names = n, .loader = l, .parameters = p, .e = e};
    const struct place model = {STACK_DECODER, 0};
    enum err_code code = ERR_OK;
    for (enum slot s = SLOT_EMBEDDING; s < SLOT_POSITIONS && !code; s++)
        if (s != SLOT_ROPE_DIVISORS || n->config->decoder.positions == POSITION_ROTARY)
            code = take(&g, s, &model, p);
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER && !code; i++)
        code = take_stack(&g, &p->stacks[i]);
    if (!code)
        code = check_rest(&g);
    free(g.known);
    return code;
}
