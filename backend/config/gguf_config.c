/*
 * GGUF metadata as llama.cpp writes it (gguf-py/gguf/constants.py): keys of the architecture with
 * its name as prefix, tokenizer.ggml.* for ids.
 */
#include "backend/config/fields.h"

#include <stdio.h>
#include <string.h>

static bool text_is(const struct weights *w, const char *key, const char *value) {
    const char *text;
    size_t n;
    return weights_meta_text(w, key, &text, &n) && n == strlen(value) &&
           memcmp(text, value, n) == 0;
}

static void refuse(struct fields *f, const char *name, double only, const char *what) {
    if (field_real(f, name, only, -1e30, 1e30) != only)
        field_fail(f, ERR_UNSUPPORTED, "%s (%s%s) does not run here", what, f->prefix, name);
}

/* The token table decides: vocab_size is not always written. */
static void read_vocabulary(struct model_config *c, struct fields *f, const struct weights *w) {
    const struct weight_info *table = weights_find(w, "token_embd.weight");
    if (!table || table->n_dims != 2 || table->dims[0] < 1 || table->dims[0] > FIELD_MAX_VOCAB) {
        field_fail(f, ERR_FORMAT, "no token_embd.weight of two dimensions");
        return;
    }
    c->n_vocab = table->dims[0];
}

static void read_special_tokens(struct model_config *c, struct fields *f, const struct weights *w) {
    struct fields t = {
        .file = f->file, .gguf = w, .prefix = "tokenizer.ggml.", .e = f->e, .code = f->code};
    c->bos_token_id = field_token(&t, "bos_token_id", -1, c->n_vocab);
    c->eos_token_id = field_token(&t, "eos_token_id", -1, c->n_vocab);
    c->pad_token_id = field_token(&t, "padding_token_id", -1, c->n_vocab);
    c->unk_token_id = field_token(&t, "unknown_token_id", -1, c->n_vocab);
    c->decoder_start_token_id = -1;
    /* llama.cpp's defaults: sentencepiece vocabularies and Llama 3's begin a text with BOS. */
    bool byte_level = text_is(w, "tokenizer.ggml.model", "gpt2");
    c->add_bos_token = field_flag(&t, "add_bos_token",
                                  !byte_level || text_is(w, "tokenizer.ggml.pre", "llama-bpe"));
    snprintf(c->tokenizer_class, sizeof c->tokenizer_class, "%s",
             byte_level ? "GPT2TokenizerFast" : "LlamaTokenizerFast");
    if (c->eos_token_id >= 0)
        c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = c->eos_token_id;
    f->code = t.code;
}

/* Needs the key: nothing sensible can stand in for a size. */
static int64_t size(struct fields *f, const char *name, int64_t max) {
    if (!field_present(f, name))
        field_fail(f, ERR_FORMAT, "key %s%s is missing", f->prefix, name);
    return field_int(f, name, 1, 1, max);
}

static void read_common(struct model_config *c, struct fields *f, const struct weights *w) {
    c->n_width = size(f, "embedding_length", FIELD_MAX_WIDTH);
    c->n_ffn = size(f, "feed_forward_length", FIELD_MAX_FFN);
    c->n_layers = size(f, "block_count", FIELD_MAX_LAYERS);
    c->n_heads = size(f, "attention.head_count", FIELD_MAX_WIDTH);
    c->n_positions = size(f, "context_length", FIELD_MAX_POSITIONS);
    c->n_kv_heads = c->n_heads;
    c->n_head_width = c->n_width / c->n_heads;
    c->tied_embeddings = !weights_find(w, "output.weight");
}

static void read_llama(struct model_config *c, struct fields *f, const struct weights *w) {
    c->architecture = ARCHITECTURE_LLAMA;
    snprintf(c->class_name, sizeof c->class_name, "LlamaForCausalLM");
    read_common(c, f, w);
    c->n_kv_heads = field_int(f, "attention.head_count_kv", c->n_heads, 1, FIELD_MAX_WIDTH);
    c->n_head_width = field_int(f, "attention.key_length", c->n_head_width, 1, FIELD_MAX_WIDTH);
    c->norm_epsilon = field_real(f, "attention.layer_norm_rms_epsilon", 1e-6, 0, 1);
    c->activation = ACTIVATION_SILU;
    c->rope_base = field_real(f, "rope.freq_base", 10000, 1, 1e12);
    c->rope_factor = c->rope_linear = 1;
    char scaling[32];
    field_text(f, "rope.scaling.type", "none", scaling, sizeof scaling);
    if (strcmp(scaling, "linear") == 0)
        c->rope_linear = field_real(f, "rope.scaling.factor", 1, 1, 1e6);
    else if (strcmp(scaling, "none") != 0)
        field_fail(f, ERR_UNSUPPORTED, "RoPE scaling of type %s does not run here", scaling);
    refuse(f, "rope.dimension_count", (double)c->n_head_width, "rotating only a part of a head");
    refuse(f, "attention.value_length", (double)c->n_head_width,
           "values of another width than keys");
    refuse(f, "expert_count", 0, "a mixture of experts");
    c->attention_bias = weights_find(w, "blk.0.attn_q.bias") != NULL;
    c->mlp_bias = weights_find(w, "blk.0.ffn_gate.bias") != NULL;
}

static void read_gpt2(struct model_config *c, struct fields *f, const struct weights *w) {
    c->architecture = ARCHITECTURE_GPT2;
    c->dropout = (struct dropout_rates){
        .embedding = 0.1, .attention = 0.1, .residual = 0.1}; /* GPT2Config's: the file has none */
    snprintf(c->class_name, sizeof c->class_name, "GPT2LMHeadModel");
    read_common(c, f, w);
    c->norm_epsilon = field_real(f, "attention.layer_norm_epsilon", 1e-5, 0, 1);
    c->activation = ACTIVATION_GELU_NEW;
    c->attention_bias = c->mlp_bias = true;
}

enum err_code gguf_config_read(struct model_config *c, const struct model_files *files,
                               const struct weights *w, struct err *e) {
    static const struct {
        const char *name, *prefix;
        void (*read)(struct model_config *, struct fields *, const struct weights *);
    } table[] = {{"llama", "llama.", read_llama}, {"gpt2", "gpt2.", read_gpt2}};
    struct fields f = {.file = files->weights, .gguf = w, .prefix = "", .e = e};
    char name[64];
    field_text(&f, "general.architecture", "none", name, sizeof name);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(name, table[i].name) != 0)
            continue;
        f.prefix = table[i].prefix;
        generation_config_init(&c->generation);
        read_vocabulary(c, &f, w);
        table[i].read(c, &f, w);
        read_special_tokens(c, &f, w);
        return f.code;
    }
    field_fail(&f, ERR_UNSUPPORTED, "GGUF architecture %s does not run here; llama and gpt2 do",
               name);
    return f.code;
}
