/*
 * The searches behind generate(): each walks the same small seam, a model that yields logits for a
 * set of equally long hypotheses, so that tests run them on scripted logits. Worker thread only.
 * Internal to backend/generation/.
 */
#ifndef TINSEQ_BACKEND_GENERATION_SEARCH_H
#define TINSEQ_BACKEND_GENERATION_SEARCH_H

#include "backend/generate.h"

/* What a search needs of a model. It starts with one empty hypothesis. */
struct search_model {
    void *user;
    int64_t n_vocab;
    /* Appends ids [n_rows, n_new] and yields the logits after the last: logits [n_rows, V]. */
    enum err_code (*step)(void *user, const int32_t *ids, int64_t n_rows, int64_t n_new,
                          float *logits, struct err *e);
    /* Hypothesis i becomes a copy of from[i]; there are n afterwards. */
    enum err_code (*reorder)(void *user, const int32_t *from, int64_t n, struct err *e);
};

struct search_input {
    const int32_t *prompt; /* [n_prompt] on the decoder's side, at least one */
    int64_t n_prompt;
    int64_t max_length; /* of the whole target, prompt included; > n_prompt */
    const struct generation_config *config;
    const struct generate_events *events;
    const struct run_ctl *ctl;
    /* What a token stands for in the text: n bytes, borrowed until the next call. Asked where there
     * are stop strings. */
    const char *(*bytes)(void *user, int32_t id, size_t *n);
    void *bytes_user;
    const int32_t *source; /* [n_source], of an encoder-decoder; NULL: none */
    int64_t n_source;
};

/* Greedy decoding, or sampling when config->do_sample. Keeps the candidates of every step. */
enum err_code search_greedy(struct generation *out, const struct search_model *m,
                            const struct search_input *in, struct err *e) ERR_CHECKED;
/* Beam search as Transformers 4.57 (GenerationMixin._beam_search); beam sampling when
 * config->do_sample. */
enum err_code search_beam(struct generation *out, const struct search_model *m,
                          const struct search_input *in, struct err *e) ERR_CHECKED;
/* Beam search as Marian: finished hypotheses leave the beam, which shrinks until it is empty. */
enum err_code search_marian(struct generation *out, const struct search_model *m,
                            const struct search_input *in, struct err *e) ERR_CHECKED;

/* True for an end-of-sequence token. */
bool search_is_eos(const struct generation_config *config, int32_t id);
/* Whether a text of n ≥ 1 tokens is at its end: with an end-of-sequence token, or with the one that
 * completes a stop string. */
bool search_ends(const struct search_input *in, const int32_t *ids, int64_t n);
/* Reads a finished sequence out to the listener token by token. */
enum err_code search_read_out(const struct search_input *in, const int32_t *ids, int64_t n,
                              struct err *e) ERR_CHECKED;

/* The k largest of n scores as indices, largest first, ties by the lower index. */
void search_top(const float *scores, int64_t n, int64_t k, int64_t *indices);

#endif
