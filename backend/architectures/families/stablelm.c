/*
 * StableLM. Bellagente et al. 2024: Llama with layer norms, a share of each head rotated, perhaps
 * biases of query, key and value, perhaps side by side with one norm. Reference: transformers 4.57,
 * models/stablelm/modeling_stablelm.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.layers.{layer}."
#define BIASED ".{weight|bias}"

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50304, VOCAB)},
    {COUNT("hidden_size", n_width, 2560, WIDTH)},
    {COUNT("num_hidden_layers", n_layers, 32, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 32, WIDTH)},
    {COUNT("num_key_value_heads", n_kv_heads, 32, WIDTH), .like = AT(n_heads)},
    {COUNT("intermediate_size", n_ffn, 6912, FFN)},
    {COUNT("max_position_embeddings", n_positions, 4096, POSITIONS)},
    {NUMBER("layer_norm_eps", norm_epsilon, 1e-5)},
    {FLAG("tie_word_embeddings", tied_embeddings, false)},
    {FLAG("use_qkv_bias", attention_bias, false)},
    {KEY("use_parallel_residual", BY), .read = read_side_by_side},
    {EITHER("qk_layernorm", decoder.query_norm, false, QUERY_NORM_NONE, QUERY_NORM_OF_EACH_HEAD)},
    {KEY("partial_rotary_factor", BY), .value = 0.25, .read = read_rotated_share},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {NUMBER("hidden_dropout", dropout.residual, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {ACTIVATION("hidden_act", "silu")},
    {TOKEN("bos_token_id", bos_token_id, 0)},
    {KEY("eos_token_id", BY), .value = 0, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

/* What llama.cpp's converter writes of it is not always so; that there is one norm is. */
static void read_norms(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct stack_plan *plan = &((struct model_config *)to)->decoder;
    (void)row, (void)n_vocab;
    plan->shared_norm = !field_tensor(f, "blk.0.ffn_norm.weight");
    plan->join = plan->shared_norm ? JOIN_SIDE_BY_SIDE : JOIN_IN_TURN;
}

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "silu"},
    {KEY("use_parallel_residual", BY), .read = read_norms},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "model.norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_QUERY_NORM, BLOCK "self_attn.q_layernorm.norms.{head}.weight"},
    {SLOT_KEY_NORM, BLOCK "self_attn.k_layernorm.norms.{head}.weight"},
    {SLOT_OUTPUT, BLOCK "self_attn.o_proj.weight"},
    {SLOT_GATE, BLOCK "mlp.gate_proj.weight"},
    {SLOT_UP, BLOCK "mlp.up_proj.weight"},
    {SLOT_DOWN, BLOCK "mlp.down_proj.weight"},
    {SLOT_IGNORED, "model.layers.*.self_attn.rotary_emb.inv_freq"},
};

static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_OUTPUT, "blk.{layer}.attn_output.weight"}, /* without a bias, whatever the others have */
};

const struct family family_stablelm = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .gated = true,
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .positions = POSITION_ROTARY,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"StableLmForCausalLM", "stablelm", "GPTNeoXTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors)},
        [LAYOUT_GGUF] = {
            .classes = {{"StableLmForCausalLM", "stablelm", .settings = &settings_of_gguf}},
            TENSOR_ROWS(tensors_of_gguf),
            .more = &gguf_rows}}};
