/*
 * A model in front of another that keeps its first forwards: whoever asks for the very same one
 * gets it again. Several foils of one step are explained one after another, and all of them read
 * the same text. The worker thread only.
 */
#ifndef TINSEQ_METHODS_SHARED_MODEL_H
#define TINSEQ_METHODS_SHARED_MODEL_H

#include "backend/model.h"

/* Stands for a struct model; what it is given is borrowed. It keeps forwards of `room` bytes. */
struct shared_model;
struct shared_model *shared_model_open(struct model *behind, const struct model_config *config,
                                       int64_t room);
/* Its forwards may live on. */
void shared_model_close(struct shared_model *m);

#endif
