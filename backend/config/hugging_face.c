/*
 * config.json, generation_config.json and tokenizer_config.json as Transformers 4.57 reads them:
 * what a file leaves out has the default of the architecture's configuration class, for such files
 * are often saved without what equals the default.
 */
#include "backend/architectures/families.h"
#include "backend/architectures/relatives.h"
#include "backend/base/json_file.h"
#include "backend/base/text.h"
#include "backend/config/files.h"
#include "backend/config/pair.h"
#include "backend/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CONFIG (4u << 20)
#define MAX_TOKENIZER_CONFIG (64u << 20) /* some carry thousands of added tokens */

static void refuse(struct fields *f, const char *name, const char *type) {
    const struct family_match m = family_find(LAYOUT_HUGGING_FACE, NULL, type);
    if (m.family && !family_writes(m.family)) {
        field_fail(f, ERR_UNSUPPORTED,
                   "an encoder: it writes no text (contrasts are aligned by one: "
                   "contrast_targets_alignments auto)");
        return;
    }
    char *reason = relative_refusal(LAYOUT_HUGGING_FACE, name, type);
    field_fail(f, ERR_UNSUPPORTED, "%s", reason);
    free(reason);
}

/* A model without a head, which is tied, or by a name that Transformers gave up; not what lacks
 * more. */
static bool is_bare(const char *name) {
    return strstr(name, "WithLMHead") ||
           (text_ends_with(name, "Model") && !text_ends_with(name, "HeadModel") &&
            !text_ends_with(name, "EncoderModel"));
}

/* The first of "architectures", or else the type, or what is wrapped in it; none that writes texts
 * is an error. */
static struct family_match find_class(struct fields *f, bool *wrapped) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(f->json, "architectures"),
                *first = cJSON_GetArrayItem(list, 0);
    char type[64];
    field_text(f, "model_type", "", type, sizeof type);
    const char *name = cJSON_IsString(first) ? first->valuestring : NULL;
    *wrapped = wrapper_open(f, name, type, sizeof type);
    if (*wrapped)
        name = NULL;
    struct family_match m = family_find(LAYOUT_HUGGING_FACE, name, type);
    if (!m.family && name && is_bare(name)) /* Transformers goes by the type */
        m = family_find(LAYOUT_HUGGING_FACE, NULL, type);
    if (!m.family || !family_writes(m.family))
        refuse(f, name ? name : "", type);
    return m;
}

/* Whether a class of tokenizers has a fast one: those that models here can have, and have none, are
 * listed. */
static bool has_fast(const char *class) {
    static const char *const slow[] = {
        "MarianTokenizer",          "M2M100Tokenizer", "ByT5Tokenizer",   "FSMTTokenizer",
        "BlenderbotSmallTokenizer", "BioGptTokenizer", "PLBartTokenizer", "CTRLTokenizer",
        "BertGenerationTokenizer"};
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        if (strcmp(class, slow[i]) == 0)
            return false;
    return true;
}

/* Class of the tokenizer as AutoTokenizer would choose it: the fast one wherever there is one. */
static enum err_code read_tokenizer_config(struct model_config *c, const struct model_files *files,
                                           const char *fallback, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = *files->tokenizer_config ? json_read_object(&json, files->tokenizer_config,
                                                                     MAX_TOKENIZER_CONFIG, e)
                                                  : ERR_OK;
    if (code)
        return code;
    struct fields f = {.file = files->tokenizer_config, .json = json, .e = e};
    field_text(&f, "tokenizer_class", fallback, c->tokenizer_class, sizeof c->tokenizer_class - 4);
    size_t n = strlen(c->tokenizer_class);
    bool is_fast = text_ends_with(c->tokenizer_class, "Fast");
    bool llama = strncmp(c->tokenizer_class, "Llama", 5) == 0;
    if (!is_fast && has_fast(c->tokenizer_class))
        memcpy(c->tokenizer_class + n, "Fast", 5);
    c->add_bos_token = field_flag(&f, "add_bos_token", llama);
    cJSON_Delete(json);
    return f.code;
}

/* An encoder-decoder cannot begin without its start, for which BOS stands in. A pair's decoder
 * whose positions begin behind the padding token's id counts no padding token. */
