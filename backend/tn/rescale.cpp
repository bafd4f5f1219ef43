/*
 * The rescale rule: derivatives of element-wise non-linearities replaced by Δout/Δin against a
 * reference. The quotients are taken in double: a difference of nearly equal floats has few digits
 * left.
 */
#include "backend/tn/module.h"

namespace tn {

/* As in Captum's DeepLift: closer inputs have the plain derivative. */
static const double closest = 1e-10;

template <typename Value, typename Slope>
at::Tensor quotient(const at::Tensor &x, const at::Tensor &reference, Value &&value,
                    Slope &&slope) {
    const at::Tensor a = x.to(at::kDouble), b = reference.to(at::kDouble), d = a - b,
                     close = d.abs().lt(closest);
    const at::Tensor ratio = (value(a) - value(b)) / at::where(close, at::ones_like(d), d);
    return at::where(close, slope(a), ratio).to(x.scalar_type());
}

static at::Tensor multiplier(enum activation kind, const at::Tensor &x,
                             const at::Tensor &reference) {
    return quotient(
        x, reference, [&](const at::Tensor &v) { return composed_value(kind, v); },
        [&](const at::Tensor &v) { return composed_slope(kind, v); });
}

static enum err_code activation_rescaled(tn_tensor **out, tn_scope *s, enum activation kind,
                                         const tn_tensor *dy, const tn_tensor *x,
                                         const tn_tensor *rows, const tn_tensor *references,
                                         struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(rows->t.numel() == dy->t.size(0) && x->t.size(1) == dy->t.size(1) &&
                        rows->t.numel() == references->t.numel(),
                    "an activation's derivative has another shape");
        *out = hold(s, dy->t * multiplier(kind, looked_up(x, rows), looked_up(x, references)));
    });
}

static enum err_code gated_rescaled(tn_tensor **d_gate, tn_tensor **d_up, tn_scope *s,
                                    enum activation kind, const tn_tensor *dy,
                                    const tn_tensor *gate, const tn_tensor *up,
                                    const tn_tensor *rows, const tn_tensor *references,
                                    struct err *e) {
    *d_gate = *d_up = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(rows->t.numel() == dy->t.size(0) && gate->t.size(1) == dy->t.size(1) &&
                        rows->t.numel() == references->t.numel(),
                    "a gate's derivative has another shape");
        const at::Tensor g = looked_up(gate, rows);
        const at::Tensor dg = dy->t * looked_up(up, rows) *
                              multiplier(kind, g, looked_up(gate, references)),
                         du = dy->t * composed_value(kind, g);
        *d_gate = hold(s, dg);
        *d_up = hold(s, du);
    });
}

static enum err_code recurrence_rescaled(tn_tensor **dx, tn_tensor **d_gate, tn_scope *s,
                                         const struct tn_segment *segments, int64_t n_segments,
                                         int64_t n_key_rows, int64_t length, int64_t reference,
                                         const tn_tensor *dy, const tn_tensor *x,
                                         const tn_tensor *gate, const tn_tensor *c, struct err *e) {
    *dx = *d_gate = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const at::Tensor input = at::empty({n_key_rows, x->t.size(1)}, dy->t.options()),
                         gated = at::empty_like(input);
        const int64_t n = gate->t.size(0) - reference;
        check_shape(n > 0 && n <= gate->t.size(0), "a recurrence has no reference");
        const at::Tensor slope = quotient(
            gate->t.narrow(0, 0, n), gate->t.narrow(0, reference, n),
            [](const at::Tensor &v) { return at::sigmoid(v); },
            [](const at::Tensor &v) { return at::sigmoid(v) * at::sigmoid(-v); });
        composed_recurrence_vjp(input, gated, segments, n_segments, length, dy->t, x->t, gate->t,
                                slope, c->t);
        *dx = hold(s, input);
        *d_gate = hold(s, gated);
    });
}

void fill_rescale(struct tn_api *api) {
    api->activation_rescaled = activation_rescaled;
    api->gated_rescaled = gated_rescaled;
    api->recurrence_rescaled = recurrence_rescaled;
}

} // namespace tn
