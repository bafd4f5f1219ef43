/* GPT-2's files: vocab.json and merges.txt. They do not say which tokens are special: the
 * configuration does. */
#include "backend/base/file.h"
#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pretrained.h"
#include "backend/tokenizers/stages.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MERGES (256u << 20)

static enum err_code read_line(struct bpe *b, int32_t *rank, char *line, const char *path,
                               struct err *e) {
    size_t length = strlen(line);
    if (length && line[length - 1] == '\r')
        line[--length] = '\0';
    if (length == 0 || (*rank == 0 && strncmp(line, "#version", 8) == 0))
        return ERR_OK;
    char *space = strchr(line + 1, ' ');
    if (!space)
        return err_set(e, ERR_FORMAT, "%s: line \"%.40s\" is not a pair", path, line);
    return bpe_add_merge(b, (*rank)++, line, (size_t)(space - line), space + 1, strlen(space + 1),
                         e);
}

static enum err_code read_merges_txt(struct bpe *b, const char *path, struct err *e) {
    char *text, *line, *rest;
    size_t n, lines = 0;
    int32_t rank = 0;
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
    rest = text;
    while (!code && (line = strsep(&rest, "\n")))
        code = read_line(b, &rank, line, path, e);
out:
    free(text);
    return code;
}

static enum err_code read_vocabulary(struct pipeline *p, const char *path, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = tokenizer_json_read(&json, path, e);
    if (code)
        goto out;
    if (!cJSON_IsObject(json))
        code = err_set(e, ERR_FORMAT, "%s is not a JSON object", path);
    if (code)
        goto out;
    code = vocabulary_read_json(&p->vocabulary, json, NULL, path, e);
    if (code)
        goto out;
    pipeline_own(p);
out:
    cJSON_Delete(json);
    return code;
}

static enum err_code read_files(struct pipeline *p, const struct model_files *f, struct err *e) {
    enum err_code code = read_vocabulary(p, f->vocab_json, e);
    if (code)
        return code;
    struct bpe *b = bpe_new(&p->vocabulary, p->own);
    p->model = &b->base;
    code = read_merges_txt(b, f->merges, e);
    if (code)
        return code;
    bpe_finish(b);
    code = stages_add_text(&p->pre_tokenizers, STAGE_PRE_TOKENIZER,
                           "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}", f->merges, e);
    if (code)
        return code;
    return stages_add_text(&p->decoders, STAGE_DECODER, "{\"type\":\"ByteLevel\"}", f->merges, e);
}

static enum err_code add_special_tokens(struct pipeline *p, const struct model_config *config,
                                        const char *where, struct err *e) {
    const int32_t special[] = {config->bos_token_id, config->eos_token_id, config->pad_token_id,
                               config->unk_token_id};
    for (int i = 0; i < 4; i++) {
        bool known = special[i] < 0 || special[i] >= p->vocabulary.n;
        for (int k = 0; k < i; k++)
            known |= special[k] == special[i];
        if (known)
            continue;
        struct added_token t = {.special = true};
        t.text = mem_text(vocabulary_piece(&p->vocabulary, special[i], NULL));
        enum err_code code = pipeline_add_token(p, &t, where, e);
        free(t.text);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code read_all(struct pipeline *p, const struct model_files *f,
                              struct model_config *config, struct err *e) {
    struct pretrained settings = {0};
    enum err_code code = read_files(p, f, e);
    if (code)
        return code;
    code = pretrained_open(&settings, f, config, e);
    if (code)
        goto out;
    pretrained_correct_ids(&settings, &p->vocabulary, config);
    code = add_special_tokens(p, config, f->vocab_json, e);
    if (code)
        goto out;
    code = pipeline_finish(p, f->vocab_json, e);
    if (config->add_bos_token && config->bos_token_id >= 0)
        post_processor_put_before(&p->post, config->bos_token_id);
out:
    pretrained_dispose(&settings);
    return code;
}

static enum err_code open_merges(struct tokenizer **out, const struct model_files *f,
                                 const struct weights *w, struct model_config *config,
                                 struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_merges);
    (void)w;
    return pipeline_hand_out(out, p, read_all(p, f, config, e));
}

static bool merges_there(const struct model_files *f, const struct weights *w) {
    (void)w;
    return path_given(f->vocab_json) && path_given(f->merges);
}

const struct tokenizer_ops tokenizer_merges = {.files = "vocab.json with merges.txt",
                                               .there = merges_there,
                                               .open = open_merges,
                                               PIPELINE_OPS};
