/*
 * Helium. Kyutai 2025: Llama's blocks that rotate neighbours. Reference: transformers 4.57,
 * models/helium/modeling_helium.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 48000, VOCAB)},
    {COUNT("hidden_size", n_width, 2560, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 7040, FFN)},
    {COUNT("num_hidden_layers", n_layers, 24, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 20, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 20, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 128, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-8)},
    {KEY("rope_scaling", BY), .value = 100000, .read = read_rope_scaling},
    {TOKEN("pad_token_id", pad_token_id, 3)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.weight"},
};

const struct family family_helium = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {
                    .classes = {{"HeliumForCausalLM", "helium", "PreTrainedTokenizerFast",
                                 &settings, &settings_generation}},
                    TENSOR_ROWS(tensors),
                    .more = &llama_rows,
                    .rope_in_pairs = true}}};
