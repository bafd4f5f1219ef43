/*
 * Marian's own YAML: special:model.yml inside the binary says how the network is built, the
 * decoder's configuration beside it how to search. One family comes in such files.
 */
#include "backend/architectures/families.h"
#include "backend/base/file.h"
#include "backend/config/files.h"
#include "backend/settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_YAML (1u << 20)

/* The table decides on the vocabulary. */
static void read_vocabulary(struct model_config *c, struct fields *f, const struct weights *w,
                            const char *name) {
    const struct weight_info *table = weights_find(w, name);
    if (!table || table->n_dims != 2 || table->dims[0] < 2 || table->dims[0] > FIELD_MAX_VOCAB ||
        table->dims[1] != c->n_width) {
        field_fail(f, ERR_FORMAT, "no %s of %lld columns", name, (long long)c->n_width);
        return;
    }
    c->n_vocab = table->dims[0];
}

static enum err_code read_network(struct model_config *c, const struct family_match *m,
                                  const struct model_files *files, const struct weights *w,
                                  struct setting_notes *notes, struct err *e) {
    const struct settings *const tables[] = {m->class->settings};
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
    read_vocabulary(c, &f, w, family_tensor(m->layout, SLOT_EMBEDDING));
    cJSON_Delete(json);
    return f.code;
}

/* marian-decoder's options. Without a file: greedy, and its own limit of three times the source's
 * length. */
static enum err_code read_search(struct generation_config *g, const struct settings *rows,
                                 const struct model_files *files, struct setting_notes *notes,
                                 struct err *e) {
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
    settings_read(g, &f, rows, &n_vocab);
    settings_check_keys(&f, &rows, NULL, 1);
    g->marian_normalize = g->length_penalty > 0;
    cJSON_Delete(json);
    return f.code;
}

enum err_code marian_config_read(struct model_config *c, const struct model_files *files,
                                 const struct weights *w, struct setting_notes *notes,
                                 struct err *e) {
    const struct family_match m = family_find(LAYOUT_MARIAN_NATIVE, NULL, NULL);
    family_begin(c, &m);
    snprintf(c->tokenizer_class, sizeof c->tokenizer_class, "%s", m.class->tokenizer);
    generation_config_init(&c->generation);
    enum err_code code = read_network(c, &m, files, w, notes, e);
    c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = c->eos_token_id;
    return code ? code : read_search(&c->generation, m.class->generation, files, notes, e);
}
