/* Attention: forward, weights, derivative, and the cache of keys and values. */
#include "backend/tn/module.h"

namespace tn {

/* --- composed of libtorch's operations, one batch entry at a time --- */

/* The other devices' form, and the fused form's check. */

/* Rows of one entry as [H, n, d]; key-value heads are repeated for their group. */
static at::Tensor heads_of(const at::Tensor &x, int64_t first_row, int64_t n_rows, int64_t n_heads,
                           int64_t group, int64_t width) {
    const at::Tensor heads =
        x.reshape({-1, n_heads, width}).narrow(0, first_row, n_rows).transpose(0, 1);
    return group == 1 ? heads : heads.repeat_interleave(group, 0);
}

/* Scores [H, n_query, n_key], capped, −∞ where masked, of queries at positions first … */
static at::Tensor composed_scores(const struct tn_attention *a, const at::Tensor &q,
                                  const at::Tensor &k, int64_t first, int64_t n_key) {
    at::Tensor scores = at::matmul(q, k.transpose(1, 2)) * a->scale;
    if (a->cap > 0)
        scores = at::tanh(scores / a->cap) * a->cap;
    const at::TensorOptions options = at::TensorOptions().dtype(at::kLong).device(q.device());
    const at::Tensor position = at::arange(first, first + q.size(1), options).unsqueeze(1),
                     key = at::arange(n_key, options);
    if (a->bias) {
        const at::Tensor from = a->bias_by_key ? at::zeros_like(position) : position;
        scores.add_(
            a->bias->t
                .index_select(1, (key - from + a->bias_zero).clamp(0, a->n_bias - 1).flatten())
                .view(scores.sizes()));
    }
    if (a->causal) {
        scores.masked_fill_(key.gt(position), -INFINITY);
        if (a->window)
            scores.masked_fill_(key.le(position - a->window), -INFINITY);
    }
    return scores;
}

static at::Tensor entry_keys(const struct tn_attention *a, const at::Tensor &x, int64_t batch,
                             int64_t n_key) {
    return heads_of(x, (a->shared_keys ? 0 : batch) * a->key_capacity, n_key, a->n_kv_heads,
                    a->n_heads / a->n_kv_heads, a->width);
}

static void composed_attention(at::Tensor &out, at::Tensor &log_sums, const struct tn_attention *a,
                               const at::Tensor &q, const at::Tensor &k, const at::Tensor &v) {
    std::vector<at::Tensor> outs, sums;
    for (int64_t b = 0; b < a->n_batch; b++) {
        const at::Tensor scores =
            composed_scores(a, heads_of(q, b * a->n_query, a->n_query, a->n_heads, 1, a->width),
                            entry_keys(a, k, b, a->n_key), a->first_query, a->n_key);
        outs.push_back(at::matmul(at::softmax(scores, 2), entry_keys(a, v, b, a->n_key))
                           .transpose(0, 1)
                           .reshape({a->n_query, -1}));
        sums.push_back(at::logsumexp(scores, 2).t());
    }
    out = at::cat(outs);
    log_sums = at::cat(sums).contiguous();
}

/* [H, n, d] with repeated heads added up → [n, K·d]. */
static at::Tensor group_sum(const struct tn_attention *a, const at::Tensor &x) {
    return x.reshape({a->n_kv_heads, a->n_heads / a->n_kv_heads, x.size(1), a->width})
        .sum(1)
        .transpose(0, 1)
        .reshape({x.size(1), -1});
}

static void composed_attention_vjp(const at::Tensor &dq, const at::Tensor &dk, const at::Tensor &dv,
                                   const struct tn_attention *a, const struct tn_segment *segments,
                                   int64_t n_segments, unsigned slopes, const at::Tensor &dy,
                                   const at::Tensor &q, const at::Tensor &k, const at::Tensor &v) {
    for (int64_t i = 0; i < n_segments; i++) {
        const struct tn_segment *g = segments + i;
        const at::Tensor query = heads_of(q, g->batch * a->n_query + g->first_query, g->n_query,
                                          a->n_heads, 1, a->width);
        const at::Tensor key = entry_keys(a, k, g->batch, g->n_key),
                         value = entry_keys(a, v, g->batch, g->n_key);
        const at::Tensor d = heads_of(dy, g->query, g->n_query, a->n_heads, 1, a->width);
        const at::Tensor scores = composed_scores(a, query, key, g->first_query, g->n_key),
                         p = at::softmax(scores, 2), dp = at::matmul(d, value.transpose(1, 2));
        at::Tensor ds = p * (dp - (p * dp).sum(2, true)) * a->scale;
        if (a->cap > 0) /* of a masked score the weight is zero, whatever its slope */
            ds = ds * (1 - at::clamp_min(scores / a->cap, -1).square());
        const int64_t n = g->n_key - g->first_key;
        if (slopes & TN_QUERIES)
            dq.view({-1, a->n_heads, a->n_key})
                .narrow(0, g->query, g->n_query)
                .narrow(2, 0, g->n_key)
                .copy_(ds.transpose(0, 1));
        else
            dq.narrow(0, g->query, g->n_query)
                .copy_(at::matmul(ds, key).transpose(0, 1).reshape({g->n_query, -1}));
        if (slopes & TN_KEYS)
            dk.view({-1, a->n_heads, a->n_query})
                .narrow(0, g->key, n)
                .narrow(2, g->first_query, g->n_query)
                .copy_(ds.narrow(2, g->first_key, n).permute({2, 0, 1}));
        else
            dk.narrow(0, g->key, n)
                .copy_(
                    group_sum(a, at::matmul(ds.transpose(1, 2), query)).narrow(0, g->first_key, n));
        dv.narrow(0, g->key, n)
            .copy_(group_sum(a, at::matmul(p.transpose(1, 2), d)).narrow(0, g->first_key, n));
    }
}

/* Numbers that the fused forms need besides, sizes rounded up to the widest registers: see
 * kernels_attention.inc. */
static int64_t rounded(int64_t n) {
    return (n + 15) / 16 * 16;
}

static int64_t attention_scratch(const struct tn_attention *a) {
    const int64_t np = rounded(a->n_key), dp = rounded(a->width);
    return 2 * np * dp + VJP_ROWS * (np + dp);
}

static int64_t attention_vjp_scratch(const struct tn_attention *a) {
    const int64_t np = rounded(a->n_key), dp = rounded(a->width);
    return 5 * np * dp + vjp_rows(a) * (a->n_heads / a->n_kv_heads) * (2 * np + 3 * dp);
}

/* --- entries ----------------------------------------------------------------------------- */

static void check_attention(const struct tn_attention *a, const at::Tensor &q,
                            const at::Tensor &k) {
    check_shape(a->n_heads % a->n_kv_heads == 0 && q.size(1) == a->n_heads * a->width &&
                    q.size(0) == a->n_batch * a->n_query,
                "attention's queries have another shape");
    check_shape(k.numel() == (a->shared_keys ? 1 : a->n_batch) * a->key_capacity * a->n_kv_heads *
                                 a->width &&
                    a->n_key <= a->key_capacity && a->n_key > 0 && q.is_contiguous() &&
                    k.is_contiguous(),
                "attention's keys have another shape");
    check_shape(!a->bias || (a->bias->t.is_contiguous() && a->bias->t.dim() == 2 &&
                             a->bias->t.size(0) == a->n_heads && a->bias->t.size(1) == a->n_bias &&
                             a->bias->t.scalar_type() == q.scalar_type() && a->cap <= 0),
                "attention's bias has another shape");
}

static enum err_code attention(tn_tensor **out, tn_tensor **log_sums, tn_scope *s,
                               const struct tn_attention *a, const tn_tensor *q, const tn_tensor *k,
                               const tn_tensor *v, struct err *e) {
    *out = nullptr;
    if (log_sums)
        *log_sums = nullptr;
    return guard_as(TN_WORK_ATTENTION, e, [&] {
        check_attention(a, q->t, k->t);
        at::Tensor y, sums;
        if (fused(q->t)) {
            y = at::empty_like(q->t);
            sums = at::empty({a->n_batch * a->n_query, a->n_heads}, q->t.options());
            by_type(y, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(a->n_batch * a->n_heads * a->n_query, a->n_key * a->width,
                      [&](int64_t begin, int64_t end) {
                          const at::Tensor scratch =
                              at::empty({attention_scratch(a)}, q->t.options());
                          pick_kernels<T>().attention(
                              data<T>(y), data<T>(sums), a, data_or_null<T>(a->bias), data<T>(q->t),
                              data<T>(k->t), data<T>(v->t), data<T>(scratch), begin, end);
                      });
            });
        } else {
            composed_attention(y, sums, a, q->t, k->t, v->t);
        }
        if (log_sums)
            *log_sums = hold(s, sums);
        *out = hold(s, y);
    });
}

