/* config.json with its companions, Marian's YAML (both kinds), and the configuration inside a GGUF
 * file, by the first byte. */
#include "backend/settings/fields.h"
#include "backend/weights/store.h"
#include "tests/fuzz/as_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int fuzz_one(const uint8_t *data, size_t n);

static void must(bool condition) {
    if (!condition)
        abort();
}

static void check(enum err_code code, const struct model_config *c, const struct err *e) {
    must(code == ERR_OK || (e->code == code && e->message[0] != '\0' && code != ERR_INTERNAL));
    if (code != ERR_OK)
        return;
    must(c->n_vocab > 0 && c->n_width > 0 && c->n_ffn > 0 && c->n_layers > 0 && c->n_heads > 0 &&
         c->n_head_width > 0);
    must(c->n_kv_heads > 0 && c->n_heads % c->n_kv_heads == 0);
    must(c->decoder_start_token_id < c->n_vocab && c->eos_token_id < c->n_vocab &&
         c->bos_token_id < c->n_vocab);
    must(!c->encoder_decoder || c->decoder_start_token_id >= 0);
    for (int i = 0; i < c->generation.n_bad_words; i++)
        for (int k = 0; k < c->generation.bad_words[i].n; k++)
            must(c->generation.bad_words[i].ids[k] >= 0 &&
                 c->generation.bad_words[i].ids[k] < c->n_vocab);
}

static void try_yaml(const uint8_t *data, size_t n, struct model_files *files) {
    struct model_config c;
    struct err e = {0};
    struct stored_tensor table = {.info = {"Wemb", WEIGHT_F32, 2, {32, 8}, 256}}, *by_name = &table;
    struct meta_entry yaml = {
        .key = "model.yml", .kind = META_TEXT, .text = (const char *)data, .n = n};
    struct weights w = {.format = WEIGHT_FORMAT_MARIAN,
                        .tensors = &table,
                        .n_tensors = 1,
                        .by_name = &by_name,
                        .meta = &yaml,
                        .n_meta = 1};
    files->layout = LAYOUT_MARIAN_NATIVE;
    check(model_config_read(&c, files, &w, &e), &c, &e);
    files->decoder_yaml = as_file(data, n);
    check(model_config_read(&c, files, &w, &e), &c, &e);
}

static void try_gguf(const uint8_t *data, size_t n, struct model_files *files) {
    struct model_config c;
    struct err e = {0};
    struct weights *w;
    files->layout = LAYOUT_GGUF;
    if (weights_open_bytes(&w, data, n, &e) != ERR_OK)
        return;
    check(model_config_read(&c, files, w, &e), &c, &e);
    weights_close(w);
}

static void try_json(const uint8_t *data, size_t n, struct model_files *files) {
    struct model_config c;
    struct err e = {0};
    files->layout = LAYOUT_HUGGING_FACE;
    files->config = as_file(data, n);
    check(model_config_read(&c, files, NULL, &e), &c, &e);
    files->generation_config = files->tokenizer_config = files->config;
    check(model_config_read(&c, files, NULL, &e), &c, &e);
}

int fuzz_one(const uint8_t *data, size_t n) {
    static char none[1];
    struct model_files files = {.folder = none,
                                .weights = none,
                                .config = none,
                                .generation_config = none,
                                .tokenizer_config = none,
                                .tokenizer_json = none,
                                .vocab_json = none,
                                .merges = none,
                                .source_spm = none,
                                .target_spm = none,
                                .special_tokens_map = none,
                                .decoder_yaml = none,
                                .added_tokens = none,
                                .sentencepiece = none,
                                .tokenizer_kwargs = none,
                                .adapter = none,
                                .adapter_config = none};
    if (n > 0 && data[0] == '{')
        try_json(data, n, &files);
    else if (n > 0 && data[0] == 'G')
        try_gguf(data, n, &files);
    else
        try_yaml(data, n, &files);
    return 0;
}
