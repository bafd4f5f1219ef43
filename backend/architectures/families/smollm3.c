/*
 * SmolLM 3. Hugging Face 2025: Llama's blocks without rope in every fourth layer. Reference:
 * transformers 4.57, models/smollm3/modeling_smollm3.py; llama.cpp, "smollm3".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 128256, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 36, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 16, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 4, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 32768, POSITIONS)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {KEY("rope_scaling", BY), .value = 2000000, .read = read_rope_scaling},
    {KEY("no_rope_layers", BY), .value = 4, .read = read_unrotated},
    {KEY("no_rope_layer_interval", ELSEWHERE)},
    {KEY("use_sliding_window", ELSEWHERE)},
    {KEY("sliding_window", ELSEWHERE)},
    {KEY("max_window_layers", ELSEWHERE)}, /* Transformers does not look at it here */
    {KEY("layer_types", BY), .read = read_layer_types},
    {TOKEN("bos_token_id", bos_token_id, 128000)},
    {KEY("eos_token_id", BY), .value = 128001, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 128004)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {.kind = SETTING_BY, .value = 4, .read = read_unrotated_gguf},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_smollm3 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"SmolLM3ForCausalLM", "smollm3",
                                                      "PreTrainedTokenizerFast", &settings,
                                                      &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .more = &llama_rows},
                [LAYOUT_GGUF] = {
                    .classes = {{"SmolLM3ForCausalLM", "smollm3", .settings = &settings_of_gguf}},
                    .rows = gguf_tensors,
                    .n_rows = GGUF_TENSORS,
                    .rope_in_pairs = true}}};
