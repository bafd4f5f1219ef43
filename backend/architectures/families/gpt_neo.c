/*
 * GPT-Neo. Black et al. 2021: GPT-2 with windows in some layers, scores of attention that are not
 * scaled, and no biases of queries, keys and values. Reference: transformers 4.57,
 * models/gpt_neo/modeling_gpt_neo.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#include <string.h>

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

/* [[["global", "local"], 12], …]: so many times these kinds of layers; as many as there are. */
static void read_layers(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct model_config *c = to;
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(f->json, row->key), *group, *kind;
    int64_t n = 0;
    (void)n_vocab;
    if (!groups)
        for (; n < c->n_layers; n++)
            if (n % 2)
                layer_add(&c->decoder.local, n);
    cJSON_ArrayForEach(group, groups) {
        const cJSON *kinds = cJSON_GetArrayItem(group, 0), *times = cJSON_GetArrayItem(group, 1);
        for (int64_t i = 0; cJSON_IsNumber(times) && i < times->valuedouble && n < c->n_layers; i++)
            cJSON_ArrayForEach(kind, kinds) {
                const char *name = cJSON_IsString(kind) ? kind->valuestring : "";
                if (strcmp(name, "local") == 0 && n < c->n_layers)
                    layer_add(&c->decoder.local, n);
                else if (strcmp(name, "global") != 0 && strcmp(name, "local") != 0)
                    field_fail(f, ERR_UNSUPPORTED, "%s: only global and local run here", row->key);
                n++;
            }
    }
    if (n != c->n_layers)
        field_fail(f, ERR_FORMAT, "%s is not for %lld layers", row->key, (long long)c->n_layers);
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50257, VOCAB)},
    {COUNT("hidden_size", n_width, 2048, WIDTH)},
    {COUNT("max_position_embeddings", n_positions, 2048, POSITIONS)},
    {COUNT("num_layers", n_layers, 24, LAYERS)},
    {COUNT("num_heads", n_heads, 16, WIDTH)},
    {COUNT("intermediate_size", n_ffn, 0, FFN), .like = AT(n_width), .times = 4},
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {KEY("attention_types", BY), .read = read_layers},
    {KEY("attention_layers", ELSEWHERE)}, /* said again */
    {COUNT("window_size", n_window, 256, POSITIONS)},
    {FACT(NUMBER, attention_scale), .value = 1},
    {FACT(FLAG, attention_bias), .value = true},
    {FACT(FLAG, mlp_bias), .value = true},
    {FACT(COUNT, n_kv_heads), .like = AT(n_heads)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {NUMBER("embed_dropout", dropout.embedding, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {NUMBER("resid_dropout", dropout.residual, 0)},
    {ACTIVATION("activation_function", "gelu_new")},
    {TOKEN("bos_token_id", bos_token_id, 50256)},
    {KEY("eos_token_id", BY), .value = 50256, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_hugging_face};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.wte.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_POSITIONS, "transformer.wpe.weight"},
    {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_1" BIASED},
    {SLOT_FFN_NORM, BLOCK "ln_2" BIASED},
    {SLOT_QUERY, BLOCK "attn.attention.q_proj.weight"},
    {SLOT_KEY, BLOCK "attn.attention.k_proj.weight"},
    {SLOT_VALUE, BLOCK "attn.attention.v_proj.weight"},
    {SLOT_OUTPUT, BLOCK "attn.attention.out_proj" BIASED},
    {SLOT_UP, BLOCK "mlp.c_fc" BIASED},
    {SLOT_DOWN, BLOCK "mlp.c_proj" BIASED},
    {SLOT_IGNORED, "transformer.h.*.attn.attention.bias"}, /* the mask of causal attention */
    {SLOT_IGNORED, "transformer.h.*.attn.attention.masked_bias"},
};

const struct family family_gpt_neo = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_LEARNED,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"GPTNeoForCausalLM", "gpt_neo", "GPT2Tokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "transformer."}}};
