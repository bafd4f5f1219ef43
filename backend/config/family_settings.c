/*
 * The settings of today's families, by the files that they come in. Defaults are those of the
 * configuration classes of Transformers 4.57, of llama.cpp's loader and of Marian: files are often
 * saved without what equals them.
 */
#include "backend/config/rope.h"
#include "backend/config/settings.h"

#include <string.h>

#define AT(member) offsetof(struct model_config, member)

/* --- Transformers --- */

/* A reader of a row: the id that ends a text, or the first of several. */
static void read_eos(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    if (!cJSON_IsArray(item)) {
        c->eos_token_id = field_token(f, row->key, (int32_t)row->value, n_vocab);
        return;
    }
    const cJSON *first =
        cJSON_GetArrayItem(item, 0); /* Llama 3 has several; the list counts in generation */
    bool known =
        cJSON_IsNumber(first) && first->valuedouble >= 0 && first->valuedouble < (double)n_vocab;
    c->eos_token_id = known ? (int32_t)first->valuedouble : -1;
}

static const struct setting hugging_face[] = {
    {KEY("architectures", ELSEWHERE)},
    {KEY("model_type", ELSEWHERE)},
    {KEY("quantization_config", ELSEWHERE)},
    {KEY("is_encoder_decoder", ONLY_FLAG), .like = AT(encoder_decoder)},
    {KEY("add_cross_attention", ONLY_FLAG), .value = false},
    {KEY("cross_attention_hidden_size", ONLY_EMPTY)},
    {KEY("tie_encoder_decoder", ONLY_FLAG), .value = false},
    {KEY("pruned_heads", ONLY_EMPTY)},
};
const struct settings settings_hugging_face = {SETTINGS(hugging_face)};

