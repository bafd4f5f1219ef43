/*
 * MPT. MosaicML 2023: scores of attention fall with the distance (ALiBi), no biases, and norms
 * without shifts. Reference: transformers 4.57, models/mpt/modeling_mpt.py, which always has ALiBi,
 * of at most 8, and four times the width in its feed-forward layer, whose module ffn there adds the
 * residual itself (outputs of layers are without it here); llama.cpp, "mpt".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.blocks.{layer}."

static const struct setting attention[] = {
    {KEY("attn_type", ONLY_TEXT), .text = "multihead_attention"},
    {ONLY("alibi", FLAG, true)},
    {ONLY("alibi_bias_max", NUMBER, 8)},
    {READ("clip_qkv", NUMBER, attention_clip, 0, 0, 1e9)},
    {ONLY("qk_ln", FLAG, false)},
    {ONLY("prefix_lm", FLAG, false)},
    {ONLY("attn_uses_sequence_id", FLAG, false)},
    {NUMBER("softmax_scale", attention_scale, 0)},
    {NUMBER("attn_pdrop", dropout.attention, 0)},
    {KEY("attn_impl", ELSEWHERE)}, /* the same by other kernels */
    {KEY("model_type", ELSEWHERE)},
};
static const struct settings settings_of_attention = {SETTINGS(attention)};

/* An object of its own in the configuration. */
static void read_attention(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    const struct settings *const table = &settings_of_attention;
    struct fields inner = *f;
    inner.json = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    settings_read(to, &inner, table, &n_vocab);
    settings_check_keys(&inner, &table, NULL, 1);
    f->code = inner.code;
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50368, VOCAB)},
    {COUNT("d_model", n_width, 2048, WIDTH)},
    {COUNT("n_layers", n_layers, 24, LAYERS)},
    {COUNT("n_heads", n_heads, 16, WIDTH)},
    {COUNT("max_seq_len", n_positions, 2048, POSITIONS)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {FACT(COUNT, n_ffn), .like = AT(n_width), .times = 4},
    {ONLY("expansion_ratio", NUMBER, 4)},
    {ONLY("logit_scale", EMPTY, 0), .notice = true}, /* Transformers does not follow it */
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-5)},
    {FACT(ACTIVATION, activation), .text = "gelu"},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {KEY("attn_config", BY), .read = read_attention},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.attention)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = -1, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
    /* How it was trained; no model reads them. */
    {KEY("resid_pdrop", ELSEWHERE)},
    {KEY("emb_pdrop", ELSEWHERE)},
    {KEY("embedding_fraction", ELSEWHERE)},
    {KEY("init_config", ELSEWHERE)},
    {KEY("init_device", ELSEWHERE)},
    {KEY("learned_pos_emb", ELSEWHERE)},
    {KEY("no_bias", ELSEWHERE)},
    {KEY("norm_type", ELSEWHERE)},
    {KEY("tokenizer_name", ELSEWHERE)},
    {KEY("verbose", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu"},
    {ONLY("attention.max_alibi_bias", NUMBER, 8)},
    {READ("attention.clamp_kqv", NUMBER, attention_clip, 0, 0, 1e9)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.wte.weight"},     {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "transformer.norm_f.weight"}, {SLOT_SELF_NORM, BLOCK "norm_1.weight"},
    {SLOT_FFN_NORM, BLOCK "norm_2.weight"},         {SLOT_QKV, BLOCK "attn.Wqkv.weight"},
    {SLOT_OUTPUT, BLOCK "attn.out_proj.weight"},    {SLOT_UP, BLOCK "ffn.up_proj.weight"},
    {SLOT_DOWN, BLOCK "ffn.down_proj.weight"},
};

const struct family family_mpt = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER_UNSHIFTED,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_SLOPES,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"MptForCausalLM", "mpt", "GPTNeoXTokenizer",
                                              &settings, &settings_generation},
                                             {"MPTForCausalLM", "mpt", "GPTNeoXTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "transformer.",
                                 .fuse = FUSE_QKV},
        [LAYOUT_GGUF] = {.classes = {{"MptForCausalLM", "mpt", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS,
                         .fuse = FUSE_QKV}}};
