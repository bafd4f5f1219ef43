/*
 * Which layers a method looks at, from its options layers, module and stack, and where they lie in
 * the model. Needs no model. The worker thread only.
 */
#ifndef TINSEQ_METHODS_LAYERS_H
#define TINSEQ_METHODS_LAYERS_H

#include "methods/engine/engine.h"

/* The three options, for a method's list of them. */
#define LAYER_OPTIONS(layers_default, layers_help)                                                 \
    {.name = "layers",                                                                             \
     .type = OPTION_JSON,                                                                          \
     .default_value = layers_default,                                                              \
     .help = layers_help " 1, [1, 4], \"2:6\" (half-open) or \"all\"; the first block is 0, "      \
                         "negative numbers count from the last."},                                 \
        {.name = "module",                                                                         \
         .type = OPTION_CHOICE,                                                                    \
         .default_value = "block",                                                                 \
         .choices = layer_modules,                                                                 \
         .help = "Whose output: the whole block's, its self-attention's or its feed-forward "      \
                 "layer's. The last two are what the layer's last map yields, before its norm "    \
                 "and the residual, also where Transformers' module adds the residual (BLOOM, "    \
                 "the feed-forward layer of MPT)."},                                               \
    {                                                                                              \
        .name = "stack", .type = OPTION_CHOICE, .default_value = "encoder",                        \
        .choices = layer_stacks,                                                                   \
        .help = "Whose layers, of an encoder-decoder. With encoder and attribute_target, the "     \
                "decoder's layers of the same numbers too."                                        \
    }

extern const char *const layer_modules[], *const layer_stacks[];

struct layer_choice {
    enum model_module module; /* EMBEDDING: no layers were asked for; n is 1 */
    int64_t *layers, n;       /* distinct */
    bool sides[2];            /* by stack: whose rows are attributed */
    struct model_site *sites; /* [n_sites]: the encoder's layers, then the decoder's */
    int64_t n_sites;
};

/* Of a method `owner` whose options include LAYER_OPTIONS. decoder: only the decoder's make sense.
 * ERR_USAGE with what is wrong. Dispose after errors too. */
enum err_code layers_read(struct layer_choice *out, const char *owner,
                          const struct method_input *in, bool decoder, struct err *e) ERR_CHECKED;
void layers_dispose(struct layer_choice *c);
/* How many layers the options mean, for cost estimates: at least 1. */
int64_t layers_count(const struct option_set *options, const struct model_config *config);
/* The width of what they yield, E of embeddings, else D. */
int64_t layers_width(const struct option_set *options, const struct model_config *config);
/* Where the sites of a stack begin. */
static inline int64_t layers_first(const struct layer_choice *c, int stack) {
    return stack == STACK_DECODER && c->sides[STACK_ENCODER] ? c->n : 0;
}

/* Allocates the attributions of the chosen sides, [rows, G] and the trailing dimensions.
 * ERR_NOMEM. */
enum err_code layers_shape(struct method_run *g, const struct layer_choice *c, int n_trailing,
                           const int64_t *trailing, struct err *e) ERR_CHECKED;

#endif
