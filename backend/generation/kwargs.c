/*
 * --generation_kwargs: a JSON object with the names of Transformers' GenerationConfig (and "seed"),
 * applied to what the model's own files say.
 */
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/generate.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum value_kind {
    VALUE_BOOL,
    VALUE_INT64,
    VALUE_INT,
    VALUE_ID,
    VALUE_SEED,
    VALUE_DOUBLE,
    VALUE_EARLY,
    VALUE_EOS,
    VALUE_WORDS,
    VALUE_IDS,
    VALUE_STOPS
};

struct key {
    const char *name;
    enum value_kind kind;
    size_t offset;
    double minimum, maximum;
    const char *range; /* for the message */
};

#define AT(member) offsetof(struct generation_config, member)
static const struct key keys[] = {
    {"max_new_tokens", VALUE_INT64, AT(max_new_tokens), 1, 1e6, "a whole number from 1"},
    {"max_length", VALUE_INT64, AT(max_length), 1, 1e6, "a whole number from 1"},
    {"min_length", VALUE_INT64, AT(min_length), 0, 1e6, "a whole number from 0"},
    {"min_new_tokens", VALUE_INT64, AT(min_new_tokens), 0, 1e6, "a whole number from 0"},
    {"num_beams", VALUE_INT, AT(num_beams), 1, 64, "a whole number from 1 to 64"},
    {"do_sample", VALUE_BOOL, AT(do_sample), 0, 1, "true or false"},
    {"temperature", VALUE_DOUBLE, AT(temperature), 1e-4, 1e4, "a number above 0"},
    {"top_k", VALUE_INT64, AT(top_k), 0, 1e6, "a whole number from 0 (0: off)"},
    {"top_p", VALUE_DOUBLE, AT(top_p), 1e-6, 1, "a number above 0 and at most 1"},
    {"length_penalty", VALUE_DOUBLE, AT(length_penalty), -100, 100, "a number"},
    {"early_stopping", VALUE_EARLY, AT(early_stopping), 0, 0, "true, false or \"never\""},
    {"repetition_penalty", VALUE_DOUBLE, AT(repetition_penalty), 1e-4, 1e4, "a number above 0"},
    {"no_repeat_ngram_size", VALUE_INT64, AT(no_repeat_ngram_size), 0, 1e4,
     "a whole number from 0"},
    {"encoder_no_repeat_ngram_size", VALUE_INT64, AT(encoder_no_repeat_ngram_size), 0, 1e4,
     "a whole number from 0"},
    {"forced_eos_token_id", VALUE_ID, AT(forced_eos_token_id), -1, INT32_MAX, "a token id"},
    {"forced_bos_token_id", VALUE_ID, AT(forced_bos_token_id), -1, INT32_MAX, "a token id"},
    {"eos_token_id", VALUE_EOS, AT(eos_token_ids), 0, INT32_MAX, "a token id or a list of up to 8"},
    {"bad_words_ids", VALUE_WORDS, AT(bad_words), 0, INT32_MAX, "a list of lists of token ids"},
    {"suppress_tokens", VALUE_IDS, AT(suppress_tokens), INT32_MIN, INT32_MAX,
     "a list of up to 256 token ids"},
    {"begin_suppress_tokens", VALUE_IDS, AT(begin_suppress_tokens), INT32_MIN, INT32_MAX,
     "a list of up to 256 token ids"},
    {"stop_strings", VALUE_STOPS, AT(stop_strings), 0, 0,
     "a text, or a list of up to 16, of up to 63 bytes each"},
    {"max_length_factor", VALUE_DOUBLE, AT(max_length_factor), 0, 1000, "a number from 0"},
    {"seed", VALUE_SEED, AT(seed), 0, 9007199254740992.0, "a whole number from 0"},
};
#define N_KEYS (sizeof keys / sizeof keys[0])

static bool whole(const cJSON *v, double minimum, double maximum) {
    return cJSON_IsNumber(v) && v->valuedouble == floor(v->valuedouble) &&
           v->valuedouble >= minimum && v->valuedouble <= maximum;
}

static bool set_eos(struct generation_config *config, const cJSON *v, const struct key *k) {
    int n = cJSON_IsArray(v) ? cJSON_GetArraySize(v) : 1;
    if (n < 1 || n > (int)(sizeof config->eos_token_ids / sizeof config->eos_token_ids[0]))
        return false;
    for (int i = 0; i < n; i++) {
        const cJSON *id = cJSON_IsArray(v) ? cJSON_GetArrayItem(v, i) : v;
        if (!whole(id, k->minimum, k->maximum))
            return false;
        config->eos_token_ids[i] = (int32_t)id->valuedouble;
    }
    config->n_eos_token_ids = n;
    return true;
}

static bool set_bad_words(struct generation_config *config, const cJSON *v, const struct key *k) {
    int n = cJSON_IsArray(v) ? cJSON_GetArraySize(v) : -1;
    if (n < 0 || n > CONFIG_MAX_BAD_WORDS)
        return false;
    for (int i = 0; i < n; i++) {
        const cJSON *word = cJSON_GetArrayItem(v, i);
        int length = cJSON_IsArray(word) ? cJSON_GetArraySize(word) : 0;
        if (length < 1 ||
            length > (int)(sizeof config->bad_words[i].ids / sizeof config->bad_words[i].ids[0]))
            return false;
        for (int j = 0; j < length; j++) {
            const cJSON *id = cJSON_GetArrayItem(word, j);
            if (!whole(id, k->minimum, k->maximum))
                return false;
            config->bad_words[i].ids[j] = (int32_t)id->valuedouble;
        }
        config->bad_words[i].n = length;
    }
    config->n_bad_words = n;
    return true;
}

