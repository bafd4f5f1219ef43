#include "backend/config/pair.h"

#include "backend/architectures/families.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whatever else a side says of itself. */
static const struct setting reads[] = {
    {ONLY("is_encoder_decoder", FLAG, false)}, {ONLY("is_decoder", FLAG, false)},
    {KEY("tie_word_embeddings", ELSEWHERE)}, /* it has no head */
    {KEY("bos_token_id", ELSEWHERE)},        /* it writes nothing */
    {KEY("eos_token_id", ELSEWHERE)},          {KEY("decoder_start_token_id", ELSEWHERE)},
};
static const struct setting writes[] = {
    {ONLY("is_encoder_decoder", FLAG, false)},
    {ONLY("is_decoder", FLAG, true), .absent = "false"},
    {ONLY("add_cross_attention", FLAG, true), .absent = "false"},
    {KEY("decoder_start_token_id", ELSEWHERE)}, /* the pair says it */
};

static const struct {
    const char *key;
    struct settings always;
} sides[] = {
    [STACK_ENCODER] = {"encoder", {SETTINGS(reads)}},
    [STACK_DECODER] = {"decoder", {SETTINGS(writes)}},
};

static void refuse(struct fields *f, enum model_stack stack, const char *type) {
    char *list = family_list_sides(stack);
    field_fail(f, ERR_UNSUPPORTED,
               "%s.model_type is \"%.40s\"; as the %s of a pair these run here: %s",
               sides[stack].key, type, sides[stack].key, list);
    free(list);
}

static const struct family_side *find_side(struct fields *f, enum model_stack stack) {
    const char *key = sides[stack].key;
    struct fields in = *f;
    char type[64];
    in.json = cJSON_GetObjectItemCaseSensitive(f->json, key);
    field_text(&in, "model_type", "", type, sizeof type);
    const struct family_side *side = family_side_find(stack, type);
    if (!in.json)
        field_fail(f, ERR_FORMAT, "key %s is missing", key);
    else if (!cJSON_IsObject(in.json))
        field_fail(f, ERR_FORMAT, "%s is no object", key);
    else if (!*type)
        field_fail(f, ERR_FORMAT, "key %s.model_type is missing", key);
    else if (!side)
        refuse(f, stack, type);
    return side;
}

const struct settings *pair_settings_begin(struct pair_settings *p, struct model_config *c,
                                           struct fields *f, const struct settings *own) {
    struct stack_plan *const plans[] = {&c->encoder, &c->decoder};
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++) {
        c->sides[i] = find_side(f, i);
        if (f->code)
            return NULL;
        *plans[i] = c->sides[i]->plan;
        p->sides[i] = sides[i].always;
        p->sides[i].base = c->sides[i]->layout.classes[0].settings;
        p->rows[i] = (struct setting){KEY(sides[i].key, INSIDE), .inside = &p->sides[i]};
    }
    p->whole = (struct settings){SETTINGS(p->rows), .base = own};
    return &p->whole;
}

static const char *type_of(const struct model_config *c, enum model_stack stack) {
    return c->sides[stack]->layout.classes[0].type;
}

void pair_check(const struct model_config *c, struct fields *f) {
    const char *read_by = type_of(c, STACK_ENCODER), *written_by = type_of(c, STACK_DECODER);
    if (!c->tied_sides)
        return;
    if (strcmp(read_by, written_by) != 0)
        field_fail(f, ERR_UNSUPPORTED,
                   "tie_encoder_decoder is true, which two of a kind can be, not %s and %s",
                   read_by, written_by);
    else if (c->encoder_sizes.n_layers != c->n_layers)
        field_fail(f, ERR_UNSUPPORTED,
                   "tie_encoder_decoder is true, which sides of as many layers can be, not of %lld "
                   "and %lld",
                   (long long)c->encoder_sizes.n_layers, (long long)c->n_layers);
}

void pair_note_tokenizer(struct model_config *c) {
    const char *read_by = type_of(c, STACK_ENCODER), *written_by = type_of(c, STACK_DECODER);
    const size_t used = strlen(c->notice);
    if (c->n_source_vocab == c->n_vocab || strcmp(read_by, written_by) == 0)
        return;
    snprintf(c->notice + used, sizeof c->notice - used,
             "%sSource and target are read with one tokenizer, as AutoTokenizer does: this %s has "
             "%lld ids and this %s %lld, which may be two tokenizers' (--tokenizer gives another)",
             used ? ". " : "", read_by, (long long)c->n_source_vocab, written_by,
             (long long)c->n_vocab);
}
