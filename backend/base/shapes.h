/*
 * The letters that stand for dimensions in every comment on a tensor or array of this program. One
 * meaning each.
 *
 *   B  sequences in a batch, all of one length          L  layers of one stack (encoder or decoder)
 *   S  tokens of the source (encoder-decoder models)    H  attention (query) heads of a layer
 *   T  tokens of the target, prompt included            K  key-value heads (K divides H:
 * grouped-query attention) G  attributed steps (generated tokens explained)    d  width of one head
 *   V  vocabulary entries                               D  width of the model (hidden and embedding
 * size) N  targets differentiated together in one chunk     F  width of the feed-forward layer R
 * rows: N, T or S positions laid end to end
 *
 * Column g explains the token at position p = attr_pos_start + g; its scores use the prefix 0 … p
 * − 1.
 */
#ifndef TINSEQ_BACKEND_BASE_SHAPES_H
#define TINSEQ_BACKEND_BASE_SHAPES_H
#endif
