/* The softmax of a row, in double. A vocabulary's exponentials are a noticeable part of a gradient
 * run when each is a call of the C library's exp: here they are vector code, for the widest
 * registers that the processor has. */
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EVERY_PROCESSOR                                                                        \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

/* e^x to 2 units in the last place for −708 ≤ x ≤ 700, and of the nearer end beyond: 2^k ·
 * e^r with |r| ≤ ln 2 / 2, e^r by its Taylor polynomial. */
static inline double exponential(double x) {
    static const double shift = 6755399441055744.0; /* 1.5 · 2^52: a number added to it is rounded,
                                                       and ends up in its lowest bits */
    x = x < -708 ? -708 : x;
    x = x > 700 ? 700 : x;
    const double shifted = x * 1.4426950408889634 + shift, k = shifted - shift;
    const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

FOR_EVERY_PROCESSOR double step_log_sum(const float *logits, int64_t n_vocab) {
    float largest = -INFINITY;
#pragma omp simd reduction(max : largest)
    for (int64_t i = 0; i < n_vocab; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n_vocab; i++)
        sum += exponential((double)logits[i] - largest);
    return largest + log(sum);
}

FOR_EVERY_PROCESSOR static void add_softmax(float *out, const float *logits, int64_t n_vocab,
                                            double log_sum, double factor) {
#pragma omp simd
    for (int64_t i = 0; i < n_vocab; i++)
        out[i] += (float)(factor * exponential(logits[i] - log_sum));
}

void step_add_softmax(float *out, const float *logits, int64_t n_vocab, double factor) {
    add_softmax(out, logits, n_vocab, step_log_sum(logits, n_vocab), factor);
}

double step_token_score(const float *logits, int64_t n_vocab, int32_t token, bool logprob) {
    double log_p = logits[token] - step_log_sum(logits, n_vocab);
    return logprob ? log_p : exp(log_p);
}

/* d log p[y] / d z = e_y − p, times p[y] unless it is the logarithm. Where p[y] is nearly 1, of 1 −
 * p[y] in float32 nothing would be left. */
void step_add_token_score(float *out, const float *logits, int64_t n_vocab, int32_t token,
                          bool logprob, double factor) {
    const double log_sum = step_log_sum(logits, n_vocab), log_p = logits[token] - log_sum;
    const float before = out[token];
    factor *= logprob ? 1 : exp(log_p);
    add_softmax(out, logits, n_vocab, log_sum, -factor);
    out[token] = (float)(before - factor * expm1(log_p));
}

double step_probability(const float *logits, int64_t n_vocab, int32_t token) {
    return exp(logits[token] - step_log_sum(logits, n_vocab));
}
