/*
 * GenerationConfig of Transformers 4.57: its defaults, and its fields as a file gives them.
 */
#include "backend/settings/settings.h"

#include <string.h>

#define DEFAULT_MAX_LENGTH 20

/* One id or a list of them. */
static void read_eos(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct generation_config *g = to;
    (void)row;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, "eos_token_id"), *id;
    if (!item)
        return;
    g->n_eos_token_ids = 0;
    if (cJSON_IsNumber(item)) {
        int32_t only = field_token(f, "eos_token_id", -1, n_vocab);
        if (only >= 0)
            g->eos_token_ids[g->n_eos_token_ids++] = only;
        return;
    }
    cJSON_ArrayForEach(id, item) {
        if (!cJSON_IsNumber(id) ||
            g->n_eos_token_ids == (int)(sizeof g->eos_token_ids / sizeof *g->eos_token_ids)) {
            field_fail(f, ERR_FORMAT, "eos_token_id must be an id or a list of at most %zu",
                       sizeof g->eos_token_ids / sizeof *g->eos_token_ids);
            return;
        }
        if (id->valuedouble >= 0 && id->valuedouble < (double)n_vocab)
            g->eos_token_ids[g->n_eos_token_ids++] = (int32_t)id->valuedouble;
    }
}

static void read_bad_words(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct generation_config *g = to;
    (void)row;
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(f->json, "bad_words_ids"), *word, *id;
    if (!words)
        return;
    g->n_bad_words = 0;
    cJSON_ArrayForEach(word, words) {
        int n = cJSON_GetArraySize(word);
        if (!cJSON_IsArray(word) || n < 1) {
            field_fail(f, ERR_FORMAT, "bad_words_ids must be a list of lists of ids");
            return;
        }
        if (g->n_bad_words == CONFIG_MAX_BAD_WORDS ||
            n > (int)(sizeof g->bad_words[0].ids / sizeof *g->bad_words[0].ids)) {
            field_fail(f, ERR_UNSUPPORTED,
                       "bad_words_ids has more than %d words or one of more than %zu ids",
                       CONFIG_MAX_BAD_WORDS,
                       sizeof g->bad_words[0].ids / sizeof *g->bad_words[0].ids);
            return;
        }
        int at = 0;
        cJSON_ArrayForEach(id, word) {
            if (!cJSON_IsNumber(id) ||
                !(id->valuedouble >= 0 && id->valuedouble < (double)n_vocab)) {
                field_fail(f, ERR_FORMAT, "bad_words_ids holds what is no id of the vocabulary");
                return;
            }
            g->bad_words[g->n_bad_words].ids[at++] = (int32_t)id->valuedouble;
        }
        g->bad_words[g->n_bad_words++].n = n;
    }
}

static void read_ids(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct id_list *list = (struct id_list *)((char *)to + row->member);
    const cJSON *ids = cJSON_GetObjectItemCaseSensitive(f->json, row->key), *id;
    (void)n_vocab;
    if (!ids)
        return;
    list->n = 0;
    if (!cJSON_IsNull(ids) && (!cJSON_IsArray(ids) || cJSON_GetArraySize(ids) > CONFIG_MAX_IDS))
        field_fail(f, ERR_FORMAT, "%s must be a list of at most %d ids", row->key, CONFIG_MAX_IDS);
    cJSON_ArrayForEach(id, ids) {
        if (!f->code && !cJSON_IsNumber(id))
            field_fail(f, ERR_FORMAT, "%s holds what is no id", row->key);
        if (f->code)
            return;
        list->ids[list->n++] = id->valueint;
    }
}

static void add_stop_string(struct generation_config *g, struct fields *f, const cJSON *text) {
    const bool good = cJSON_IsString(text) && *text->valuestring &&
                      strlen(text->valuestring) < CONFIG_STOP_BYTES &&
                      g->n_stop_strings < CONFIG_MAX_STOPS;
    if (good)
        memcpy(g->stop_strings[g->n_stop_strings++], text->valuestring,
               strlen(text->valuestring) + 1);
    else
        field_fail(f, ERR_FORMAT, "stop_strings must be a text or at most %d of up to %d bytes",
                   CONFIG_MAX_STOPS, CONFIG_STOP_BYTES - 1);
}

static void read_stop_strings(void *to, struct fields *f, const struct setting *row,
                              int64_t n_vocab) {
    struct generation_config *g = to;
    const cJSON *texts = cJSON_GetObjectItemCaseSensitive(f->json, row->key), *text;
    (void)n_vocab;
    if (!texts)
        return;
    g->n_stop_strings = 0;
    if (!cJSON_IsNull(texts) && !cJSON_IsArray(texts))
        add_stop_string(g, f, texts);
    cJSON_ArrayForEach(text, texts) add_stop_string(g, f, text);
}

static void read_early_stopping(void *to, struct fields *f, const struct setting *row,
                                int64_t n_vocab) {
    struct generation_config *g = to;
    (void)row;
    (void)n_vocab;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, "early_stopping");
    if (!item || cJSON_IsNull(item))
        return;
    if (cJSON_IsBool(item))
        g->early_stopping = cJSON_IsTrue(item);
    else if (cJSON_IsString(item) && strcmp(item->valuestring, "never") == 0)
        g->early_stopping = 2;
    else
        field_fail(f, ERR_FORMAT, "early_stopping must be true, false or \"never\"");
}

