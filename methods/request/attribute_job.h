/* One attribution on its way from request to result: what its parts (attribute.c and the files
 * named after it) share. Internal to methods/request/. The worker thread only. */
#ifndef TINSEQ_METHODS_ATTRIBUTE_JOB_H
#define TINSEQ_METHODS_ATTRIBUTE_JOB_H

#include "methods/request/align.h"
#include "methods/request/arguments.h"
#include "methods/request/attribute.h"

struct attribute_job {
    struct model *model;
    struct model *computes; /* the model that methods get; NULL: that one */
    int64_t n_together;     /* runs that share the memory; 0: it is alone */
    const struct model_config *config;
    const struct tokenizer *tokenizer;
    const struct attribute_request *request;
    const struct attribute_events *events;
    const struct run_ctl *ctl;
    struct run_arguments arguments;
    char *input_text, *text;          /* owned: the input as encoded; the whole target text */
    bool was_empty;                   /* the prompt was, and is the BOS now */
    struct token_list written;        /* by the model: the whole text; empty where one is forced */
    struct token_list source, target; /* target: with the decoder start */
    int64_t n_prompt; /* tokens of the prompt encoded alone; 1 for encoder-decoders */
    struct token_list contrast, contrast_source; /* the latter empty where the input's own serves */
    int64_t *alignment;                       /* [G]; of several foils at one step [foil_count] */
    struct aligner aligner;                   /* where that is made by an encoder */
    int32_t foil_ids[FOIL_MOST];              /* of a request's foils */
    struct result_info info;                  /* of the run, or of its first column */
    double *log_probabilities;                /* [G] of a forced text's tokens; else NULL */
    bool early;                               /* this run is of the first column only */
    const struct attribution_sequence *given; /* tokens and positions; NULL: the request's */
    const struct attribute_text *known;       /* all of those; NULL: the request's */
    attribute_use use;                        /* instead of the method; NULL: the method */
    void *use_user;
};

static inline bool job_has_span(const struct attribute_job *j) {
    return span_given(&j->arguments.span);
}
/* Whether the given target is only where the model's text begins. */
static inline bool job_continues(const struct attribute_job *j) {
    return j->request->from_target_prefix && j->config->encoder_decoder;
}
/* Whether the whole text was given. */
static inline bool job_is_forced(const struct attribute_job *j) {
    return j->request->generated_text && !job_continues(j);
}
/* Columns of positions [start, end): several foils at one step have one each. */
static inline int64_t job_columns(const struct attribute_job *j, int64_t start, int64_t end) {
    const int64_t n_foils = (int64_t)foil_count(&j->request->foil);
    return n_foils > 1 ? n_foils : end - start;
}
void job_dispose(struct attribute_job *j);
/* Tells who watches, and keeps it for the result where `a` is not NULL. */
void job_tell(const struct attribute_job *j, struct run_arguments *a, const char *text);
/* The tokens of j->given, instead of encoding and generating. */
void job_take_given(struct attribute_job *j);
/* Appends the first n tokens of `from`, as their pieces name them. */
void job_add_prefix(struct token_list *to, const struct token_list *from, int64_t n);

/* --- attribute_texts.c --- */

/* The input; an empty prompt of a decoder-only model becomes its BOS. ERR_USAGE, FORMAT. */
enum err_code job_encode_input(struct attribute_job *j, struct err *e) ERR_CHECKED;
/* The given target's ids as the beginning of one, without the decoder start and without an end;
 * `first`, where it is an id and there are others, stands before them. Owned by the caller. */
enum err_code job_encode_prefix(const struct attribute_job *j, int32_t first, int32_t **ids,
                                int64_t *n, struct err *e) ERR_CHECKED;
/* A forced target. Decoder-only: with its prompt, which it must continue. ERR_USAGE. */
enum err_code job_take_forced(struct attribute_job *j, struct err *e) ERR_CHECKED;
/* The target side of a text: decoder start first for encoder-decoders. */
enum err_code job_encode_target(const struct attribute_job *j, const char *text,
                                struct token_list *out, struct err *e) ERR_CHECKED;
/* What is attributed of n tokens, the first n_prompt of which are not generated: positions_place,
 * or those of j->given. */
enum err_code job_positions(const struct attribute_job *j, int64_t n, int64_t n_prompt,
                            int64_t *start, int64_t *end, struct err *e) ERR_CHECKED;
/* A notice of what the vocabulary lacks of a text, "the input". */
void job_tell_of_unknown(struct attribute_job *j, const char *what,
                         const struct token_list *tokens);
/* The contrast's tokens and which of them each column is held against. */
enum err_code job_align(struct attribute_job *j, int64_t start, int64_t end,
                        struct err *e) ERR_CHECKED;
/* What a person may not expect of where tokens are. */
void job_tell_of_positions(struct attribute_job *j, int64_t start, int64_t end);

/* Where it is asked for: pieces become what they stand for alone, " Paris", "Paris", for files and
 * screens. Reference: Inseq 0.7.1, models/huggingface_model.py, clean_tokens. */
enum err_code job_clean(struct attribute_job *j, struct err *e) ERR_CHECKED;

/* --- attribute_generate.c --- */

/* The model's own text into j->text. Errors: USAGE (the options), and the model's. */
enum err_code job_generate(struct attribute_job *j, struct err *e) ERR_CHECKED;

/* --- attribute_method.c --- */

/* Before a text is generated that may have `limit` tokens: what is attributed of it is at least
 * one, and of a translation probably as many as its source has. ERR_NOMEM when that does not fit.
 */
enum err_code job_check_memory(struct attribute_job *j, int64_t limit, struct err *e) ERR_CHECKED;

/* Attributes j->target from start to end into a new sequence, which is to be disposed also on
 * failure, and says in j->info what it is made of; or gives it to j->use. Errors: NOMEM (it does
 * not fit), and the method's. */
enum err_code job_attribute(struct attribute_job *j, int64_t start, int64_t end,
                            struct attribution_sequence *out, struct err *e) ERR_CHECKED;

/* --- attribute_numbers.c --- */

/* What of a finished result is no finite number: tells of it and makes attributions that are
 * infinite NaN, which no colour scale, sum or share counts. lost [G]: where the attributed function
 * is none. UNSUPPORTED where no column has a number. */
enum err_code job_check_numbers(struct attribute_job *j, struct attribution_sequence *s,
                                const bool *lost, struct err *e) ERR_CHECKED;

#endif