static enum err_code attention_weights(tn_tensor **out, tn_scope *s, const struct tn_attention *a,
                                       const tn_tensor *q, const tn_tensor *k, struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ATTENTION, e, [&] {
        check_attention(a, q->t, k->t);
        at::Tensor weights;
        if (fused(q->t)) {
            weights = at::empty({a->n_batch, a->n_heads, a->n_query, a->n_key}, q->t.options());
            by_type(weights, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(a->n_batch * a->n_heads * a->n_query, a->n_key * a->width,
                      [&](int64_t begin, int64_t end) {
                          pick_kernels<T>().attention_weights(
                              data<T>(weights), a, data_or_null<T>(a->bias), data<T>(q->t),
                              data<T>(k->t), begin, end);
                      });
            });
        } else {
            std::vector<at::Tensor> entries;
            for (int64_t b = 0; b < a->n_batch; b++)
                entries.push_back(at::softmax(
                    composed_scores(
                        a, heads_of(q->t, b * a->n_query, a->n_query, a->n_heads, 1, a->width),
                        entry_keys(a, k->t, b, a->n_key), a->first_query, a->n_key),
                    2));
            weights = at::stack(entries);
        }
        *out = hold(s, weights);
    });
}

static enum err_code attention_vjp(tn_tensor **dq, tn_tensor **dk, tn_tensor **dv, tn_scope *s,
                                   const struct tn_attention *a, const struct tn_segment *segments,
                                   int64_t n_segments, int64_t n_key_rows, unsigned slopes,
                                   const tn_tensor *dy, const tn_tensor *q, const tn_tensor *k,
                                   const tn_tensor *v, const tn_tensor *log_sums, struct err *e) {
    *dq = *dk = *dv = nullptr;
    return guard_as(TN_WORK_ATTENTION, e, [&] {
        check_attention(a, q->t, k->t);
        check_shape(!slopes || a->n_heads == a->n_kv_heads, "heads share the keys of these slopes");
        const at::TensorOptions options = dy->t.options();
        const at::Tensor query = slopes & TN_QUERIES
                                     ? at::zeros({dy->t.size(0), a->n_heads * a->n_key}, options)
                                     : at::empty_like(dy->t),
                         key = slopes & TN_KEYS
                                   ? at::zeros({n_key_rows, a->n_heads * a->n_query}, options)
                                   : at::empty({n_key_rows, a->n_kv_heads * a->width}, options),
                         value = at::empty({n_key_rows, a->n_kv_heads * a->width}, options);
        if (fused(dy->t)) {
            int64_t work = 0;
            for (int64_t i = 0; i < n_segments; i++)
                work += segments[i].n_query * segments[i].n_key;
            by_type(dy->t, [&](auto *null) {
                using T = std::remove_pointer_t<decltype(null)>;
                share(n_segments * a->n_kv_heads, 6 * work / n_segments * a->width,
                      [&](int64_t begin, int64_t end) {
                          const at::Tensor scratch =
                              at::empty({attention_vjp_scratch(a)}, dy->t.options());
                          pick_kernels<T>().attention_vjp(
                              data<T>(query), data<T>(key), data<T>(value), a,
                              data_or_null<T>(a->bias), segments, n_segments, slopes,
                              data<T>(dy->t), data<T>(q->t), data<T>(k->t), data<T>(v->t),
                              data<T>(log_sums->t), data<T>(scratch), begin, end);
                      });
            });
        } else {
            composed_attention_vjp(query, key, value, a, segments, n_segments, slopes, dy->t, q->t,
                                   k->t, v->t);
        }
        *dq = hold(s, query);
        *dk = hold(s, key);
        *dv = hold(s, value);
    });
}

static enum err_code cache_write(tn_tensor *cache, const tn_tensor *x, int64_t first,
                                 struct err *e) {
    return guard_as(TN_WORK_ATTENTION, e, [&] {
        const at::Tensor rows = x->t.view({cache->t.size(0), -1, cache->t.size(2)});
        cache->t.narrow(1, first, rows.size(1)).copy_(rows);
    });
}

static enum err_code cache_copy(tn_tensor **out, tn_scope *s, const tn_tensor *cache,
                                const tn_tensor *entries, int64_t n_rows, int64_t capacity,
                                struct err *e) {
    *out = nullptr;
    return guard_as(TN_WORK_ATTENTION, e, [&] {
        const at::Tensor copy =
            at::empty({entries->t.numel(), capacity, cache->t.size(2)}, cache->t.options());
        if (n_rows)
            copy.narrow(1, 0, n_rows)
                .copy_(cache->t.narrow(1, 0, n_rows).index_select(0, entries->t));
        *out = hold(s, copy);
    });
}

void fill_attention(struct tn_api *api) {
    api->attention = attention;
    api->attention_weights = attention_weights;
    api->attention_vjp = attention_vjp;
    api->cache_write = cache_write;
    api->cache_copy = cache_copy;
}

} // namespace tn
