/* Rotary positions as configurations describe them. Internal to backend/config/. */
#ifndef TINSEQ_BACKEND_CONFIG_ROPE_H
#define TINSEQ_BACKEND_CONFIG_ROPE_H

#include "backend/config/settings.h"

/* Readers of rows, into a struct model_config: rope_scaling (or rope_parameters, Transformers 5's
 * name) with rope_theta beside or inside it; and a GGUF file's rope.scaling.type with its factor.
 * UNSUPPORTED for other types. */
void rope_read_scaling(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);
void rope_read_gguf(void *to, struct fields *f, const struct setting *row, int64_t n_vocab);

#endif
