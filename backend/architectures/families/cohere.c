/*
 * Command-R and Command-R 7B. Cohere 2024: attention and feed-forward layer side by side on one
 * layer norm without a shift, neighbours rotated, logits scaled, queries and keys normed in
 * Command-R+; in the latter a window in three of four layers, and no rope in the fourth. Reference:
 * transformers 4.57, models/cohere/modeling_cohere.py and models/cohere2; llama.cpp, "command-r"
 * and "cohere2".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 256000, VOCAB)},
    {COUNT("hidden_size", n_width, 8192, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 22528, FFN)},
    {COUNT("num_hidden_layers", n_layers, 40, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 64, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 8192, POSITIONS)},
    {READ("logit_scale", NUMBER, logit_scale, 0.0625, 1e-9, 1e9)},
    {NUMBER("layer_norm_eps", norm_epsilon, 1e-5)},
    {KEY("rms_norm_eps", ELSEWHERE)}, /* there is none */
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {ONLY("mlp_bias", FLAG, false)},
    {EITHER("use_qk_norm", decoder.query_norm, false, QUERY_NORM_NONE, QUERY_NORM_OF_EACH_HEAD)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {TOKEN("bos_token_id", bos_token_id, 5)},
    {KEY("eos_token_id", BY), .value = 255001, .read = read_eos},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting cohere2[] = {
    {ONLY("use_qk_norm", FLAG, false)}, /* Transformers has none here */
    {KEY("sliding_window", BY), .value = 4096, .read = read_window},
    {KEY("layer_types", BY), .value = 4, .text = "sliding_window_pattern",
     .read = read_layer_types},
    {KEY("sliding_window_pattern", ELSEWHERE)},
    {KEY("_sliding_window_pattern", ELSEWHERE)},
    {.kind = SETTING_BY, .read = read_local_rope},
    {KEY("cache_implementation", ELSEWHERE)},
    {KEY("position_embedding_type", ONLY_TEXT), .text = "rope_gptj"},
    {KEY("order_of_interleaved_layers", ELSEWHERE)}, /* said again by layer_types */
    {KEY("layer_switch", ELSEWHERE)},
    {KEY("rotary_pct", ONLY_NUMBER), .value = 1},
    {ONLY("use_embedding_sharing", FLAG, true)},
    {ONLY("use_gated_activation", FLAG, true)},
    {ONLY("use_parallel_block", FLAG, true)},
    {ONLY("use_parallel_embedding", FLAG, false)},
};
static const struct settings settings_cohere2 = {SETTINGS(cohere2), .base = &settings};

static const struct setting gguf[] = {
    {NUMBER("attention.layer_norm_epsilon", norm_epsilon, 1e-5)},
    {KEY("attention.layer_norm_rms_epsilon", ELSEWHERE)},
    {.kind = SETTING_BY, .read = read_head_norms_gguf},
    {READ("logit_scale", NUMBER, logit_scale, 0.0625, 1e-9, 1e9)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct setting gguf_cohere2[] = {
    {KEY("attention.sliding_window_pattern", BY), .value = 4, .read = read_layer_pattern},
    {.kind = SETTING_BY, .read = read_local_rope},
};
static const struct settings settings_of_gguf_cohere2 = {SETTINGS(gguf_cohere2),
                                                         .base = &settings_of_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_SELF_NORM, BLOCK "input_layernorm.weight"},
};

const struct family family_cohere = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_LAYER_UNSHIFTED,
                .norm_place = NORM_BEFORE,
                .join = JOIN_SIDE_BY_SIDE,
                .shared_norm = true,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"CohereForCausalLM", "cohere", "CohereTokenizer",
                                              &settings, &settings_generation},
                                             {"Cohere2ForCausalLM", "cohere2", "CohereTokenizer",
                                              &settings_cohere2, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows,
                                 .rope_in_pairs = true},
        [LAYOUT_GGUF] = {
            .classes = {{"CohereForCausalLM", "command-r", .settings = &settings_of_gguf},
                        {"Cohere2ForCausalLM", "cohere2", .settings = &settings_of_gguf_cohere2}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .rope_in_pairs = true}}};
