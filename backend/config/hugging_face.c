/*
 * config.json, generation_config.json and tokenizer_config.json as Transformers 4.57 reads them:
 * what a file leaves out has the default of the architecture's configuration class, for such files
 * are often saved without what equals the default.
 */
#include "backend/config/fields.h"

#include <stdio.h>
#include <string.h>

#define MAX_CONFIG (4u << 20)
#define MAX_TOKENIZER_CONFIG (64u << 20) /* some carry thousands of added tokens */

static bool activation_named(enum activation *out, const char *name) {
    static const struct {
        const char *name;
        enum activation value;
    } table[] = {
        {"relu", ACTIVATION_RELU},         {"gelu", ACTIVATION_GELU},
        {"gelu_new", ACTIVATION_GELU_NEW}, {"gelu_pytorch_tanh", ACTIVATION_GELU_NEW},
        {"silu", ACTIVATION_SILU},         {"swish", ACTIVATION_SILU},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].name) == 0) {
            *out = table[i].value;
            return true;
        }
    return false;
}

void config_read_activation(struct model_config *c, struct fields *f, const char *name,
                            const char *fallback) {
    char text[64];
    field_text(f, name, fallback, text, sizeof text);
    if (!activation_named(&c->activation, text))
        field_fail(f, ERR_UNSUPPORTED, "%s is %s; relu, gelu, gelu_new and silu run here", name,
                   text);
}

static void refuse_flag(struct fields *f, const char *name, bool only) {
    if (field_flag(f, name, only) != only)
        field_fail(f, ERR_UNSUPPORTED, "%s is %s, which does not run here", name,
                   only ? "false" : "true");
}

static void read_special_tokens(struct model_config *c, struct fields *f, int32_t bos, int32_t eos,
                                int32_t pad) {
    c->bos_token_id = field_token(f, "bos_token_id", bos, c->n_vocab);
    c->pad_token_id = field_token(f, "pad_token_id", pad, c->n_vocab);
    c->unk_token_id = -1; /* the tokenizer's files know it */
    c->decoder_start_token_id = -1;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, "eos_token_id");
    if (!cJSON_IsArray(item)) {
        c->eos_token_id = field_token(f, "eos_token_id", eos, c->n_vocab);
        return;
    }
    const cJSON *first =
        cJSON_GetArrayItem(item, 0); /* Llama 3 has several; the list counts in generation */
    c->eos_token_id =
        cJSON_IsNumber(first) && first->valuedouble >= 0 && first->valuedouble < (double)c->n_vocab
            ? (int32_t)first->valuedouble
            : -1;
}

static void read_rope(struct model_config *c, struct fields *f) {
    const cJSON *scaling = cJSON_GetObjectItemCaseSensitive(f->json, "rope_scaling");
    if (!cJSON_IsObject(scaling)) /* Transformers 5's name */
        scaling = cJSON_GetObjectItemCaseSensitive(f->json, "rope_parameters");
    c->rope_factor = c->rope_linear = 1;
    if (!cJSON_IsObject(scaling)) {
        c->rope_base = field_real(f, "rope_theta", 10000, 1, 1e12);
        return;
    }
    struct fields s = {.file = f->file, .json = scaling, .e = f->e, .code = f->code};
    c->rope_base =
        field_real(f, "rope_theta", field_real(&s, "rope_theta", 10000, 1, 1e12), 1, 1e12);
    char type[32], old_type[32];
    field_text(&s, "type", "default", old_type, sizeof old_type);
    field_text(&s, "rope_type", old_type, type, sizeof type);
    if (strcmp(type, "linear") == 0) {
        c->rope_linear = field_real(&s, "factor", 1, 1, 1e6);
    } else if (strcmp(type, "llama3") == 0) {
        c->rope_factor = field_real(&s, "factor", 8, 1, 1e6);
        c->rope_low_freq_factor = field_real(&s, "low_freq_factor", 1, 1e-6, 1e6);
        c->rope_high_freq_factor = field_real(&s, "high_freq_factor", 4, 1e-6, 1e6);
        c->rope_original_positions =
            field_real(&s, "original_max_position_embeddings", 8192, 1, FIELD_MAX_POSITIONS);
        if (!(c->rope_high_freq_factor > c->rope_low_freq_factor))
            field_fail(&s, ERR_FORMAT,
                       "rope_scaling: high_freq_factor must be above low_freq_factor");
    } else if (strcmp(type, "default") != 0) {
        field_fail(&s, ERR_UNSUPPORTED,
                   "rope_scaling of type %s does not run here; linear and llama3 do", type);
    }
    f->code = s.code;
}

