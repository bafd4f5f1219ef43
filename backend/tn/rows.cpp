/* Operations that treat every row alone: sums, norms, activations, positions. The composed forms
 * below each fused one are what other devices run. */
#include "backend/tn/module.h"

namespace tn {

static const int64_t *index_of(const tn_tensor *rows) {
    return data<int64_t>(rows->t);
}

/* The forward's rows that the gradient's rows belong to. */
at::Tensor looked_up(const tn_tensor *x, const tn_tensor *rows) {
    return x->t.index_select(0, rows->t);
}

/* Adds to `into`, or keeps as a new tensor. */
static void deliver(tn_tensor **out, tn_scope *s, tn_tensor *into, const at::Tensor &x) {
    if (into)
        into->t.add_(x);
    else
        *out = hold(s, x);
}

static enum err_code gather(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *rows,
                            struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] { *out = hold(s, widened(looked_up(x, rows))); });
}

static enum err_code spread(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *rows,
                            int64_t n_rows, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const at::Tensor wide = at::zeros({n_rows, x->t.size(1)}, x->t.options());
        wide.index_copy_(0, rows->t, x->t);
        *out = hold(s, wide);
    });
}

static enum err_code scatter_add(tn_tensor *into, const tn_tensor *rows, const tn_tensor *x,
                                 struct err *e) {
    return guard_as(TN_WORK_ROWS, e, [&] { into->t.index_add_(0, rows->t, x->t); });
}

static enum err_code add(tn_tensor **out, tn_scope *s, const tn_tensor *a, const tn_tensor *b,
                         struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(a->t.sizes() == b->t.sizes(), "two added tensors differ in shape");
        *out = hold(s, at::add(a->t, b->t));
    });
}

static enum err_code scale_rows(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                const tn_tensor *factors, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(factors->t.numel() == x->t.size(0), "rows have other factors");
        *out = hold(s, x->t * factors->t.to(x->t.options()).unsqueeze(1));
    });
}

static enum err_code row_dots(tn_tensor **out, tn_scope *s, const tn_tensor *a, const tn_tensor *b,
                              struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(a->t.sizes() == b->t.sizes(), "two multiplied tensors differ in shape");
        *out = hold(s, at::sum(a->t * b->t, 1));
    });
}

static enum err_code numbers_like(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                  const tn_tensor *other, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e,
                    [&] { *out = hold(s, x->t.to(other->t.options(), false, true)); });
}

static enum err_code add_into(tn_tensor *into, const tn_tensor *x, struct err *e) {
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(into->t.sizes() == x->t.sizes(), "two added tensors differ in shape");
        into->t.add_(x->t);
    });
}

static enum err_code multiply(tn_tensor **out, tn_scope *s, const tn_tensor *x, double factor,
                              struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] { *out = hold(s, at::mul(x->t, factor)); });
}

static enum err_code bend(tn_tensor **out, tn_scope *s, const tn_tensor *x, double cap,
                          struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] { *out = hold(s, at::div(x->t, cap).tanh_().mul_(cap)); });
}

static enum err_code bend_vjp(tn_tensor **out, tn_scope *s, const tn_tensor *dy, const tn_tensor *x,
                              double cap, bool from_zero, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const at::Tensor part = at::div(x->t, cap), t = part.tanh();
        at::Tensor slope = 1 - t.square();
        if (from_zero)
            slope = at::where(part == 0, at::ones_like(t), t / part);
        *out = hold(s, dy->t * slope);
    });
}

static enum err_code clamp(tn_tensor **out, tn_scope *s, const tn_tensor *x, double limit,
                           struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] { *out = hold(s, at::clamp(x->t, -limit, limit)); });
}

static enum err_code clamp_vjp(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                               const tn_tensor *x, const tn_tensor *rows, double limit,
                               struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        *out = hold(s, dy->t.masked_fill(looked_up(x, rows).abs() > limit, 0));
    });
}

static enum err_code add_positions(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                   const tn_tensor *table, int64_t length, int64_t first,
                                   struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(first >= 0 && first + length <= table->t.size(0),
                    "the text is longer than the model's table of positions");
        const int64_t width = x->t.size(1);
        *out = hold(s, at::add(x->t.view({-1, length, width}), table->t.narrow(0, first, length))
                           .view({-1, width}));
    });
}

/* --- norms ------------------------------------------------------------------------------- */

/* Rows of x [R, C] as [R·G, width], and a scale or shift for them: [width] or [G·width]. */
struct grouped {
    int64_t n, groups, w_step;
    at::Tensor w;
};

