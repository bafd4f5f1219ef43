/*
 * Marian's own YAML: special:model.yml inside the binary says how the network is built, the
 * decoder's configuration beside it how to search. What runs is the student of the Bergamot and
 * Firefox Translations family: transformer encoder, SSRU decoder, everything tied.
 */
#include "backend/base/file.h"
#include "backend/config/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_YAML (1u << 20)

static void require_text(struct fields *f, const char *name, const char *fallback,
                         const char *only) {
    char text[64];
    field_text(f, name, fallback, text, sizeof text);
    if (strcmp(text, only) != 0)
        field_fail(f, ERR_UNSUPPORTED,
                   "%s is \"%s\"; of Marian's native models only those with \"%s\" run here", name,
                   text, only);
}

static void require_flag(struct fields *f, const char *name, bool fallback, bool only) {
    if (field_flag(f, name, fallback) != only)
        field_fail(f, ERR_UNSUPPORTED, "%s is %s, which does not run here", name,
                   only ? "false" : "true");
}

static void require_number(struct fields *f, const char *name, int64_t fallback, int64_t only) {
    int64_t value = field_int(f, name, fallback, 0, INT32_MAX);
    if (value != only)
        field_fail(f, ERR_UNSUPPORTED, "%s is %lld, which does not run here", name,
                   (long long)value);
}

static void require_empty(struct fields *f, const char *name) {
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, name)) > 0)
        field_fail(f, ERR_UNSUPPORTED, "%s is not empty, which does not run here", name);
}

/* Options that change the network; fallbacks are Marian's own for absent ones. */
static void check_network(struct fields *f) {
    require_text(f, "type", "transformer", "transformer");
    require_text(f, "transformer-decoder-autoreg", "self-attention", "rnn");
    require_text(f, "dec-cell", "gru", "ssru");
    require_text(f, "transformer-preprocess", "", "");
    require_text(f, "transformer-postprocess", "dan", "dan");
    require_text(f, "transformer-postprocess-emb", "d", "d");
    require_text(f, "transformer-postprocess-top", "", "");
    require_flag(f, "tied-embeddings-all", false, true);
    require_flag(f, "transformer-train-position-embeddings", false, false);
    require_flag(f, "transformer-no-projection", false, false);
    require_flag(f, "transformer-no-affine", false, false);
    require_flag(f, "transformer-rnn-projection", false, false);
    require_flag(f, "output-omit-bias", false, false);
    require_flag(f, "right-left", false, false);
    require_flag(f, "ulr", false, false);
    require_number(f, "transformer-ffn-depth", 2, 2);
    require_number(f, "transformer-decoder-ffn-depth", 0, 0);
    require_number(f, "transformer-decoder-dim-ffn", 0, 0);
    require_number(f, "lemma-dim-emb", 0, 0);
    require_empty(f, "transformer-tied-layers");
}

static void read_sizes(struct model_config *c, struct fields *f, const struct weights *w) {
    const struct weight_info *table = weights_find(w, "Wemb");
    c->n_width = field_int(f, "dim-emb", 512, 1, FIELD_MAX_WIDTH);
    if (!table || table->n_dims != 2 || table->dims[0] < 2 || table->dims[0] > FIELD_MAX_VOCAB ||
        table->dims[1] != c->n_width) {
        field_fail(f, ERR_FORMAT, "no Wemb of %lld columns", (long long)c->n_width);
        return;
    }
    c->n_vocab = table->dims[0];
    c->n_ffn = field_int(f, "transformer-dim-ffn", 2048, 1, FIELD_MAX_FFN);
    c->n_encoder_layers = field_int(f, "enc-depth", 1, 1, FIELD_MAX_LAYERS);
    c->n_layers = field_int(f, "dec-depth", 1, 1, FIELD_MAX_LAYERS);
    c->n_encoder_heads = c->n_heads = c->n_kv_heads =
        field_int(f, "transformer-heads", 8, 1, FIELD_MAX_WIDTH);
    c->n_head_width = c->n_width / c->n_heads;
    char activation[32];
    field_text(f, "transformer-ffn-activation", "swish", activation, sizeof activation);
    if (strcmp(activation, "relu") == 0)
        c->activation = ACTIVATION_RELU;
    else if (strcmp(activation, "swish") == 0)
        c->activation = ACTIVATION_SILU;
    else
        field_fail(f, ERR_UNSUPPORTED,
                   "transformer-ffn-activation %s does not run here; relu and swish do",
                   activation);
}

static enum err_code read_network(struct model_config *c, const struct model_files *files,
                                  const struct weights *w, struct err *e) {
    const char *text;
    size_t n;
    if (!weights_meta_text(w, "model.yml", &text, &n))
        return err_set(e, ERR_FORMAT,
                       "%s: no special:model.yml inside, so that the network's shape is not known",
                       files->weights);
    cJSON *json;
    enum err_code code = yaml_parse_object(&json, text, n, files->weights, e);
    if (code != ERR_OK)
        return code;
    struct fields f = {.file = files->weights, .json = json, .e = e};
    check_network(&f);
    read_sizes(c, &f, w);
    cJSON_Delete(json);
    return f.code;
}

/* marian-decoder's options. Without a file: greedy, and its own limit of three times the source's
 * length. */
static enum err_code read_search(struct generation_config *g, const struct model_files *files,
                                 struct err *e) {
    g->max_length_factor = 3;
    g->marian_normalize = true;
    g->marian_search = true;
    if (!*files->decoder_yaml)
        return ERR_OK;
    char *text;
    size_t n;
    cJSON *json;
    enum err_code code = file_read(&text, &n, files->decoder_yaml, MAX_YAML, e);
    if (code != ERR_OK)
        return code;
    code = yaml_parse_object(&json, text, n, files->decoder_yaml, e);
    free(text);
    if (code != ERR_OK)
        return code;
    struct fields f = {.file = files->decoder_yaml, .json = json, .e = e};
    g->num_beams = (int)field_int(&f, "beam-size", 12, 1, 1024);
    g->max_length_factor = field_real(&f, "max-length-factor", 3, 0.01, 1000);
    g->length_penalty = field_real(&f, "normalize", 0, 0, 100);
    g->marian_normalize = g->length_penalty > 0;
    if (field_real(&f, "word-penalty", 0, -1e6, 1e6) != 0)
        field_fail(&f, ERR_UNSUPPORTED, "a word-penalty other than 0 does not run here");
    cJSON_Delete(json);
    return f.code;
}

enum err_code marian_config_read(struct model_config *c, const struct model_files *files,
                                 const struct weights *w, struct err *e) {
    c->architecture = ARCHITECTURE_MARIAN_STUDENT;
    c->encoder_decoder = true;
    snprintf(c->class_name, sizeof c->class_name, "MarianStudent");
    snprintf(c->tokenizer_class, sizeof c->tokenizer_class, "MarianTokenizer");
    c->norm_epsilon = 1e-6; /* transformer.h's, not a setting */
    c->tied_embeddings = c->scale_embeddings = c->attention_bias = c->mlp_bias = true;
    /* Marian's fixed ids; the decoder starts from a zero vector, for which </s> stands among the
     * ids. */
    c->eos_token_id = c->decoder_start_token_id = 0;
    c->unk_token_id = 1;
    c->bos_token_id = c->pad_token_id = -1;
    generation_config_init(&c->generation);
    c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = 0;
    enum err_code code = read_network(c, files, w, e);
    return code == ERR_OK ? read_search(&c->generation, files, e) : code;
}
