/*
 * GPTBigCode: SantaCoder and StarCoder. Ben Allal et al. 2023: GPT-2 whose heads share one head of
 * keys and values, or have each their own. Reference: transformers 4.57,
 * models/gpt_bigcode/modeling_gpt_bigcode.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {ACTIVATION("activation_function", "gelu_pytorch_tanh")},
    {KEY("scale_attn_weights", BY), .read = read_attention_scaled},
    {KEY("multi_query", BY), .value = true, .read = read_multi_query},
    {KEY("num_key_value_heads", ELSEWHERE)},       /* follows from it */
    {KEY("attention_softmax_in_fp32", ELSEWHERE)}, /* always */
    {KEY("scale_attention_softmax_in_fp32", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_gpt};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu_pytorch_tanh"},
    {FACT(NUMBER, dropout.embedding), .value = 0.1}, /* its class's: the file has none */
    {FACT(NUMBER, dropout.attention), .value = 0.1},
    {FACT(NUMBER, dropout.residual), .value = 0.1},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.wte.weight"},  {SLOT_HEAD, "lm_head.weight"},
    {SLOT_POSITIONS, "transformer.wpe.weight"},  {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_1" BIASED},       {SLOT_FFN_NORM, BLOCK "ln_2" BIASED},
    {SLOT_QKV, BLOCK "attn.c_attn" BIASED},      {SLOT_OUTPUT, BLOCK "attn.c_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},          {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
    {SLOT_IGNORED, "transformer.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "transformer.h.*.attn.bias"},
};

const struct family family_gpt_bigcode = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"GPTBigCodeForCausalLM", "gpt_bigcode",
                                              "GPT2Tokenizer", &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "transformer.",
                                 .fuse = FUSE_QKV_BY_GROUP},
        [LAYOUT_GGUF] = {
            .classes = {{"GPTBigCodeForCausalLM", "starcoder", .settings = &settings_of_gguf}},
            .rows = gguf_tensors,
            .n_rows = GGUF_TENSORS,
            .fuse = FUSE_QKV}}};