static grouped group(const at::Tensor &x, const tn_tensor *w, int64_t width) {
    grouped g;
    g.n = width ? width : x.size(1);
    check_shape(x.size(1) % g.n == 0 && x.is_contiguous(), "a norm's rows have another width");
    g.groups = x.size(1) / g.n;
    g.w = w ? w->t : at::ones({g.n}, x.options());
    check_shape(g.w.numel() == g.n || g.w.numel() == x.size(1), "a norm's scale has another width");
    g.w_step = g.w.numel() > g.n ? g.n : 0;
    return g;
}

/* As [G or 1, width], which goes with rows [R, G, width]. */
static at::Tensor of_groups(const at::Tensor &w, const grouped &g) {
    return w.view({-1, g.n});
}

static enum err_code rms_norm(tn_tensor **out, tn_tensor **statistics, tn_scope *s,
                              const tn_tensor *x, const tn_tensor *w, int64_t width, double epsilon,
                              struct err *e) {
    *out = *statistics = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const grouped g = group(x->t, w, width);
        const int64_t n_rows = x->t.size(0) * g.groups;
        at::Tensor y, reciprocal;
        if (fused(x->t)) {
            y = at::empty_like(x->t);
            reciprocal = at::empty({n_rows}, x->t.options());
            by_type(x->t, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(n_rows, g.n, [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().rms_norm(data<T>(y), data<T>(reciprocal), data<T>(x->t),
                                               data<T>(g.w), g.groups, g.w_step, epsilon, g.n,
                                               begin, end);
                });
            });
        } else {
            const at::Tensor rows = x->t.view({-1, g.groups, g.n});
            reciprocal = rows.square().mean(2).add(epsilon).rsqrt();
            y = (rows * reciprocal.unsqueeze(2) * of_groups(g.w, g)).view_as(x->t);
            reciprocal = reciprocal.reshape({n_rows});
        }
        *statistics = hold(s, reciprocal);
        *out = hold(s, y);
    });
}

/* The forward's rows of x or of statistics that the gradient's rows belong to: [R', G, width]. */
static at::Tensor groups_of(const tn_tensor *x, const tn_tensor *rows, const grouped &g,
                            int64_t width) {
    return x->t.view({-1, g.groups, width}).index_select(0, rows->t);
}

static void check_derivative(const tn_tensor *dy, const tn_tensor *x, const tn_tensor *rows) {
    check_shape(rows->t.numel() == dy->t.size(0) && dy->t.size(1) == x->t.size(1),
                "a norm's derivative has another shape than the norm");
}

static enum err_code rms_norm_vjp(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                  const tn_tensor *x, const tn_tensor *statistics,
                                  const tn_tensor *w, int64_t width, const tn_tensor *rows,
                                  tn_tensor *into, struct err *e) {
    if (out)
        *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const grouped g = group(x->t, w, width);
        check_derivative(dy, x, rows);
        if (fused(dy->t)) {
            const at::Tensor dx = into ? into->t : at::empty_like(dy->t);
            by_type(dx, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(dy->t.size(0) * g.groups, 2 * g.n, [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().rms_norm_vjp(data<T>(dx), into != nullptr, data<T>(dy->t),
                                                   data<T>(x->t), data<T>(statistics->t),
                                                   data<T>(g.w), g.groups, g.w_step, index_of(rows),
                                                   g.n, begin, end);
                });
            });
            if (!into)
                *out = hold(s, dx);
            return;
        }
        const at::Tensor row = groups_of(x, rows, g, g.n), r = groups_of(statistics, rows, g, 1),
                         u = dy->t.view({-1, g.groups, g.n}) * of_groups(g.w, g);
        deliver(out, s, into, (r * u - row * r.pow(3) * (u * row).mean(2, true)).view_as(dy->t));
    });
}

