/* What families' rows read that is no single number or word (SETTING_BY), into a struct
 * model_config. Any thread. */
#ifndef TINSEQ_BACKEND_SETTINGS_READERS_H
#define TINSEQ_BACKEND_SETTINGS_READERS_H

#include "backend/settings/settings.h"

/* row->text: the key of rope_theta where it has another; row->value: its default, where not 10,000.
 * rope_scaling (or rope_parameters, Transformers 5's name) with rope_theta beside or inside it; and
 * a GGUF file's rope.scaling.type with its factor. UNSUPPORTED for other types. */
void read_rope_scaling(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* What read_rope_gguf reads beside its own key. */
#define ROPE_SCALING_GGUF                                                                          \
    {KEY("rope.scaling.factor", ELSEWHERE)}, {KEY("rope.scaling.attn_factor", ELSEWHERE)},         \
        {KEY("rope.scaling.original_context_length", ELSEWHERE)},                                  \
        {KEY("rope.scaling.finetuned", ELSEWHERE)},                                                \
        {KEY("rope.scaling.yarn_ext_factor", ELSEWHERE)},                                          \
        {KEY("rope.scaling.yarn_attn_factor", ELSEWHERE)},                                         \
        {KEY("rope.scaling.yarn_beta_fast", ELSEWHERE)},                                           \
        {KEY("rope.scaling.yarn_beta_slow", ELSEWHERE)}, {                                         \
        KEY("rope.scaling.yarn_log_multiplier", ELSEWHERE)                                         \
    }
void read_rope_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* How many tokens self-attention sees, of all layers; null or 0: all. */
void read_window(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Whether scores of attention are divided by √d; else they are as they are. */
void read_attention_scaled(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* The share of a head's numbers that is rotated, by default the row's value. */
void read_rotated_share(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Their number; null is refused. */
void read_rotated(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Whether all heads share one of keys and values. */
void read_multi_query(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Whether parts stand side by side, with one norm. */
void read_side_by_side(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Whether maps of blocks have biases. */
void read_biases(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* use_sliding_window with sliding_window, of all layers, or of those from row->text's number on. */
void read_optional_window(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* layer_types, or what stands for it: every value-th layer sees all, the others the window, where
 * there is one. row->text: the key of another such number, or NULL. */
void read_layer_types(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* The same of a GGUF file, whose key has that number or a list of flags. */
void read_layer_pattern(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* no_rope_layers, or every no_rope_layer_interval-th layer (row->value): those without rope. Where
 * use_sliding_window is set they have sliding_window. */
void read_unrotated(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* The same of a GGUF file, which does not say it: by row->value. */
void read_unrotated_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Layers that see all are without rope. */
void read_local_rope(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* 1 over a number, into row->member. */
void read_reciprocal(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* The root of the width, into row->member. */
void read_width_root(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* query_pre_attn_scalar: scores are divided by its root. In a GGUF file Gemma's sizes tell it. */
void read_query_scalar(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
void read_query_scalar_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Norms of queries and keys with a scale for each head, where a GGUF file has their tensors. */
void read_head_norms_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* How many experts a row has, of those there are: all layers have them. None: none has. */
void read_experts_used(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Every how many layers there are experts, but for those of "mlp_only_layers". */
void read_sparse_layers(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* An encoder's dropout, which must be the decoder's at row->member; another is noted: nothing here
 * drops by it. */
void read_same_dropout(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* The id that ends a text, or the first of several. */
void read_eos(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Positions begin after the padding token's id, of both stacks. */
void read_padded_offset(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* T5's name of a feed-forward layer: an activation, or "gated-" and one. */
void read_feed_forward(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Logits of a head that is tied to the embeddings are divided by the root of the width. */
void read_tied_scale(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
/* Marian's names of activations. UNSUPPORTED for others. */
void read_activation_marian(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);

#endif
