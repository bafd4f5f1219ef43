/*
 * A byte-level tokenizer from Hugging Face's files: tokenizer.json (the tokenizers library), or
 * vocab.json and merges.txt (GPT-2). Reference: tokenizers 0.22.
 */
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/bpe.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (256u << 20)

static enum err_code read_json(cJSON **out, const char *path, struct err *e) {
    char *text;
    size_t n;
    enum err_code code = file_read(&text, &n, path, MAX_FILE, e);
    if (code != ERR_OK)
        return code;
    *out = text_valid_utf8(text, n, NULL)
               ? cJSON_ParseWithLength(text, n)
               : NULL; /* cJSON does not look; pieces go into results as they are */
    free(text);
    return *out ? ERR_OK : err_set(e, ERR_FORMAT, "%s is not valid JSON", path);
}

static const cJSON *get(const cJSON *o, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(o, key);
}
static bool is_true(const cJSON *o, const char *key) {
    return cJSON_IsTrue(get(o, key));
}
static const char *text_of(const cJSON *o, const char *key) {
    const cJSON *v = get(o, key);
    return cJSON_IsString(v) ? v->valuestring : "";
}

static enum err_code fill_vocabulary(struct bpe *b, const cJSON *vocab, const cJSON *added,
                                     const char *path, struct err *e) {
    const cJSON *v;
    enum err_code code = vocabulary_read_json(&b->vocabulary, vocab, added, path, e);
    if (code != ERR_OK)
        return code;
    cJSON_ArrayForEach(v, added) {
        const char *content = get(v, "content")->valuestring;
        bpe_add_token(b, (int32_t)get(v, "id")->valuedouble, is_true(v, "special"), content,
                      strlen(content));
        if (*content) {
            b->added[b->n_added - 1].lstrip = is_true(v, "lstrip");
            b->added[b->n_added - 1].rstrip = is_true(v, "rstrip");
        }
    }
    return ERR_OK;
}

/* "a b", or ["a", "b"] since tokenizers 0.20. */
static enum err_code fill_merges(struct bpe *b, const cJSON *merges, const char *path,
                                 struct err *e) {
    int32_t rank = 0;
    const cJSON *m;
    bpe_start_merges(b, (size_t)cJSON_GetArraySize(merges));
    cJSON_ArrayForEach(m, merges) {
        const char *left = NULL, *right = NULL;
        size_t n_left = 0;
        if (cJSON_IsString(m)) {
            left = m->valuestring;
            right = *left ? strchr(left + 1, ' ') : NULL;
            n_left = right ? (size_t)(right - left) : 0;
            right = right ? right + 1 : NULL;
        } else if (cJSON_GetArraySize(m) == 2 && cJSON_IsString(m->child) &&
                   cJSON_IsString(m->child->next)) {
            left = m->child->valuestring;
            n_left = strlen(left);
            right = m->child->next->valuestring;
        }
        if (!right)
            return err_set(e, ERR_FORMAT, "%s: merge %d is not a pair", path, rank);
        enum err_code code = bpe_add_merge(b, rank++, left, n_left, right, strlen(right), e);
        if (code != ERR_OK)
            return code;
    }
    return ERR_OK;
}

static enum err_code fill_pre_tokenizer(struct bpe *b, const cJSON *p, const char *path,
                                        struct err *e) {
    const char *type = text_of(p, "type");
    if (!p || cJSON_IsNull(p))
        return ERR_OK;
    if (strcmp(type, "Sequence") == 0) {
        const cJSON *stage;
        cJSON_ArrayForEach(stage, get(p, "pretokenizers")) {
            if (strcmp(text_of(stage, "type"), "Sequence") == 0)
                return err_set(e, ERR_UNSUPPORTED, "%s: a pre-tokenizer sequence inside another",
                               path);
            enum err_code code = fill_pre_tokenizer(b, stage, path, e);
            if (code != ERR_OK)
                return code;
        }
        return ERR_OK;
    }
    if (strcmp(type, "Digits") == 0) {
        pre_tokenizer_add_digits(b->pre, is_true(p, "individual_digits"));
        return ERR_OK;
    }
    if (strcmp(type, "ByteLevel") == 0) {
        b->add_prefix_space = b->add_prefix_space || is_true(p, "add_prefix_space");
        const cJSON *use = get(p, "use_regex");
        return cJSON_IsFalse(use) ? ERR_OK
                                  : pre_tokenizer_add_split(b->pre, PRE_TOKENIZER_GPT2,
                                                            strlen(PRE_TOKENIZER_GPT2), e);
    }
    const char *expression = text_of(get(p, "pattern"), "Regex");
    if (strcmp(type, "Split") == 0 && *expression &&
        strcmp(text_of(p, "behavior"), "Isolated") == 0)
        return pre_tokenizer_add_split(b->pre, expression, strlen(expression), e);
    return err_set(e, ERR_UNSUPPORTED, "%s: pre-tokenizer \"%.40s\" is not known here", path, type);
}

