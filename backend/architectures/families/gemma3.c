/*
 * Gemma 3, its text side. Gemma team 2025: Gemma 2's blocks with normed queries and keys in place
 * of caps; of six layers five have a window and a rope base of their own. Reference: transformers
 * 4.57, models/gemma3/modeling_gemma3.py; llama.cpp, "gemma3".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 262208, VOCAB)},
    {COUNT("hidden_size", n_width, 2304, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 9216, FFN)},
    {COUNT("num_hidden_layers", n_layers, 26, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 8, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 4, WIDTH)},
    {COUNT("head_dim", n_head_width, 256, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 131072, POSITIONS)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {KEY("hidden_act", ELSEWHERE)}, /* hidden_activation counts */
    {ACTIVATION("hidden_activation", "gelu_pytorch_tanh")},
    {.kind = SETTING_BY, .member = AT(embedding_scale), .read = read_width_root},
    {KEY("query_pre_attn_scalar", BY), .value = 256, .read = read_query_scalar},
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
    {KEY("layer_types", BY), .value = 6, .text = "sliding_window_pattern",
     .read = read_layer_types},
    {KEY("sliding_window_pattern", ELSEWHERE)},
    {KEY("_sliding_window_pattern", ELSEWHERE)},
    {KEY("attn_logit_softcapping", ONLY_EMPTY), .notice = true}, /* nor does Transformers */
    {READ("final_logit_softcapping", NUMBER, logit_cap, 0, 1e-3, 1e6), .or_none = true},
    {ONLY("use_bidirectional_attention", FLAG, false)},
    {ONLY("mlp_bias", FLAG, false)},
    {READ("rope_local_base_freq", NUMBER, rope_local_base, 10000, 1, 1e12)},
    {KEY("rope_scaling", BY), .value = 1000000, .read = read_rope_scaling},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 1, .read = read_eos},
    {TOKEN("bos_token_id", bos_token_id, 2)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_pytorch_tanh"},
    {.kind = SETTING_BY, .member = AT(embedding_scale), .read = read_width_root},
    {.kind = SETTING_BY, .read = read_query_scalar_gguf},
    {KEY("attention.sliding_window", BY), .read = read_window},
    {KEY("attention.sliding_window_pattern", BY), .value = 6, .read = read_layer_pattern},
    {READ("final_logit_softcapping", NUMBER, logit_cap, 0, 1e-3, 1e6)},
    {READ("rope.freq_base", NUMBER, rope_base, 1000000, 1, 1e12)},
    {READ("rope.freq_base_swa", NUMBER, rope_local_base, 10000, 1, 1e12)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_SELF_AFTER, BLOCK "post_attention_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "pre_feedforward_layernorm.weight"},
    {SLOT_FFN_AFTER, BLOCK "post_feedforward_layernorm.weight"},
};

const struct family family_gemma3 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS_PLUS_ONE,
                .norm_place = NORM_AROUND_BRANCH,
                .query_norm = QUERY_NORM_BY_HEAD,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"Gemma3ForCausalLM", "gemma3_text", "GemmaTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {
            .classes = {{"Gemma3ForCausalLM", "gemma3", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .ones_added = true}}};
