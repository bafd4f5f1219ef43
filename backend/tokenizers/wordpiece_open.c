/* Settings and vocabulary of a BERT tokenizer from a folder. Where tokenizer_config.json says how
 * to clean a text, it overrides tokenizer.json, as in Transformers. */
#include "backend/base/file.h"
#include "backend/base/json_file.h"
#include "backend/base/text.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/wordpiece.h"

#include <stdlib.h>
#include <string.h>

#define MAX_JSON (256u << 20)
#define MAX_VOCABULARY (64u << 20)
#define MAX_WORD 1000

static const char *text_of(const cJSON *v, const char *fallback) {
    if (cJSON_IsObject(v)) /* an added token with its properties */
        v = tokenizer_json_get(v, "content");
    return cJSON_IsString(v) ? v->valuestring : fallback;
}

/* true, false, or as it was where the file does not say. */
static void flag_of(const cJSON *o, const char *key, int *flag) {
    const cJSON *v = tokenizer_json_get(o, key);
    if (cJSON_IsBool(v))
        *flag = cJSON_IsTrue(v);
}

struct settings {
    int clean, chinese, strip, lower;
    const char *unknown;
}; /* flags: −1 not said */

/* tokenizer.json; what it says of special tokens stays borrowed from `json`. */
static enum err_code read_json(struct wordpiece *w, struct settings *s, const cJSON *json,
                               const char *path, struct err *e) {
    const cJSON *model = tokenizer_json_get(json, "model"),
                *normalizer = tokenizer_json_get(json, "normalizer"),
                *vocab = tokenizer_json_get(model, "vocab");
    const cJSON *longest = tokenizer_json_get(model, "max_input_chars_per_word");
    const char *cleans = text_of(tokenizer_json_get(normalizer, "type"), ""),
               *splits = text_of(
                   tokenizer_json_get(tokenizer_json_get(json, "pre_tokenizer"), "type"), "");
    if (strcmp(text_of(tokenizer_json_get(model, "type"), "WordPiece"), "WordPiece") != 0 ||
        !cJSON_IsObject(vocab))
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: not a WordPiece vocabulary, the only kind that an encoder has here",
                       path);
    if (cJSON_IsObject(normalizer) && strcmp(cleans, "BertNormalizer") != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: normalizer \"%.40s\" is not known here; BertNormalizer is", path,
                       cleans);
    if (strcmp(splits, "BertPreTokenizer") != 0)
        return err_set(e, ERR_UNSUPPORTED,
                       "%s: pre-tokenizer \"%.40s\" is not known here; BertPreTokenizer is", path,
                       splits);
    s->clean = s->chinese = s->lower = cJSON_IsObject(normalizer);
    flag_of(normalizer, "clean_text", &s->clean);
    flag_of(normalizer, "handle_chinese_chars", &s->chinese);
    flag_of(normalizer, "strip_accents", &s->strip);
    flag_of(normalizer, "lowercase", &s->lower);
    s->unknown = text_of(tokenizer_json_get(model, "unk_token"), s->unknown);
    w->prefix = mem_text(text_of(tokenizer_json_get(model, "continuing_subword_prefix"), "##"));
    if (cJSON_IsNumber(longest)) /* a limit for time too: a word is looked up once for every two of
                                    its characters */
        w->longest_word = longest->valuedouble >= 1 && longest->valuedouble <= MAX_WORD
                              ? (int64_t)longest->valuedouble
                              : MAX_WORD;
    return vocabulary_read_json(&w->vocabulary, vocab, tokenizer_json_get(json, "added_tokens"),
                                path, e);
}

