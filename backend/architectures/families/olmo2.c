/*
 * OLMo 2 and 3. OLMo team 2025: norms of what each part makes, and of all queries and all keys; in
 * the latter a window in three of four layers, whose rope is not stretched. Reference: transformers
 * 4.57, models/olmo2/modeling_olmo2.py and models/olmo3; llama.cpp, "olmo2".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50304, VOCAB)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-5)},
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = 50279, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting olmo3[] = {
    {FACT(NUMBER, rope_local_base), .like = AT(rope_base)},
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
    {KEY("layer_types", BY), .value = 4, .read = read_layer_types},
};
static const struct settings settings_olmo3 = {SETTINGS(olmo3), .base = &settings};

static const struct setting gguf[] = {
    {FACT(NUMBER, rope_local_base), .like = AT(rope_base)},
    {KEY("attention.sliding_window_pattern", BY), .value = 4, .read = read_layer_pattern},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_feedforward_layernorm.weight"},
};
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_SELF_NORM, "blk.{layer}.post_attention_norm.weight"},
    {SLOT_FFN_NORM, "blk.{layer}.post_ffw_norm.weight"},
};

const struct family family_olmo2 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_AFTER_BRANCH,
                .query_norm = QUERY_NORM_WHOLE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Olmo2ForCausalLM", "olmo2", "GPT2Tokenizer",
                                              &settings, &settings_generation},
                                             {"Olmo3ForCausalLM", "olmo3", "GPT2Tokenizer",
                                              &settings_olmo3, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {.classes = {{"Olmo2ForCausalLM", "olmo2", .settings = &settings_of_gguf}},
                         TENSOR_ROWS(tensors_of_gguf),
                         .more = &gguf_rows}}};
