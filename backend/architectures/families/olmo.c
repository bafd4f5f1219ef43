/*
 * OLMo. Groeneveld et al. 2024: Llama's blocks with layer norms that have no weights, and queries,
 * keys and values that are cut. Reference: transformers 4.57, models/olmo/modeling_olmo.py;
 * llama.cpp, "olmo".
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50304, VOCAB)},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5},
    {KEY("rms_norm_eps", ELSEWHERE)}, /* there is none */
    {READ("clip_qkv", NUMBER, attention_clip, 0, 1e-9, 1e9)},
    {ONLY("mlp_bias", FLAG, false)},
    {TOKEN("bos_token_id", bos_token_id, -1)},
    {KEY("eos_token_id", BY), .value = 50279, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_llama};

static const struct setting gguf[] = {
    {NUMBER("attention.layer_norm_epsilon", norm_epsilon, 1e-5)},
    {KEY("attention.layer_norm_rms_epsilon", ELSEWHERE)},
    {READ("attention.clamp_kqv", NUMBER, attention_clip, 0, 0, 1e9)},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_llama_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.{weight|bias}"},
};

const struct family family_olmo = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_LAYER_PLAIN,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"OlmoForCausalLM", "olmo", "GPTNeoXTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .more = &llama_rows},
        [LAYOUT_GGUF] = {.classes = {{"OlmoForCausalLM", "olmo", .settings = &settings_of_gguf}},
                         .rows = gguf_tensors,
                         .n_rows = GGUF_TENSORS,
                         .rope_in_pairs = true}}};