static const struct setting llama[] = {
    {READ("vocab_size", COUNT, n_vocab, 32000, 1, FIELD_MAX_VOCAB)},
    {READ("hidden_size", COUNT, n_width, 4096, 1, FIELD_MAX_WIDTH)},
    {READ("intermediate_size", COUNT, n_ffn, 11008, 1, FIELD_MAX_FFN)},
    {READ("num_hidden_layers", COUNT, n_layers, 32, 1, FIELD_MAX_LAYERS)},
    {READ("num_attention_heads", COUNT, n_heads, 32, 1, FIELD_MAX_WIDTH)},
    {READ("num_key_value_heads", COUNT, n_kv_heads, 0, 1, FIELD_MAX_WIDTH), .like = AT(n_heads)},
    {READ("head_dim", COUNT, n_head_width, 0, 1, FIELD_MAX_WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {READ("max_position_embeddings", COUNT, n_positions, 2048, 1, FIELD_MAX_POSITIONS)},
    {READ("rms_norm_eps", NUMBER, norm_epsilon, 1e-6, 0, 1)},
    {KEY("tie_word_embeddings", FLAG), .member = AT(tied_embeddings), .value = false},
    {READ("attention_dropout", NUMBER, dropout.attention, 0, 0, 1)},
    {KEY("partial_rotary_factor", ONLY_NUMBER), .value = 1},
    {KEY("rope_interleaved", ONLY_FLAG), .value = false},
    {KEY("hidden_act", ACTIVATION), .member = AT(activation), .text = "silu"},
    {KEY("rope_scaling", BY), .read = rope_read_scaling},
    {KEY("rope_parameters", ELSEWHERE)},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("bos_token_id", TOKEN), .member = AT(bos_token_id), .value = 1},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {KEY("pad_token_id", TOKEN), .member = AT(pad_token_id), .value = -1},
    {KEY("attention_bias", FLAG), .member = AT(attention_bias), .value = false},
    {KEY("mlp_bias", FLAG), .member = AT(mlp_bias), .value = false},
};
const struct settings settings_llama = {SETTINGS(llama), .base = &settings_hugging_face};

/* Up to its window's length a sliding attention is a full one: longer texts are what cannot run. */
static const struct setting mistral[] = {
    {READ("intermediate_size", COUNT, n_ffn, 14336, 1, FIELD_MAX_FFN)},
    {READ("num_key_value_heads", COUNT, n_kv_heads, 8, 1, FIELD_MAX_WIDTH), .like = AT(n_heads)},
    {READ("max_position_embeddings", COUNT, n_positions, 131072, 1, FIELD_MAX_POSITIONS)},
    {KEY("attention_bias", ONLY_FLAG), .value = false},
    {KEY("mlp_bias", ONLY_FLAG), .value = false},
    {READ("sliding_window", AT_MOST, n_positions, 4096, 1, FIELD_MAX_POSITIONS)},
};
const struct settings settings_mistral = {SETTINGS(mistral), .base = &settings_llama};

static const struct setting gpt2[] = {
    {READ("vocab_size", COUNT, n_vocab, 50257, 1, FIELD_MAX_VOCAB)},
    {READ("n_positions", COUNT, n_positions, 1024, 1, FIELD_MAX_POSITIONS)},
    {READ("n_embd", COUNT, n_width, 768, 1, FIELD_MAX_WIDTH)},
    {READ("n_layer", COUNT, n_layers, 12, 1, FIELD_MAX_LAYERS)},
    {READ("n_head", COUNT, n_heads, 12, 1, FIELD_MAX_WIDTH)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {READ("n_inner", COUNT, n_ffn, 0, 1, FIELD_MAX_FFN), .like = AT(n_width), .times = 4},
    {READ("layer_norm_epsilon", NUMBER, norm_epsilon, 1e-5, 0, 1)},
    {KEY("tie_word_embeddings", FLAG), .member = AT(tied_embeddings), .value = true},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {READ("embd_pdrop", NUMBER, dropout.embedding, 0.1, 0, 1)},
    {READ("attn_pdrop", NUMBER, dropout.attention, 0.1, 0, 1)},
    {READ("resid_pdrop", NUMBER, dropout.residual, 0.1, 0, 1)},
    {KEY("activation_function", ACTIVATION), .member = AT(activation), .text = "gelu_new"},
    {KEY("scale_attn_weights", ONLY_FLAG), .value = true},
    {KEY("scale_attn_by_inverse_layer_idx", ONLY_FLAG), .value = false},
    {KEY("bos_token_id", TOKEN), .member = AT(bos_token_id), .value = 50256},
    {KEY("eos_token_id", BY), .value = 50256, .read = read_eos},
    {KEY("pad_token_id", TOKEN), .member = AT(pad_token_id), .value = -1},
};
const struct settings settings_gpt2 = {SETTINGS(gpt2), .base = &settings_hugging_face};

static const struct setting marian_mt[] = {
    {READ("vocab_size", COUNT, n_vocab, 58101, 1, FIELD_MAX_VOCAB)},
    {KEY("decoder_vocab_size", ONLY_NUMBER), .like = AT(n_vocab)},
    {READ("d_model", COUNT, n_width, 1024, 1, FIELD_MAX_WIDTH)},
    {READ("decoder_ffn_dim", COUNT, n_ffn, 4096, 1, FIELD_MAX_FFN)},
    {KEY("encoder_ffn_dim", ONLY_NUMBER), .like = AT(n_ffn), .absent = "4096"},
    {READ("encoder_layers", COUNT, n_encoder_layers, 12, 1, FIELD_MAX_LAYERS)},
    {KEY("num_hidden_layers", ELSEWHERE)}, /* the encoder's, said again */
    {READ("decoder_layers", COUNT, n_layers, 12, 1, FIELD_MAX_LAYERS)},
    {READ("encoder_attention_heads", COUNT, n_encoder_heads, 16, 1, FIELD_MAX_WIDTH)},
    {READ("decoder_attention_heads", COUNT, n_heads, 16, 1, FIELD_MAX_WIDTH)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {READ("max_position_embeddings", COUNT, n_positions, 1024, 1, FIELD_MAX_POSITIONS)},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5}, /* torch.nn.LayerNorm's */
    {KEY("tie_word_embeddings", FLAG), .member = AT(tied_embeddings), .value = true},
    {KEY("scale_embedding", FLAG), .member = AT(scale_embeddings), .value = false},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {READ("dropout", NUMBER, dropout.embedding, 0.1, 0, 1)},
    {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)},
    {READ("attention_dropout", NUMBER, dropout.attention, 0, 0, 1)},
    {READ("activation_dropout", NUMBER, dropout.activation, 0, 0, 1)},
    {KEY("activation_function", ACTIVATION), .member = AT(activation), .text = "gelu"},
    {KEY("share_encoder_decoder_embeddings", ONLY_FLAG), .value = true},
    {KEY("normalize_before", ONLY_FLAG), .value = false},
    {KEY("normalize_embedding", ONLY_FLAG), .value = false},
    {KEY("add_final_layer_norm", ONLY_FLAG), .value = false},
    {KEY("add_bias_logits", ONLY_FLAG), .value = false},
    {KEY("static_position_embeddings", ONLY_FLAG), .value = true},
    {KEY("bos_token_id", TOKEN), .member = AT(bos_token_id), .value = -1},
    {KEY("pad_token_id", TOKEN), .member = AT(pad_token_id), .value = 58100},
    {KEY("eos_token_id", BY), .value = 0, .read = read_eos},
    {KEY("decoder_start_token_id", TOKEN), .member = AT(decoder_start_token_id), .value = 58100},
};
const struct settings settings_marian_mt = {SETTINGS(marian_mt), .base = &settings_hugging_face};

static const struct setting bert[] = {
    {READ("vocab_size", COUNT, n_vocab, 30522, 1, FIELD_MAX_VOCAB)},
    {READ("hidden_size", COUNT, n_width, 768, 1, FIELD_MAX_WIDTH)},
    {READ("intermediate_size", COUNT, n_ffn, 3072, 1, FIELD_MAX_FFN)},
    {READ("num_hidden_layers", COUNT, n_encoder_layers, 12, 1, FIELD_MAX_LAYERS)},
    {READ("num_attention_heads", COUNT, n_encoder_heads, 12, 1, FIELD_MAX_WIDTH)},
    {READ("max_position_embeddings", COUNT, n_positions, 512, 3, 65536)},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {KEY("type_vocab_size", ELSEWHERE)}, /* the tensor has its rows; only the first is read */
    {READ("layer_norm_eps", NUMBER, norm_epsilon, 1e-12, 0, 1)},
    {KEY("hidden_act", ACTIVATION), .member = AT(activation), .text = "gelu"},
    {KEY("position_embedding_type", ONLY_TEXT), .text = "absolute"},
    {KEY("is_decoder", ONLY_FLAG), .value = false},
    {KEY("is_encoder_decoder", ONLY_FLAG), .value = false},
    {KEY("pad_token_id", ELSEWHERE)},        /* texts are never padded */
    {KEY("hidden_dropout_prob", ELSEWHERE)}, /* an encoder is never trained here */
    {KEY("attention_probs_dropout_prob", ELSEWHERE)},
};
const struct settings settings_bert = {SETTINGS(bert), .base = &settings_hugging_face};

/* --- GGUF --- */

static const struct setting sizes_gguf[] = {
    {READ("embedding_length", COUNT, n_width, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("feed_forward_length", COUNT, n_ffn, 1, 1, FIELD_MAX_FFN), .required = true},
    {READ("block_count", COUNT, n_layers, 1, 1, FIELD_MAX_LAYERS), .required = true},
    {READ("attention.head_count", COUNT, n_heads, 1, 1, FIELD_MAX_WIDTH), .required = true},
    {READ("context_length", COUNT, n_positions, 1, 1, FIELD_MAX_POSITIONS), .required = true},
    {KEY("vocab_size", ELSEWHERE)}, /* the table of embeddings has it */
};
static const struct settings settings_sizes_gguf = {SETTINGS(sizes_gguf)};

static const struct setting llama_gguf[] = {
    {READ("attention.head_count_kv", COUNT, n_kv_heads, 0, 1, FIELD_MAX_WIDTH),
     .like = AT(n_heads)},
    {READ("attention.key_length", COUNT, n_head_width, 0, 1, FIELD_MAX_WIDTH), .like = AT(n_width),
     .over = AT(n_heads)},
    {READ("attention.layer_norm_rms_epsilon", NUMBER, norm_epsilon, 1e-6, 0, 1)},
    {FACT(ACTIVATION, activation), .text = "silu"},
    {READ("rope.freq_base", NUMBER, rope_base, 10000, 1, 1e12)},
    {KEY("rope.scaling.type", BY), .read = rope_read_gguf},
    {KEY("rope.scaling.factor", ELSEWHERE)},
    {KEY("rope.scaling.original_context_length", ELSEWHERE)}, /* said again, of training */
    {KEY("rope.scaling.finetuned", ELSEWHERE)},
    {KEY("rope.dimension_count", ONLY_NUMBER), .like = AT(n_head_width)},
    {KEY("attention.value_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {KEY("expert_count", ONLY_NUMBER), .value = 0},
    {KEY("expert_used_count", ONLY_NUMBER), .value = 0},
};
const struct settings settings_llama_gguf = {SETTINGS(llama_gguf), .base = &settings_sizes_gguf};

static const struct setting gpt2_gguf[] = {
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {KEY("attention.head_count_kv", ONLY_NUMBER), .like = AT(n_kv_heads)},
    {KEY("attention.key_length", ONLY_NUMBER), .like = AT(n_head_width)},
    {READ("attention.layer_norm_epsilon", NUMBER, norm_epsilon, 1e-5, 0, 1)},
    {FACT(ACTIVATION, activation), .text = "gelu_new"},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {FACT(NUMBER, dropout.embedding), .value = 0.1}, /* GPT2Config's: the file has none */
    {FACT(NUMBER, dropout.attention), .value = 0.1},
    {FACT(NUMBER, dropout.residual), .value = 0.1},
};
const struct settings settings_gpt2_gguf = {SETTINGS(gpt2_gguf), .base = &settings_sizes_gguf};

/* tokenizer.ggml.* */
static const struct setting gguf_tokenizer[] = {
    {KEY("bos_token_id", TOKEN), .member = AT(bos_token_id), .value = -1},
    {KEY("eos_token_id", TOKEN), .member = AT(eos_token_id), .value = -1},
    {KEY("padding_token_id", TOKEN), .member = AT(pad_token_id), .value = -1},
    {KEY("unknown_token_id", TOKEN), .member = AT(unk_token_id), .value = -1},
    {KEY("add_bos_token", ELSEWHERE)},
    {KEY("add_eos_token", ELSEWHERE)},
    {KEY("model", ELSEWHERE)},
    {KEY("pre", ELSEWHERE)},
    {KEY("tokens", ELSEWHERE)},
    {KEY("token_type", ELSEWHERE)},
    {KEY("merges", ELSEWHERE)},
};
const struct settings settings_gguf_tokenizer = {SETTINGS(gguf_tokenizer)};

/* --- Marian's own files --- */

static void read_marian_activation(void *to, struct fields *f, const struct setting *row,
                                   int64_t n_vocab) {
    char name[32];
    (void)n_vocab;
    field_text(f, row->key, row->text, name, sizeof name);
    const bool relu = strcmp(name, "relu") == 0;
    ((struct model_config *)to)->activation = relu ? ACTIVATION_RELU : ACTIVATION_SILU;
    if (!relu && strcmp(name, "swish") != 0)
        field_fail(f, ERR_UNSUPPORTED, "%s %s does not run here; relu and swish do", row->key,
                   name);
}

static const struct setting marian_student[] = {
    {KEY("type", ONLY_TEXT), .text = "transformer"},
    {KEY("transformer-decoder-autoreg", ONLY_TEXT), .text = "rnn", .absent = "self-attention"},
    {KEY("dec-cell", ONLY_TEXT), .text = "ssru", .absent = "gru"},
    {KEY("transformer-preprocess", ONLY_TEXT), .text = ""},
    {KEY("transformer-postprocess", ONLY_TEXT), .text = "dan"},
    {KEY("transformer-postprocess-emb", ONLY_TEXT), .text = "d"},
    {KEY("transformer-postprocess-top", ONLY_TEXT), .text = ""},
    {KEY("tied-embeddings-all", ONLY_FLAG), .value = true, .absent = "false"},
    {KEY("transformer-train-position-embeddings", ONLY_FLAG), .value = false},
    {KEY("transformer-no-projection", ONLY_FLAG), .value = false},
    {KEY("transformer-no-affine", ONLY_FLAG), .value = false},
    {KEY("transformer-rnn-projection", ONLY_FLAG), .value = false},
    {KEY("transformer-pool", ONLY_FLAG), .value = false},
    {KEY("layer-normalization", ONLY_FLAG), .value = false},
    {KEY("output-omit-bias", ONLY_FLAG), .value = false},
    {KEY("right-left", ONLY_FLAG), .value = false},
    {KEY("ulr", ONLY_FLAG), .value = false},
    {KEY("transformer-ffn-depth", ONLY_NUMBER), .value = 2},
    {KEY("transformer-decoder-ffn-depth", ONLY_NUMBER), .value = 0},
    {KEY("transformer-decoder-dim-ffn", ONLY_NUMBER), .value = 0},
    {KEY("lemma-dim-emb", ONLY_NUMBER), .value = 0},
    {KEY("transformer-tied-layers", ONLY_EMPTY)},
    {KEY("input-types", ONLY_EMPTY)},
    {READ("dim-emb", COUNT, n_width, 512, 1, FIELD_MAX_WIDTH)},
    {READ("transformer-dim-ffn", COUNT, n_ffn, 2048, 1, FIELD_MAX_FFN)},
    {READ("enc-depth", COUNT, n_encoder_layers, 1, 1, FIELD_MAX_LAYERS)},
    {READ("dec-depth", COUNT, n_layers, 1, 1, FIELD_MAX_LAYERS)},
    {READ("transformer-heads", COUNT, n_heads, 8, 1, FIELD_MAX_WIDTH)},
    {FACT(COUNT, n_encoder_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {KEY("transformer-ffn-activation", BY), .text = "swish", .read = read_marian_activation},
    {FACT(NUMBER, norm_epsilon), .value = 1e-6}, /* transformer.h's, not a setting */
    {FACT(FLAG, tied_embeddings), .value = true},
    {FACT(FLAG, scale_embeddings), .value = true},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
};
const struct settings settings_marian_student = {SETTINGS(marian_student)};