static enum err_code layer_norm(tn_tensor **out, tn_tensor **statistics, tn_scope *s,
                                const tn_tensor *x, const tn_tensor *w, const tn_tensor *b,
                                int64_t width, double epsilon, struct err *e) {
    *out = *statistics = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const grouped g = group(x->t, w, width);
        const at::Tensor shift = b ? b->t : at::zeros_like(g.w);
        check_shape(shift.numel() == g.w.numel(), "a norm's shift has another width");
        const int64_t n_rows = x->t.size(0) * g.groups;
        at::Tensor y, both;
        if (fused(x->t)) {
            y = at::empty_like(x->t);
            both = at::empty({n_rows, 2}, x->t.options());
            by_type(x->t, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(n_rows, 2 * g.n, [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().layer_norm(data<T>(y), data<T>(both), data<T>(x->t),
                                                 data<T>(g.w), data<T>(shift), g.groups, g.w_step,
                                                 epsilon, g.n, begin, end);
                });
            });
        } else {
            const at::Tensor rows = x->t.view({-1, g.groups, g.n}), mean = rows.mean(2, true),
                             centred = rows - mean;
            const at::Tensor reciprocal = centred.square().mean(2, true).add(epsilon).rsqrt();
            y = (centred * reciprocal * of_groups(g.w, g) + of_groups(shift, g)).view_as(x->t);
            both = at::cat({mean, reciprocal}, 2).view({n_rows, 2});
        }
        *statistics = hold(s, both);
        *out = hold(s, y);
    });
}

static enum err_code layer_norm_vjp(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                    const tn_tensor *x, const tn_tensor *statistics,
                                    const tn_tensor *w, int64_t width, const tn_tensor *rows,
                                    tn_tensor *into, struct err *e) {
    if (out)
        *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const grouped g = group(x->t, w, width);
        check_derivative(dy, x, rows);
        if (fused(dy->t)) {
            const at::Tensor dx = into ? into->t : at::empty_like(dy->t);
            by_type(dx, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(dy->t.size(0) * g.groups, 2 * g.n, [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().layer_norm_vjp(data<T>(dx), into != nullptr, data<T>(dy->t),
                                                     data<T>(x->t), data<T>(statistics->t),
                                                     data<T>(g.w), g.groups, g.w_step,
                                                     index_of(rows), g.n, begin, end);
                });
            });
            if (!into)
                *out = hold(s, dx);
            return;
        }
        const at::Tensor both = groups_of(statistics, rows, g, 2), mean = both.narrow(2, 0, 1),
                         r = both.narrow(2, 1, 1);
        const at::Tensor normalised = (groups_of(x, rows, g, g.n) - mean) * r,
                         u = dy->t.view({-1, g.groups, g.n}) * of_groups(g.w, g);
        deliver(out, s, into,
                (r * (u - u.mean(2, true) - normalised * (u * normalised).mean(2, true)))
                    .view_as(dy->t));
    });
}

/* --- element by element ------------------------------------------------------------------ */

static enum err_code activation(tn_tensor **out, tn_scope *s, enum activation kind,
                                const tn_tensor *x, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        if (!fused(x->t)) {
            *out = hold(s, composed_value(kind, x->t));
            return;
        }
        const at::Tensor y = at::empty_like(x->t);
        by_type(x->t, [&](auto *null) {
            using T = std::remove_pointer_t<decltype(null)>;
            share(x->t.size(0), 4 * x->t.size(1), [&](int64_t begin, int64_t end) {
                pick_kernels<T>().activation(data<T>(y), kind, data<T>(x->t), x->t.size(1), begin,
                                             end);
            });
        });
        *out = hold(s, y);
    });
}

static enum err_code activation_vjp(tn_tensor **out, tn_scope *s, enum activation kind,
                                    const tn_tensor *dy, const tn_tensor *x, const tn_tensor *rows,
                                    struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(rows->t.numel() == dy->t.size(0) && x->t.size(1) == dy->t.size(1),
                    "an activation's derivative has another shape");
        if (!fused(dy->t)) {
            *out = hold(s, dy->t * composed_slope(kind, looked_up(x, rows)));
            return;
        }
        const at::Tensor dx = at::empty_like(dy->t);
        by_type(dx, [&](auto *null) {
            using T = std::remove_pointer_t<decltype(null)>;
            share(dy->t.size(0), 4 * dy->t.size(1), [&](int64_t begin, int64_t end) {
                pick_kernels<T>().activation_vjp(data<T>(dx), kind, data<T>(dy->t), data<T>(x->t),
                                                 index_of(rows), dy->t.size(1), begin, end);
            });
        });
        *out = hold(s, dx);
    });
}

static enum err_code gated(tn_tensor **out, tn_scope *s, enum activation kind,
                           const tn_tensor *gate, const tn_tensor *up, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(gate->t.sizes() == up->t.sizes(),
                    "a gate has another shape than what it gates");
        if (!fused(gate->t)) {
            *out = hold(s, composed_value(kind, gate->t) * up->t);
            return;
        }
        const at::Tensor y = at::empty_like(gate->t);
        by_type(y, [&](auto *null) {
            using T = std::remove_pointer_t<decltype(null)>;
            share(y.size(0), 4 * y.size(1), [&](int64_t begin, int64_t end) {
                pick_kernels<T>().gated(data<T>(y), kind, data<T>(gate->t), data<T>(up->t),
                                        y.size(1), begin, end);
            });
        });
        *out = hold(s, y);
    });
}

