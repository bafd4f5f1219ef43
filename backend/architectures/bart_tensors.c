/* Reference: transformers 4.57, models/bart/modeling_bart.py. */
#include "backend/architectures/family.h"

#define BLOCK "model.{stack}.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row rows[] = {
    {SLOT_EMBEDDING, "model.shared.weight"},
    {SLOT_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.shared.weight"},
    {SLOT_DECODER_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_DECODER_EMBEDDING, "model.encoder.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_HEAD_BIAS, "?final_logits_bias"},
    {SLOT_POSITIONS, "model.{stack}.embed_positions.weight"},
    {SLOT_EMBEDDING_NORM, "model.{stack}.layernorm_embedding" BIASED},
    {SLOT_FINAL_NORM, "model.{stack}.layer_norm" BIASED},
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
    {SLOT_IGNORED, "model.*coder.embed_positions.weight"}, /* of sinusoids, which are computed */
    {SLOT_IGNORED, "model.*coder.embed_positions.weights"},
    {SLOT_IGNORED, "model.*coder.version"},
};
const struct tensor_rows bart_rows = {rows, sizeof rows / sizeof *rows};
