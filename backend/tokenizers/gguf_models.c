#include "backend/tokenizers/gguf_models.h"

#include "backend/base/base64.h"
#include "backend/tokenizers/gguf_pre.h"
#include "backend/tokenizers/gguf_vocabulary.h"
#include "backend/tokenizers/score_merges.h"
#include "backend/tokenizers/stages.h"
#include "backend/tokenizers/unigram.h"
#include "backend/tokenizers/word_models.h"
#include "backend/weights.h"

#include <stdlib.h>
#include <string.h>

#define SPACE_PIECE "\xE2\x96\x81" /* U+2581, which stands for a space */
#define LONGEST_WORD 100           /* characters of one that WordPiece takes */
#define WHERE "GGUF tokenizer"

static enum err_code add(struct stages *list, enum stage_role role, const char *json,
                         struct err *e) {
    return stages_add_text(list, role, json, WHERE, e);
}

static bool flag(const struct weights *w, const char *key, bool otherwise) {
    bool value = otherwise;
    (void)weights_meta_bool(w, key, &value);
    return value;
}

static int32_t id_of(const struct weights *w, const char *key, int32_t otherwise, int32_t n) {
    int64_t id = otherwise;
    (void)weights_meta_int(w, key, &id);
    return id >= 0 && id < n ? (int32_t)id : -1;
}

/* --- byte-level BPE --- */

void gguf_pre_name(const struct weights *w, char name[64]) {
    const char *text = "default";
    size_t n = strlen(text);
    (void)weights_meta_text(w, "tokenizer.ggml.pre", &text, &n);
    n = n < 63 ? n : 63;
    memcpy(name, text, n);
    name[n] = '\0';
}

static enum err_code fill_bpe(struct pipeline *p, const struct weights *w, struct bpe **out,
                              struct err *e) {
    enum err_code code = gguf_read_tokens(p, w, NULL, e);
    if (code)
        return code;
    *out = bpe_new(&p->vocabulary, p->own);
    p->model = &(*out)->base;
    return ERR_OK;
}

/* Spaces are U+2581, and a character that is no token is the tokens of its bytes. */
static enum err_code add_plain_stages(struct pipeline *p, bool prefix, struct err *e) {
    static const char with[] =
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"" SPACE_PIECE
        "\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"" SPACE_PIECE
        "\"}]}";
    static const char without[] = "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},"
                                  "\"content\":\"" SPACE_PIECE "\"}";
    static const char decoders[] =
        "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":"
        "\"" SPACE_PIECE "\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}]}";
    static const char strip[] = "{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}";
    enum err_code code = add(&p->normalizers, STAGE_NORMALIZER, prefix ? with : without, e);
    if (code)
        return code;
    code = add(&p->decoders, STAGE_DECODER, decoders, e);
    if (code || !prefix)
        return code;
    return add(&p->decoders, STAGE_DECODER, strip, e);
}

static enum err_code find_pre(const struct gguf_pre **out, const struct weights *w, struct err *e) {
    char name[64];
    gguf_pre_name(w, name);
    *out = gguf_pre_find(name);
    return *out ? ERR_OK
                : err_set(e, ERR_UNSUPPORTED,
                          "the GGUF file's pre-tokenizer \"%s\" is not known here", name);
}

static enum err_code fill_with(struct pipeline *p, const struct weights *w,
                               const struct gguf_pre *pre, struct err *e) {
    struct bpe *b = NULL;
    const bool plain = pre->flags & PLAIN;
    enum err_code code = gguf_pre_add(pre, &p->pre_tokenizers, e);
    if (code)
        return code;
    code = plain ? add_plain_stages(p, false, e)
                 : add(&p->decoders, STAGE_DECODER, "{\"type\":\"ByteLevel\"}", e);
    if (code)
        return code;
    code = fill_bpe(p, w, &b, e);
    if (code)
        return code;
    b->ignore_merges = pre->flags & WHOLE_WORDS;
    b->byte_fallback = plain;
    code = gguf_read_merges(b, w, e);
    if (code)
        return code;
    bpe_finish(b);
    return gguf_add_tokens(p, w, false, e);
}

static enum err_code fill_gpt2(struct pipeline *p, const struct weights *w, struct err *e) {
    const struct gguf_pre *pre;
    enum err_code code = find_pre(&pre, w, e);
    return code ? code : fill_with(p, w, pre, e);
}

