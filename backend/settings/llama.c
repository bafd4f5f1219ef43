/* What decoders like Llama set: defaults are those of Transformers' LlamaConfig and of llama.cpp.
 */
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)

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
const struct settings settings_llama = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct setting gguf[] = {
    {COUNT("attention.head_count_kv", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("attention.key_length", n_head_width, 0, WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {NUMBER("attention.layer_norm_rms_epsilon", norm_epsilon, 1e-6)},
    {FACT(ACTIVATION, activation), .text = "silu"},
    {READ("rope.freq_base", NUMBER, rope_base, 10000, 1, 1e12)},
    {KEY("attention.sliding_window", BY), .read = read_window},
    {KEY("rope.scaling.type", BY), .read = read_rope_gguf},
    ROPE_SCALING_GGUF,
    {KEY("rope.dimension_count", ONLY_NUMBER), .like = AT(n_head_width)},
    {KEY("attention.value_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {READ("expert_count", COUNT, experts.n, 0, 0, FIELD_MAX_EXPERTS)}, /* Mixtral */
    {KEY("expert_used_count", BY), .read = read_experts_used},
    {FACT(COUNT, experts.n_ffn), .like = AT(n_ffn)},
    {FACT(FLAG, experts.shares_one), .value = true},
};
const struct settings settings_llama_gguf = {SETTINGS(gguf), .base = &settings_gguf};
