/* Activations and their slopes, composed of libtorch's operations: what other devices run, and what
 * the rescale rule is computed with. */
#include "backend/tn/module.h"

namespace tn {

static const double sqrt_2_over_pi = 0.79788456080286535588, sqrt_half = 0.70710678118654752440,
                    inverse_sqrt_2_pi = 0.39894228040143267794;

static at::Tensor gelu_new_tanh(const at::Tensor &x) {
    return at::tanh((x + 0.044715 * x.pow(3)) * sqrt_2_over_pi);
}

/* See kernels_functions.inc. */
static at::Tensor laplace_centred(const at::Tensor &x) {
    return (x - 0.707107) * (sqrt_half / 0.282095);
}

static at::Tensor sigmoid_slope(const at::Tensor &x) {
    return at::sigmoid(x) * at::sigmoid(-x);
}

/* Of x · sigmoid(factor · x). */
static at::Tensor silu_slope(const at::Tensor &x, double factor) {
    const at::Tensor s = at::sigmoid(factor * x);
    return s * (1 + factor * x * (1 - s));
}

static at::Tensor gelu_slope(const at::Tensor &x) {
    return 0.5 * (1 + at::erf(x * sqrt_half)) + x * at::exp(-0.5 * x * x) * inverse_sqrt_2_pi;
}

static at::Tensor gelu_new_slope(const at::Tensor &x) {
    const at::Tensor t = gelu_new_tanh(x);
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * sqrt_2_over_pi * (1 + 3 * 0.044715 * x * x);
}

static at::Tensor mish_slope(const at::Tensor &x) {
    const at::Tensor t = at::tanh(at::softplus(x));
    return t + x * (1 - t * t) * at::sigmoid(x);
}

at::Tensor composed_value(enum activation kind, const at::Tensor &x) {
    switch (kind) {
    case ACTIVATION_RELU:
        return at::relu(x);
    case ACTIVATION_SILU:
        return at::silu(x);
    case ACTIVATION_GELU:
        return at::gelu(x);
    case ACTIVATION_GELU_NEW:
        return 0.5 * x * (1 + gelu_new_tanh(x));
    case ACTIVATION_GELU_10:
        return at::clamp(at::gelu(x), -10, 10);
    case ACTIVATION_QUICK_GELU:
        return x * at::sigmoid(1.702 * x);
    case ACTIVATION_MISH:
        return x * at::tanh(at::softplus(x));
    case ACTIVATION_RELU2:
        return at::relu(x).square();
    case ACTIVATION_RELU6:
        return at::clamp(x, 0, 6);
    case ACTIVATION_LEAKY_RELU:
        return at::leaky_relu(x);
    case ACTIVATION_LAPLACE:
        return 0.5 * (1 + at::erf(laplace_centred(x)));
    case ACTIVATION_SIGMOID:
        return at::sigmoid(x);
    case ACTIVATION_TANH:
        return at::tanh(x);
    case ACTIVATION_LINEAR:
    case N_ACTIVATIONS:
        break;
    }
    return x;
}

at::Tensor composed_slope(enum activation kind, const at::Tensor &x) {
    switch (kind) {
    case ACTIVATION_RELU:
        return x.gt(0).to(x.scalar_type());
    case ACTIVATION_SILU:
        return silu_slope(x, 1);
    case ACTIVATION_GELU:
        return gelu_slope(x);
    case ACTIVATION_GELU_NEW:
        return gelu_new_slope(x);
    case ACTIVATION_GELU_10:
        return gelu_slope(x) * at::gelu(x).le(10).to(x.scalar_type());
    case ACTIVATION_QUICK_GELU:
        return silu_slope(x, 1.702);
    case ACTIVATION_MISH:
        return mish_slope(x);
    case ACTIVATION_RELU2:
        return 2 * at::relu(x);
    case ACTIVATION_RELU6:
        return at::logical_and(x.gt(0), x.lt(6)).to(x.scalar_type());
    case ACTIVATION_LEAKY_RELU:
        return at::where(x.gt(0), at::ones_like(x), at::full_like(x, 0.01));
    case ACTIVATION_LAPLACE:
        return at::exp(-laplace_centred(x).square()) * (inverse_sqrt_2_pi / 0.282095);
    case ACTIVATION_SIGMOID:
        return sigmoid_slope(x);
    case ACTIVATION_TANH:
        return 1 - at::tanh(x).square();
    case ACTIVATION_LINEAR:
    case N_ACTIVATIONS:
        break;
    }
    return at::ones_like(x);
}

} // namespace tn