static enum err_code fill_gemma4(struct pipeline *p, const struct weights *w, struct err *e) {
    return fill_with(p, w, gguf_pre_find("gemma4"), e);
}

/* --- sentencepiece's BPE, whose files have scores instead of merges --- */

static enum err_code add_score_merges(struct bpe *b, const struct vocabulary *v,
                                      const float *scores, struct err *e) {
    struct score_merge *merges;
    size_t n;
    enum err_code code = score_merges(&merges, &n, v, scores, v, WHERE, e);
    if (code)
        return code;
    bpe_start_merges(b, n);
    for (size_t i = 0; i < n && !code; i++)
        code = bpe_add_merge(b, (int32_t)i, merges[i].piece, merges[i].n_left,
                             merges[i].piece + merges[i].n_left, merges[i].n - merges[i].n_left, e);
    free(merges);
    return code;
}

/* Phi-3's special tokens take the white space behind them: its files do not say so. */
static bool is_phi3(const struct weights *w) {
    const char *text;
    size_t n;
    return weights_meta_text(w, "general.architecture", &text, &n) && n == 4 &&
           memcmp(text, "phi3", 4) == 0;
}

static enum err_code fill_llama(struct pipeline *p, const struct weights *w, struct err *e) {
    struct bpe *b = NULL;
    float *scores = NULL;
    enum err_code code = add_plain_stages(p, flag(w, "tokenizer.ggml.add_space_prefix", true), e);
    if (code)
        return code;
    code = fill_bpe(p, w, &b, e);
    if (code)
        return code;
    b->byte_fallback = b->fuse_unk = true;
    b->base.unk_id = id_of(w, "tokenizer.ggml.unknown_token_id", 0, p->vocabulary.n);
    code = gguf_scores(&scores, w, p->vocabulary.n, e);
    if (code)
        goto out;
    code = add_score_merges(b, &p->vocabulary, scores, e);
    if (code)
        goto out;
    bpe_finish(b);
    code = gguf_add_tokens(p, w, is_phi3(w), e);
out:
    free(scores);
    return code;
}

/* --- sentencepiece's unigram model --- */

