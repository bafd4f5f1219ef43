/* What outputs in the middle of a model must satisfy. Shared by methods/torch_families.c (tiny
 * checkpoints) and real_sites.c (the student). */
#ifndef TINSEQ_TESTS_BACKEND_SITE_CHECKS_H
#define TINSEQ_TESTS_BACKEND_SITE_CHECKS_H

#include <stdint.h>

/* float64, every layer's block, attention and feed-forward output and the embeddings, of two batch
 * entries at once: given back unchanged they change nothing; gradients, asked for together, equal
 * finite differences of what is given; the lens of the last block is the model's own head. */
void site_checks(const char *path, const int32_t *source, int64_t n_source, const int32_t *target,
                 int64_t n_target);

#endif
