/* Attributions with bfloat16 weights against float32's, on one model. Shared by torch_bf16.c (tiny
 * checkpoints) and real_bf16.c (SmolLM2, the student). */
#ifndef TINSEQ_TESTS_METHODS_BF16_CHECKS_H
#define TINSEQ_TESTS_METHODS_BF16_CHECKS_H

/* One method's token scores (the norm of what it gives a token) differ by at most `bound` of the
 * column's largest in every column, and by less than half of that in the column in the middle. */
struct bf16_case {
    const char *method, *function, *options;
    double bound;
};

void bf16_check(const char *path, const char *input, const char *generated,
                const struct bf16_case *cases, int n);

#endif
