/*
 * MarianMT as in Transformers: Vaswani et al. 2017 with post-norm blocks, sinusoidal positions,
 * embeddings scaled by √D, a bias on the logits. Reference: transformers 4.57,
 * models/marian/modeling_marian.py.
 */
#include "backend/architectures/family.h"

#define BLOCK "model.{stack}.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row hugging_face[] = {
    {SLOT_EMBEDDING, "model.shared.weight"},
    {SLOT_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.shared.weight"},
    {SLOT_DECODER_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_HEAD_BIAS, "final_logits_bias"},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.out_proj" BIASED},
    {SLOT_SELF_NORM, BLOCK "self_attn_layer_norm" BIASED},
    {SLOT_CROSS_QUERY, BLOCK "encoder_attn.q_proj" BIASED},
    {SLOT_CROSS_KEY, BLOCK "encoder_attn.k_proj" BIASED},
    {SLOT_CROSS_VALUE, BLOCK "encoder_attn.v_proj" BIASED},
    {SLOT_CROSS_OUTPUT, BLOCK "encoder_attn.out_proj" BIASED},
    {SLOT_CROSS_NORM, BLOCK "encoder_attn_layer_norm" BIASED},
    {SLOT_UP, BLOCK "fc1" BIASED},
    {SLOT_DOWN, BLOCK "fc2" BIASED},
    {SLOT_FFN_NORM, BLOCK "final_layer_norm" BIASED},
    {SLOT_IGNORED, "model.*coder.embed_positions.weight"}, /* they are computed */
};

const struct family family_marian_mt = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_AFTER_SUM,
                .positions = POSITION_SINUSOID},
    .layouts = {[LAYOUT_HUGGING_FACE] = {TENSOR_ROWS(hugging_face)}}};
