/*
 * GPT-2. Radford et al. 2019: pre-norm blocks, learned positions, one stored map for query, key and
 * value; as the decoder of a pair another for cross-attention's key and value. Reference:
 * transformers 4.57, models/gpt2/modeling_gpt2.py, whose Conv1D stores maps as [I, O]; GGUF stores
 * them as [O, I].
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {KEY("scale_attn_weights", BY), .read = read_attention_scaled},
    {FLAG("scale_attn_by_inverse_layer_idx", scale_by_layer, false)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_gpt};

static const struct setting gguf[] = {
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {KEY("attention.head_count_kv", ONLY_NUMBER), .like = AT(n_kv_heads)},
    {KEY("attention.key_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {NUMBER("attention.layer_norm_epsilon", norm_epsilon, 1e-5)},
    {FACT(ACTIVATION, activation), .text = "gelu_new"},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {FACT(NUMBER, dropout.embedding), .value = 0.1}, /* GPT2Config's: the file has none */
    {FACT(NUMBER, dropout.attention), .value = 0.1},
    {FACT(NUMBER, dropout.residual), .value = 0.1},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.wte.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_POSITIONS, "transformer.wpe.weight"},
    {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_1" BIASED},
    {SLOT_FFN_NORM, BLOCK "ln_2" BIASED},
    {SLOT_QKV, BLOCK "attn.c_attn" BIASED},
    {SLOT_OUTPUT, BLOCK "attn.c_proj" BIASED},
    {SLOT_CROSS_NORM, BLOCK "ln_cross_attn" BIASED},
    {SLOT_CROSS_QUERY, BLOCK "crossattention.q_attn" BIASED},
    {SLOT_CROSS_KEY_VALUE, BLOCK "crossattention.c_attn" BIASED},
    {SLOT_CROSS_OUTPUT, BLOCK "crossattention.c_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},
    {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
    {SLOT_IGNORED, "transformer.h.*.attn.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "transformer.h.*.attn.masked_bias"},
    {SLOT_IGNORED, "transformer.h.*.crossattention.bias"}, /* that mask again, not read */
    {SLOT_IGNORED, "transformer.h.*.crossattention.masked_bias"},
};

#define BLOCKS                                                                                     \
    .norm = NORM_LAYER, .norm_place = NORM_BEFORE, .positions = POSITION_LEARNED, .final_norm = true

const struct family family_gpt2 = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD}, BLOCKS},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"GPT2LMHeadModel", "gpt2", "GPT2Tokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .prefix = "transformer.",
                                         .fuse = FUSE_QKV,
                                         .transposed = true},
                [LAYOUT_GGUF] = {.classes = {{"GPT2LMHeadModel", "gpt2",
                                              .settings = &settings_of_gguf}},
                                 .rows = gguf_tensors,
                                 .n_rows = GGUF_TENSORS,
                                 .fuse = FUSE_QKV}},
    .sides = {
        [STACK_DECODER] = {
            .plan = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD}, BLOCKS},
            .layout = {.classes = {{"GPT2LMHeadModel", "gpt2", "GPT2Tokenizer", &settings}},
                       TENSOR_ROWS(tensors),
                       .fuse = FUSE_QKV,
                       .fused_memory = true,
                       .transposed = true}}}};
