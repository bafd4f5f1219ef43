/* The simpler simple recurrent unit and its derivative. */
#include "backend/tn/module.h"

namespace tn {

static at::Tensor composed_recurrence(const at::Tensor &x, const at::Tensor &gate,
                                      const tn_tensor *state, int64_t n_batch) {
    const int64_t n = x.size(1), length = x.size(0) / n_batch;
    const at::Tensor f = at::sigmoid(gate).view({n_batch, length, n}),
                     input = ((1 - f) * x.view({n_batch, length, n}));
    at::Tensor c = state ? state->t : at::zeros({n_batch, n}, x.options());
    std::vector<at::Tensor> all;
    for (int64_t t = 0; t < length; t++) {
        c = f.select(1, t) * c + input.select(1, t);
        all.push_back(c);
    }
    return at::stack(all, 1).view({-1, n});
}

void composed_recurrence_vjp(const at::Tensor &dx, const at::Tensor &d_gate,
                             const struct tn_segment *segments, int64_t n_segments, int64_t length,
                             const at::Tensor &dy, const at::Tensor &x, const at::Tensor &gate,
                             const at::Tensor &slope, const at::Tensor &c) {
    for (int64_t i = 0; i < n_segments; i++) {
        const struct tn_segment *g = segments + i;
        at::Tensor down = at::zeros({x.size(1)}, x.options());
        for (int64_t t = g->n_key - 1; t >= g->first_key; t--) {
            const int64_t row = g->batch * length + t, r = t - g->first_query;
            const at::Tensor f = at::sigmoid(gate.select(0, row));
            const at::Tensor dc =
                r >= 0 && r < g->n_query ? down + dy.select(0, g->query + r) : down;
            const at::Tensor before = t ? c.select(0, row - 1) : at::zeros_like(down);
            dx.select(0, g->key + t - g->first_key).copy_((1 - f) * dc);
            d_gate.select(0, g->key + t - g->first_key)
                .copy_(dc * (before - x.select(0, row)) * slope.select(0, row));
            down = f * dc;
        }
    }
}

static enum err_code recurrence(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                const tn_tensor *gate, const tn_tensor *state, int64_t n_batch,
                                struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const int64_t n_rows = x->t.size(0), n = x->t.size(1);
        check_shape(n_rows % n_batch == 0 && x->t.sizes() == gate->t.sizes() &&
                        (!state || state->t.numel() == n_batch * n),
                    "a recurrence's gate or state has another shape");
        if (!fused(x->t)) {
            *out = hold(s, composed_recurrence(x->t, gate->t, state, n_batch));
            return;
        }
        const at::Tensor c = at::empty_like(x->t);
        by_type(c, [&](auto *null) {
            using T = std::remove_pointer_t<decltype(null)>;
            share(n, 8 * n_rows, [&](int64_t begin, int64_t end) {
                pick_kernels<T>().recurrence(data<T>(c), data<T>(x->t), data<T>(gate->t),
                                             data_or_null<T>(state), n_batch, n_rows / n_batch, n,
                                             begin, end);
            });
        });
        *out = hold(s, c);
    });
}

static enum err_code recurrence_vjp(tn_tensor **dx, tn_tensor **d_gate, tn_scope *s,
                                    const struct tn_segment *segments, int64_t n_segments,
                                    int64_t n_key_rows, int64_t length, const tn_tensor *dy,
                                    const tn_tensor *x, const tn_tensor *gate, const tn_tensor *c,
                                    struct err *e) {
    *dx = *d_gate = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const int64_t n = x->t.size(1);
        const at::Tensor input = at::empty({n_key_rows, n}, dy->t.options()),
                         gated = at::empty_like(input);
        if (fused(dy->t)) {
            by_type(input, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                std::vector<T> scratch(n); /* each thread uses its own columns */
                share(n, 8 * n_key_rows, [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().recurrence_vjp(data<T>(input), data<T>(gated), segments,
                                                     n_segments, length, data<T>(dy->t),
                                                     data<T>(x->t), data<T>(gate->t), data<T>(c->t),
                                                     n, scratch.data(), begin, end);
                });
            });
        } else {
            const at::Tensor f = at::sigmoid(gate->t);
            composed_recurrence_vjp(input, gated, segments, n_segments, length, dy->t, x->t,
                                    gate->t, f * (1 - f), c->t);
        }
        *dx = hold(s, input);
        *d_gate = hold(s, gated);
    });
}

void fill_recurrence(struct tn_api *api) {
    api->recurrence = recurrence;
    api->recurrence_vjp = recurrence_vjp;
}

} // namespace tn
