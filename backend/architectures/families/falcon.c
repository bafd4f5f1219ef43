/*
 * Falcon. Almazrouei et al. 2023: side by side with one norm and one head of keys and values (7b)
 * or with two norms and groups of heads (40b), or in turn with slopes in place of rotations (rw).
 * Reference: transformers 4.57, models/falcon/modeling_falcon.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "transformer.h.{layer}."
#define BIASED ".{weight|bias}"

/* The row's key is that of the newer architecture. */
static void read_architecture(void *to, struct fields *f, const struct setting *row,
                              int64_t n_vocab) {
    struct model_config *c = to;
    struct stack_plan *plan = &c->decoder;
    const bool newer = field_flag(f, row->key, false),
               beside = field_flag(f, "parallel_attn", true),
               shared = field_flag(f, "multi_query", true);
    const int64_t n_norms = field_int(f, "num_ln_in_parallel_attn", newer ? 2 : 1, 1, 2);
    (void)n_vocab;
    c->n_kv_heads = shared ? 1 : c->n_heads;
    if (newer)
        c->n_kv_heads = field_int(f, "num_kv_heads", c->n_heads, 1, FIELD_MAX_WIDTH);
    plan->join = beside ? JOIN_SIDE_BY_SIDE : JOIN_IN_TURN;
    plan->shared_norm = beside && n_norms == 1;
    if (newer && !beside)
        field_fail(f, ERR_UNSUPPORTED, "%s without parallel_attn does not run here", row->key);
    if (!newer && beside && n_norms == 2)
        field_fail(f, ERR_UNSUPPORTED, "num_ln_in_parallel_attn is 2 without %s; only 1 runs here",
                   row->key);
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 65024, VOCAB)},
    {COUNT("hidden_size", n_width, 4544, WIDTH)},
    {COUNT("n_embed", n_width, 0, WIDTH), .like = AT(n_width)}, /* the same, stronger */
    {COUNT("num_hidden_layers", n_layers, 32, LAYERS)},
    {COUNT("num_attention_heads", n_heads, 71, WIDTH)},
    {FACT(COUNT, n_head_width), .like = AT(n_width), .over = AT(n_heads)},
    {COUNT("ffn_hidden_size", n_ffn, 0, FFN), .like = AT(n_width), .times = 4},
    {NUMBER("layer_norm_epsilon", norm_epsilon, 1e-5)},
    {KEY("new_decoder_architecture", BY), .read = read_architecture},
    {KEY("parallel_attn", ELSEWHERE)},
    {KEY("multi_query", ELSEWHERE)},
    {KEY("num_kv_heads", ELSEWHERE)},
    {KEY("num_ln_in_parallel_attn", ELSEWHERE)},
    {KEY("bias", BY), .value = false, .read = read_biases},
    {EITHER("alibi", decoder.positions, false, POSITION_ROTARY, POSITION_SLOPES)},
    {KEY("rope_scaling", BY), .read = read_rope_scaling},
    {KEY("rope_theta", ELSEWHERE)},
    {KEY("rope_parameters", ELSEWHERE)},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {NUMBER("hidden_dropout", dropout.residual, 0)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {ACTIVATION("activation", "gelu")},
    {TOKEN("bos_token_id", bos_token_id, 11)},
    {KEY("eos_token_id", BY), .value = 11, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, -1)},
    /* Of an earlier configuration; no model reads them. */
    {KEY("apply_residual_connection_post_layernorm", ELSEWHERE)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

/* Side by side, with two norms or one: no key says it. */
static void read_norms(void *to, struct fields *f, const struct setting *row, int64_t n_vocab) {
    struct stack_plan *plan = &((struct model_config *)to)->decoder;
    (void)row, (void)n_vocab;
    plan->join = JOIN_SIDE_BY_SIDE;
    plan->positions = POSITION_ROTARY;
    plan->shared_norm = !field_tensor(f, "blk.0.attn_norm_2.weight");
}

static const struct setting gguf[] = {
    {FACT(ACTIVATION, activation), .text = "gelu"},
    {FACT(BY, decoder), .read = read_norms},
    {KEY("tensor_data_layout", ONLY_TEXT), .text = "jploski"},
};
static const struct settings settings_of_gguf = {SETTINGS(gguf), .base = &settings_decoder_gguf};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "transformer.word_embeddings.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_FINAL_NORM, "transformer.ln_f" BIASED},
    {SLOT_SELF_NORM, BLOCK "input_layernorm" BIASED},
    {SLOT_SELF_NORM, BLOCK "ln_attn" BIASED},
    {SLOT_FFN_NORM, BLOCK "post_attention_layernorm" BIASED},
    {SLOT_FFN_NORM, BLOCK "ln_mlp" BIASED},
    {SLOT_QKV, BLOCK "self_attention.query_key_value" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attention.dense" BIASED},
    {SLOT_UP, BLOCK "mlp.dense_h_to_4h" BIASED},
    {SLOT_DOWN, BLOCK "mlp.dense_4h_to_h" BIASED},
    {SLOT_IGNORED, "transformer.h.*.self_attention.rotary_emb.inv_freq"},
};

static const struct tensor_row tensors_of_gguf[] = {
    {SLOT_SELF_NORM, "blk.{layer}.attn_norm_2" BIASED},
    {SLOT_SELF_NORM, "blk.{layer}.attn_norm" BIASED},
    {SLOT_FFN_NORM, "blk.{layer}.attn_norm" BIASED},
};

const struct family family_falcon = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .norm_place = NORM_BEFORE,
                .slopes_rounded = true,
                .final_norm = true},
    .layouts = {
        [LAYOUT_HUGGING_FACE] = {.classes = {{"FalconForCausalLM", "falcon", "PreTrainedTokenizer",
                                              &settings, &settings_generation}},
                                 TENSOR_ROWS(tensors),
                                 .prefix = "transformer.",
                                 .fuse = FUSE_QKV_BY_GROUP},
        [LAYOUT_GGUF] = {
            .classes = {{"FalconForCausalLM", "falcon", .settings = &settings_of_gguf}},
            TENSOR_ROWS(tensors_of_gguf),
            .more = &gguf_rows,
            .fuse = FUSE_QKV}}};
