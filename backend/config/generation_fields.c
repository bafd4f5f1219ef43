/*
 * GenerationConfig of Transformers 4.57: its defaults, and its fields as a file gives them.
 */
#include "backend/config/fields.h"

#include <string.h>

#define DEFAULT_MAX_LENGTH 20

void generation_config_init(struct generation_config *g) {
    *g = (struct generation_config){
        .max_length = DEFAULT_MAX_LENGTH,
        .max_new_tokens = -1,
        .num_beams = 1,
        .temperature = 1,
        .top_k = 50,
        .top_p = 1,
        .length_penalty = 1,
        .repetition_penalty = 1,
        .forced_eos_token_id = -1,
        .forced_bos_token_id = -1,
    };
}

/* One id or a list of them. */
static void read_eos(struct generation_config *g, struct fields *f, int64_t n_vocab) {
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

static void read_bad_words(struct generation_config *g, struct fields *f, int64_t n_vocab) {
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

static void read_early_stopping(struct generation_config *g, struct fields *f) {
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

void generation_read_fields(struct generation_config *g, struct fields *f, int64_t n_vocab) {
    const int64_t longest = FIELD_MAX_POSITIONS;
    g->max_length = field_int(f, "max_length", g->max_length, 0, longest);
    /* In a file, the default value counts as not given: generate() then makes that many new tokens.
     */
    g->has_max_length = g->max_length != DEFAULT_MAX_LENGTH;
    g->max_new_tokens = field_int(f, "max_new_tokens", g->max_new_tokens, 1, longest);
    g->min_length = field_int(f, "min_length", g->min_length, 0, longest);
    g->num_beams = (int)field_int(f, "num_beams", g->num_beams, 1, 1024);
    g->do_sample = field_flag(f, "do_sample", g->do_sample);
    g->temperature = field_real(f, "temperature", g->temperature, 0, 1e6);
    g->top_k = field_int(f, "top_k", g->top_k, 0, longest);
    g->top_p = field_real(f, "top_p", g->top_p, 0, 1);
    g->length_penalty = field_real(f, "length_penalty", g->length_penalty, -1e6, 1e6);
    g->repetition_penalty = field_real(f, "repetition_penalty", g->repetition_penalty, 1e-6, 1e6);
    g->no_repeat_ngram_size =
        field_int(f, "no_repeat_ngram_size", g->no_repeat_ngram_size, 0, longest);
    g->renormalize_logits = field_flag(f, "renormalize_logits", g->renormalize_logits);
    g->forced_bos_token_id = field_token(f, "forced_bos_token_id", g->forced_bos_token_id, n_vocab);
    g->forced_eos_token_id = field_token(f, "forced_eos_token_id", g->forced_eos_token_id, n_vocab);
    read_eos(g, f, n_vocab);
    read_bad_words(g, f, n_vocab);
    read_early_stopping(g, f);
}
