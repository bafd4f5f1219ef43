/* Runs of the model beside the input's own: that of the contrast, and those with dropout. Internal
 * to the engine. The worker thread only. */
#ifndef TINSEQ_METHODS_ENGINE_EXTRA_H
#define TINSEQ_METHODS_ENGINE_EXTRA_H

#include "methods/engine/engine.h"

/* Runs the contrast, teacher-forced up to the last foil, into g->contrast; `forced`: its logits for
 * every column too, into g->forced. */
enum err_code engine_extra_contrast(struct method_run *g, bool forced, struct err *e) ERR_CHECKED;
/* Its logits for column c, out [n_row], from a run that is alike to that of the contrast's own
 * beginning: another one where the last column's was not. */
enum err_code engine_extra_contrast_logits(struct method_run *g, int64_t c, float *out,
                                           struct err *e) ERR_CHECKED;
/* Fills g->noisy for the functions that want passes with dropout. */
enum err_code engine_extra_noisy(struct method_run *g, struct err *e) ERR_CHECKED;
/* An encoder-decoder's contrast for column c is the very input: the same source and the same
 * prefix. */
bool engine_contrast_is_input(const struct method_run *g, int64_t c);

#endif
