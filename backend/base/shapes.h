/*
 * The letters that stand for dimensions in every comment on a tensor or array of this program. One
 * meaning each.
 *
 *   B  sequences in a batch, all of one length
 *   S  tokens of the source (encoder-decoder models)
 *   T  tokens of the target, prompt included
 *   G  attributed steps (generated tokens explained)
 *   N  targets differentiated together in one chunk
 *   R  rows: N, T or S positions laid end to end
 *   V  vocabulary entries
 *   L  layers of one stack (encoder or decoder)
 *   H  attention (query) heads of a layer
 *   K  key-value heads (K divides H: grouped-query attention)
 *   d  width of one head
 *   D  width of the model: of hidden states
 *   E  width of an embedding: D, but where a map stands between them
 *   F  width of the feed-forward layer
 *
 * Column g explains the token at position p = attr_pos_start + g; its scores use the prefix 0 … p
 * − 1.
 */
#ifndef TINSEQ_BACKEND_BASE_SHAPES_H
#define TINSEQ_BACKEND_BASE_SHAPES_H
#endif
