/* A finished forward pass, shared by what reads it. Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_MODEL_FORWARD_H
#define TINSEQ_BACKEND_MODEL_FORWARD_H

#include "backend/model/model.h"
#include "backend/model/real.h"

struct forward {
    struct forward_head head;
    struct model *model;
    struct tape tape;
    struct value *source, *target, *out; /* inputs; final hidden states [B·T, D] */
    struct value *read;                  /* what the head reads of those; see head_reads */
    struct value *memory; /* the encoder's output [S, D] or [B·S, D]; NULL without one */
    int64_t n_batch, n_source, n_target, n_past; /* target rows [n_past, n_target) were computed */
    struct cache cache; /* keys and values of the target, when shared with other forwards */
};

/* An encoder that ran once for the whole batch: entries n_there … n_batch − 1 of out become the
 * first, each of `size` numbers. */
void forward_repeat(float *out, int64_t n_there, int64_t n_batch, int64_t size);

/* Whether the logits [n, V] after rows `at` [n] are numbers; see model_finite_logits. */
enum err_code forward_finite_logits(const struct forward *f, const struct position *at, int64_t n,
                                    const float *logits, struct err *e) ERR_CHECKED;

/* Whether an output of this stack is given. */
bool forward_gives(const struct forward_input *in, enum model_stack stack);
/* Before the model runs: what is asked for and what is given, into the tape. */
void forward_place_sites(struct forward *f, const struct forward_input *in);
/* After it ran: each site that was asked for was met. */
void forward_check_sites(struct forward *f);

#endif
