/* Names that Transformers' decoders like Llama have in common (4.57, models/llama and those that
 * are generated from it). */
#include "backend/architectures/family.h"

#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct tensor_row rows[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.norm.weight"},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_QKV, BLOCK "self_attn.qkv_proj" BIASED},
    {SLOT_QUERY_NORM, BLOCK "self_attn.q_norm.weight"},
    {SLOT_KEY_NORM, BLOCK "self_attn.k_norm.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj" BIASED},
    {SLOT_GATE, BLOCK "mlp.gate_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.up_proj" BIASED},
    {SLOT_GATE_UP, BLOCK "mlp.gate_up_proj" BIASED},
    {SLOT_DOWN, BLOCK "mlp.down_proj" BIASED},
    {SLOT_ROUTER, BLOCK "mlp.gate.weight"},
    {SLOT_EXPERT_GATE, BLOCK "mlp.experts.{expert}.gate_proj.weight"},
    {SLOT_EXPERT_UP, BLOCK "mlp.experts.{expert}.up_proj.weight"},
    {SLOT_EXPERT_DOWN, BLOCK "mlp.experts.{expert}.down_proj.weight"},
    {SLOT_SHARED_ROUTER, BLOCK "mlp.shared_expert_gate.weight"},
    {SLOT_SHARED_GATE, BLOCK "mlp.shared_expert.gate_proj.weight"},
    {SLOT_SHARED_UP, BLOCK "mlp.shared_expert.up_proj.weight"},
    {SLOT_SHARED_DOWN, BLOCK "mlp.shared_expert.down_proj.weight"},
    {SLOT_IGNORED, "model.layers.*.rotary_emb.inv_freq"},
    {SLOT_IGNORED, "model.rotary_emb.inv_freq"},
};
const struct tensor_rows llama_rows = {rows, sizeof rows / sizeof *rows};
