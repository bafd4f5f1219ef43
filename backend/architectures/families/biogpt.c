/*
 * BioGPT. Luo et al. 2022: GPT-2's blocks, learned positions whose table begins two rows late,
 * embeddings times √D. Reference: transformers 4.57, models/biogpt/modeling_biogpt.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "biogpt.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 42384, VOCAB)},
    {COUNT("hidden_size", n_width, 1024, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 24, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 16, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 4096, FFN)},
    {COUNT("max_position_embeddings", n_positions, 1024, POSITIONS)},
    {KEY("layer_norm_eps", ELSEWHERE)}, /* no norm of it reads it */
    {FACT(NUMBER, norm_epsilon), .value = 1e-5},
    {FLAG("scale_embedding", scale_embeddings, true)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("hidden_dropout_prob", dropout.residual, 0.1)},
    {FACT(NUMBER, dropout.embedding), .like = AT(dropout.residual)},
    {NUMBER("attention_probs_dropout_prob", dropout.attention, 0.1)},
    {NUMBER("activation_dropout", dropout.activation, 0)},
    {ACTIVATION("hidden_act", "gelu")},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "biogpt.embed_tokens.weight"},
    {SLOT_HEAD, "output_projection.weight"},
    {SLOT_POSITIONS, "biogpt.embed_positions.weight"},
    {SLOT_FINAL_NORM, "biogpt.layer_norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "self_attn_layer_norm" BIASED},
    {SLOT_FFN_NORM, BLOCK "final_layer_norm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.out_proj" BIASED},
    {SLOT_UP, BLOCK "fc1" BIASED},
    {SLOT_DOWN, BLOCK "fc2" BIASED},
};

const struct family family_biogpt = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .position_offset = 2,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"BioGptForCausalLM", "biogpt", "BioGptTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "biogpt."}}};
