#include "backend/architectures/names.h"

#include "backend/architectures/loader.h"
#include "backend/architectures/row_order.h"
#include "backend/architectures/slots.h"
#include "backend/base/mem.h"

#include <assert.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

static const struct family_layout *layout_of(const struct names *names, const struct place *at) {
    return names->stacks[at->stack].layout;
}

/* What rows call a slot: of a pair, each side's own embedding is SLOT_EMBEDDING. */
static enum slot called(const struct names *names, enum slot slot) {
    const bool own = names->config->family->pair && slot == SLOT_DECODER_EMBEDDING;
    return own ? SLOT_EMBEDDING : slot;
}

static bool has_bias(const struct taking *g, const struct tensor_row *row, const struct place *at) {
    const struct model_config *c = g->names->config;
    const struct stack_plan *plan = plan_of(g, at);
    const struct slot_is *is = slot_is(row->slot);
    bool wanted = strchr(row->name, '|') != NULL;
    if (is->kind == SLOT_IS_NORM)
        wanted = wanted && norm_shifts(plan->norm);
    else if (row->slot == SLOT_OUTPUT && c->output_bias != OUTPUT_BIAS_ALIKE)
        wanted = wanted && c->output_bias == OUTPUT_BIAS_ALWAYS;
    else if (is->part == PART_ATTENTION)
        wanted = wanted && c->attention_bias;
    else if (is->part == PART_FEED_FORWARD)
        wanted = wanted && c->mlp_bias;
    return wanted;
}

/* Whether a row of an embedding is the other stack's, or for both, where each has its own. */
static bool is_of_another(const struct names *names, const struct tensor_row *row) {
    const bool table = row->slot == SLOT_EMBEDDING || row->slot == SLOT_DECODER_EMBEDDING;
    const char *own = row->slot == SLOT_EMBEDDING ? "encoder." : "decoder.";
    return table && names->config->own_tables && !strstr(row->name, own);
}

