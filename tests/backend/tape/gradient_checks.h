/* What every architecture's derivative must satisfy. Shared by methods/torch_families.c (tiny
 * checkpoints) and real_gradients.c (the student). */
#ifndef TINSEQ_TESTS_BACKEND_GRADIENT_CHECKS_H
#define TINSEQ_TESTS_BACKEND_GRADIENT_CHECKS_H

#include <stdint.h>

/* float64: gradients of random functions of the logits equal finite differences, for several
 * targets of two batch entries at once; the same whether asked together or one by one; zero after a
 * target's row. Cancelling works; no tensor is left when the model is freed. */
void gradient_checks(const char *path, const int32_t *source, int64_t n_source,
                     const int32_t *target, int64_t n_target);

#endif