/* TemplateProcessing: special tokens before and after the text. */
static enum err_code fill_template(struct bpe *b, const cJSON *p, const char *path, struct err *e) {
    const cJSON *item;
    bool after = false;
    if (strcmp(text_of(p, "type"), "Sequence") == 0) {
        cJSON_ArrayForEach(item, get(p, "processors")) {
            enum err_code code = fill_template(b, item, path, e);
            if (code != ERR_OK)
                return code;
        }
        return ERR_OK;
    }
    if (!p || cJSON_IsNull(p) || strcmp(text_of(p, "type"), "ByteLevel") == 0)
        return ERR_OK;
    if (strcmp(text_of(p, "type"), "TemplateProcessing") != 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: post-processor \"%.40s\" is not known here", path,
                       text_of(p, "type"));
    cJSON_ArrayForEach(item, get(p, "single")) {
        const cJSON *special = get(item, "SpecialToken");
        if (!special) {
            after = true;
            continue;
        }
        const char *name = text_of(special, "id");
        int32_t id = vocabulary_find(&b->vocabulary, name, strlen(name));
        if (id < 0)
            return err_set(e, ERR_FORMAT,
                           "%s: the template's token \"%.40s\" is not in the vocabulary", path,
                           name);
        if (!after && b->n_prefix < 4)
            b->prefix[b->n_prefix++] = id;
        else if (after && b->n_suffix < 4)
            b->suffix[b->n_suffix++] = id;
    }
    return ERR_OK;
}

static int32_t id_of_piece(const struct bpe *b, const char *piece) {
    return *piece ? vocabulary_find(&b->vocabulary, piece, strlen(piece)) : -1;
}

/* Special ids that only the tokenizer's files know, by the names of tokenizer_config.json or
 * special_tokens_map.json. */
static void correct_special_ids(const struct bpe *b, const struct model_files *f,
                                struct model_config *config) {
    const struct {
        const char *key;
        int32_t *id;
    } table[] = {{"bos_token", &config->bos_token_id},
                 {"eos_token", &config->eos_token_id},
                 {"pad_token", &config->pad_token_id},
                 {"unk_token", &config->unk_token_id}};
    const char *paths[] = {f->tokenizer_config, f->special_tokens_map};
    for (int k = 0; k < 2; k++) {
        cJSON *json = NULL;
        struct err ignored;
        if (!paths[k] || !*paths[k] || read_json(&json, paths[k], &ignored) != ERR_OK)
            continue;
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
            const cJSON *v = get(json, table[i].key);
            const char *piece = cJSON_IsString(v) ? v->valuestring : text_of(v, "content");
            int32_t id = id_of_piece(b, piece);
            /* The tokenizer's own word decides pad and unk; bos and eos are the model's where it
             * names them. */
            if (id >= 0 && (*table[i].id < 0 || table[i].id == &config->pad_token_id ||
                            table[i].id == &config->unk_token_id))
                *table[i].id = id;
        }
        cJSON_Delete(json);
    }
}

