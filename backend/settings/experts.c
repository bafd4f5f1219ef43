/* What configurations say of experts. Reference: transformers 4.57, the configurations of Mixtral,
 * Qwen2-MoE, Qwen3-MoE and OLMoE. */
#include "backend/settings/readers.h"

void read_experts_used(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->experts.n_used = field_int(f, row->key, (int64_t)row->value, 0, FIELD_MAX_EXPERTS);
    if (c->experts.n == 0 && c->experts.n_used == 0)
        return;
    if (c->experts.n_used < 1 || c->experts.n_used > c->experts.n)
        field_fail(f, ERR_FORMAT, "%s is %lld, of %lld experts", row->key,
                   (long long)c->experts.n_used, (long long)c->experts.n);
    for (int64_t i = 0; i < c->n_layers; i++)
        layer_add(&c->decoder.mixed, i);
}

void read_sparse_layers(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const int64_t step = field_int(f, row->key, (int64_t)row->value, 1, FIELD_MAX_LAYERS);
    const cJSON *dense = cJSON_GetObjectItemCaseSensitive(f->json, "mlp_only_layers"), *one;
    (void)n_vocab;
    c->decoder.mixed = (struct layer_set){0};
    for (int64_t i = 0; i < c->n_layers; i++)
        if ((i + 1) % step == 0)
            layer_add(&c->decoder.mixed, i);
    if (dense && !cJSON_IsArray(dense) && !cJSON_IsNull(dense))
        field_fail(f, ERR_FORMAT, "mlp_only_layers is no list of layers");
    cJSON_ArrayForEach(one, dense) {
        if (!cJSON_IsNumber(one) || one->valuedouble != one->valueint)
            field_fail(f, ERR_FORMAT, "mlp_only_layers is no list of layers");
        else if (one->valueint >= 0 && one->valueint < c->n_layers)
            layer_remove(&c->decoder.mixed, one->valueint);
    }
}
