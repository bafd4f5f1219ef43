/*
 * A byte-level tokenizer from Hugging Face's files: tokenizer.json (the tokenizers library), or
 * vocab.json and merges.txt (GPT-2). Reference: tokenizers 0.22.
 */
#include "backend/base/file.h"
#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/json.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MERGES (256u << 20)

static enum err_code fill_vocabulary(struct bpe *b, const cJSON *vocab, const cJSON *added,
                                     const char *path, struct err *e) {
    const cJSON *v;
    enum err_code code = vocabulary_read_json(&b->vocabulary, vocab, added, path, e);
    if (code)
        return code;
    cJSON_ArrayForEach(v, added) {
        const char *content = tokenizer_json_get(v, "content")->valuestring;
        bpe_add_token(b, (int32_t)tokenizer_json_get(v, "id")->valuedouble,
                      tokenizer_json_true(v, "special"), content, strlen(content));
        if (*content) {
            struct added_token *a = &b->added[b->n_added - 1];
            a->lstrip = tokenizer_json_true(v, "lstrip");
            a->rstrip = tokenizer_json_true(v, "rstrip");
            a->single_word = tokenizer_json_true(v, "single_word");
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
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code fill_pre_tokenizer(struct bpe *b, const cJSON *p, const char *path,
                                        struct err *e) {
    const char *type = tokenizer_json_text(p, "type");
    if (!p || cJSON_IsNull(p))
        return ERR_OK;
    if (strcmp(type, "Sequence") == 0) {
        const cJSON *stage;
        cJSON_ArrayForEach(stage, tokenizer_json_get(p, "pretokenizers")) {
            if (strcmp(tokenizer_json_text(stage, "type"), "Sequence") == 0)
                return err_set(e, ERR_UNSUPPORTED, "%s: a pre-tokenizer sequence inside another",
                               path);
            enum err_code code = fill_pre_tokenizer(b, stage, path, e);
            if (code)
                return code;
        }
        return ERR_OK;
    }
    if (strcmp(type, "Digits") == 0) {
        pre_tokenizer_add_digits(b->pre, tokenizer_json_true(p, "individual_digits"));
        return ERR_OK;
    }
    if (strcmp(type, "ByteLevel") == 0) {
        b->add_prefix_space = b->add_prefix_space || tokenizer_json_true(p, "add_prefix_space");
        const cJSON *use = tokenizer_json_get(p, "use_regex");
        return cJSON_IsFalse(use) ? ERR_OK
                                  : pre_tokenizer_add_split(b->pre, PRE_TOKENIZER_GPT2,
                                                            strlen(PRE_TOKENIZER_GPT2), e);
    }
    const char *expression = tokenizer_json_text(tokenizer_json_get(p, "pattern"), "Regex");
    if (strcmp(type, "Split") == 0 && *expression &&
        strcmp(tokenizer_json_text(p, "behavior"), "Isolated") == 0)
        return pre_tokenizer_add_split(b->pre, expression, strlen(expression), e);
    return err_set(e, ERR_UNSUPPORTED, "%s: pre-tokenizer \"%.40s\" is not known here", path, type);
}

/* TemplateProcessing: special tokens before and after the text. */
static enum err_code fill_template(struct bpe *b, const cJSON *p, const char *path, struct err *e) {
    const cJSON *item;
    bool after = false;
    if (strcmp(tokenizer_json_text(p, "type"), "Sequence") == 0) {
        cJSON_ArrayForEach(item, tokenizer_json_get(p, "processors")) {
            enum err_code code = fill_template(b, item, path, e);
            if (code)
                return code;
        }
        return ERR_OK;
    }
    if (!p || cJSON_IsNull(p) || strcmp(tokenizer_json_text(p, "type"), "ByteLevel") == 0)
        return ERR_OK;
    if (strcmp(tokenizer_json_text(p, "type"), "TemplateProcessing") != 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: post-processor \"%.40s\" is not known here", path,
                       tokenizer_json_text(p, "type"));
    cJSON_ArrayForEach(item, tokenizer_json_get(p, "single")) {
        const cJSON *special = tokenizer_json_get(item, "SpecialToken");
        if (!special) {
            after = true;
            continue;
        }
        const char *name = tokenizer_json_text(special, "id");
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
static enum err_code correct_special_ids(const struct bpe *b, const struct model_files *f,
                                         struct model_config *config, struct err *e) {
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
        if (!path_given(paths[k]))
            continue;
        enum err_code code = tokenizer_json_read(&json, paths[k], e);
        if (code)
            return code;
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
            const cJSON *v = tokenizer_json_get(json, table[i].key);
            const char *piece =
                cJSON_IsString(v) ? v->valuestring : tokenizer_json_text(v, "content");
            int32_t id = id_of_piece(b, piece);
            /* The tokenizer's own word decides pad and unk; bos and eos are the model's where it
             * names them. */
            if (id >= 0 && (*table[i].id < 0 || table[i].id == &config->pad_token_id ||
                            table[i].id == &config->unk_token_id))
                *table[i].id = id;
        }
        cJSON_Delete(json);
    }
    return ERR_OK;
}

static enum err_code read_tokenizer_json(struct bpe *b, const cJSON *json, const char *path,
                                         struct err *e) {
    const cJSON *model = tokenizer_json_get(json, "model"),
                *normaliser = tokenizer_json_get(json, "normalizer");
    const char *type = tokenizer_json_text(model, "type");
    if (*type && strcmp(type, "BPE") != 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: a \"%.40s\" tokenizer; only byte-level BPE is read",
                       path, type);
    /* Where characters stand for bytes there is nothing to fall back from: Transformers' import of
     * a GGUF sets the flag all the same. */
    bool byte_level =
        strcmp(tokenizer_json_text(tokenizer_json_get(json, "decoder"), "type"), "ByteLevel") == 0;
    if ((tokenizer_json_true(model, "byte_fallback") && !byte_level) ||
        *tokenizer_json_text(model, "continuing_subword_prefix") ||
        *tokenizer_json_text(model, "end_of_word_suffix"))
        return err_set(e, ERR_UNSUPPORTED, "%s: a BPE that is not byte-level", path);
    if (normaliser && !cJSON_IsNull(normaliser)) {
        if (strcmp(tokenizer_json_text(normaliser, "type"), "NFC") != 0)
            return err_set(e, ERR_UNSUPPORTED, "%s: normalizer \"%.40s\" is not known here", path,
                           tokenizer_json_text(normaliser, "type"));
        b->normalise_nfc = true;
    }
    b->ignore_merges = tokenizer_json_true(model, "ignore_merges");
    if (!cJSON_IsObject(tokenizer_json_get(model, "vocab")) ||
        !cJSON_IsArray(tokenizer_json_get(model, "merges")))
        return err_set(e, ERR_FORMAT, "%s: model.vocab or model.merges is missing", path);
    enum err_code code = fill_vocabulary(b, tokenizer_json_get(model, "vocab"),
                                         tokenizer_json_get(json, "added_tokens"), path, e);
    if (code)
        return code;
    code = fill_merges(b, tokenizer_json_get(model, "merges"), path, e);
    if (code)
        return code;
    code = fill_pre_tokenizer(b, tokenizer_json_get(json, "pre_tokenizer"), path, e);
    if (code)
        return code;
    code = fill_template(b, tokenizer_json_get(json, "post_processor"), path, e);
    if (code)
        return code;
    b->unk_id = id_of_piece(b, tokenizer_json_text(model, "unk_token"));
    return code;
}

static enum err_code open_json(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    struct bpe *b = bpe_new(&tokenizer_hugging_face);
    cJSON *json = NULL;
    (void)w;
    enum err_code code = tokenizer_json_read(&json, f->tokenizer_json, e);
    if (code)
        goto out;
    code = read_tokenizer_json(b, json, f->tokenizer_json, e);
    cJSON_Delete(json);
    if (code)
        goto out;
    bpe_finish(b);
    code = correct_special_ids(b, f, config, e);
out:
    return bpe_hand_out(out, b, code);
}

static bool json_there(const struct model_files *f, const struct weights *w) {
    (void)w;
    return path_given(f->tokenizer_json);
}

static char *json_problem(const struct model_files *f, const struct weights *w) {
    struct file_map map;
    (void)w;
    if (file_map_open(&map, f->tokenizer_json, NULL) != ERR_OK)
        return mem_text("tokenizer.json cannot be read");
    bool byte_level = memmem(map.data, map.n, "\"ByteLevel\"", 11) != NULL;
    file_map_close(&map);
    return byte_level ? NULL : mem_text(BPE_NOT_BYTE_LEVEL);
}

const struct tokenizer_ops tokenizer_hugging_face = {.files = "tokenizer.json",
                                                     .there = json_there,
                                                     .problem = json_problem,
                                                     .open = open_json,
                                                     BPE_OPS};

static enum err_code read_merges_txt(struct bpe *b, const char *path, struct err *e) {
    char *text, *line, *rest;
    size_t n, lines = 0;
    enum err_code code = file_read(&text, &n, path, MAX_MERGES, e);
    if (code)
        return code;
    if (memchr(text, '\0', n)) {
        code = err_set(e, ERR_FORMAT, "%s: a NUL byte (byte %zu)", path, strlen(text));
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    bpe_start_merges(b, lines + 1);
    int32_t rank = 0;
    rest = text;
    while ((line = strsep(&rest, "\n"))) {
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
        if (code)
            goto out;
    }
out:
    free(text);
    return code;
}

static enum err_code read_vocabulary(struct bpe *b, const char *path, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = tokenizer_json_read(&json, path, e);
    if (code)
        goto out;
    if (!cJSON_IsObject(json))
        code = err_set(e, ERR_FORMAT, "%s is not a JSON object", path);
    if (code)
        goto out;
    code = fill_vocabulary(b, json, NULL, path, e);
out:
    cJSON_Delete(json);
    return code;
}

/* These files do not say which tokens are special: the configuration does. */
static void add_special_tokens(struct bpe *b, const struct model_config *config) {
    const int32_t special[] = {config->bos_token_id, config->eos_token_id, config->pad_token_id,
                               config->unk_token_id};
    for (int i = 0; i < 4; i++) {
        bool known = special[i] < 0 || special[i] >= b->vocabulary.n;
        for (int k = 0; k < i; k++)
            known |= special[k] == special[i];
        size_t n;
        const char *piece = known ? NULL : vocabulary_piece(&b->vocabulary, special[i], &n);
        if (!known)
            bpe_add_token(b, special[i], true, piece, n);
    }
}

static enum err_code open_merges(struct tokenizer **out, const struct model_files *f,
                                 const struct weights *w, struct model_config *config,
                                 struct err *e) {
    struct bpe *b = bpe_new(&tokenizer_merges);
    (void)w;
    enum err_code code = read_vocabulary(b, f->vocab_json, e);
    if (code)
        goto out;
    code = read_merges_txt(b, f->merges, e);
    if (code)
        goto out;
    code = pre_tokenizer_add_split(b->pre, PRE_TOKENIZER_GPT2, strlen(PRE_TOKENIZER_GPT2), e);
out:
    if (code)
        return bpe_hand_out(out, b, code);
    code = correct_special_ids(b, f, config, e);
    if (code)
        return bpe_hand_out(out, b, code);
    add_special_tokens(b, config);
    if (config->add_bos_token && config->bos_token_id >= 0)
        b->prefix[b->n_prefix++] = config->bos_token_id;
    bpe_finish(b);
    return bpe_hand_out(out, b, ERR_OK);
}

static bool merges_there(const struct model_files *f, const struct weights *w) {
    (void)w;
    return path_given(f->vocab_json) && path_given(f->merges);
}

const struct tokenizer_ops tokenizer_merges = {
    .files = "vocab.json with merges.txt", .there = merges_there, .open = open_merges, BPE_OPS};
