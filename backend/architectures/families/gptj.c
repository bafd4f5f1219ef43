/*
 * GPT-J, Wang and Komatsuzaki 2021, and CodeGen, Nijkamp et al. 2022: attention and feed-forward
 * layer side by side with one norm, the first numbers of each head rotated in adjacent pairs, no
 * biases of attention. CodeGen fuses query, value and key in four blocks. Reference: transformers
 * 4.57, models/gptj/modeling_gptj.py and models/codegen/modeling_codegen.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50400, VOCAB)},
    {COUNT("n_positions", n_positions, 2048, POSITIONS)},
    {COUNT("n_embd", n_width, 4096, WIDTH)},
    {COUNT("n_layer", n_layers, 28, LAYERS)},
    {COUNT("n_head", n_heads, 16, WIDTH)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {NUMBER("embd_pdrop", dropout.embedding, 0)},
    {NUMBER("attn_pdrop", dropout.attention, 0)},
    {NUMBER("resid_pdrop", dropout.residual, 0)},
    {KEY("rotary_dim", BY), .value = 64, .read = read_rotated},
    {FACT(NUMBER, rope_base), .value = 10000},
    {FACT(NUMBER, rope_factor), .value = 1},
    {FACT(NUMBER, rope_linear), .value = 1},
    /* Of a configuration of GPT-2's that they were made from; no model reads them. */
    {KEY("rotary", ELSEWHERE)},
    {KEY("scale_attn_weights", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_gpt};

/* Four blocks of heads. */
static void check_heads(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    const struct model_config *c = to;
    (void)n_vocab;
    if (c->n_heads % FUSE_BLOCKS)
        field_fail(f, ERR_FORMAT, "%s: %lld heads do not lie in %d blocks", row->text,
                   (long long)c->n_heads, FUSE_BLOCKS);
}
static const struct setting codegen[] = {
    {FACT(BY, n_heads), .text = "n_head", .read = check_heads},
};
static const struct settings settings_codegen = {SETTINGS(codegen), .base = &settings};

#define SHARED                                                                                     \
    {SLOT_EMBEDDING, "transformer.wte.weight"}, {SLOT_HEAD, "lm_head.weight"},                     \
        {SLOT_HEAD_BIAS, "lm_head.bias"}, {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},            \
        {SLOT_SELF_NORM, BLOCK "ln_1" BIASED}, {SLOT_OUTPUT, BLOCK "attn.out_proj.weight"},        \
        {SLOT_UP, BLOCK "mlp.fc_in" BIASED}, {SLOT_DOWN, BLOCK "mlp.fc_out" BIASED},               \
        {SLOT_IGNORED, "transformer.h.*.attn.bias"}, /* the mask of causal attention */            \
        {SLOT_IGNORED, "transformer.h.*.attn.causal_mask"},                                        \
        {SLOT_IGNORED, "transformer.h.*.attn.embed_positions"}, {                                  \
        SLOT_IGNORED, "transformer.h.*.attn.masked_bias"                                           \
    }

static const struct tensor_row tensors[] = {
    SHARED,
    {SLOT_QUERY, BLOCK "attn.q_proj.weight"},
    {SLOT_KEY, BLOCK "attn.k_proj.weight"},
    {SLOT_VALUE, BLOCK "attn.v_proj.weight"},
};
static const struct tensor_row tensors_codegen[] = {
    SHARED,
    {SLOT_QKV, BLOCK "attn.qkv_proj.weight"},
};

#define PLAN                                                                                       \
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},                                      \
                .norm = NORM_LAYER,                                                                \
                .norm_place = NORM_BEFORE,                                                         \
                .join = JOIN_SIDE_BY_SIDE,                                                         \
                .shared_norm = true,                                                               \
                .positions = POSITION_ROTARY,                                                      \
                .final_norm = true}

const struct family family_gptj = {
    PLAN,
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"GPTJForCausalLM", "gptj", "GPT2Tokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .rope_in_pairs = true}}};

const struct family family_codegen = {
    PLAN, .layouts = {[LAYOUT_HUGGING_FACE] = {
                          .classes = {{"CodeGenForCausalLM", "codegen", "CodeGenTokenizer",
                                       &settings_codegen, &settings_generation}},
                          TENSOR_ROWS(tensors_codegen),
                          .fuse = FUSE_QKV_IN_BLOCKS,
                          .rope_in_pairs = true}}};