static bool set_ids(struct id_list *list, const cJSON *v, const struct key *k) {
    const cJSON *id;
    list->n = 0;
    if (cJSON_IsNull(v))
        return true;
    if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) > CONFIG_MAX_IDS)
        return false;
    cJSON_ArrayForEach(id, v) {
        if (!whole(id, k->minimum, k->maximum))
            return false;
        list->ids[list->n++] = (int32_t)id->valuedouble;
    }
    return true;
}

static bool add_stop(struct generation_config *config, const cJSON *text) {
    const size_t n = cJSON_IsString(text) ? strlen(text->valuestring) : 0;
    if (n < 1 || n >= CONFIG_STOP_BYTES || config->n_stop_strings == CONFIG_MAX_STOPS)
        return false;
    memcpy(config->stop_strings[config->n_stop_strings++], text->valuestring, n + 1);
    return true;
}

static bool set_stops(struct generation_config *config, const cJSON *v) {
    const cJSON *text;
    config->n_stop_strings = 0;
    if (cJSON_IsString(v))
        return add_stop(config, v);
    cJSON_ArrayForEach(text, v) {
        if (!add_stop(config, text))
            return false;
    }
    return cJSON_IsArray(v) || cJSON_IsNull(v);
}

static bool set_value(struct generation_config *config, const struct key *k, const cJSON *v) {
    char *at = (char *)config + k->offset;
    switch (k->kind) {
    case VALUE_BOOL:
        *(bool *)at = cJSON_IsTrue(v);
        return cJSON_IsBool(v);
    case VALUE_EARLY:
        *(int *)at = cJSON_IsString(v) ? 2 : cJSON_IsTrue(v);
        return cJSON_IsBool(v) || (cJSON_IsString(v) && strcmp(v->valuestring, "never") == 0);
    case VALUE_EOS:
        return set_eos(config, v, k);
    case VALUE_WORDS:
        return set_bad_words(config, v, k);
    case VALUE_IDS:
        return set_ids((struct id_list *)at, v, k);
    case VALUE_STOPS:
        return set_stops(config, v);
    case VALUE_DOUBLE:
        if (!cJSON_IsNumber(v) || !(v->valuedouble >= k->minimum && v->valuedouble <= k->maximum))
            return false;
        *(double *)at = v->valuedouble;
        return true;
    default:
        break;
    }
    if (k->kind == VALUE_ID && cJSON_IsNull(v)) { /* Python's None: not forced */
        *(int32_t *)at = -1;
        return true;
    }
    if (!whole(v, k->minimum, k->maximum))
        return false;
    if (k->kind == VALUE_INT64)
        *(int64_t *)at = (int64_t)v->valuedouble;
    else if (k->kind == VALUE_SEED)
        *(uint64_t *)at = (uint64_t)v->valuedouble;
    else
        *(int *)at = (int)v->valuedouble; /* VALUE_INT, VALUE_ID */
    return true;
}

static const struct key *find_key(const char *name) {
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static enum err_code unknown_key(const char *name, struct err *e) {
    const char *names[N_KEYS];
    for (size_t i = 0; i < N_KEYS; i++)
        names[i] = keys[i].name;
    char *shown = text_sanitise(name, strlen(name), false);
    const char *nearest = text_nearest(name, names, N_KEYS);
    enum err_code code =
        nearest ? err_set(e, ERR_USAGE,
                          "generation_kwargs: unknown option \"%.100s\"; the nearest is \"%s\"",
                          shown, nearest)
                : err_set(e, ERR_USAGE, "generation_kwargs: unknown option \"%.100s\"", shown);
    free(shown);
    return code;
}

enum err_code generation_config_apply(struct generation_config *config, const char *json,
                                      struct err *e) {
    if (!json)
        return ERR_OK;
    cJSON *object = cJSON_ParseWithOpts(json, NULL, true);
    if (!cJSON_IsObject(object)) {
        cJSON_Delete(object);
        return err_set(e, ERR_USAGE,
                       "generation_kwargs is not a JSON object such as {\"max_new_tokens\": 10}");
    }
    if (json_holds_nul(json, strlen(json))) {
        cJSON_Delete(object);
        return err_set(e, ERR_USAGE, "generation_kwargs: a text holds a NUL character (\\u0000)");
    }
    enum err_code code = ERR_OK;
    struct generation_config changed = *config;
    const cJSON *v;
    cJSON_ArrayForEach(v, object) {
        const struct key *k = find_key(v->string);
        if (!k)
            code = unknown_key(v->string, e);
        else if (!set_value(&changed, k, v))
            code = err_set(e, ERR_USAGE, "generation_kwargs: %s must be %s", k->name, k->range);
        if (code)
            goto out;
        if (strcmp(k->name, "max_length") == 0)
            changed.has_max_length = true;
    }
    *config = changed;
out:
    cJSON_Delete(object);
    return code;
}
