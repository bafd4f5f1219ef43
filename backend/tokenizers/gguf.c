/*
 * A tokenizer from GGUF metadata. Reference: llama.cpp, gguf-py/gguf/constants.py and
 * src/llama-vocab.cpp; gguf_models.h has the models, gguf_pre.def the pre-tokenizers.
 */
#include "backend/tokenizers/gguf_models.h"
#include "backend/tokenizers/gguf_pre.h"
#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/stages.h"
#include "backend/tokenizers/token_settings.h"
#include "backend/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY(name) "tokenizer.ggml." name
#define KNOWN_MODELS "gpt2, llama, gemma4, t5 and bert"

/* The file's tokenizer model, or NULL; *name, n bytes, is what it says. */
static const struct gguf_model *model_of(const struct weights *w, const char **name, size_t *n) {
    *name = "";
    *n = 0;
    (void)weights_meta_text(w, KEY("model"), name, n);
    return gguf_model_find(*name, *n);
}

static int32_t id_of(const struct weights *w, const char *key, int32_t otherwise, int32_t n) {
    int64_t id = otherwise;
    (void)weights_meta_int(w, key, &id);
    return id >= 0 && id < n ? (int32_t)id : -1;
}

/* Where the configuration does not say: it cannot always be read. */
static void set_ids(struct model_config *config, const struct weights *w,
                    const struct gguf_model *m, int32_t n) {
    const struct {
        const char *key;
        int32_t *id, otherwise;
    } ids[] = {{KEY("bos_token_id"), &config->bos_token_id, m->bos},
               {KEY("eos_token_id"), &config->eos_token_id, m->eos},
               {KEY("unknown_token_id"), &config->unk_token_id, m->unk},
               {KEY("padding_token_id"), &config->pad_token_id, -1}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (*ids[i].id < 0)
            *ids[i].id = id_of(w, ids[i].key, ids[i].otherwise, n);
}

/* Whether a text begins with BOS where the file does not say. */
static bool begins(const struct gguf_model *m, const struct weights *w) {
    char name[64];
    gguf_pre_name(w, name);
    const struct gguf_pre *pre = strcmp(m->name, "gpt2") == 0 ? gguf_pre_find(name) : NULL;
    return pre ? pre->flags & BEGINS : m->begins;
}

static enum err_code put(void (*where)(struct post_processor *p, int32_t id), struct pipeline *p,
                         int32_t id, const char *what, struct err *e) {
    if (id < 0)
        return err_set(e, ERR_FORMAT,
                       "the GGUF file's texts get a token (%s) that it does not name", what);
    where(&p->post, id);
    return ERR_OK;
}

static enum err_code frame(struct pipeline *p, const struct weights *w, const struct gguf_model *m,
                           struct token_settings *s, struct model_config *config, struct err *e) {
    const int32_t n = p->vocabulary.n;
    const bool bert = strcmp(m->name, "bert") == 0; /* its texts end with a separator */
    const int32_t bos = bert ? id_of(w, KEY("cls_token_id"), config->bos_token_id, n)
                             : config->bos_token_id,
                  eos =
                      bert ? id_of(w, KEY("seperator_token_id"), m->eos, n) : config->eos_token_id;
    bool add_bos = begins(m, w), add_eos = m->ends;
    (void)weights_meta_bool(w, KEY("add_bos_token"), &add_bos);
    (void)weights_meta_bool(w, bert ? KEY("add_sep_token") : KEY("add_eos_token"), &add_eos);
    add_bos = token_settings_flag(s, "add_bos_token", add_bos);
    add_eos = token_settings_flag(s, "add_eos_token", add_eos);
    config->add_bos_token = add_bos;
    enum err_code code = add_bos ? put(post_processor_put_before, p, bos, "BOS", e) : ERR_OK;
    if (code || !add_eos)
        return code;
    return put(post_processor_put_after, p, eos, "EOS", e);
}

static enum err_code open_gguf(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    const char *name;
    size_t n;
    const struct gguf_model *m = model_of(w, &name, &n);
    struct token_settings s;
    *out = NULL;
    if (!m)
        return err_set(e, ERR_UNSUPPORTED,
                       "the GGUF file's tokenizer is \"%.*s\"; " KNOWN_MODELS " are read",
                       (int)(n < 40 ? n : 40), name);
    struct pipeline *p = pipeline_new(&tokenizer_gguf);
    enum err_code code = token_settings_read(&s, f, e); /* of --tokenizer_kwargs alone */
    if (code)
        goto out;
    code = m->fill(p, w, e);
    if (code)
        goto out;
    code = pipeline_finish(p, KEY("tokens"), e);
    if (code)
        goto out;
    snprintf(config->tokenizer_class, sizeof config->tokenizer_class, "%s", m->class_name);
    set_ids(config, w, m, p->vocabulary.n);
    code = frame(p, w, m, &s, config, e);
    if (code)
        goto out;
    code = token_settings_check(&s, e);
out:
    token_settings_dispose(&s);
    return pipeline_hand_out(out, p, code);
}

static bool there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)class;
    return w && f->layout == LAYOUT_GGUF;
}

static char *problem(const struct model_files *f, const struct weights *w) {
    const char *text;
    char name[64];
    size_t n;
    const struct gguf_model *m = model_of(w, &text, &n);
    (void)f;
    if (!m)
        return mem_format("its tokenizer is \"%.*s\"; " KNOWN_MODELS " are read",
                          (int)(n < 40 ? n : 40), text);
    gguf_pre_name(w, name);
    return strcmp(m->name, "gpt2") != 0 || gguf_pre_find(name)
               ? NULL
               : mem_format("its pre-tokenizer \"%s\" is not known here", name);
}

const struct tokenizer_ops tokenizer_gguf = {.files = "a GGUF file's vocabulary",
                                             .takes_kwargs = true,
                                             .there = there,
                                             .problem = problem,
                                             .open = open_gguf,
                                             PIPELINE_OPS};