/* Of a slot's rows the first whose tensor is there, or the first; NULL: the layout has none. */
static const struct tensor_row *row_of(const struct names *names, enum slot slot,
                                       const struct place *at) {
    const struct tensor_row *row, *first = NULL;
    for (size_t i = 0; (row = family_row(layout_of(names, at), i)); i++) {
        if (row->slot != called(names, slot) || is_of_another(names, row))
            continue;
        if (weights_find(names->weights, name_in_file(names, row->name, at, false).text))
            return row;
        first = first ? first : row;
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

/* Of a stored map the part for one of the program's: n of its outputs. */
struct fused_part {
    struct weight *out;
    int64_t n;
};

static enum err_code want_parts(struct taking *g, const struct fused_part *parts, int n,
                                const char *name, const char *bias, const struct place *at,
                                const int64_t *order) {
    const int64_t n_in = slot_size(g->names->config, at->stack, DIM_WIDTH);
    int64_t n_all = 0, first = 0;
    enum err_code code = ERR_OK;
    for (int i = 0; i < n; i++)
        n_all += parts[i].n;
    for (int i = 0; i < n && !code; i++) {
        code = loader_linear_part(g->loader, parts[i].out, name, bias, n_all, first, parts[i].n,
                                  n_in, layout_of(g->names, at)->transposed, order, g->e);
        first += parts[i].n;
    }
    return code;
}

/* The width of each group that a norm treats by itself; 0: there is one. */
static int64_t norm_width(const struct model_config *c, enum slot slot) {
    const bool whole = c->decoder.query_norm == QUERY_NORM_WHOLE;
    return (slot == SLOT_QUERY_NORM || slot == SLOT_KEY_NORM) && !whole ? c->n_head_width : 0;
}

static enum err_code want_norm(struct taking *g, enum slot slot, const struct place *at,
                               struct norm *out, const char *name, const char *bias, int64_t n) {
    const struct model_config *c = g->names->config;
    const bool plus_one =
        norm_adds_one(plan_of(g, at)->norm) && !layout_of(g->names, at)->ones_added;
    int64_t *order = row_order(c, layout_of(g->names, at), slot);
    out->width = norm_width(c, slot);
    assert(!order || (!bias && !plus_one)); /* no family has them */
    enum err_code code = order ? loader_joined(g->loader, out, &name, 1, n, order, g->e)
                               : loader_norm(g->loader, out, name, bias, n, plus_one, g->e);
    free(order);
    return code;
}

static enum err_code want_qkv(struct taking *g, struct part_weights *w, const char *name,
                              const char *bias, const struct place *at) {
    const struct model_config *c = g->names->config;
    const int64_t n_queries = slot_size(c, at->stack, DIM_QUERIES),
                  n_keys = slot_size(c, at->stack, DIM_KEYS);
    const struct fused_part parts[] = {
        {&w->query, n_queries}, {&w->key, n_keys}, {&w->value, n_keys}};
    int64_t *order = row_order(c, layout_of(g->names, at), SLOT_QKV);
    const enum err_code code = want_parts(g, parts, 3, name, bias, at, order);
    free(order);
    return code;
}

static enum err_code want_map(struct taking *g, enum slot slot, const struct place *at,
                              struct weight *w, const char *pattern, const char *name,
                              const char *bias) {
    const struct model_config *c = g->names->config;
    const struct family_layout *l = layout_of(g->names, at);
    const struct slot_is *is = slot_is(slot);
    const int64_t n_out = slot_size(c, at->stack, is->out), n_in = slot_size(c, at->stack, is->in);
    if (is->whose == OF_EACH_EXPERT && !strstr(pattern, "{expert}"))
        return loader_linear_part(g->loader, w, name, NULL, c->experts.n * n_out,
                                  at->expert * n_out, n_out, n_in, false, NULL, g->e);
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

static enum err_code want_numbers(struct taking *g, float **out, const char *name, int64_t n) {
    const struct weight_info *info = weights_find(g->names->weights, name);
    if (!info)
        return err_set(g->e, ERR_FORMAT, "the checkpoint has no tensor \"%s\"", name);
    if (info->n_elements != n) /* before room is made for what a file only says */
        return err_set(g->e, ERR_SHAPE,
                       "tensor \"%s\" has %lld elements; the configuration asks for %lld", name,
                       (long long)info->n_elements, (long long)n);
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

/* How many tensors a row names: one, or one for each head. */
static int64_t row_heads(const struct taking *g, const struct tensor_row *row,
                         const struct place *at) {
    const struct model_config *c = g->names->config;
    const bool of_heads = strstr(row->name, "{head}") != NULL;
    return of_heads ? slot_size(c, at->stack, slot_is(row->slot)->out) / c->n_head_width : 1;
}

/* A scale that lies in the file by heads, without a shift. */
static enum err_code want_norm_of_heads(struct taking *g, const struct tensor_row *row,
                                        const struct place *at, struct norm *out) {
    const int64_t n = row_heads(g, row, at);
    struct name *names = mem_alloc((size_t)n * sizeof *names);
    const char **texts = mem_alloc((size_t)n * sizeof *texts);
    struct place of = *at;
    for (; of.head < n; of.head++) {
        names[of.head] = name_in_file(g->names, row->name, &of, false);
        texts[of.head] = names[of.head].text;
    }
    out->width = norm_width(g->names->config, row->slot);
    enum err_code code = loader_joined(g->loader, out, texts, n, out->width, NULL, g->e);
    free(texts);
    free(names);
    return code;
}

/* Wants what a row names. `base` is what the slot's place counts from. */
static enum err_code want(struct taking *g, enum slot slot, const struct tensor_row *row,
                          const struct place *at, void *base) {
    const struct slot_is *is = slot_is(slot);
    const int64_t n_out = slot_size(g->names->config, at->stack, is->out),
                  n_in = slot_size(g->names->config, at->stack, is->in);
    const struct name name = name_in_file(g->names, row->name, at, false),
                      shift = name_in_file(g->names, row->name, at, true);
    const char *bias = has_bias(g, row, at) ? shift.text : NULL;
    void *out = (char *)base + is->at;
    switch (is->kind) {
    case SLOT_IS_MAP:
        return want_map(g, slot, at, out, row->name, name.text, bias);
    case SLOT_IS_QKV:
        return want_qkv(g, base, name.text, bias, at);
    case SLOT_IS_GATE_UP:
        return want_parts(g,
                          (struct fused_part[]){{&((struct part_weights *)base)->gate, n_out},
                                                {&((struct part_weights *)base)->up, n_out}},
                          2, name.text, bias, at, NULL);
    case SLOT_IS_KEY_VALUE:
        return want_parts(g,
                          (struct fused_part[]){{&((struct part_weights *)base)->key, n_out},
                                                {&((struct part_weights *)base)->value, n_out}},
                          2, name.text, bias, at, NULL);
    case SLOT_IS_TABLE:
        return loader_linear(g->loader, out, name.text, bias, n_out, n_in, false, NULL, g->e);
    case SLOT_IS_MATRIX:
        return loader_matrix(g->loader, out, name.text, plan_of(g, at)->position_offset, n_out,
                             n_in, g->e);
    case SLOT_IS_NORM:
        if (strstr(row->name, "{head}"))
            return want_norm_of_heads(g, row, at, out);
        return want_norm(g, slot, at, out, name.text, bias, n_out);
    case SLOT_IS_VECTOR:
        return loader_vector(g->loader, out, name.text, n_out, g->e);
    case SLOT_IS_HOST:
        return want_divisors(g, out, name.text, n_out);
    case SLOT_IS_NUMBERS:
        return want_numbers(g, out, name.text, n_out * n_in);
    case SLOT_IS_ROWS:
        return find_rows(g, out, name.text, n_out, n_in);
    case SLOT_IS_NONE:
        break;
    }
    return ERR_OK;
}

/* A norm without scale and shift. */
static bool has_no_numbers(const struct taking *g, enum slot slot, const struct place *at) {
    return slot_is(slot)->kind == SLOT_IS_NORM && plan_of(g, at)->norm == NORM_LAYER_PLAIN;
}

static void fill_ones(struct taking *g, enum slot slot, const struct place *at, void *base) {
    const struct slot_is *is = slot_is(slot);
    loader_ones(g->loader, (struct norm *)(void *)((char *)base + is->at),
                slot_size(g->names->config, at->stack, is->out));
}

/* Says another name, in quotation marks; false: it is said, a family has it and its base too. */
static bool add_alternative(struct text_buffer *all, const char *name) {
    char *quoted = mem_format("\"%s\"", name);
    const bool new = !all->text || !strstr(all->text, quoted);
    if (new)
        text_buffer_format(all, "%s%s", all->n ? " or " : "", quoted);
    free(quoted);
    return new;
}

/* None of the names that a row's slot has, where it has several, is there; all of them are said. */
static enum err_code check_alternatives(struct taking *g, const struct tensor_row *row,
                                        const struct place *at) {
    struct text_buffer all = {0};
    const struct tensor_row *any;
    int n = 0;
    if (weights_find(g->names->weights, name_in_file(g->names, row->name, at, false).text))
        return ERR_OK;
    for (size_t i = 0; (any = family_row(layout_of(g->names, at), i)); i++) {
        if (any->slot != row->slot || is_of_another(g->names, any))
            continue;
        n += add_alternative(&all, name_in_file(g->names, any->name, at, false).text);
    }
    enum err_code code = ERR_OK; /* of one name the loader says it */
    if (n > 1)
        code = err_set(g->e, ERR_FORMAT, "the checkpoint has no tensor %s", all.text);
    text_buffer_dispose(&all);
    return code;
}

static void know_row(struct taking *g, const struct tensor_row *row, const struct place *at) {
    const int64_t n = row_heads(g, row, at);
    struct place of = *at;
    for (; of.head < n; of.head++) {
        know(g, name_in_file(g->names, row->name, &of, false).text);
        if (has_bias(g, row, at))
            know(g, name_in_file(g->names, row->name, &of, true).text);
    }
}

/* What fills a slot, where the layout has it; all of its names are known from now on. Without a
 * base nothing is wanted. */
static enum err_code take(struct taking *g, enum slot slot, const struct place *at, void *base) {
    const struct names *names = g->names;
    const struct tensor_row *any,
        *row = slot == SLOT_HEAD ? row_of_head(names, at) : row_of(names, slot, at);
    if (has_no_numbers(g, slot, at)) {
        if (base)
            fill_ones(g, slot, at, base);
        return ERR_OK;
    }
    for (size_t i = 0; (any = family_row(layout_of(names, at), i)); i++)
        if (any->slot == called(names, slot) &&
            (any == row || !row || strcmp(any->name, row->name) != 0))
            know_row(g, any, at);
    if (row && *row->name == '?' &&
        !weights_find(names->weights, name_in_file(names, row->name, at, false).text))
        return ERR_OK;
    assert(row || slot < SLOT_POSITIONS); /* a family's table names all that its plan has */
    if (!row || !base)
        return ERR_OK;
    enum err_code code = check_alternatives(g, row, at);
    return code ? code : want(g, slot, row, at, base);
}

/* A slot of a block's part `w`, of each of its experts where it is theirs. */
static enum err_code take_of_part(struct taking *g, enum slot slot, const struct place *at,
                                  struct part_weights *w) {
    const int64_t n = g->names->config->experts.n;
    struct place of = *at;
    enum err_code code = ERR_OK;
    if (slot_is(slot)->whose == OF_SHARED_EXPERT)
        return take(g, slot, at, w ? &w->experts.each[n] : NULL);
    if (slot_is(slot)->whose != OF_EACH_EXPERT)
        return take(g, slot, at, w);
    for (; of.expert < n && !code; of.expert++)
        code = take(g, slot, &of, w ? &w->experts.each[of.expert] : NULL);
    return code;
}

/* One block, its weights in `to`; NULL: its names are only known. */
static enum err_code take_block(struct taking *g, const struct stack *s, const struct place *at,
                                struct block_weights *to) {
    enum err_code code = ERR_OK;
    for (enum slot slot = SLOT_SELF_NORM; slot <= SLOT_LAST && !code; slot++) {
        if (!slot_is_wanted(s->plan, layout_of(g->names, at), slot) ||
            !slot_is_of_layer(s->plan, at->layer, slot))
            continue;
        code = take_of_part(g, slot, at,
                            to ? &to->parts[plan_index(s->plan, slot_is(slot)->part)] : NULL);
    }
    return code;
}

static enum err_code take_stack(struct taking *g, struct stack *s) {
    struct place at = {s->which, 0, 0, 0};
    enum err_code code = ERR_OK;
    for (enum slot slot = SLOT_POSITIONS; slot < SLOT_SELF_NORM && !code; slot++)
        if (slot_is_wanted(s->plan, layout_of(g->names, &at), slot))
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
    struct place at = {0};
    /* Older files have tied sides' tensors twice; the decoder's are taken, as in Transformers. */
    bool found = names->config->tied_sides && strncmp(name, "encoder.", strlen("encoder.")) == 0;
    const struct tensor_row *row;
    for (at.stack = STACK_ENCODER; at.stack <= STACK_DECODER; at.stack++)
        for (size_t i = 0; !found && (row = family_row(layout_of(names, &at), i)); i++)
            found = row->slot == SLOT_IGNORED &&
                    fnmatch(name_in_file(names, row->name, &at, false).text, name, 0) == 0;
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
    struct place at = {0};
    enum err_code code = ERR_OK;
    for (enum slot s = SLOT_EMBEDDING; s < SLOT_POSITIONS && !code; s++) {
        const bool of_encoder = n->config->family->pair && s == SLOT_EMBEDDING;
        at.stack = of_encoder ? STACK_ENCODER : STACK_DECODER;
        if (slot_is_wanted(&n->config->decoder, layout_of(n, &at), s))
            code = take(&g, s, &at, p);
    }
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER && !code; i++)
        code = take_stack(&g, &p->stacks[i]);
    if (!code)
        code = check_rest(&g);
    free(g.known);
    return code;
}
