/*
 * The first GPT. Radford et al. 2018: post-norm blocks, learned positions, one stored map for
 * query, key and value. Reference: transformers 4.57, models/openai/modeling_openai.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#include <string.h>

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

/* It has a table of its own, where "gelu" is the approximation by tanh. */
static void read_function(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    static const struct {
        const char *name;
        enum activation value;
    } known[] = {{"gelu", ACTIVATION_GELU_NEW},
                 {"relu", ACTIVATION_RELU},
                 {"silu", ACTIVATION_SILU},
                 {"swish", ACTIVATION_SILU}};
    char name[40];
    (void)n_vocab;
    field_text(f, row->key, "gelu", name, sizeof name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0) {
            ((struct model_config *)to)->activation = known[i].value;
            return;
        }
    field_fail(f, ERR_UNSUPPORTED, "%s is %s; these run here: gelu, relu, silu, swish", row->key,
               name);
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 40478, VOCAB)},
    {COUNT("n_positions", n_positions, 512, POSITIONS)},
    {ONLY("n_inner", EMPTY, 0)},
    {FACT(COUNT, n_ffn), .like = AT(n_width), .times = 4},
    {KEY("activation_function", ELSEWHERE)}, /* no model reads it */
    {KEY("afn", BY), .read = read_function},
    {KEY("predict_special_tokens", ELSEWHERE)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_gpt};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.tokens_embed.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_POSITIONS, "transformer.positions_embed.weight"},
    {SLOT_QKV, BLOCK "attn.c_attn" BIASED},
    {SLOT_OUTPUT, BLOCK "attn.c_proj" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_1" BIASED},
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},
    {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
    {SLOT_FFN_NORM, BLOCK "ln_2" BIASED},
    {SLOT_IGNORED, "transformer.h.*.attn.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "transformer.position_ids"},  /* 0, 1, 2, … */
};

const struct family family_openai_gpt = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_LEARNED},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"OpenAIGPTLMHeadModel", "openai-gpt", "OpenAIGPTTokenizer",
                                 &settings, &settings_generation}},
                    TENSOR_ROWS(tensors),
                    .prefix = "transformer.",
                    .fuse = FUSE_QKV,
                    .transposed = true}}};