/* vocab.txt: a piece a line, its number the id. */
static enum err_code read_lines(struct wordpiece *w, const char *path, struct err *e) {
    char *text;
    size_t n, at;
    enum err_code code = file_read(&text, &n, path, MAX_VOCABULARY, e);
    if (code)
        return code;
    size_t n_lines = n > 0 && text[n - 1] != '\n';
    for (const char *p = text; (p = memchr(p, '\n', n - (size_t)(p - text))); p++)
        n_lines++;
    if (!text_valid_utf8(text, n, &at))
        code = err_set(e, ERR_FORMAT, "%s is not UTF-8 at byte %zu", path, at);
    else if (memchr(text, '\0', n))
        code = err_set(e, ERR_FORMAT, "%s: a NUL byte (byte %zu)", path, strlen(text));
    else if (n_lines == 0 || n_lines > VOCABULARY_MOST)
        code = err_set(e, ERR_FORMAT, "%s has %zu pieces, not 1 to %d", path, n_lines,
                       VOCABULARY_MOST);
    if (code)
        goto out;
    vocabulary_init(&w->vocabulary, (int32_t)n_lines);
    const char *line = text;
    for (size_t i = 0; i < n_lines; i++) {
        size_t rest = n - (size_t)(line - text);
        const char *end = memchr(line, '\n', rest);
        size_t length = end ? (size_t)(end - line) : rest;
        vocabulary_add(&w->vocabulary, line, length - (length > 0 && line[length - 1] == '\r'));
        line += length + 1;
    }
    vocabulary_index(&w->vocabulary);
out:
    free(text);
    return code;
}

static enum err_code find_special(const struct wordpiece *w, int32_t *id, const char *name,
                                  const char *folder, struct err *e) {
    *id = vocabulary_find(&w->vocabulary, name, strlen(name));
    return *id >= 0
               ? ERR_OK
               : err_set(e, ERR_FORMAT, "%s: the vocabulary has no token \"%.40s\"", folder, name);
}

/* The other settings, and the special tokens by their names. */
static enum err_code settle(struct wordpiece *w, struct settings *s, const cJSON *config,
                            const char *folder, struct err *e) {
    flag_of(config, "do_lower_case", &s->lower);
    flag_of(config, "strip_accents", &s->strip);
    flag_of(config, "tokenize_chinese_chars", &s->chinese);
    w->clean = s->clean;
    w->space_chinese = s->chinese;
    w->lower_case = s->lower;
    w->strip_accents = s->strip < 0 ? s->lower : s->strip;
    const cJSON *longest = tokenizer_json_get(config, "model_max_length");
    /* No limit is written as 1e30. */
    if (cJSON_IsNumber(longest) && longest->valuedouble > 2 && longest->valuedouble < 1e6)
        w->longest_text = (int64_t)longest->valuedouble;
    enum err_code code = find_special(
        w, &w->unknown, text_of(tokenizer_json_get(config, "unk_token"), s->unknown), folder, e);
    if (code)
        return code;
    code = find_special(w, &w->begin, text_of(tokenizer_json_get(config, "cls_token"), "[CLS]"),
                        folder, e);
    if (code)
        return code;
    return find_special(w, &w->end, text_of(tokenizer_json_get(config, "sep_token"), "[SEP]"),
                        folder, e);
}

/* A JSON file that may be missing; *out NULL then. */
static enum err_code read_if_there(cJSON **out, const char *path, struct err *e) {
    *out = NULL;
    return file_is_there(path) ? json_read_object(out, path, MAX_JSON, e) : ERR_OK;
}

enum err_code wordpiece_open(struct wordpiece *out, const char *folder, struct err *e) {
    struct wordpiece w = {.longest_word = 100};
    struct settings s = {.clean = 1, .chinese = 1, .strip = -1, .lower = 1, .unknown = "[UNK]"};
    char *json_path = file_join(folder, "tokenizer.json"),
         *lines_path = file_join(folder, "vocab.txt");
    char *config_path = file_join(folder, "tokenizer_config.json");
    cJSON *json, *config = NULL;
    *out = (struct wordpiece){0};
    enum err_code code = read_if_there(&json, json_path, e);
    if (code)
        goto out;
    code = read_if_there(&config, config_path, e);
    if (code)
        goto out;
    if (json)
        code = read_json(&w, &s, json, json_path, e);
    else if (file_is_there(lines_path))
        code = read_lines(&w, lines_path, e);
    else
        code =
            err_set(e, ERR_IO, "%s has no tokenizer: neither tokenizer.json nor vocab.txt", folder);
    if (code)
        goto out;
    if (!w.prefix)
        w.prefix = mem_text("##");
    code = settle(&w, &s, config, folder, e);
out:
    cJSON_Delete(json);
    cJSON_Delete(config);
    free(json_path);
    free(lines_path);
    free(config_path);
    if (code)
        wordpiece_dispose(&w);
    else
        *out = w;
    return code;
}
