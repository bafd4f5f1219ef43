/*
 * T5, mT5 and UMT5. Raffel et al. 2020, Xue et al. 2021, Chung et al. 2023: root mean square norms
 * before the parts and after the last block, no biases, unscaled attention that knows how far away
 * keys are; since version 1.1 gated feed-forward layers and a head of its own. Reference:
 * transformers 4.57, models/t5/modeling_t5.py, models/umt5/modeling_umt5.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define SELF "{stack}.block.{layer}.layer.0.SelfAttention."
#define CROSS "decoder.block.{layer}.layer.1.EncDecAttention."
#define SIDE "{enc/dec}.blk.{layer}."
#define FEED_FORWARD "{stack}.block.{layer}.layer.{1/2}."

static const struct setting t5[] = {
    {COUNT("vocab_size", n_vocab, 32128, VOCAB)},
    {COUNT("d_model", n_width, 512, WIDTH)},
    {COUNT("num_layers", encoder_sizes.n_layers, 6, LAYERS)},
    {COUNT("num_decoder_layers", n_layers, 0, LAYERS), .like = AT(encoder_sizes.n_layers)},
    {COUNT("num_heads", n_heads, 8, WIDTH)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_heads), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(n_heads)},
    {COUNT("d_kv", n_head_width, 64, WIDTH)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_head_width)},
    {COUNT("d_ff", n_ffn, 2048, FFN)},
    {FACT(COUNT, encoder_sizes.n_ffn), .like = AT(n_ffn)},
    {KEY("feed_forward_proj", BY), .text = "relu", .read = read_feed_forward},
    {KEY("dense_act_fn", ELSEWHERE)}, /* said again, with is_gated_act */
    {KEY("is_gated_act", ELSEWHERE)},
    {READ("relative_attention_num_buckets", COUNT, n_buckets, 32, 4, 65536)},
    {READ("relative_attention_max_distance", COUNT, bucket_distance, 128, 1, 65536)},
    {FACT(NUMBER, attention_scale), .value = 1},
    {FACT(NUMBER, encoder_sizes.attention_scale), .value = 1},
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-6)},
    {FACT(NUMBER, encoder_sizes.norm_epsilon), .like = AT(norm_epsilon)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {.kind = SETTING_BY, .read = read_tied_scale},
    {NUMBER("dropout_rate", dropout.embedding, 0.1)},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)},
    {FACT(NUMBER, dropout.attention), .like = AT(dropout.embedding)},
    {FACT(NUMBER, dropout.activation), .like = AT(dropout.embedding)},
    {FACT(NUMBER, dropout.final), .like = AT(dropout.embedding)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {TOKEN("pad_token_id", pad_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 1, .read = read_eos},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, -1)},
    {KEY("initializer_factor", ELSEWHERE)},
    {KEY("n_positions", ELSEWHERE)}, /* of training: no text is too long */
    {KEY("output_past", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(t5), .base = &settings_hugging_face};

static const struct setting mt5[] = {
    {COUNT("vocab_size", n_vocab, 250112, VOCAB)},
    {COUNT("num_layers", encoder_sizes.n_layers, 8, LAYERS)},
    {COUNT("num_heads", n_heads, 6, WIDTH)},
    {COUNT("d_ff", n_ffn, 1024, FFN)},
    {KEY("feed_forward_proj", BY), .text = "gated-gelu", .read = read_feed_forward},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {TOKEN("decoder_start_token_id", decoder_start_token_id, 0)},
};
static const struct settings settings_of_mt5 = {SETTINGS(mt5), .base = &settings};

static const struct setting umt5[] = {
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {FACT(FLAG, encoder.own_buckets), .value = true},
    {FACT(FLAG, decoder.own_buckets), .value = true},
};
static const struct settings settings_of_umt5 = {SETTINGS(umt5), .base = &settings_of_mt5};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "shared.weight"},
    {SLOT_EMBEDDING, "encoder.embed_tokens.weight"},
    {SLOT_EMBEDDING, "decoder.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_BUCKETS, "{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"},
    {SLOT_OWN_BUCKETS, SELF "relative_attention_bias.weight"},
    {SLOT_FINAL_NORM, "{stack}.final_layer_norm.weight"},
    {SLOT_SELF_NORM, "{stack}.block.{layer}.layer.0.layer_norm.weight"},
    {SLOT_QUERY, SELF "q.weight"},
    {SLOT_KEY, SELF "k.weight"},
    {SLOT_VALUE, SELF "v.weight"},
    {SLOT_OUTPUT, SELF "o.weight"},
    {SLOT_CROSS_NORM, "decoder.block.{layer}.layer.1.layer_norm.weight"},
    {SLOT_CROSS_QUERY, CROSS "q.weight"},
    {SLOT_CROSS_KEY, CROSS "k.weight"},
    {SLOT_CROSS_VALUE, CROSS "v.weight"},
    {SLOT_CROSS_OUTPUT, CROSS "o.weight"},
    {SLOT_FFN_NORM, FEED_FORWARD "layer_norm.weight"},
    {SLOT_GATE, FEED_FORWARD "DenseReluDense.wi_0.weight"},
    {SLOT_UP, FEED_FORWARD "DenseReluDense.wi_1.weight"},
    {SLOT_UP, FEED_FORWARD "DenseReluDense.wi.weight"},
    {SLOT_DOWN, FEED_FORWARD "DenseReluDense.wo.weight"},
    /* Older versions gave the cross-attention distances too, and read none of them. */
    {SLOT_IGNORED, "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"},
};

/* What a GGUF file tells by its tensors alone. */
static void read_tensors(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const bool gated = field_tensor(f, "enc.blk.0.ffn_gate.weight"),
               apart = field_tensor(f, "output.weight");
    (void)row, (void)n_vocab;
    c->encoder.gated = c->decoder.gated = gated;
    c->activation = c->encoder_sizes.activation = gated ? ACTIVATION_GELU_NEW : ACTIVATION_RELU;
    c->encoder.own_buckets = field_tensor(f, "enc.blk.1.attn_rel_b.weight");
    c->decoder.own_buckets = field_tensor(f, "dec.blk.1.attn_rel_b.weight");
    c->tied_embeddings = !apart || field_tensors_equal(f, "output.weight", "token_embd.weight");
    if (!gated &&
        !c->tied_embeddings) /* as in no T5 that there is; but quantised they may differ */
        setting_note(f->notes, "a tied head, if output.weight is one: logits are not divided by √D",
                     f->file);
}

static void read_start(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    c->decoder_start_token_id = field_token(f, row->key, -1, n_vocab);
    if (c->decoder_start_token_id < 0)
        field_fail(f, ERR_FORMAT, "%s%s is no id of the vocabulary of %lld", field_prefix(f),
                   row->key, (long long)n_vocab);
}

static const struct setting gguf[] = {
    {READ("block_count", COUNT, encoder_sizes.n_layers, 1, 1, FIELD_MAX_LAYERS), .required = true},
    {COUNT("decoder_block_count", n_layers, 0, LAYERS), .like = AT(encoder_sizes.n_layers)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_heads), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_kv_heads), .like = AT(n_heads)},
    {COUNT("attention.key_length", n_head_width, 0, WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {KEY("attention.value_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {KEY("attention.head_count_kv", ONLY_NUMBER), .like = AT(n_heads)},
    {FACT(COUNT, encoder_sizes.n_head_width), .like = AT(n_head_width)},
    {FACT(COUNT, encoder_sizes.n_ffn), .like = AT(n_ffn)},
    {READ("attention.relative_buckets_count", COUNT, n_buckets, 32, 4, 65536), .required = true},
    {FACT(COUNT, bucket_distance), .value = 128}, /* Transformers' default: the file has none */
    {FACT(NUMBER, attention_scale), .value = 1},
    {FACT(NUMBER, encoder_sizes.attention_scale), .value = 1},
    {NUMBER("attention.layer_norm_rms_epsilon", norm_epsilon, 1e-6)},
    {KEY("attention.layer_norm_epsilon", ELSEWHERE)}, /* said again */
    {FACT(NUMBER, encoder_sizes.norm_epsilon), .like = AT(norm_epsilon)},
    {KEY("context_length", ELSEWHERE)}, /* of training: no text is too long */
    {KEY("decoder_start_token_id", BY), .read = read_start},
    {.kind = SETTING_BY, .read = read_tensors},
    {.kind = SETTING_BY, .read = read_tied_scale},
    {FACT(NUMBER, dropout.embedding), .value = 0.1}, /* T5Config's: the file has none */
    {FACT(NUMBER, dropout.residual), .value = 0.1},
    {FACT(NUMBER, dropout.attention), .value = 0.1},
    {FACT(NUMBER, dropout.activation), .value = 0.1},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_gguf};

/* Reference: llama.cpp, gguf-py/gguf/constants.py; its src/models/t5.cpp leaves out the scale of a
 * tied head, with which logits are those of Transformers. */
static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_EMBEDDING, "token_embd.weight"},
    {SLOT_HEAD, "output.weight"},
    {SLOT_BUCKETS, "{enc/dec}.blk.0.attn_rel_b.weight"},
    {SLOT_OWN_BUCKETS, SIDE "attn_rel_b.weight"},
    {SLOT_FINAL_NORM, "{enc/dec}.output_norm.weight"},
    {SLOT_SELF_NORM, SIDE "attn_norm.weight"},
    {SLOT_QUERY, SIDE "attn_q.weight"},
    {SLOT_KEY, SIDE "attn_k.weight"},
    {SLOT_VALUE, SIDE "attn_v.weight"},
    {SLOT_OUTPUT, SIDE "attn_o.weight"},
    {SLOT_CROSS_NORM, SIDE "cross_attn_norm.weight"},
    {SLOT_CROSS_QUERY, SIDE "cross_attn_q.weight"},
    {SLOT_CROSS_KEY, SIDE "cross_attn_k.weight"},
    {SLOT_CROSS_VALUE, SIDE "cross_attn_v.weight"},
    {SLOT_CROSS_OUTPUT, SIDE "cross_attn_o.weight"},
    {SLOT_FFN_NORM, SIDE "ffn_norm.weight"},
    {SLOT_GATE, SIDE "ffn_gate.weight"},
    {SLOT_UP, SIDE "ffn_up.weight"},
    {SLOT_DOWN, SIDE "ffn_down.weight"},
    {SLOT_IGNORED, "dec.blk.*.cross_attn_rel_b.weight"},
};

const struct family family_t5 = {
    .encoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_BUCKETS,
                .final_norm = true},
    .decoder = {.parts = {PART_ATTENTION, PART_CROSS_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_RMS,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_BUCKETS,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"T5ForConditionalGeneration", "t5", "T5Tokenizer",
                                              &settings, &settings_generation},
                                             {"MT5ForConditionalGeneration", "mt5", "T5Tokenizer",
                                              &settings_of_mt5, &settings_generation},
                                             {"UMT5ForConditionalGeneration", "umt5", "T5Tokenizer",
                                              &settings_of_umt5, &settings_generation}},
                                 TENSOR_ROWS(tensors)},
        [LAYOUT_GGUF] = {
            .classes = {{"T5ForConditionalGeneration", "t5", .settings = &settings_of_gguf}},
            TENSOR_ROWS(tensors_of_gguf)}}};
