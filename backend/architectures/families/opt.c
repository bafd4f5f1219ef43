/*
 * OPT. Zhang et al. 2022: pre-norm blocks, or post-norm ones between embeddings and a head of half
 * their width (350m), and learned positions whose table begins two rows late. Reference:
 * transformers 4.57, models/opt/modeling_opt.py.
 */
#include "backend/architectures/family.h"
#include "backend/settings/readers.h"

#define AT(member) offsetof(struct model_config, member)
#define BLOCK "model.decoder.layers.{layer}."
#define BIASED ".{weight|bias}"

/* Pre-norm blocks have a norm after the last, unless it is left out. */
static void read_final_norm(void *to, struct fields *f, const struct setting *row,
                            int64_t n_vocab) {
    struct stack_plan *plan = &((struct model_config *)to)->decoder;
    (void)n_vocab;
    plan->final_norm = plan->norm_place == NORM_BEFORE && !field_flag(f, row->key, false);
}

/* Embeddings of another width than the blocks' pass a map into these, and another before the head.
 */
static void read_embedding_width(void *to, struct fields *f, const struct setting *row,
                                 int64_t n_vocab) {
    struct model_config *c = to;
    (void)n_vocab;
    c->n_embedding_width = field_int(f, row->key, c->n_width, 1, FIELD_MAX_WIDTH);
    c->decoder.embedding_map = c->n_embedding_width != c->n_width;
    c->decoder.head_map = c->decoder.embedding_map ? HEAD_MAP_ALONE : HEAD_MAP_NONE;
}

static const struct setting transformers[] = {
    {COUNT("vocab_size", n_vocab, 50272, VOCAB)},
    {COUNT("ffn_dim", n_ffn, 3072, FFN)},
    {KEY("word_embed_proj_dim", BY), .read = read_embedding_width},
    {FACT(NUMBER, norm_epsilon), .value = 1e-5},
    {FLAG("tie_word_embeddings", tied_embeddings, true)},
    {EITHER("do_layer_norm_before", decoder.norm_place, true, NORM_AFTER_SUM, NORM_BEFORE)},
    {KEY("_remove_final_layer_norm", BY), .read = read_final_norm},
    {KEY("enable_bias", BY), .value = true, .read = read_biases},
    {ONLY("layer_norm_elementwise_affine", FLAG, true)}, /* Transformers cannot build others */
    {NUMBER("dropout", dropout.residual, 0.1)},
    {NUMBER("attention_dropout", dropout.attention, 0)},
    {KEY("activation_dropout", ELSEWHERE)}, /* no model reads it */
    {ACTIVATION("activation_function", "relu")},
    {TOKEN("bos_token_id", bos_token_id, 2)},
    {KEY("eos_token_id", BY), .value = 2, .read = read_eos},
    {TOKEN("pad_token_id", pad_token_id, 1)},
};
static const struct settings settings = {SETTINGS(transformers), .base = &settings_decoder};

static const struct tensor_row tensors[] = {
    {SLOT_EMBEDDING, "model.decoder.embed_tokens.weight"},
    {SLOT_HEAD, "lm_head.weight"},
    {SLOT_HEAD_MAP, "model.decoder.project_out.weight"},
    {SLOT_POSITIONS, "model.decoder.embed_positions.weight"},
    {SLOT_EMBEDDING_MAP, "model.decoder.project_in.weight"},
    {SLOT_FINAL_NORM, "model.decoder.final_layer_norm" BIASED},
    {SLOT_SELF_NORM, BLOCK "self_attn_layer_norm" BIASED},
    {SLOT_FFN_NORM, BLOCK "final_layer_norm" BIASED},
    {SLOT_QUERY, BLOCK "self_attn.q_proj" BIASED},
    {SLOT_KEY, BLOCK "self_attn.k_proj" BIASED},
    {SLOT_VALUE, BLOCK "self_attn.v_proj" BIASED},
    {SLOT_OUTPUT, BLOCK "self_attn.out_proj" BIASED},
    {SLOT_UP, BLOCK "fc1" BIASED},
    {SLOT_DOWN, BLOCK "fc2" BIASED},
};

const struct family family_opt = {
    .decoder = {.parts = {PART_ATTENTION, PART_FEED_FORWARD},
                .norm = NORM_LAYER,
                .positions = POSITION_LEARNED,
                .position_offset = 2},
    .layouts = {[LAYOUT_HUGGING_FACE] = {.classes = {{"OPTForCausalLM", "opt", "GPT2Tokenizer",
                                                      &settings, &settings_generation}},
                                         TENSOR_ROWS(tensors),
                                         .prefix = "model."}}};
