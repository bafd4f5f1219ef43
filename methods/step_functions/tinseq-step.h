/*
 * A step function of your own, for Tinseq. Build a shared object that exports one `const struct
 * tinseq_step tinseq_step` and load it by
 *
 *   cc -shared -fPIC -O2 -o margin.so margin.c
 *   tinseq attribute --step_function ./margin.so -fn margin --step_scores margin …
 *
 * It is called for each generated token with what the model said there, and from any thread, so it
 * must keep no state. Examples in Tinseq's tests/plugins: margin.c (logits), context.c (hidden
 * states, and another run of the model).
 */
#ifndef TINSEQ_STEP_H
#define TINSEQ_STEP_H

#include <stddef.h>
#include <stdint.h>

/* 1: logits only. 2: hidden states, another run, all derivatives in one call. A library built for
 * another version is refused. */
#define TINSEQ_STEP_ABI 2

/* Which hidden states a function wants to see: none, the last one, or those of all layers. They are
 * numbered and normed as Transformers' hidden_states of a decoder: 0 is the embedding with
 * positions, i the output of block i, the last one after the final norm where the model has one
 * (Llama, GPT-2); it is what the logits are a linear map of. */
enum tinseq_step_states { TINSEQ_STEP_NO_STATES, TINSEQ_STEP_LAST_STATE, TINSEQ_STEP_ALL_STATES };

/* One step. With a contrast text, the function also sees what the model said after that text's own
 * prefix; as an explained function (-fn) it sees the original input's there too, unless
 * contrast_force_inputs is set. Without a contrast, the contrast is the input itself. */
struct tinseq_step_view {
    const float *logits;          /* [n_vocab] before the softmax */
    const float *contrast_logits; /* [n_vocab]; may be the same array */
    int64_t n_vocab;
    int32_t target, contrast; /* ids of the generated token and of the one it is held against */
    const double *arguments;  /* [n_options] in their order */
    int64_t step;             /* which of the explained tokens, from 0 */
    /* Hidden states at the position whose logits these are: [n_states, n_width], n_states 1 or
     * layers + 1. NULL where none were asked for. */
    const float *states, *contrast_states;
    int64_t n_states, n_width;
    const float *run_logits,
        *run_states; /* of the other run of the model; NULL where none was asked for */
};

/* Where derivatives go: arrays like the view's, all zero when the function is called. NULL where
 * the view has NULL. What is not written does not count. */
struct tinseq_step_gradient {
    float *logits, *contrast_logits; /* two arrays even where the view's are the same one */
    float *states, *contrast_states;
    float *run_logits, *run_states;
};

/* What is explained, for a function that makes another run of it. */
struct tinseq_step_texts {
    const int32_t *source_ids; /* [n_source]; of an encoder-decoder model, else NULL and 0 */
    int64_t n_source;
    const int32_t *target_ids; /* [n_target]; an encoder-decoder's begins with the decoder's start,
                                  others' with the prompt */
    int64_t n_target, start, n_steps; /* the token of step s is target_ids[start + s] */
    const int32_t *contrast_ids;      /* [n_contrast] the contrast text, or NULL; what step s is
                                         held against is contrast_ids[alignment[s]] */
    int64_t n_contrast;
    const int64_t *alignment;           /* [n_steps], with contrast_ids */
    const int32_t *contrast_source_ids; /* [n_contrast_source] the contrast's own source, or NULL */
    int64_t n_contrast_source, n_vocab;
    const double *arguments; /* as in the view */
    /* Splits a text as the model's tokenizer does, without special tokens; source: not 0 for an
     * encoder's text. Returns how many ids there are, of which at most `most` are written; -1: it
     * could not be split. */
    int64_t (*encode)(const struct tinseq_step_texts *texts, int source, const char *text,
                      int32_t *ids, int64_t most);
    const void *tokenizer; /* Tinseq's own */
};

/* Another run of the model, made from the input: it comes as the input itself, and the function
 * changes it. Each token is either a copy of an input's token (from: its position there, on the
 * same side), and then its embedding is whatever a method makes of that one, and derivatives
 * through it count for that one; or a token of its own (from: -1), a constant. The step's row must
 * come after no copy of the step's own or a later token. */
struct tinseq_step_run {
    int32_t *source_ids,
        *target_ids; /* [most]; where from is not -1, the id is the input's, whatever stands here */
    int64_t *source_from, *target_from; /* [most] */
    int64_t n_source, n_target;
    int64_t most;  /* room of each array: the input's tokens and 4096 more */
    int64_t *rows; /* [n_steps] of the new target: after which token the step looks */
};

/* A number that a person may set in --attribution_kwargs: '{"power": 2}'. */
struct tinseq_step_option {
    const char *name;
    double default_value, minimum, maximum;
    const char *help;
};

struct tinseq_step {
    uint32_t abi;     /* TINSEQ_STEP_ABI */
    uint32_t size;    /* sizeof(struct tinseq_step) */
    const char *name; /* letters, digits and "_"; what -fn and --step_scores take. No name that
                         Tinseq has already */
    const char *title, *formula, *unit, *summary; /* for people; NULL: none */
    const char *span; /* how values combine over a span of tokens, and where tokens are merged to
                         words and the like (--unit): "sum", "prod" or "absmax"; NULL: "absmax" */
    int contrastive;  /* not 0: looks at what is the contrast's */
    int states;       /* enum tinseq_step_states */
    const struct tinseq_step_option *options;
    size_t n_options;
    /* Where it is not finite, nothing is attributed, and a notice says so. */
    double (*value)(const struct tinseq_step_view *view);
    /* ∂ value / ∂ each array of the view that it depends on. NULL: it can be scored, not
     * explained.
     */
    void (*derivative)(const struct tinseq_step_view *view, const struct tinseq_step_gradient *out);
    /* Makes the other run, once for all steps: fills `run`. Returns NULL, or for a person what is
     * wrong. NULL: no other run is wanted. */
    const char *(*run)(const struct tinseq_step_texts *texts, struct tinseq_step_run *run);
};

#endif
