/* A finished forward pass, shared by what reads it. Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_MODEL_FORWARD_H
#define TINSEQ_BACKEND_MODEL_FORWARD_H

#include "backend/model/model.h"

struct forward {
    struct model *model;
    struct tape tape;
    struct value *source, *target, *out; /* inputs; final hidden states [B·T, D] */
    struct value *memory;                /* the encoder's output [S, D] or [B·S, D]; NULL without one */
    int64_t n_batch, n_source, n_target, n_past; /* target rows [n_past, n_target) were computed */
    struct cache cache;                  /* keys and values of the target, when shared with other forwards */
};

#endif
