/*
 * Llama. Touvron et al. 2023, with grouped-query attention (Ainslie et al. 2023), rotary positions
 * (Su et al. 2021), gated linear units (Shazeer 2020) and root mean square norms (Zhang and
 * Sennrich 2019). Mistral is the same with a window. Reference: transformers 4.57,
 * models/llama/modeling_llama.py.
 */
#include "backend/architectures/family.h"

#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row hugging_face[] = {
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

static const struct tensor_row gguf[] = {
    {SLOT_EMBEDDING, "token_embd.weight"},
    {SLOT_HEAD, "output.weight"},
    {SLOT_FINAL_NORM, "output_norm.weight"},
    {SLOT_ROPE_DIVISORS, "rope_freqs.weight"},
    {SLOT_SELF_NORM, "blk.{layer}.attn_norm.weight"},
    {SLOT_FFN_NORM, "blk.{layer}.ffn_norm.weight"},
    {SLOT_QUERY, "blk.{layer}.attn_q" BIASED},
    {SLOT_KEY, "blk.{layer}.attn_k" BIASED},
    {SLOT_VALUE, "blk.{layer}.attn_v" BIASED},
    {SLOT_OUTPUT, "blk.{layer}.attn_output" BIASED},
    {SLOT_GATE, "blk.{layer}.ffn_gate" BIASED},
    {SLOT_UP, "blk.{layer}.ffn_up" BIASED},
    {SLOT_DOWN, "blk.{layer}.ffn_down" BIASED},
};

const struct family family_llama = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {[LAYOUT_HUGGING_FACE] = {TENSOR_ROWS(hugging_face)},
                [LAYOUT_GGUF] = {TENSOR_ROWS(gguf), .rope_in_pairs = true}}};
