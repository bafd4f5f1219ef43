/*
 * Phi-1, Phi-1.5 and Phi-2. Li et al. 2023: attention and feed-forward layer side by side with one
 * norm, a share of each head rotated, biases everywhere. Reference: transformers 4.57,
 * models/phi/modeling_phi.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 51200, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 24, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 32, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 0, WIDTH), .like = AT(n_heads)},
    {COUNT("intermediate_size", n_ffn, 8192, FFN)},
    {NUMBER("layer_norm_eps", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {KEY("partial_rotary_factor", BY), .value = 0.5, .read = read_rotated_share},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {EITHER("qk_layernorm", decoder.query_norm, false, QUERY_NORM_NONE, QUERY_NORM_BY_HEAD)},
    {NUMBER("embd_pdrop", dropout.embedding, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("resid_pdrop", dropout.residual, 0)},
    {ACTIVATION("hidden_act", "gelu_new")},
    {TOKEN("bos_token_id", bos_token_id, 1)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_new"},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_HEAD_BIAS, "lm_head.bias"},
    {SLOT_FINAL_NORM, "model.final_layernorm" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_QUERY_NORM, BLOCK "self_attn.q_layernorm" BIASED},
    {SLOT_KEY_NORM, BLOCK "self_attn.k_layernorm" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.dense" BIASED},
    {SLOT_UP, BLOCK "mlp.fc1" BIASED},
    {SLOT_DOWN, BLOCK "mlp.fc2" BIASED},
    {SLOT_IGNORED, "model.layers.*.self_attn.rotary_emb.inv_freq"},
};

static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_HEAD, "output" BIASED},
};

const struct family family_phi = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .join = JOIN_SIDE_BY_SIDE,
                .shared_norm = true,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"PhiForCausalLM", "phi", "CodeGenTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors)},
        [LAYOUT_GGUF] = {.classes = {{"PhiForCausalLM", "phi2", .settings = &settings_of_gguf}},
                         TENSOR_ROWS(tensors_of_gguf),
                         .more = &gguf_rows}}};
