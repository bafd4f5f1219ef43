/*
 * What BERT and the models that took over its blocks have alike (post-norm blocks of Vaswani et al.
 * 2017, learned positions, a norm of what is embedded), as rows of their tables. Internal to
 * backend/architectures/families/. AT is the file's own.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_BERT_KIND_H
#define TINSEQ_BACKEND_ARCHITECTURES_BERT_KIND_H

#include "backend/architectures/family.h"

#define BIASED ".{weight|bias}"

/* Tensors, behind `base`: all but those of words and token types; cross-attention's are there where
 * a plan has it. */
#define BERT_TENSORS(base)                                                                         \
    {SLOT_POSITIONS, base "embeddings.position_embeddings.weight"},                                \
        {SLOT_EMBEDDING_NORM, base "embeddings.LayerNorm" BIASED},                                 \
        {SLOT_QUERY, BERT_BLOCK(base) "attention.self.query" BIASED},                              \
        {SLOT_KEY, BERT_BLOCK(base) "attention.self.key" BIASED},                                  \
        {SLOT_VALUE, BERT_BLOCK(base) "attention.self.value" BIASED},                              \
        {SLOT_OUTPUT, BERT_BLOCK(base) "attention.output.dense" BIASED},                           \
        {SLOT_SELF_NORM, BERT_BLOCK(base) "attention.output.LayerNorm" BIASED},                    \
        {SLOT_CROSS_QUERY, BERT_BLOCK(base) "crossattention.self.query" BIASED},                   \
        {SLOT_CROSS_KEY, BERT_BLOCK(base) "crossattention.self.key" BIASED},                       \
        {SLOT_CROSS_VALUE, BERT_BLOCK(base) "crossattention.self.value" BIASED},                   \
        {SLOT_CROSS_OUTPUT, BERT_BLOCK(base) "crossattention.output.dense" BIASED},                \
        {SLOT_CROSS_NORM, BERT_BLOCK(base) "crossattention.output.LayerNorm" BIASED},              \
        {SLOT_UP, BERT_BLOCK(base) "intermediate.dense" BIASED},                                   \
        {SLOT_DOWN, BERT_BLOCK(base) "output.dense" BIASED}, {                                     \
        SLOT_FFN_NORM, BERT_BLOCK(base) "output.LayerNorm" BIASED                                  \
    }
#define BERT_BLOCK(base) base "encoder.layer.{layer}."

/* Sizes of one stack, and the models' default ones. */
#define BERT_SIZES(sizes, layers, heads, ffn)                                                      \
    {COUNT("num_hidden_layers", sizes.n_layers, layers, LAYERS)},                                  \
        {COUNT("num_attention_heads", sizes.n_heads, heads, WIDTH)},                               \
        {FACT(COUNT, sizes.n_kv_heads), .like = AT(sizes.n_heads)},                                \
        {FACT(COUNT, sizes.n_head_width), .like = AT(n_width), .over = AT(sizes.n_heads)},         \
        {COUNT("intermediate_size", sizes.n_ffn, ffn, FFN)},                                       \
        {NUMBER("layer_norm_eps", sizes.norm_epsilon, 1e-12)},                                     \
        {FACT(FLAG, attention_bias), .value = true}, {FACT(FLAG, mlp_bias), .value = true}, {      \
        KEY("position_embedding_type", ONLY_TEXT), .text = "absolute"                              \
    }

/* What its feed-forward layers do; a decoder's head does it too. */
#define BERT_ACTIVATION(sizes)                                                                     \
    { KEY("hidden_act", ACTIVATION), .member = AT(sizes.activation), .text = "gelu" }

/* As the encoder of a pair, whose decoder was read before. */
#define BERT_READS(vocab, width)                                                                   \
    {COUNT("vocab_size", n_source_vocab, vocab, VOCAB)},                                           \
        {ONLY("hidden_size", NUMBER, 0), .like = AT(n_width), .absent = (width)},                  \
        {KEY("hidden_dropout_prob", BY), .value = 0.1, .member = AT(dropout.embedding),            \
         .read = read_same_dropout},                                                               \
    {                                                                                              \
        KEY("attention_probs_dropout_prob", BY), .value = 0.1, .member = AT(dropout.attention),    \
                                                 .read = read_same_dropout                         \
    }

/* As its decoder. */
#define BERT_WRITES(vocab, width)                                                                  \
    {COUNT("vocab_size", n_vocab, vocab, VOCAB)}, {COUNT("hidden_size", n_width, width, WIDTH)},   \
        {FLAG("tie_word_embeddings", tied_embeddings, true)},                                      \
        {NUMBER("hidden_dropout_prob", dropout.embedding, 0.1)},                                   \
        {FACT(NUMBER, dropout.residual), .like = AT(dropout.embedding)}, {                         \
        NUMBER("attention_probs_dropout_prob", dropout.attention, 0.1)                             \
    }

#define BERT_BLOCKS                                                                                \
    .norm = NORM_LAYER, .norm_place = NORM_AFTER_SUM, .positions = POSITION_LEARNED,               \
    .embedding_norm = true

#endif
