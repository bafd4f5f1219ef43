/*
 * Llama. Touvron et al. 2023, with grouped-query attention (Ainslie et al. 2023), rotary positions
 * (Su et al. 2021), gated linear units (Shazeer 2020) and root mean square norms (Zhang and
 * Sennrich 2019). Mistral is the same with a window. Reference: transformers 4.57,
 * models/llama/modeling_llama.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 32000, VOCAB)},
    {COUNT("hidden_size", n_width, 4096, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 11008, FFN)},
    {COUNT("num_hidden_layers", n_layers, 32, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 32, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("head_dim", n_head_width, 0, WIDTH), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 2048, POSITIONS)},
    {NUMBER("rms_norm_eps", norm_epsilon, 1e-6)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {ONLY("partial_rotary_factor", NUMBER, 1)},
    {ONLY("rope_interleaved", FLAG, false)},
    {ACTIVATION("hidden_act", "silu")},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_parameters", ELSEWHERE)},
    {KEY("rope_theta", ELSEWHERE)},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
    {FLAG("attention_bias", attention_bias, false)},
    {FLAG("mlp_bias", mlp_bias, false)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct setting mistral[] = {
    {COUNT("intermediate_size", n_ffn, 14336, FFN)},
    {COUNT("num_key_value_heads", n_kv_heads, 8, WIDTH), .like = AT(n_heads)},
    {COUNT("max_position_embeddings", n_positions, 131072, POSITIONS)},
    {ONLY("attention_bias", FLAG, false)},
    {ONLY("mlp_bias", FLAG, false)},
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
};
static const struct settings settings_mistral = {SETTINGS(mistral), .base = &settings};

static const struct setting gguf[] = {
    {COUNT("attention.head_count_kv", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("attention.key_length", n_head_width, 0, WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {NUMBER("attention.layer_norm_rms_epsilon", norm_epsilon, 1e-6)},
    {FACT(ACTIVATION, activation), .text = "silu"},
    {READ("rope.freq_base", NUMBER, rope_base, 10000, 1, 1e12)},
    {KEY("attention.sliding_window", BY), .read = read_window},
    {KEY("rope.scaling.type", BY), .read = read_rope_gguf},
    {KEY("rope.scaling.factor", ELSEWHERE)},
    {KEY("rope.scaling.original_context_length", ELSEWHERE)}, /* said again, of training */
    {KEY("rope.scaling.finetuned", ELSEWHERE)},
    {KEY("rope.dimension_count", ONLY_NUMBER), .like = AT(n_head_width)},
    {KEY("attention.value_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {ONLY("expert_count", NUMBER, 0)},
    {ONLY("expert_used_count", NUMBER, 0)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.norm.weight"},
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm.weight"},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj" BIASED},
    {SLOT_GATE, BLOCK "mlp.gate_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.up_proj" BIASED},
    {SLOT_DOWN, BLOCK "mlp.down_proj" BIASED},
    {SLOT_IGNORED, "model.layers.*.rotary_emb.inv_freq"},
};

const struct family family_llama = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"LlamaForCausalLM", "llama", "LlamaTokenizer",
                                              &settings, &settings_generation},
                                             {"MistralForCausalLM", "mistral", "LlamaTokenizer",
                                              &settings_mistral, &settings_generation}},
                                 TENSOR_ROWS(tensors)},
        [LAYOUT_GGUF] = {.classes = {{"LlamaForCausalLM", "llama", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS,
                         .rope_in_pairs = true}}};
