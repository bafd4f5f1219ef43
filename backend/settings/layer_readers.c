/* Readers of what differs between a stack's layers, and of scales that sizes tell. */
#include "backend/settings/readers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layers from `first` on are local; those with a number that `every` divides are not (0: all
 * are). */
static void set_local(struct model_config *c, int64_t first, int64_t every) {
    c->decoder.local = (struct layer_set){0};
    for (int64_t i = first; i < c->n_layers; i++)
        if (!every || (i + 1) % every != 0)
            layer_add(&c->decoder.local, i);
}

void read_window(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_window = field_null(f, row->key)
                      ? 0
                      : field_int(f, row->key, (int64_t)row->value, 0, FIELD_MAX_POSITIONS);
    set_local(c, c->n_window ? 0 : c->n_layers, 0);
}

void read_optional_window(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    if (!field_flag(f, row->key, false))
        return;
    if (!field_null(f, "sliding_window"))
        c->n_window = field_int(f, "sliding_window", 4096, 1, FIELD_MAX_POSITIONS);
    const int64_t first = row->text ? field_int(f, row->text, 28, 0, FIELD_MAX_LAYERS) : 0;
    set_local(c, c->n_window ? first : c->n_layers, 0);
}

/* Element i of a list of layers' kinds. */
static void read_layer(struct model_config *c, struct fields *f, const char *key, int64_t i,
                       const cJSON *item) {
    const char *kind = cJSON_IsString(item) ? item->valuestring : "no text";
    if (strcmp(kind, "sliding_attention") == 0 && c->n_window)
        layer_add(&c->decoder.local, i);
    else if (strcmp(kind, "sliding_attention") == 0)
        field_fail(f, ERR_FORMAT, "%s has a sliding_attention, and there is no sliding_window",
                   key);
    else if (strcmp(kind, "full_attention") != 0)
        field_fail(f, ERR_UNSUPPORTED,
                   "%s has %.40s; only full_attention and sliding_attention run here", key, kind);
}

static void read_layer_list(struct model_config *c, struct fields *f, const char *key,
                            const cJSON *list) {
    if (cJSON_GetArraySize(list) != c->n_layers) {
        field_fail(f, ERR_FORMAT, "%s has %d elements for %lld layers", key,
                   cJSON_GetArraySize(list), (long long)c->n_layers);
        return;
    }
    c->decoder.local = (struct layer_set){0};
    int64_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) read_layer(c, f, key, i++, item);
}

void read_layer_types(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    (void)n_vocab;
    if (cJSON_IsArray(list)) {
        read_layer_list(c, f, row->key, list);
        return;
    }
    int64_t every = (int64_t)row->value;
    if (row->text)
        every = field_int(f, row->text, every, 1, FIELD_MAX_LAYERS);
    if (every)
        set_local(c, c->n_window ? 0 : c->n_layers, every);
}

/* Whether layer i is without rope by a list of flags that say which have it, or by an interval. */
static bool is_unrotated(const cJSON *list, int64_t i, int64_t interval) {
    const cJSON *item = cJSON_IsArray(list) ? cJSON_GetArrayItem(list, (int)i) : NULL;
    return item ? cJSON_IsNumber(item) && item->valuedouble == 0 : (i + 1) % interval == 0;
}

void read_unrotated(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(f->json, row->key);
    const int64_t interval =
        field_int(f, "no_rope_layer_interval", (int64_t)row->value, 1, FIELD_MAX_LAYERS);
    const bool slides = field_flag(f, "use_sliding_window", false);
    (void)n_vocab;
    if (cJSON_IsArray(list) && cJSON_GetArraySize(list) != c->n_layers)
        field_fail(f, ERR_FORMAT, "%s has %d elements for %lld layers", row->key,
                   cJSON_GetArraySize(list), (long long)c->n_layers);
    c->n_window = field_int(f, "sliding_window", 0, 0, FIELD_MAX_POSITIONS);
    for (int64_t i = 0; i < c->n_layers; i++) {
        if (!is_unrotated(list, i, interval))
            continue;
        layer_add(&c->decoder.unrotated, i);
        if (slides && c->n_window)
            layer_add(&c->decoder.local, i);
    }
}

void read_unrotated_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)n_vocab;
    for (int64_t i = 0; i < c->n_layers; i++)
        if (is_unrotated(NULL, i, (int64_t)row->value))
            layer_add(&c->decoder.unrotated, i);
}

void read_local_rope(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)row, (void)n_vocab;
    for (int64_t i = 0; i < c->n_layers; i++)
        if (!layer_in(&c->decoder.local, i))
            layer_add(&c->decoder.unrotated, i);
}

void read_reciprocal(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    (void)n_vocab;
    *(double *)(void *)((char *)to + row->member) =
        1 / field_real(f, row->key, row->value, 1e-9, 1e9);
}

void read_layer_pattern(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    char *key = mem_format("%s%s", field_prefix(f), row->key);
    size_t n;
    (void)n_vocab;
    if (!weights_meta_array_size(f->gguf, key, &n)) {
        const int64_t every = field_int(f, row->key, (int64_t)row->value, 1, FIELD_MAX_LAYERS);
        set_local(c, c->n_window ? 0 : c->n_layers, every);
        goto out;
    }
    if (n != (size_t)c->n_layers) {
        field_fail(f, ERR_FORMAT, "%s has %zu elements for %lld layers", key, n,
                   (long long)c->n_layers);
        goto out;
    }
    c->decoder.local = (struct layer_set){0};
    for (size_t i = 0; i < n; i++) {
        int64_t local;
        if (!weights_meta_array_int(f->gguf, key, i, &local))
            field_fail(f, ERR_FORMAT, "%s has an element that is no flag", key);
        else if (local && c->n_window)
            layer_add(&c->decoder.local, (int64_t)i);
    }
out:
    free(key);
}

void read_width_root(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    (void)f, (void)n_vocab;
    *(double *)(void *)((char *)to + row->member) =
        sqrt((double)((struct model_config *)to)->n_width);
}

void read_query_scalar(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    (void)n_vocab;
    ((struct model_config *)to)->attention_scale =
        1 / sqrt(field_real(f, row->key, row->value, 1e-6, 1e9));
}

/* llama.cpp knows Gemma's models of 27 billion weights by their layers: 46 and 62. */
void read_query_scalar_gguf(void *to, struct fields *f, const struct setting *row,
                            int64_t n_vocab) {
    struct model_config *c = to;
    (void)f, (void)row, (void)n_vocab;
    if (c->n_layers == 46 || c->n_layers == 62)
        c->attention_scale = 1 / sqrt((double)(c->n_width / c->n_heads));
}
