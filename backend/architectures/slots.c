#include "backend/architectures/slots.h"

#include "backend/architectures/parameters.h"

#include <stddef.h>

#define MODEL(member) offsetof(struct parameters, member)
#define STACK(member) offsetof(struct stack, member)
#define PART(member) offsetof(struct part_weights, member)
#define EXPERT(member) offsetof(struct expert, member)
#define WIDE DIM_WIDTH, DIM_WIDTH
#define MIXTURE PART_FEED_FORWARD, OF_MIXTURE
#define EACH PART_FEED_FORWARD, OF_EACH_EXPERT
#define SHARED PART_FEED_FORWARD, OF_SHARED_EXPERT

static const struct slot_is slots[] = {
    [SLOT_IGNORED] = {SLOT_IS_NONE},
    [SLOT_EMBEDDING] = {SLOT_IS_TABLE, MODEL(embedding), DIM_SOURCE_VOCAB, DIM_EMBEDDING},
    [SLOT_DECODER_EMBEDDING] = {SLOT_IS_TABLE, MODEL(decoder_embedding), DIM_VOCAB, DIM_EMBEDDING},
    [SLOT_WORDS] = {SLOT_IS_ROWS, MODEL(words), DIM_VOCAB, DIM_WIDTH},
    [SLOT_SEGMENTS] = {SLOT_IS_ROWS, MODEL(segments), DIM_ONE, DIM_WIDTH},
    [SLOT_HEAD] = {SLOT_IS_TABLE, MODEL(head), DIM_VOCAB, DIM_EMBEDDING},
    [SLOT_HEAD_BIAS] = {SLOT_IS_VECTOR, MODEL(head.bias), DIM_VOCAB},
    [SLOT_HEAD_MAP] = {SLOT_IS_MAP, MODEL(head_map), DIM_EMBEDDING, DIM_WIDTH},
    [SLOT_HEAD_NORM] = {SLOT_IS_NORM, MODEL(head_norm), DIM_EMBEDDING},
    [SLOT_ROPE_DIVISORS] = {SLOT_IS_HOST, MODEL(rope_divisors), DIM_PAIRS},
    [SLOT_ROPE_LONG_DIVISORS] = {SLOT_IS_HOST, MODEL(rope_long_divisors), DIM_PAIRS},
    [SLOT_POSITIONS] = {SLOT_IS_MATRIX, STACK(positions), DIM_POSITIONS, DIM_WIDTH},
    [SLOT_TOKEN_TYPES] = {SLOT_IS_NUMBERS, STACK(token_types), DIM_TOKEN_TYPES, DIM_WIDTH},
    [SLOT_BUCKETS] = {SLOT_IS_NUMBERS, STACK(buckets), DIM_BUCKETS, DIM_HEADS},
    [SLOT_EMBEDDING_MAP] = {SLOT_IS_MAP, STACK(embedding_map), DIM_WIDTH, DIM_EMBEDDING},
    [SLOT_EMBEDDING_NORM] = {SLOT_IS_NORM, STACK(embedding_norm), DIM_WIDTH},
    [SLOT_FINAL_NORM] = {SLOT_IS_NORM, STACK(final_norm), DIM_WIDTH},
    [SLOT_SELF_NORM] = {SLOT_IS_NORM, PART(norm), WIDE, PART_ATTENTION},
    [SLOT_QUERY] = {SLOT_IS_MAP, PART(query), DIM_QUERIES, DIM_WIDTH, PART_ATTENTION},
    [SLOT_KEY] = {SLOT_IS_MAP, PART(key), DIM_KEYS, DIM_WIDTH, PART_ATTENTION},
    [SLOT_VALUE] = {SLOT_IS_MAP, PART(value), DIM_KEYS, DIM_WIDTH, PART_ATTENTION},
    [SLOT_QKV] = {SLOT_IS_QKV, 0, DIM_QUERIES, DIM_WIDTH, PART_ATTENTION},
    [SLOT_OWN_BUCKETS] = {SLOT_IS_NUMBERS, PART(buckets), DIM_BUCKETS, DIM_HEADS, PART_ATTENTION},
    [SLOT_QUERY_NORM] = {SLOT_IS_NORM, PART(query_norm), DIM_QUERY_NORM, DIM_WIDTH, PART_ATTENTION},
    [SLOT_KEY_NORM] = {SLOT_IS_NORM, PART(key_norm), DIM_KEY_NORM, DIM_WIDTH, PART_ATTENTION},
    [SLOT_SELF_AFTER] = {SLOT_IS_NORM, PART(after), WIDE, PART_ATTENTION},
    [SLOT_OUTPUT] = {SLOT_IS_MAP, PART(output), DIM_WIDTH, DIM_QUERIES, PART_ATTENTION},
    [SLOT_RECURRENT_NORM] = {SLOT_IS_NORM, PART(norm), WIDE, PART_RECURRENCE},
    [SLOT_RECURRENT_INPUT] = {SLOT_IS_MAP, PART(recurrent_input), WIDE, PART_RECURRENCE},
    [SLOT_RECURRENT_GATE] = {SLOT_IS_MAP, PART(recurrent_gate), WIDE, PART_RECURRENCE},
    [SLOT_CROSS_NORM] = {SLOT_IS_NORM, PART(norm), WIDE, PART_CROSS_ATTENTION},
    [SLOT_CROSS_QUERY] = {SLOT_IS_MAP, PART(query), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_KEY] = {SLOT_IS_MAP, PART(key), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_VALUE] = {SLOT_IS_MAP, PART(value), DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_KEY_VALUE] = {SLOT_IS_KEY_VALUE, 0, DIM_QUERIES, DIM_WIDTH, PART_CROSS_ATTENTION},
    [SLOT_CROSS_OUTPUT] = {SLOT_IS_MAP, PART(output), DIM_WIDTH, DIM_QUERIES, PART_CROSS_ATTENTION},
    [SLOT_FFN_NORM] = {SLOT_IS_NORM, PART(norm), WIDE, PART_FEED_FORWARD},
    [SLOT_GATE] = {SLOT_IS_MAP, PART(gate), DIM_FFN, DIM_WIDTH, PART_FEED_FORWARD},
    [SLOT_UP] = {SLOT_IS_MAP, PART(up), DIM_FFN, DIM_WIDTH, PART_FEED_FORWARD},
    [SLOT_GATE_UP] = {SLOT_IS_GATE_UP, 0, DIM_FFN, DIM_WIDTH, PART_FEED_FORWARD},
    [SLOT_FFN_AFTER] = {SLOT_IS_NORM, PART(after), WIDE, PART_FEED_FORWARD},
    [SLOT_DOWN] = {SLOT_IS_MAP, PART(down), DIM_WIDTH, DIM_FFN, PART_FEED_FORWARD},
    [SLOT_ROUTER] = {SLOT_IS_MAP, PART(experts.router), DIM_EXPERTS, DIM_WIDTH, MIXTURE},
    [SLOT_EXPERT_GATE] = {SLOT_IS_MAP, EXPERT(gate), DIM_EXPERT_FFN, DIM_WIDTH, EACH},
    [SLOT_EXPERT_UP] = {SLOT_IS_MAP, EXPERT(up), DIM_EXPERT_FFN, DIM_WIDTH, EACH},
    [SLOT_EXPERT_DOWN] = {SLOT_IS_MAP, EXPERT(down), DIM_WIDTH, DIM_EXPERT_FFN, EACH},
    [SLOT_SHARED_ROUTER] = {SLOT_IS_MAP, PART(experts.shared_router), DIM_ONE, DIM_WIDTH, MIXTURE},
    [SLOT_SHARED_GATE] = {SLOT_IS_MAP, EXPERT(gate), DIM_SHARED_FFN, DIM_WIDTH, SHARED},
    [SLOT_SHARED_UP] = {SLOT_IS_MAP, EXPERT(up), DIM_SHARED_FFN, DIM_WIDTH, SHARED},
    [SLOT_SHARED_DOWN] = {SLOT_IS_MAP, EXPERT(down), DIM_WIDTH, DIM_SHARED_FFN, SHARED},
};

