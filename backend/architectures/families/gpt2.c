/*
 * GPT-2. Radford et al. 2019: pre-norm blocks, learned positions, one stored map for query, key and
 * value. Reference: transformers 4.57, models/gpt2/modeling_gpt2.py, whose Conv1D stores maps as
 * [I, O]; GGUF stores them as [O, I].
 */
#include "backend/architectures/family.h"

#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row hugging_face[] = {
    {SLOT_EMBEDDING, "transformer.wte.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_POSITIONS, "transformer.wpe.weight"},
    {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_1" BIASED},
    {SLOT_FFN_NORM, BLOCK "ln_2" BIASED},
    {SLOT_QKV, BLOCK "attn.c_attn" BIASED},
    {SLOT_OUTPUT, BLOCK "attn.c_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},
    {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
    {SLOT_IGNORED, "transformer.h.*.attn.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "transformer.h.*.attn.masked_bias"},
};

static const struct tensor_row gguf[] = {
    {SLOT_EMBEDDING, "token_embd.weight"},
    {SLOT_HEAD, "output.weight"},
    {SLOT_POSITIONS, "position_embd.weight"},
    {SLOT_FINAL_NORM, "output_norm" BIASED},
    {SLOT_SELF_NORM, "blk.{layer}.attn_norm" BIASED},
    {SLOT_FFN_NORM, "blk.{layer}.ffn_norm" BIASED},
    {SLOT_QKV, "blk.{layer}.attn_qkv" BIASED},
    {SLOT_OUTPUT, "blk.{layer}.attn_output" BIASED},
    {SLOT_UP, "blk.{layer}.ffn_up" BIASED},
    {SLOT_DOWN, "blk.{layer}.ffn_down" BIASED},
};

const struct family family_gpt2 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {TENSOR_ROWS(hugging_face), .prefix = "transformer.",
                                         .transposed = true},
                [LAYOUT_GGUF] = {TENSOR_ROWS(gguf)}}};
