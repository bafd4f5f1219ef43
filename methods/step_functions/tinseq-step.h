/*
 * A step function of your own, for Tinseq. Build a shared object that exports one `const struct tinseq_step tinseq_step` and load it by
 *
 *   cc -shared -fPIC -O2 -o margin.so margin.c
 *   tinseq attribute --step_function ./margin.so -fn margin --step_scores margin …
 *
 * It is called for each generated token with what the model said there, and from any thread, so it must keep no state. See margin.c in Tinseq's tests for one.
 */
#ifndef TINSEQ_STEP_H
#define TINSEQ_STEP_H

#include <stddef.h>
#include <stdint.h>

#define TINSEQ_STEP_ABI 1

/* One step. With a contrast text, the function also sees what the model said after that text's own prefix; as an explained function (-fn) it sees the original
 * input's logits there too, unless contrast_force_inputs is set. Without a contrast, the contrast is the input itself. */
struct tinseq_step_view {
    const float *logits;          /* [n_vocab] before the softmax */
    const float *contrast_logits; /* [n_vocab]; may be the same array */
    int64_t n_vocab;
    int32_t target, contrast;     /* ids of the generated token and of the one it is held against */
    const double *arguments;      /* [n_options] in their order */
};

/* A number that a person may set in --attribution_kwargs: '{"power": 2}'. */
struct tinseq_step_option { const char *name; double default_value, minimum, maximum; const char *help; };

struct tinseq_step {
    uint32_t abi;          /* TINSEQ_STEP_ABI */
    uint32_t size;         /* sizeof(struct tinseq_step) */
    const char *name;      /* letters, digits and "_"; what -fn and --step_scores take. No name that Tinseq has already */
    const char *title, *formula, *unit, *summary; /* for people; NULL: none */
    const char *span;      /* how values combine over a span of tokens: "sum", "prod" or "absmax"; NULL: "absmax" */
    int contrastive;       /* not 0: looks at contrast or contrast_logits */
    const struct tinseq_step_option *options;
    size_t n_options;
    double (*value)(const struct tinseq_step_view *view);
    /* ∂ value / ∂ logits into out [n_vocab], every element of it, contrast_logits held. NULL: it can be scored, not explained. */
    void (*derivative)(const struct tinseq_step_view *view, float *out);
    /* ∂ value / ∂ contrast_logits, logits held. NULL: it does not depend on them. */
    void (*contrast_derivative)(const struct tinseq_step_view *view, float *out);
};

#endif
