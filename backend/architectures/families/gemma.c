/*
 * Gemma. Gemma team 2024: Llama's blocks with norms whose scale is 1 + w, gates of GELU, and
 * embeddings that are multiplied by the root of their width where the decoder begins. Reference:
 * transformers 4.57, models/gemma/modeling_gemma.py; llama.cpp, "gemma", which stores 1 + w.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 256000, VOCAB)},
    {COUNT("hidden_size", n_width, 3072, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 24576, FFN)},
    {COUNT("num_hidden_layers", n_layers, 28, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 16, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 16, WIDTH)},
    {COUNT("head_dim", n_head_width, 256, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 8192, POSITIONS)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {ACTIVATION("hidden_act", "gelu_pytorch_tanh")},
    /* Transformers 4.57 does not look at it. */
    {KEY("hidden_activation", ONLY_EMPTY), .notice = true},
    {.kind = SETTING_BY, .member = AT(input_scale), .read = read_width_root},
    {ONLY("mlp_bias", FLAG, false)},
    {KEY("rope_scaling", ONLY_EMPTY)},
    {READ("rope_theta", NUMBER, rope_base, 10000, 1, 1e12)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 1, .read = read_eos},
    {TOKEN("bos_token_id", bos_token_id, 2)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_pytorch_tanh"},
    {.kind = SETTING_BY, .member = AT(input_scale), .read = read_width_root},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
};

const struct family family_gemma = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS_PLUS_ONE,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"GemmaForCausalLM", "gemma", "GemmaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {.classes = {{"GemmaForCausalLM", "gemma", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS,
                         .ones_added = true}}};