/* LlamaConfig; MistralConfig differs in defaults and by its window. */
static void read_llama(struct model_config *c, struct fields *f) {
    bool mistral = strcmp(c->class_name, "MistralForCausalLM") == 0;
    c->architecture = ARCHITECTURE_LLAMA;
    c->n_vocab = field_int(f, "vocab_size", 32000, 1, FIELD_MAX_VOCAB);
    c->n_width = field_int(f, "hidden_size", 4096, 1, FIELD_MAX_WIDTH);
    c->n_ffn = field_int(f, "intermediate_size", mistral ? 14336 : 11008, 1, FIELD_MAX_FFN);
    c->n_layers = field_int(f, "num_hidden_layers", 32, 1, FIELD_MAX_LAYERS);
    c->n_heads = field_int(f, "num_attention_heads", 32, 1, FIELD_MAX_WIDTH);
    bool given = cJSON_HasObjectItem(f->json, "num_key_value_heads");
    c->n_kv_heads =
        field_int(f, "num_key_value_heads", mistral && !given ? 8 : c->n_heads, 1, FIELD_MAX_WIDTH);
    c->n_head_width = field_int(f, "head_dim", c->n_width / c->n_heads, 1, FIELD_MAX_WIDTH);
    c->n_positions =
        field_int(f, "max_position_embeddings", mistral ? 131072 : 2048, 1, FIELD_MAX_POSITIONS);
    c->norm_epsilon = field_real(f, "rms_norm_eps", 1e-6, 0, 1);
    c->tied_embeddings = field_flag(f, "tie_word_embeddings", false);
    c->dropout.attention = field_real(f, "attention_dropout", 0, 0, 1);
    if (field_real(f, "partial_rotary_factor", 1, 0, 1) != 1)
        field_fail(f, ERR_UNSUPPORTED, "a partial_rotary_factor other than 1 does not run here");
    config_read_activation(c, f, "hidden_act", "silu");
    read_rope(c, f);
    read_special_tokens(c, f, 1, 2, -1);
    if (!mistral) {
        c->attention_bias = field_flag(f, "attention_bias", false);
        c->mlp_bias = field_flag(f, "mlp_bias", false);
        return;
    }
    /* Up to its window's length a sliding attention is a full one: longer texts are what cannot
     * run. */
    bool windowless = cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(f->json, "sliding_window"));
    int64_t window = field_int(f, "sliding_window", 4096, 1, FIELD_MAX_POSITIONS);
    if (!windowless && window < c->n_positions)
        c->n_positions = window;
}

static void read_gpt2(struct model_config *c, struct fields *f) {
    c->architecture = ARCHITECTURE_GPT2;
    c->n_vocab = field_int(f, "vocab_size", 50257, 1, FIELD_MAX_VOCAB);
    c->n_positions = field_int(f, "n_positions", 1024, 1, FIELD_MAX_POSITIONS);
    c->n_width = field_int(f, "n_embd", 768, 1, FIELD_MAX_WIDTH);
    c->n_layers = field_int(f, "n_layer", 12, 1, FIELD_MAX_LAYERS);
    c->n_heads = field_int(f, "n_head", 12, 1, FIELD_MAX_WIDTH);
    c->n_kv_heads = c->n_heads;
    c->n_head_width = c->n_width / c->n_heads;
    c->n_ffn = field_int(f, "n_inner", 4 * c->n_width, 1, FIELD_MAX_FFN);
    c->norm_epsilon = field_real(f, "layer_norm_epsilon", 1e-5, 0, 1);
    c->tied_embeddings = field_flag(f, "tie_word_embeddings", true);
    c->attention_bias = c->mlp_bias = true;
    c->dropout = (struct dropout_rates){.embedding = field_real(f, "embd_pdrop", 0.1, 0, 1),
                                        .attention = field_real(f, "attn_pdrop", 0.1, 0, 1),
                                        .residual = field_real(f, "resid_pdrop", 0.1, 0, 1)};
    config_read_activation(c, f, "activation_function", "gelu_new");
    refuse_flag(f, "scale_attn_weights", true);
    refuse_flag(f, "scale_attn_by_inverse_layer_idx", false);
    refuse_flag(f, "add_cross_attention", false);
    read_special_tokens(c, f, 50256, 50256, -1);
}