static void check_start(struct model_config *c, struct fields *f) {
    if (c->encoder_decoder && c->decoder_start_token_id < 0)
        c->decoder_start_token_id = c->bos_token_id;
    if (c->encoder_decoder && c->decoder_start_token_id < 0)
        field_fail(f, ERR_FORMAT, "decoder_start_token_id is no id of the vocabulary of %lld",
                   (long long)c->n_vocab);
    if (c->sides[STACK_DECODER] && c->decoder.position_offset > 0 &&
        c->decoder_start_token_id == c->decoder.position_offset - 1)
        field_fail(f, ERR_UNSUPPORTED,
                   "decoder_start_token_id is %d, the padding token, which has no position in "
                   "this decoder; another start runs here",
                   (int)c->decoder_start_token_id);
}

static enum err_code read_generation_file(struct model_config *c, const char *path,
                                          struct setting_notes *notes, struct err *e) {
    const struct settings *const tables[] = {&settings_generation};
    cJSON *json;
    enum err_code code = json_read_object(&json, path, MAX_CONFIG, e);
    if (code)
        return code;
    struct fields f = {.file = path, .json = json, .notes = notes, .e = e};
    generation_read(&c->generation, &f, tables[0], c->n_vocab);
    settings_check_keys(&f, tables, NULL, 1);
    if (c->encoder_decoder)
        c->decoder_start_token_id =
            field_token(&f, "decoder_start_token_id", c->decoder_start_token_id, c->n_vocab);
    check_start(c, &f);
    cJSON_Delete(json);
    return f.code;
}

/* A pair of models' own settings, and the decoder's where it has none: NULL: it is no pair. Owned
 * by the caller. Reference: transformers 4.57, GenerationConfig.from_model_config. */
static cJSON *generation_of_pair(const cJSON *json) {
    const cJSON *item, *decoder = cJSON_GetObjectItemCaseSensitive(json, "decoder");
    cJSON *all = cJSON_IsObject(decoder) ? cJSON_Duplicate(decoder, true) : NULL;
    if (!all)
        return NULL;
    cJSON_ArrayForEach(item, json) {
        if (cJSON_IsNull(item))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(all, item->string);
        cJSON_AddItemToObject(all, item->string, cJSON_Duplicate(item, true));
    }
    return all;
}

/* generation_config.json where there is one; else the generation settings that old checkpoints keep
 * in config.json. */
static enum err_code read_generation(struct model_config *c, const struct model_files *files,
                                     const struct family_class *class, struct fields *config,
                                     struct err *e) {
    generation_config_init(&c->generation);
    if (*files->generation_config)
        return read_generation_file(c, files->generation_config, config->notes, e);
    if (c->eos_token_id >= 0)
        c->generation.eos_token_ids[c->generation.n_eos_token_ids++] = c->eos_token_id;
    cJSON *pair = generation_of_pair(config->json);
    struct fields f = *config;
    f.json = pair ? pair : config->json;
    generation_read(&c->generation, &f, class->generation, c->n_vocab);
    cJSON_Delete(pair);
    return f.code;
}

static void read_class(struct model_config *c, struct fields *f, const struct family_class *class) {
    struct pair_settings pair;
    const struct settings *tables[] = {class->settings, class->generation};
    if (c->family->pair)
        tables[0] = pair_settings_begin(&pair, c, f, class->settings);
    if (f->code)
        return;
    settings_read(c, f, tables[0], &c->n_vocab);
    settings_check_keys(f, tables, NULL, 2);
    if (c->family->pair)
        pair_check(c, f);
    check_start(c, f);
}

/* AutoTokenizer takes a pair's encoder's. */
static const char *tokenizer_of(const struct model_config *c, const struct family_class *class) {
    return c->family->pair ? c->sides[STACK_ENCODER]->layout.classes[0].tokenizer
                           : class->tokenizer;
}

enum err_code hugging_face_config_read(struct model_config *c, const struct model_files *files,
                                       struct setting_notes *notes, struct err *e) {
    cJSON *json;
    enum err_code code = json_read_object(&json, files->config, MAX_CONFIG, e);
    if (code)
        return code;
    struct fields f = {.file = files->config, .json = json, .notes = notes, .e = e};
    struct fields whole = f;
    bool wrapped;
    const struct family_match m = find_class(&f, &wrapped);
    if (!f.code) {
        family_begin(c, &m);
        c->wrapped = wrapped;
        quantization_config_read(c, &whole);
        f.code = whole.code;
        read_class(c, &f, m.class);
    }
    code = f.code;
    if (code)
        goto out;
    code = read_generation(c, files, m.class, &f, e);
    if (code)
        goto out;
    code = read_tokenizer_config(c, files, tokenizer_of(c, m.class), e);
out:
    cJSON_Delete(json);
    return code;
}
