/*
 * Seed-OSS. ByteDance 2025: Llama's blocks with biases of query, key and value. Reference:
 * transformers 4.57, models/seed_oss/modeling_seed_oss.py; llama.cpp, "seed_oss".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 155136, VOCAB)},
    {COUNT("intermediate_size", n_ffn, 27648, FFN)},
    {COUNT("num_hidden_layers", n_layers, 64, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 80, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 8, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 128, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 524288, POSITIONS)},
    {NUMBER("attention_dropout", dropout.attention, 0.1)},
    {NUMBER("residual_dropout", dropout.residual, 0.1)},
    {FLAG("attention_bias", attention_bias, true)},
    {EITHER("attention_out_bias", output_bias, false, OUTPUT_BIAS_NEVER, OUTPUT_BIAS_ALWAYS)},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.{weight|bias}"},
};
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_OUTPUT, "blk.{layer}.attn_output.weight"},
    {SLOT_FFN_NORM, "blk.{layer}.post_attention_norm.weight"},
};

const struct family family_seed_oss = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"SeedOssForCausalLM", "seed_oss",
                                                      "PreTrainedTokenizerFast", &settings,
                                                      &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .more = &llama_rows},
                [LAYOUT_GGUF] = {.classes = {{"SeedOssForCausalLM", "seed_oss",
                                              .settings = &settings_llama_gguf}},
                                 TENSOR_ROWS(tensors_of_gguf),
                                 .more = &gguf_rows}}};
