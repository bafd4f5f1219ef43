#include "backend/architectures/parameters.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Room for the experts of a layer that has some. */
static void init_experts(struct stack *s, int64_t layer) {
    const struct expert_sizes *sizes = &s->config->experts;
    const int i = plan_index(s->plan, PART_FEED_FORWARD);
    if (i < 0 || !layer_in(&s->plan->mixed, layer))
        return;
    s->blocks[layer].parts[i].experts =
        (struct experts){.each = mem_alloc((size_t)(sizes->n + 1) * sizeof(struct expert)),
                         .n = sizes->n,
                         .n_used = sizes->n_used,
                         .shares_one = sizes->shares_one,
                         .has_shared = s->plan->shared_expert,
                         .activation = s->sizes->activation};
}

void parameters_init(struct parameters *p, const struct model_config *c, int64_t n_encoder,
                     int64_t n_decoder) {
    const struct stack_plan *const plans[] = {&c->encoder, &c->decoder};
    const int64_t layers[] = {n_encoder, n_decoder};
    *p = (struct parameters){0};
    for (enum model_stack i = STACK_ENCODER; i <= STACK_DECODER; i++)
        p->stacks[i] = (struct stack){
            .which = i,
            .plan = plans[i],
            .config = c,
            .sizes = model_config_sizes(c, i),
            .n_layers = layers[i],
            .blocks = mem_alloc((size_t)(layers[i] + 1) * sizeof *p->stacks[i].blocks),
            .biases = plans[i]->positions == POSITION_BUCKETS
                          ? mem_alloc((size_t)(layers[i] + 1) * sizeof *p->stacks[i].biases)
                          : NULL};
    for (int64_t i = 0; i < n_decoder; i++)
        init_experts(&p->stacks[STACK_DECODER], i);
}

static void dispose_stack(struct stack *s) {
    for (int64_t i = 0; i < s->n_layers && s->blocks; i++)
        for (int part = 0; part < PLAN_PARTS; part++) {
            free(s->blocks[i].parts[part].experts.each);
            free(s->blocks[i].parts[part].buckets);
        }
    free(s->blocks);
    free(s->buckets);
    free(s->token_types);
    free(s->biases);
}

void parameters_dispose(struct parameters *p) {
    dispose_stack(&p->stacks[STACK_ENCODER]);
    dispose_stack(&p->stacks[STACK_DECODER]);
    free(p->rope_divisors);
    free(p->rope_long_divisors);
}

const struct weight *parameters_embedding(const struct parameters *p, enum model_stack stack) {
    return stack == STACK_DECODER && p->decoder_embedding.matrix ? &p->decoder_embedding
                                                                 : &p->embedding;
}

const struct part_weights *stack_part(const struct stack *s, int64_t layer, enum part part) {
    const int i = plan_index(s->plan, part);
    return i < 0 ? NULL : &s->blocks[layer].parts[i];
}
