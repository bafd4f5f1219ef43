/*
 * Arcee. Arcee AI 2025: Llama's blocks with a feed-forward layer of squared ReLU and no gate.
 * Reference: transformers 4.57, models/arcee/modeling_arcee.py; llama.cpp, "arcee".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("hidden_size", n_width, 2560, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 18432, FFN)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-5)},
    {ACTIVATION("hidden_act", "relu2")},
    {TOKEN("bos_token_id", bos_token_id, 128000)},
    {KEY("eos_token_id", BY), .value = 128001, .read = read_eos},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "relu2"},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_arcee = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"ArceeForCausalLM", "arcee",
                                              "PreTrainedTokenizerFast", &settings,
                                              &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {.classes = {{"ArceeForCausalLM", "arcee", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS,
                         .rope_in_pairs = true}}};
