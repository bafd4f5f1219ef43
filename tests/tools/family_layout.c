#include "tests/tools/family_layout.h"

#include <string.h>

static const struct family_layout_name names[] = {
    {.name = "llama", .class = "LlamaForCausalLM", .keys = "{}", .permuted = true},
    {.name = "mistral", .class = "MistralForCausalLM", .keys = "{\"sliding_window\": null}"},
    /* Transformers asks for a window here: one that no text of the tests fills. */
    {.name = "ministral", .class = "MinistralForCausalLM", .keys = "{\"sliding_window\": 8192}"},
    {.name = "qwen2",
     .class = "Qwen2ForCausalLM",
     .keys = "{\"use_sliding_window\": false}",
     .architecture = "qwen2",
     .biases = true},
    {.name = "seed_oss",
     .class = "SeedOssForCausalLM",
     .keys = "{\"attention_bias\": true, \"attention_out_bias\": false}",
     .architecture = "seed_oss",
     .biases = true},
    {.name = "phi3",
     .class = "Phi3ForCausalLM",
     .keys = "{\"sliding_window\": null, \"partial_rotary_factor\": 1.0}",
     .architecture = "phi3",
     .fused = true},
    {.name = "granite",
     .class = "GraniteForCausalLM",
     .keys = "{\"embedding_multiplier\": 1.0, \"logits_scaling\": 1.0, "
             "\"residual_multiplier\": 1.0, \"attention_multiplier\": 0.125}",
     .architecture = "granite",
     .permuted = true},
    {.name = "smollm3",
     .class = "SmolLM3ForCausalLM",
     .keys = "{\"no_rope_layers\": %d}",
     .architecture = "smollm3",
     .permuted = true},
};

const struct family_layout_name *family_layout_find(const char *name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return &names[i];
    return NULL;
}

#define NORMS                                                                                      \
    {{"attn_norm"}, NULL, "input_layernorm.weight", "attn_norm.weight"}, {                         \
        {"ffn_norm"}, NULL, "post_attention_layernorm.weight", "ffn_norm.weight"                   \
    }
#define ENDS                                                                                       \
    {{"attn_output"}, NULL, "self_attn.o_proj.weight", "attn_output.weight"}, {                    \
        {"ffn_down"}, NULL, "mlp.down_proj.weight", "ffn_down.weight"                              \
    }
#define MAPS                                                                                       \
    {{"attn_q"}, NULL, "self_attn.q_proj.weight", "attn_q.weight"},                                \
        {{"attn_k"}, NULL, "self_attn.k_proj.weight", "attn_k.weight"},                            \
        {{"attn_v"}, NULL, "self_attn.v_proj.weight", "attn_v.weight"},                            \
        {{"ffn_gate"}, NULL, "mlp.gate_proj.weight", "ffn_gate.weight"}, {                         \
        {"ffn_up"}, NULL, "mlp.up_proj.weight", "ffn_up.weight"                                    \
    }

const struct layout_row *family_layout_rows(const struct family_layout_name *f, size_t *n) {
    static const struct layout_row plain[] = {NORMS, ENDS, MAPS};
    static const struct layout_row biased[] = {
        NORMS,
        ENDS,
        MAPS,
        {{0}, "attn_q", "self_attn.q_proj.bias", "attn_q.bias"},
        {{0}, "attn_k", "self_attn.k_proj.bias", "attn_k.bias"},
        {{0}, "attn_v", "self_attn.v_proj.bias", "attn_v.bias"},
    };
    static const struct layout_row fused[] = {
        NORMS,
        ENDS,
        {{"attn_q", "attn_k", "attn_v"}, NULL, "self_attn.qkv_proj.weight", "attn_qkv.weight"},
        {{"ffn_gate", "ffn_up"}, NULL, "mlp.gate_up_proj.weight", "ffn_up.weight"},
    };
    if (f->fused)
        return *n = sizeof fused / sizeof *fused, fused;
    if (f->biases)
        return *n = sizeof biased / sizeof *biased, biased;
    return *n = sizeof plain / sizeof *plain, plain;
}