static void read_marian(struct model_config *c, struct fields *f) {
    c->architecture = ARCHITECTURE_MARIAN_MT;
    c->encoder_decoder = true;
    c->n_vocab = field_int(f, "vocab_size", 58101, 1, FIELD_MAX_VOCAB);
    c->n_width = field_int(f, "d_model", 1024, 1, FIELD_MAX_WIDTH);
    c->n_ffn = field_int(f, "decoder_ffn_dim", 4096, 1, FIELD_MAX_FFN);
    c->n_encoder_layers = field_int(f, "encoder_layers", 12, 1, FIELD_MAX_LAYERS);
    c->n_layers = field_int(f, "decoder_layers", 12, 1, FIELD_MAX_LAYERS);
    c->n_encoder_heads = field_int(f, "encoder_attention_heads", 16, 1, FIELD_MAX_WIDTH);
    c->n_heads = c->n_kv_heads = field_int(f, "decoder_attention_heads", 16, 1, FIELD_MAX_WIDTH);
    c->n_head_width = c->n_width / c->n_heads;
    c->n_positions = field_int(f, "max_position_embeddings", 1024, 1, FIELD_MAX_POSITIONS);
    c->norm_epsilon = 1e-5; /* torch.nn.LayerNorm's */
    c->tied_embeddings = field_flag(f, "tie_word_embeddings", true);
    c->scale_embeddings = field_flag(f, "scale_embedding", false);
    c->attention_bias = c->mlp_bias = true;
    const double rate = field_real(f, "dropout", 0.1, 0, 1);
    c->dropout = (struct dropout_rates){.embedding = rate,
                                        .attention = field_real(f, "attention_dropout", 0, 0, 1),
                                        .residual = rate,
                                        .activation = field_real(f, "activation_dropout", 0, 0, 1)};
    config_read_activation(c, f, "activation_function", "gelu");
    refuse_flag(f, "share_encoder_decoder_embeddings", true);
    if (field_int(f, "encoder_ffn_dim", 4096, 1, FIELD_MAX_FFN) != c->n_ffn)
        field_fail(f, ERR_UNSUPPORTED,
                   "encoder_ffn_dim and decoder_ffn_dim differ, which does not run here");
    if (field_int(f, "decoder_vocab_size", c->n_vocab, 1, FIELD_MAX_VOCAB) != c->n_vocab)
        field_fail(f, ERR_UNSUPPORTED, "a vocabulary of the decoder's own does not run here");
    read_special_tokens(c, f, -1, 0, 58100);
    c->decoder_start_token_id = field_token(f, "decoder_start_token_id", 58100, c->n_vocab);
    if (c->decoder_start_token_id < 0)
        field_fail(f, ERR_FORMAT, "decoder_start_token_id is no id of the vocabulary of %lld",
                   (long long)c->n_vocab);
}

static const struct known_class {
    const char *name, *model_type, *tokenizer;
    void (*read)(struct model_config *c, struct fields *f);
} classes[] = {
    {"LlamaForCausalLM", "llama", "LlamaTokenizer", read_llama},
    {"MistralForCausalLM", "mistral", "LlamaTokenizer", read_llama},
    {"GPT2LMHeadModel", "gpt2", "GPT2Tokenizer", read_gpt2},
    {"MarianMTModel", "marian", "MarianTokenizer", read_marian},
};

