/* Reference: llama.cpp, gguf-py/gguf/constants.py. */
#include "backend/architectures/family.h"

#define BLOCK "blk.{layer}."
#define BIASED ".{weight|bias}"

const struct tensor_row gguf_tensors[GGUF_TENSORS] = {
    {SLOT_EMBEDDING, "token_embd.weight"},
    {SLOT_HEAD, "output.weight"},
    {SLOT_POSITIONS, "position_embd.weight"},
    {SLOT_ROPE_DIVISORS, "rope_freqs.weight"},
    {SLOT_FINAL_NORM, "output_norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "attn_norm" BIASED},
    {SLOT_SELF_AFTER, BLOCK "post_attention_norm" BIASED},
    {SLOT_FFN_NORM, BLOCK "ffn_norm" BIASED},
    {SLOT_FFN_AFTER, BLOCK "post_ffw_norm" BIASED},
    {SLOT_QUERY, BLOCK "attn_q" BIASED},
    {SLOT_KEY, BLOCK "attn_k" BIASED},
    {SLOT_VALUE, BLOCK "attn_v" BIASED},
    {SLOT_QKV, BLOCK "attn_qkv" BIASED},
    {SLOT_QUERY_NORM, BLOCK "attn_q_norm" BIASED},
    {SLOT_KEY_NORM, BLOCK "attn_k_norm" BIASED},
    {SLOT_OUTPUT, BLOCK "attn_output" BIASED},
    {SLOT_GATE, BLOCK "ffn_gate" BIASED},
    {SLOT_UP, BLOCK "ffn_up" BIASED},
    {SLOT_DOWN, BLOCK "ffn_down" BIASED},
    {SLOT_ROUTER, BLOCK "ffn_gate_inp.weight"},
    {SLOT_EXPERT_GATE, BLOCK "ffn_gate_exps.weight"},
    {SLOT_EXPERT_UP, BLOCK "ffn_up_exps.weight"},
    {SLOT_EXPERT_DOWN, BLOCK "ffn_down_exps.weight"},
    {SLOT_SHARED_ROUTER, BLOCK "ffn_gate_inp_shexp.weight"},
    {SLOT_SHARED_GATE, BLOCK "ffn_gate_shexp.weight"},
    {SLOT_SHARED_UP, BLOCK "ffn_up_shexp.weight"},
    {SLOT_SHARED_DOWN, BLOCK "ffn_down_shexp.weight"},
};
const struct tensor_rows gguf_rows = {gguf_tensors, GGUF_TENSORS};
