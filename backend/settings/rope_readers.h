/* Rope types that read_rope_scaling (readers.h) hands on. f: config.json, s: its rope_scaling. Any
 * thread. */
#ifndef TINSEQ_BACKEND_SETTINGS_ROPE_READERS_H
#define TINSEQ_BACKEND_SETTINGS_ROPE_READERS_H

#include "backend/settings/settings.h"

void rope_read_yarn(struct model_config *c, struct fields *s);
/* The same of GGUF's keys. Reference: llama.cpp, llama-context.cpp and ggml's rope_yarn. */
void rope_read_yarn_gguf(struct model_config *c, struct fields *f);
/* Short factors, and beyond the positions of training the long ones. */
void rope_read_longrope(struct model_config *c, struct fields *f, struct fields *s);
/* Nothing up to the positions of training, and beyond them a base that grows. */
void rope_read_dynamic(struct model_config *c, struct fields *s);

#endif
