/*
 * Marian's own YAML: special:model.yml inside the binary says how the network is built, the
 * decoder's configuration beside it how to search. What runs is the student of the Bergamot and
 * Firefox Translations family: transformer encoder, SSRU decoder, everything tied.
 */
#include "backend/base/file.h"
#include "backend/config/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_YAML (1u << 20)

/* The table decides on the vocabulary. */
static void read_vocabulary(struct model_config *c, struct fields *f, const struct weights *w) {
    const struct weight_info *table = weights_find(w, "Wemb");
    if (!table || table->n_dims != 2 || table->dims[0] < 2 || table->dims[0] > FIELD_MAX_VOCAB ||
        table->dims[1] != c->n_width) {
        field_fail(f, ERR_FORMAT, "no Wemb of %lld columns", (long long)c->n_width);
        return;
    }
    c->n_vocab = table->dims[0];
}

static enum err_code read_network(struct model_config *c, const struct model_files *files,
                                  const struct weights *w, struct setting_notes *notes,
                                  struct err *e) {
    const struct settings *const tables[] = {&settings_marian_student};
    const char *text;
    size_t n;
    if (!weights_meta_text(w, "model.yml", &text, &n))
        return err_set(e, ERR_FORMAT,
                       "%s: no special:model.yml inside, so that the network's shape is not known",
                       files->weights);
    cJSON *json;
    enum err_code code = yaml_parse_object(&json, text, n, files->weights, e);
    if (code)
        return code;
    struct fields f = {.file = files->weights, .json = json, .notes = notes, .e = e};
    settings_read(c, &f, tables[0], &c->n_vocab);
    settings_check_keys(&f, tables, NULL, 1);
    read_vocabulary(c, &f, w);
    cJSON_Delete(json);
    return f.code;
}

/* marian-decoder's options. Without a file: greedy, and its own limit of three times the source's
 * length. */
static enum err_code read_search(struct generation_config *g, const struct model_files *files,
                                 struct setting_notes *notes, struct err *e) {
    const struct settings *const tables[] = {&settings_marian_search};
    const int64_t n_vocab = 0; /* it has no ids */
    g->max_length_factor = 3;
    g->marian_normalize = true;
    g->marian_search = true;
    if (!*files->decoder_yaml)
        return ERR_OK;
    char *text;
    size_t n;
    cJSON *json;
    enum err_code code = file_read(&text, &n, files->decoder_yaml, MAX_YAML, e);
    if (code)
        return code;
    code = yaml_parse_object(&json, text, n, files->decoder_yaml, e);
    free(text);
    if (code)
        return code;
    struct fields f = {.file = files->decoder_yaml, .json = json, .notes = notes, .e = e};
    settings_read(g, &f, tables[0], &n_vocab);
    settings_check_keys(&f, tables, NULL, 1);
    g->marian_normalize = g->length_penalty > 0;
    cJSON_Delete(json);
    return f.code;
}

enum err_code marian_config_read(struct model_config *c, const struct model_files *files,
                                 const struct weights *w, struct setting_notes *notes,
                                 struct err *e) {
    c->architecture = ARCHITECTURE_MARIAN_STUDENT;
    c->encoder_decoder = true;
    snprintf(c->class_name, sizeof c->class_name, "MarianStudent");
    snprintf(c->tokenizer_class, sizeof c->tokenizer_class, "MarianTokenizer");
    /* Marian's fixed ids; the decoder starts from a zero vector, for which </s> stands among the
     * ids. */
    c->eos_token_id = c->decoder_start_token_id = 0;
    c->unk_token_id = 1;
    c->bos_token_id = c->pad_token_id = -1;
    generation_config_init(&c->generation);
    c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = 0;
    enum err_code code = read_network(c, files, w, notes, e);
    return code ? code : read_search(&c->generation, files, notes, e);
}
