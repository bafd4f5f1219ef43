/*
 * Places in a model and in its forward: stacks, kinds of attention, outputs in the middle, rows of
 * the target; and the rule that stands in for a derivative there. Plain data.
 */
#ifndef TINSEQ_BACKEND_PLACES_H
#define TINSEQ_BACKEND_PLACES_H

#include <stdint.h>

enum model_stack { STACK_ENCODER, STACK_DECODER };
enum attention_kind { ATTENTION_ENCODER_SELF, ATTENTION_DECODER_SELF, ATTENTION_CROSS };
/* The outputs a stack has, each [rows, D], but embeddings [rows, E]: a block's as Transformers
 * returns it (before a final norm); (self-)attention's and the feed-forward layer's (or the
 * experts') right behind their last map, before a norm or a scale of the branch and before the
 * residual is added, in every family: where a module of Transformers adds the residual itself,
 * theirs is this and the residual. A recurrence stands in for the decoder's self-attention. The
 * embeddings are those of model_embed. */
enum model_module { MODULE_EMBEDDING, MODULE_BLOCK, MODULE_ATTENTION, MODULE_MLP };
struct model_site {
    enum model_stack stack;
    enum model_module module;
    int64_t layer;
}; /* layer from 0; 0 for the embeddings */

struct position {
    int64_t batch, row;
}; /* batch in [0, B), row in [0, T) of the target */

/* DeepLIFT's rescale rule (Shrikumar et al. 2017, equation 11) in place of the derivative of
 * element-wise non-linearities: at those that are activation modules of PyTorch's in Transformers'
 * model and that Captum knows (ReLU), or at all of them. */
enum rescale { RESCALE_NONE, RESCALE_MODULES, RESCALE_ALL };

#endif