static enum err_code gated_vjp(tn_tensor **d_gate, tn_tensor **d_up, tn_scope *s,
                               enum activation kind, const tn_tensor *dy, const tn_tensor *gate,
                               const tn_tensor *up, const tn_tensor *rows, struct err *e) {
    *d_gate = *d_up = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        check_shape(rows->t.numel() == dy->t.size(0) && gate->t.size(1) == dy->t.size(1),
                    "a gate's derivative has another shape");
        at::Tensor dg, du;
        if (fused(dy->t)) {
            dg = at::empty_like(dy->t);
            du = at::empty_like(dy->t);
            by_type(dg, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(dy->t.size(0), 4 * dy->t.size(1), [&](int64_t begin, int64_t end) {
                    pick_kernels<T>().gated_vjp(data<T>(dg), data<T>(du), kind, data<T>(dy->t),
                                                data<T>(gate->t), data<T>(up->t), index_of(rows),
                                                dy->t.size(1), begin, end);
                });
            });
        } else {
            const at::Tensor g = looked_up(gate, rows);
            dg = dy->t * looked_up(up, rows) * composed_slope(kind, g);
            du = dy->t * composed_value(kind, g);
        }
        *d_gate = hold(s, dg);
        *d_up = hold(s, du);
    });
}

static at::Tensor composed_rope(const at::Tensor &x, const at::Tensor &table, int64_t width,
                                const tn_tensor *rows, int64_t length, int64_t first, bool back) {
    const int64_t half = table.size(1) / 2;
    at::Tensor position =
        rows ? rows->t
             : at::arange(x.size(0), at::TensorOptions().dtype(at::kLong).device(x.device()));
    position = at::remainder(position, length) + first;
    const at::Tensor turn = table.index_select(0, position).unsqueeze(1); /* [R, 1, d] */
    const at::Tensor cosine = turn.narrow(2, 0, half),
                     sine = back ? -turn.narrow(2, half, half) : turn.narrow(2, half, half);
    const at::Tensor heads = x.view({x.size(0), -1, width}), low = heads.narrow(2, 0, half),
                     high = heads.narrow(2, half, half);
    return at::cat({low * cosine - high * sine, high * cosine + low * sine,
                    heads.narrow(2, 2 * half, width - 2 * half)},
                   2)
        .view(x.sizes());
}

static enum err_code rope(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *table,
                          int64_t width, const tn_tensor *rows, int64_t length, int64_t first,
                          bool back, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ROWS, e, [&] {
        const int64_t n = x->t.size(1), n_rows = x->t.size(0), turned = table->t.size(1);
        check_shape(n % width == 0 && turned % 2 == 0 && turned <= width && first >= 0 &&
                        first + length <= table->t.size(0),
                    "the text is longer than the model's table of positions");
        if (!fused(x->t)) {
            *out = hold(s, composed_rope(x->t, table->t, width, rows, length, first, back));
            return;
        }
        const at::Tensor y = at::empty_like(x->t);
        by_type(y, [&](auto *null) {
            using T = std::remove_pointer_t<decltype(null)>;
            share(n_rows, n, [&](int64_t begin, int64_t end) {
                pick_kernels<T>().rope(data<T>(y), data<T>(x->t), data<T>(table->t),
                                       rows ? index_of(rows) : nullptr, length, first, n, width,
                                       turned, back ? -1 : 1, begin, end);
            });
        });
        *out = hold(s, y);
    });
}

void fill_rows(struct tn_api *api) {
    api->gather = gather;
    api->spread = spread;
    api->scatter_add = scatter_add;
    api->add = add;
    api->scale_rows = scale_rows;
    api->row_dots = row_dots;
    api->numbers_like = numbers_like;
    api->add_into = add_into;
    api->multiply = multiply;
    api->add_positions = add_positions;
    api->clamp = clamp;
    api->clamp_vjp = clamp_vjp;
    api->bend = bend;
    api->bend_vjp = bend_vjp;
    api->rms_norm = rms_norm;
    api->rms_norm_vjp = rms_norm_vjp;
    api->layer_norm = layer_norm;
    api->layer_norm_vjp = layer_norm_vjp;
    api->activation = activation;
    api->activation_vjp = activation_vjp;
    api->gated = gated;
    api->gated_vjp = gated_vjp;
    api->rope = rope;
}

} // namespace tn