const struct slot_is *slot_is(enum slot slot) {
    return &slots[slot];
}

bool slot_is_wanted(const struct stack_plan *plan, const struct family_layout *l, enum slot slot) {
    const bool has_part = plan_has(plan, slots[slot].part);
    switch (slot) {
    case SLOT_QKV:
        return has_part && l->fuse;
    case SLOT_QUERY:
    case SLOT_KEY:
    case SLOT_VALUE:
        return has_part && !l->fuse;
    case SLOT_CROSS_KEY:
    case SLOT_CROSS_VALUE:
        return has_part && !l->fused_memory;
    case SLOT_CROSS_KEY_VALUE:
        return has_part && l->fused_memory;
    case SLOT_ROPE_DIVISORS:
    case SLOT_ROPE_LONG_DIVISORS:
        return plan->positions == POSITION_ROTARY;
    case SLOT_HEAD_MAP:
        return plan->head_map != HEAD_MAP_NONE;
    case SLOT_HEAD_NORM:
        return plan->head_map == HEAD_MAP_BENT;
    case SLOT_POSITIONS:
        return plan->positions == POSITION_LEARNED;
    case SLOT_TOKEN_TYPES:
        return plan->token_types;
    case SLOT_BUCKETS:
        return plan->positions == POSITION_BUCKETS && !plan->own_buckets;
    case SLOT_OWN_BUCKETS:
        return has_part && plan->positions == POSITION_BUCKETS && plan->own_buckets;
    case SLOT_EMBEDDING_MAP:
        return plan->embedding_map;
    case SLOT_EMBEDDING_NORM:
        return plan->embedding_norm;
    case SLOT_FINAL_NORM:
        return plan->final_norm;
    case SLOT_GATE:
        return plan->gated && !l->fused_gate;
    case SLOT_UP:
        return has_part && !(plan->gated && l->fused_gate);
    case SLOT_GATE_UP:
        return plan->gated && l->fused_gate;
    case SLOT_FFN_NORM:
        return has_part && !plan->shared_norm;
    case SLOT_QUERY_NORM:
    case SLOT_KEY_NORM:
        return has_part && plan->query_norm != QUERY_NORM_NONE;
    case SLOT_SELF_AFTER:
    case SLOT_FFN_AFTER:
        return has_part && plan->norm_place == NORM_AROUND_BRANCH;
    default:
        return has_part || slot < SLOT_POSITIONS;
    }
}

