/*
 * GPT-NeoX, and Pythia. Black et al. 2022, Biderman et al. 2023: attention and feed-forward layer
 * side by side, each with a norm of its own, or in turn; a share of each head is rotated; query,
 * key and value fused by heads. Reference: transformers 4.57, models/gpt_neox/modeling_gpt_neox.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "gpt_neox.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50432, VOCAB)},
    {COUNT("hidden_size", n_width, 6144, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 44, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 64, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 24576, FFN)},
    {NUMBER("layer_norm_eps", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {FLAG("attention_bias", attention_bias, true)},
    {EITHER("use_parallel_residual", decoder.join, true, JOIN_IN_TURN, JOIN_SIDE_BY_SIDE)},
    {KEY("rotary_pct", BY), .value = 0.25, .read = read_rotated_share},
    {KEY("partial_rotary_factor", ELSEWHERE)}, /* said again */
    {KEY("rope_scaling", BY), .text = "rotary_emb_base", .read = read_rope_scaling},
    {KEY("rotary_emb_base", ELSEWHERE)},
    {KEY("rope_theta", ELSEWHERE)}, /* said again */
    {KEY("rope_parameters", ELSEWHERE)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("hidden_dropout", dropout.residual, 0)},
    {FACT(NUMBER, dropout.embedding), .like = AT(dropout.residual)},
    {ACTIVATION("hidden_act", "gelu")},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu"},
    {EITHER("use_parallel_residual", decoder.join, true, JOIN_IN_TURN, JOIN_SIDE_BY_SIDE)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "gpt_neox.embed_in.weight"},
    {SLOT_HEAD, "embed_out.weight"},
    {SLOT_FINAL_NORM, "gpt_neox.final_layer_norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_QKV, BLOCK "attention.query_key_value" BIASED},
    {SLOT_OUTPUT, BLOCK "attention.dense" BIASED},
    {SLOT_UP, BLOCK "mlp.dense_h_to_4h" BIASED},
    {SLOT_DOWN, BLOCK "mlp.dense_4h_to_h" BIASED},
    {SLOT_IGNORED, "gpt_neox.layers.*.attention.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "gpt_neox.layers.*.attention.masked_bias"},
    {SLOT_IGNORED, "gpt_neox.layers.*.attention.rotary_emb.inv_freq"},
};

const struct family family_gpt_neox = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"GPTNeoXForCausalLM", "gpt_neox", "GPTNeoXTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .fuse = FUSE_QKV_BY_GROUP},
        [LAYOUT_GGUF] = {
            .classes = {{"GPTNeoXForCausalLM", "gptneox", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .fuse = FUSE_QKV}}};
