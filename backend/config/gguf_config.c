/*
 * GGUF metadata as llama.cpp writes it (gguf-py/gguf/constants.py): keys of the architecture with
 * its name as prefix, tokenizer.ggml.* for ids.
 */
#include "backend/architectures/families.h"
#include "backend/architectures/relatives.h"
#include "backend/config/files.h"
#include "backend/settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKENIZER "tokenizer.ggml."

static bool text_is(const struct weights *w, const char *key, const char *value) {
    const char *text;
    size_t n;
    return weights_meta_text(w, key, &text, &n) && n == strlen(value) &&
           memcmp(text, value, n) == 0;
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
    struct fields t = {.file = f->file, .gguf = w, .prefix = TOKENIZER, .e = f->e, .code = f->code};
    settings_read(c, &t, &settings_gguf_tokenizer, &c->n_vocab);
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

static bool has(const struct weights *w, const char *tensor) {
    return weights_find(w, tensor) != NULL;
}

static void read_known(struct model_config *c, struct fields *f, const struct family_match *m) {
    const struct weights *w = f->gguf;
    const struct settings *const tables[] = {m->class->settings, &settings_gguf_tokenizer};
    char *prefix = mem_format("%s.", m->class->type);
    const char *const prefixes[] = {prefix, TOKENIZER};
    family_begin(c, m);
    generation_config_init(&c->generation);
    read_vocabulary(c, f, w);
    f->prefix = prefix;
    c->tied_embeddings = !has(w, "output.weight");
    c->attention_bias = has(w, "blk.0.attn_q.bias") || has(w, "blk.0.attn_qkv.bias");
    c->mlp_bias = has(w, "blk.0.ffn_gate.bias") || has(w, "blk.0.ffn_up.bias");
    settings_read(c, f, m->class->settings, &c->n_vocab);
    read_special_tokens(c, f, w);
    settings_check_keys(f, tables, prefixes, 2);
    f->prefix = NULL;
    free(prefix);
}

enum err_code gguf_config_read(struct model_config *c, const struct model_files *files,
                               const struct weights *w, struct setting_notes *notes,
                               struct err *e) {
    struct fields f = {.file = files->weights, .gguf = w, .notes = notes, .e = e};
    char name[64];
    field_text(&f, "general.architecture", "none", name, sizeof name);
    const struct family_match m = family_find(LAYOUT_GGUF, NULL, name);
    if (m.family) {
        read_known(c, &f, &m);
        return f.code;
    }
    char *reason = relative_refusal(LAYOUT_GGUF, "", name);
    field_fail(&f, ERR_UNSUPPORTED, "%s", reason);
    free(reason);
    return f.code;
}