/* The normalisation table, as the normalizer of tokenizer.json has it. */
static enum err_code add_character_map(struct pipeline *p, const struct weights *w, struct err *e) {
    static const char key[] = "tokenizer.ggml.precompiled_charsmap";
    struct text_buffer json = {0};
    int64_t byte = 0;
    size_t n = 0;
    if (!weights_meta_array_size(w, key, &n) || n == 0)
        return ERR_OK;
    if (!weights_meta_array_int(w, key, 0, &byte))
        return err_set(e, ERR_FORMAT, "%s of the GGUF file is no list of bytes", key);
    unsigned char *map = mem_alloc(n);
    for (size_t i = 0; i < n; i++) {
        (void)weights_meta_array_int(w, key, i, &byte);
        map[i] = (unsigned char)byte;
    }
    text_buffer_puts(&json, "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"");
    base64_add(&json, map, n);
    text_buffer_puts(&json, "\"}");
    free(map);
    enum err_code code = stages_add_text(&p->normalizers, STAGE_NORMALIZER, json.text, key, e);
    text_buffer_dispose(&json);
    return code;
}

static enum err_code add_space_stages(struct pipeline *p, const struct weights *w, struct err *e) {
    const bool prefix = flag(w, "tokenizer.ggml.add_space_prefix", true);
    char *words = mem_format("{\"type\":\"Metaspace\",\"replacement\":\"" SPACE_PIECE
                             "\",\"prepend_scheme\":\"%s\",\"split\":true}",
                             prefix ? "always" : "never");
    enum err_code code = add(&p->pre_tokenizers, STAGE_PRE_TOKENIZER, words, e);
    if (code)
        goto out;
    code = add(&p->decoders, STAGE_DECODER, words, e);
out:
    free(words);
    return code;
}

static enum err_code add_unigram_stages(struct pipeline *p, const struct weights *w,
                                        struct err *e) {
    static const char spaces[] =
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Strip\",\"strip_left\":false,"
        "\"strip_right\":true},{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},"
        "\"content\":\"" SPACE_PIECE "\"}]}";
    enum err_code code = add_character_map(p, w, e);
    if (code)
        return code;
    if (flag(w, "tokenizer.ggml.remove_extra_whitespaces", true))
        code = add(&p->normalizers, STAGE_NORMALIZER, spaces, e);
    return code ? code : add_space_stages(p, w, e);
}

static void take_unigram(struct pipeline *p, const struct weights *w, const float *scores) {
    const int32_t n = p->vocabulary.n;
    double *wide = mem_alloc((size_t)n * sizeof *wide);
    for (int32_t i = 0; i < n; i++)
        wide[i] = (double)scores[i];
    struct unigram *u = unigram_new(&p->vocabulary, p->own, wide, n, NULL);
    u->base.unk_id = id_of(w, "tokenizer.ggml.unknown_token_id", 2, n);
    p->model = &u->base;
    free(wide);
}

static enum err_code fill_t5(struct pipeline *p, const struct weights *w, struct err *e) {
    float *scores = NULL;
    enum err_code code = add_unigram_stages(p, w, e);
    if (code)
        return code;
    code = gguf_read_tokens(p, w, NULL, e);
    if (code)
        return code;
    code = gguf_scores(&scores, w, p->vocabulary.n, e);
    if (code)
        goto out;
    take_unigram(p, w, scores);
    code = gguf_add_tokens(p, w, false, e);
out:
    free(scores);
    return code;
}

/* --- WordPiece, whose files mark where words begin and not where they go on --- */

static bool wordpiece_piece(const struct weights *w, size_t i, const char *text, size_t n,
                            struct text_buffer *out) {
    const size_t n_mark = strlen(SPACE_PIECE);
    const bool bracketed = n > 1 && text[0] == '[' && text[n - 1] == ']';
    if (bracketed || gguf_type(w, i) == PIECE_CONTROL || n == 0)
        return false;
    if (n > n_mark && memcmp(text, SPACE_PIECE, n_mark) == 0) {
        text_buffer_add(out, text + n_mark, n - n_mark);
        return true;
    }
    text_buffer_puts(out, "##");
    text_buffer_add(out, text, n);
    return true;
}

static enum err_code add_wordpiece_stages(struct pipeline *p, const struct weights *w,
                                          struct err *e) {
    const bool lower = flag(w, "tokenizer.ggml.normalizer.lowercase", true),
               strips = flag(w, "tokenizer.ggml.normalizer.strip_accents", lower);
    char *normalizer = mem_format("{\"type\":\"BertNormalizer\",\"clean_text\":true,"
                                  "\"handle_chinese_chars\":true,\"strip_accents\":%s,"
                                  "\"lowercase\":%s}",
                                  strips ? "true" : "false", lower ? "true" : "false");
    enum err_code code = add(&p->normalizers, STAGE_NORMALIZER, normalizer, e);
    free(normalizer);
    if (code)
        return code;
    code = add(&p->pre_tokenizers, STAGE_PRE_TOKENIZER, "{\"type\":\"BertPreTokenizer\"}", e);
    if (code)
        return code;
    return add(&p->decoders, STAGE_DECODER,
               "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}", e);
}

static enum err_code fill_bert(struct pipeline *p, const struct weights *w, struct err *e) {
    enum err_code code = add_wordpiece_stages(p, w, e);
    if (code)
        return code;
    code = gguf_read_tokens(p, w, wordpiece_piece, e);
    if (code)
        return code;
    const int32_t unk = id_of(w, "tokenizer.ggml.unknown_token_id", 100, p->vocabulary.n);
    p->model = wordpiece_model_new(&p->vocabulary, p->own, "##", LONGEST_WORD, unk);
    return gguf_add_tokens(p, w, false, e);
}

static const struct gguf_model models[] = {
    {"gpt2", "GPT2TokenizerFast", fill_gpt2, false, false, -1, -1, -1},
    {"llama", "LlamaTokenizerFast", fill_llama, true, false, 1, 2, 0},
    {"gemma4", "GemmaTokenizerFast", fill_gemma4, true, false, -1, -1, -1},
    {"t5", "T5TokenizerFast", fill_t5, false, true, -1, 1, 2},
    {"bert", "BertTokenizerFast", fill_bert, true, true, 101, 102, 100},
};

const struct gguf_model *gguf_model_find(const char *name, size_t n) {
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strlen(models[i].name) == n && memcmp(models[i].name, name, n) == 0)
            return &models[i];
    return NULL;
}
