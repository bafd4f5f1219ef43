/* The element-wise functions of feed-forward layers, as configurations, the tape and the tensor
 * module name them. */
#ifndef TINSEQ_BACKEND_BASE_ACTIVATION_H
#define TINSEQ_BACKEND_BASE_ACTIVATION_H

/* GELU: Hendrycks and Gimpel 2016, exact; GELU_NEW: its approximation by tanh; SILU: x ·
 * sigmoid(x).
 */
enum activation { ACTIVATION_RELU, ACTIVATION_GELU, ACTIVATION_GELU_NEW, ACTIVATION_SILU };

#endif