static const struct known_class *find_class(struct model_config *c, struct fields *f) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(f->json, "architectures"),
                *first = cJSON_GetArrayItem(list, 0);
    char type[64];
    field_text(f, "model_type", "", type, sizeof type);
    const struct known_class *found = NULL;
    for (size_t i = 0; i < sizeof classes / sizeof *classes && !found; i++)
        if (cJSON_IsString(first) ? strcmp(first->valuestring, classes[i].name) == 0
                                  : strcmp(type, classes[i].model_type) == 0)
            found = &classes[i];
    if (found) {
        snprintf(c->class_name, sizeof c->class_name, "%s", found->name);
    } else if (strcmp(type, "bert") == 0) {
        field_fail(f, ERR_UNSUPPORTED,
                   "an encoder: it writes no text (contrasts are aligned by one: "
                   "contrast_targets_alignments auto)");
    } else {
        const char *name = cJSON_IsString(first) ? first->valuestring : type;
        field_fail(f, ERR_UNSUPPORTED,
                   "%s does not run here; LlamaForCausalLM, MistralForCausalLM, GPT2LMHeadModel "
                   "and MarianMTModel do",
                   *name ? name : "a model without architectures and model_type");
    }
    if (found && field_present(f, "quantization_config"))
        field_fail(f, ERR_UNSUPPORTED,
                   "quantised by Transformers (quantization_config), which is not read here; a "
                   "GGUF of it may be");
    return found;
}

/* Class of the tokenizer as AutoTokenizer would choose it: the fast one wherever there is one. */
static enum err_code read_tokenizer_config(struct model_config *c, const struct model_files *files,
                                           const char *fallback, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = *files->tokenizer_config ? json_read_object(&json, files->tokenizer_config,
                                                                     MAX_TOKENIZER_CONFIG, e)
                                                  : ERR_OK;
    if (code != ERR_OK)
        return code;
    struct fields f = {.file = files->tokenizer_config, .json = json, .e = e};
    field_text(&f, "tokenizer_class", fallback, c->tokenizer_class, sizeof c->tokenizer_class - 4);
    size_t n = strlen(c->tokenizer_class);
    bool is_fast = n >= 4 && strcmp(c->tokenizer_class + n - 4, "Fast") == 0;
    bool llama = strncmp(c->tokenizer_class, "Llama", 5) == 0;
    if (!is_fast && strcmp(c->tokenizer_class, "MarianTokenizer") != 0)
        memcpy(c->tokenizer_class + n, "Fast", 5);
    c->add_bos_token = field_flag(&f, "add_bos_token", llama);
    cJSON_Delete(json);
    return f.code;
}

/* generation_config.json where there is one; else the generation settings that old checkpoints keep
 * in config.json. */
static enum err_code read_generation(struct model_config *c, const struct model_files *files,
                                     struct fields *config, struct err *e) {
    generation_config_init(&c->generation);
    if (*files->generation_config) {
        cJSON *json;
        enum err_code code = json_read_object(&json, files->generation_config, MAX_CONFIG, e);
        if (code != ERR_OK)
            return code;
        struct fields f = {.file = files->generation_config, .json = json, .e = e};
        generation_read_fields(&c->generation, &f, c->n_vocab);
        if (c->encoder_decoder)
            c->decoder_start_token_id =
                field_token(&f, "decoder_start_token_id", c->decoder_start_token_id, c->n_vocab);
        if (c->encoder_decoder && c->decoder_start_token_id < 0)
            field_fail(&f, ERR_FORMAT, "decoder_start_token_id is no id of the vocabulary of %lld",
                       (long long)c->n_vocab);
        cJSON_Delete(json);
        return f.code;
    }
    if (c->eos_token_id >= 0)
        c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = c->eos_token_id;
    if (c->architecture == ARCHITECTURE_MARIAN_MT) /* MarianConfig's default */
        c->generation.forced_eos_token_id = 0;
    generation_read_fields(&c->generation, config, c->n_vocab);
    return config->code;
}

enum err_code hugging_face_config_read(struct model_config *c, const struct model_files *files,
                                       struct err *e) {
    cJSON *json;
    enum err_code code = json_read_object(&json, files->config, MAX_CONFIG, e);
    if (code != ERR_OK)
        return code;
    struct fields f = {.file = files->config, .json = json, .e = e};
    const struct known_class *class = find_class(c, &f);
    if (f.code == ERR_OK && class)
        class->read(c, &f);
    code = f.code;
    if (code == ERR_OK)
        code = read_generation(c, files, &f, e);
    if (code == ERR_OK)
        code = read_tokenizer_config(c, files, class->tokenizer, e);
    cJSON_Delete(json);
    return code;
}