bool slot_is_of_layer(const struct stack_plan *plan, int64_t layer, enum slot slot) {
    const bool mixed = layer_in(&plan->mixed, layer);
    if (slot >= SLOT_GATE && slot <= SLOT_DOWN)
        return !mixed;
    if (slot == SLOT_SHARED_ROUTER || slots[slot].whose == OF_SHARED_EXPERT)
        return mixed && plan->shared_expert;
    return mixed || slots[slot].whose == OF_PART;
}

/* The numbers of a scale of n heads' norm. */
static int64_t head_norm_size(const struct stack_plan *plan, int64_t n_heads, int64_t width) {
    return plan->query_norm == QUERY_NORM_BY_HEAD ? width : n_heads * width;
}

int64_t slot_size(const struct model_config *c, enum model_stack stack, enum slot_dim dim) {
    const struct stack_sizes *s = model_config_sizes(c, stack);
    const struct stack_plan *plan = stack == STACK_ENCODER ? &c->encoder : &c->decoder;
    const int64_t sizes[] = {
        [DIM_ONE] = 1,
        [DIM_WIDTH] = c->n_width,
        [DIM_EMBEDDING] = model_config_embedding_width(c),
        [DIM_FFN] = s->n_ffn,
        [DIM_QUERIES] = s->n_heads * s->n_head_width,
        [DIM_KEYS] = s->n_kv_heads * s->n_head_width,
        [DIM_QUERY_NORM] = head_norm_size(plan, s->n_heads, s->n_head_width),
        [DIM_KEY_NORM] = head_norm_size(plan, s->n_kv_heads, s->n_head_width),
        [DIM_VOCAB] = c->n_vocab,
        [DIM_SOURCE_VOCAB] = model_config_vocab(c, STACK_ENCODER),
        [DIM_BUCKETS] = c->n_buckets,
        [DIM_HEADS] = s->n_heads,
        [DIM_POSITIONS] = model_config_positions(c, stack),
        [DIM_TOKEN_TYPES] = s->n_token_types,
        [DIM_EXPERTS] = c->experts.n,
        [DIM_EXPERT_FFN] = c->experts.n_ffn,
        [DIM_SHARED_FFN] = c->experts.n_shared_ffn,
        [DIM_PAIRS] = (c->n_rotated ? c->n_rotated : s->n_head_width) / 2,
    };
    return sizes[dim];
}