#define AT(member) offsetof(struct generation_config, member)

static const struct setting generation[] = {
    {READ("max_length", COUNT, max_length, DEFAULT_MAX_LENGTH, 0, FIELD_MAX_POSITIONS)},
    {READ("max_new_tokens", COUNT, max_new_tokens, -1, 1, FIELD_MAX_POSITIONS)},
    {READ("min_length", COUNT, min_length, 0, 0, FIELD_MAX_POSITIONS)},
    {READ("min_new_tokens", COUNT, min_new_tokens, 0, 0, FIELD_MAX_POSITIONS)},
    {READ("num_beams", INT, num_beams, 1, 1, 1024)},
    {KEY("do_sample", FLAG), .member = AT(do_sample), .value = false},
    {READ("temperature", NUMBER, temperature, 1, 0, 1e6)},
    {READ("top_k", COUNT, top_k, 50, 0, FIELD_MAX_POSITIONS)},
    {READ("top_p", NUMBER, top_p, 1, 0, 1)},
    {READ("length_penalty", NUMBER, length_penalty, 1, -1e6, 1e6)},
    {READ("repetition_penalty", NUMBER, repetition_penalty, 1, 1e-6, 1e6)},
    {READ("no_repeat_ngram_size", COUNT, no_repeat_ngram_size, 0, 0, FIELD_MAX_POSITIONS)},
    {READ("encoder_no_repeat_ngram_size", COUNT, encoder_no_repeat_ngram_size, 0, 0,
          FIELD_MAX_POSITIONS)},
    {KEY("renormalize_logits", FLAG), .member = AT(renormalize_logits), .value = false},
    {KEY("forced_bos_token_id", TOKEN), .member = AT(forced_bos_token_id), .value = -1},
    {KEY("forced_eos_token_id", TOKEN), .member = AT(forced_eos_token_id), .value = -1},
    {KEY("eos_token_id", BY), .read = read_eos},
    {KEY("bad_words_ids", BY), .read = read_bad_words},
    {KEY("early_stopping", BY), .read = read_early_stopping},
    {KEY("suppress_tokens", BY), .member = AT(suppress_tokens), .read = read_ids},
    {KEY("begin_suppress_tokens", BY), .member = AT(begin_suppress_tokens), .read = read_ids},
    {KEY("stop_strings", BY), .read = read_stop_strings},
    {KEY("bos_token_id", ELSEWHERE)},
    {KEY("pad_token_id", ELSEWHERE)},
    {KEY("decoder_start_token_id", ELSEWHERE)},
    /* What generation does not do. A model that asks for it can still be attributed. */
    {KEY("max_time", ONLY_EMPTY), .notice = true},
    {KEY("min_p", ONLY_EMPTY), .notice = true},
    {KEY("typical_p", ONLY_NUMBER), .value = 1, .notice = true},
    {KEY("epsilon_cutoff", ONLY_EMPTY), .notice = true},
    {KEY("eta_cutoff", ONLY_EMPTY), .notice = true},
    {KEY("encoder_repetition_penalty", ONLY_NUMBER), .value = 1, .notice = true},
    {KEY("exponential_decay_length_penalty", ONLY_EMPTY), .notice = true},
    {KEY("forced_decoder_ids", ONLY_EMPTY), .notice = true},
    {KEY("sequence_bias", ONLY_EMPTY), .notice = true},
    {KEY("token_healing", ONLY_EMPTY), .notice = true},
    {KEY("guidance_scale", ONLY_NUMBER), .value = 1, .notice = true},
    {KEY("watermarking_config", ONLY_EMPTY), .notice = true},
    {KEY("penalty_alpha", ONLY_EMPTY), .notice = true},
    {KEY("dola_layers", ONLY_EMPTY), .notice = true},
    {KEY("diversity_penalty", ONLY_EMPTY), .notice = true},
    {KEY("num_beam_groups", ONLY_NUMBER), .value = 1, .notice = true},
    {KEY("constraints", ONLY_EMPTY), .notice = true},
    {KEY("force_words_ids", ONLY_EMPTY), .notice = true},
};
const struct settings settings_generation = {SETTINGS(generation)};

void generation_config_init(struct generation_config *g) {
    const int64_t n_vocab = 0;
    struct fields nothing = {0};
    *g = (struct generation_config){0};
    settings_read(g, &nothing, &settings_generation, &n_vocab);
}

void generation_read(struct generation_config *g, struct fields *f, const struct settings *s,
                     int64_t n_vocab) {
    settings_read(g, f, s, &n_vocab);
    /* In a file, the default value counts as not given: generate() then makes that many new
     * tokens. */
    g->has_max_length = g->max_length != DEFAULT_MAX_LENGTH;
}

/* marian-decoder's options and its defaults for absent ones. */
static const struct setting marian_search[] = {
    {READ("beam-size", INT, num_beams, 12, 1, 1024)},
    {READ("max-length-factor", NUMBER, max_length_factor, 3, 0.01, 1000)},
    {READ("normalize", NUMBER, length_penalty, 0, 0, 100)},
    {KEY("word-penalty", ONLY_NUMBER), .value = 0},
};
const struct settings settings_marian_search = {SETTINGS(marian_search)};