static enum err_code read_tokenizer_json(struct bpe *b, const cJSON *json, const char *path,
                                         struct err *e) {
    const cJSON *model = get(json, "model"), *normaliser = get(json, "normalizer");
    const char *type = text_of(model, "type");
    if (*type && strcmp(type, "BPE") != 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: a \"%.40s\" tokenizer; only byte-level BPE is read",
                       path, type);
    /* Where characters stand for bytes there is nothing to fall back from: Transformers' import of
     * a GGUF sets the flag all the same. */
    bool byte_level = strcmp(text_of(get(json, "decoder"), "type"), "ByteLevel") == 0;
    if ((is_true(model, "byte_fallback") && !byte_level) ||
        *text_of(model, "continuing_subword_prefix") || *text_of(model, "end_of_word_suffix"))
        return err_set(e, ERR_UNSUPPORTED, "%s: a BPE that is not byte-level", path);
    if (normaliser && !cJSON_IsNull(normaliser)) {
        if (strcmp(text_of(normaliser, "type"), "NFC") != 0)
            return err_set(e, ERR_UNSUPPORTED, "%s: normalizer \"%.40s\" is not known here", path,
                           text_of(normaliser, "type"));
        b->normalise_nfc = true;
    }
    b->ignore_merges = is_true(model, "ignore_merges");
    if (!cJSON_IsObject(get(model, "vocab")) || !cJSON_IsArray(get(model, "merges")))
        return err_set(e, ERR_FORMAT, "%s: model.vocab or model.merges is missing", path);
    enum err_code code =
        fill_vocabulary(b, get(model, "vocab"), get(json, "added_tokens"), path, e);
    if (code == ERR_OK)
        code = fill_merges(b, get(model, "merges"), path, e);
    if (code == ERR_OK)
        code = fill_pre_tokenizer(b, get(json, "pre_tokenizer"), path, e);
    if (code == ERR_OK)
        code = fill_template(b, get(json, "post_processor"), path, e);
    if (code == ERR_OK)
        b->unk_id = id_of_piece(b, text_of(model, "unk_token"));
    return code;
}

enum err_code bpe_open_json(struct bpe *out, const struct model_files *f,
                            struct model_config *config, struct err *e) {
    struct bpe b = {.unk_id = -1, .pre = pre_tokenizer_new()};
    cJSON *json = NULL;
    enum err_code code = read_json(&json, f->tokenizer_json, e);
    if (code == ERR_OK)
        code = read_tokenizer_json(&b, json, f->tokenizer_json, e);
    cJSON_Delete(json);
    if (code != ERR_OK) {
        bpe_dispose(&b);
        return code;
    }
    bpe_finish(&b);
    correct_special_ids(&b, f, config);
    *out = b;
    return ERR_OK;
}

static enum err_code read_merges_txt(struct bpe *b, const char *path, struct err *e) {
    char *text, *line, *rest;
    size_t n, lines = 0;
    enum err_code code = file_read(&text, &n, path, MAX_FILE, e);
    if (code != ERR_OK)
        return code;
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    bpe_start_merges(b, lines + 1);
    int32_t rank = 0;
    rest = text;
    while (code == ERR_OK && (line = strsep(&rest, "\n"))) {
        size_t length = strlen(line);
        if (length && line[length - 1] == '\r')
            line[--length] = '\0';
        if (length == 0 || (rank == 0 && strncmp(line, "#version", 8) == 0))
            continue;
        char *space = strchr(line + 1, ' ');
        if (!space)
            code = err_set(e, ERR_FORMAT, "%s: line \"%.40s\" is not a pair", path, line);
        else
            code = bpe_add_merge(b, rank++, line, (size_t)(space - line), space + 1,
                                 strlen(space + 1), e);
    }
    free(text);
    return code;
}

enum err_code bpe_open_merges(struct bpe *out, const struct model_files *f,
                              struct model_config *config, struct err *e) {
    struct bpe b = {.unk_id = -1, .pre = pre_tokenizer_new()};
    cJSON *json = NULL;
    enum err_code code = read_json(&json, f->vocab_json, e);
    if (code == ERR_OK && !cJSON_IsObject(json))
        code = err_set(e, ERR_FORMAT, "%s is not a JSON object", f->vocab_json);
    if (code == ERR_OK)
        code = fill_vocabulary(&b, json, NULL, f->vocab_json, e);
    if (code == ERR_OK)
        code = read_merges_txt(&b, f->merges, e);
    if (code == ERR_OK)
        code = pre_tokenizer_add_split(b.pre, PRE_TOKENIZER_GPT2, strlen(PRE_TOKENIZER_GPT2), e);
    cJSON_Delete(json);
    if (code != ERR_OK) {
        bpe_dispose(&b);
        return code;
    }
    correct_special_ids(&b, f, config);
    const int32_t special[] = {config->bos_token_id, config->eos_token_id, config->pad_token_id,
                               config->unk_token_id};
    for (int i = 0; i < 4; i++) {
        bool known = special[i] < 0 || special[i] >= b.vocabulary.n;
        for (int k = 0; k < i; k++)
            known |= special[k] == special[i];
        size_t n;
        const char *piece = known ? NULL : vocabulary_piece(&b.vocabulary, special[i], &n);
        if (!known)
            bpe_add_token(&b, special[i], true, piece, n);
    }
    if (config->add_bos_token && config->bos_token_id >= 0)
        b.prefix[b.n_prefix++] = config->bos_token_id;
    bpe_finish(&b);
    *out = b;
    return ERR_OK;
}
