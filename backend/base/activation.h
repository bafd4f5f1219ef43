/* The element-wise functions of feed-forward layers, as configurations, the tape and the tensor
 * module name them. */
#ifndef TINSEQ_BACKEND_BASE_ACTIVATION_H
#define TINSEQ_BACKEND_BASE_ACTIVATION_H

#include <stdbool.h>

/* X(ID, function, modules): those of Transformers' ACT2FN that have no weights. `function` is the
 * struct of backend/tn/kernels_functions.inc. `modules`: Transformers builds it of a module for
 * which Captum has the rescale rule. GELU: Hendrycks and Gimpel 2016, exact; GELU_10 is cut at ±10;
 * GELU_NEW is the approximation by tanh, QUICK_GELU that by the sigmoid. SILU: x · sigmoid(x).
 * MISH: x · tanh(ln(1 + e^x)), Misra 2019. RELU2: ReLU squared, So et al. 2021. LAPLACE: its normal
 * distribution function, Ma et al. 2022. */
#define ACTIVATIONS(X)                                                                             \
    X(RELU, relu, true)                                                                            \
    X(GELU, gelu, false)                                                                           \
    X(GELU_NEW, gelu_new, false)                                                                   \
    X(SILU, silu, false)                                                                           \
    X(GELU_10, gelu_10, false)                                                                     \
    X(QUICK_GELU, quick_gelu, false)                                                               \
    X(MISH, mish, false)                                                                           \
    X(RELU2, relu2, false)                                                                         \
    X(RELU6, relu6, false)                                                                         \
    X(LEAKY_RELU, leaky_relu, true)                                                                \
    X(LAPLACE, laplace, false)                                                                     \
    X(SIGMOID, logistic, true)                                                                     \
    X(TANH, tangent, true)                                                                         \
    X(LINEAR, linear, false)

#define ACTIVATION_VALUE(id, function, modules) ACTIVATION_##id,
enum activation { ACTIVATIONS(ACTIVATION_VALUE) N_ACTIVATIONS };

/* `modules` of the list above. Any thread. */
bool activation_is_of_modules(enum activation kind);

#endif
