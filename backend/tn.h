/*
 * Tensors: a C table of functions over libtorch, exported by one shared module (tinseq_tn.so,
 * backend/tn/) that is opened with dlopen. Nothing else links libtorch, which needs 0.4 s and 160
 * MB to load.
 *
 * Ownership: every operation takes a scope that owns its result; closing the scope frees all of
 * them. Tensors share storage by reference count, so `promote` into a longer-lived scope costs
 * nothing. There is no autograd: derivatives are written out as vector-Jacobian products
 * (`…_vjp`), each the exact transpose of its forward.
 *
 * Rows: activations are matrices [R, C]: the rows of B sequences of one length laid end to end. The
 * gradient of many targets is one matrix too, of ragged rows; `rows` (int64 [R']) says for each of
 * its rows which forward row it differentiates.
 *
 * On a CPU everything between the matrix products is done in single passes over the data
 * (backend/tn/kernels.h); on other devices, or after set_fused(false), the same operations are
 * composed of libtorch's own. Results are the same bit for bit from run to run for one number of
 * threads.
 *
 * One thread at a time, always the same one. Errors: BACKEND (libtorch's message), NOMEM, SHAPE.
 */
#ifndef TINSEQ_BACKEND_TN_H
#define TINSEQ_BACKEND_TN_H

#include "backend/base/activation.h"
#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define TN_VERSION 10
#define TN_SYMBOL "tinseq_tn_api"
#define TN_CPU (-1)

typedef struct tn_tensor tn_tensor;
typedef struct tn_scope tn_scope;

/* bfloat16 is for the weights of products (`linear`, `linear_vjp`) and tables (`gather` gives
 * float32) alone: activations stay float32. */
enum tn_dtype { TN_FLOAT32, TN_FLOAT64, TN_INT64, TN_BFLOAT16 };

/* Who attends to whom: B batch entries with n_query rows each see the first n_key of key_capacity
 * rows of keys and values. H query heads share K key-value heads in groups of H / K. Causal: the
 * query at position first_query + i sees keys 0 … first_query + i, with a window the last `window`
 * of them. */
struct tn_attention {
    int64_t n_batch, n_query, n_key, key_capacity, first_query;
    int64_t n_heads, n_kv_heads, width; /* H, K, d */
    bool causal;
    bool shared_keys; /* keys and values have one batch entry, which serves all */
    int64_t window;   /* of what is causal; 0: no end */
    double scale;     /* of q · k before the softmax */
    double cap;       /* scores s become cap · tanh(s / cap); 0: they stay */
    /* [H, n_bias], of the model's type: what is added to the scores of a head, by where the key
     * stands from the query, that of the query itself in column bias_zero; what is further away
     * has the outermost column. By key: by where the key stands from the first one, whatever the
     * query. NULL: nothing. Not with a cap. */
    const tn_tensor *bias;
    int64_t n_bias, bias_zero;
    bool bias_by_key;
};

/* One target's share of a gradient: its rows on the query side and on the key side. */
struct tn_segment {
    int64_t batch; /* which forward sequence */
    int64_t query, n_query,
        first_query; /* rows [query, query + n_query) stand for positions first_query … */
    int64_t key, first_key, n_key; /* rows from `key` on stand for positions first_key … n_key − 1;
                                      earlier ones are attended to, but want no gradient */
};

/* The sides of attention, as bits. */
enum tn_side { TN_QUERIES = 1, TN_KEYS = 2 };

/* Seconds that calls took since the module was opened, by what they do (a product with a matrix far
 * longer than wide is a vocabulary's; rows: norms, activations and all else that treats every row
 * alone), and the operations (a multiplication and an addition are two) of all products. Of the one
 * thread that calls. */
enum tn_work {
    TN_WORK_PRODUCTS,
    TN_WORK_VOCABULARY,
    TN_WORK_ATTENTION,
    TN_WORK_ROWS,
    TN_WORK_OTHER,
    TN_N_WORK
};
struct tn_spent {
    double seconds[TN_N_WORK], operations;
};

/* out is NULL after an error. `into`, where given, is added to in place and *out is not set. */
struct tn_api {
    int version;
    const char *libtorch; /* its version, static */

    /* --- life ---------------------------------------------------------------------------- */
    tn_scope *(*scope_open)(void); /* NULL: no memory */
    void (*scope_close)(tn_scope *s);
    int64_t (*live_handles)(void); /* tensors and scopes not yet freed */
    /* Threads that share work out; fair: fewer while other programs use the cores as well
     * (backend/base/cores.h). Results do not depend on it, to the bit. */
    void (*set_threads)(int n, bool fair);
    void (*spent)(struct tn_spent *out);
    /* Long loops end with ERR_CANCELLED when this flag (an atomic_bool, borrowed; NULL: none) is
     * set. For the whole process: the thread that computes sets it. */
    void (*stop_at)(const void *flag);
    void (*set_fused)(bool fused);
    /* "cpu", "cuda", "cuda:1" → TN_CPU or the device's number. UNSUPPORTED where this libtorch
     * has no such device. */
    enum err_code (*find_device)(int *out, const char *name, struct err *e);

    /* --- making, moving, reading --------------------------------------------------------- */
    /* A view of host memory that the caller keeps alive. */
    enum err_code (*wrap)(tn_tensor **out, tn_scope *s, void *data, enum tn_dtype dtype,
                          const int64_t *dims, int n_dims, struct err *e);
    enum err_code (*zeros)(tn_tensor **out, tn_scope *s, enum tn_dtype dtype, int device,
                           const int64_t *dims, int n_dims, struct err *e);
    /* A copy with another type or device; where both are right already, the same tensor. */
    enum err_code (*move)(tn_tensor **out, tn_scope *s, const tn_tensor *x, enum tn_dtype dtype,
                          int device, struct err *e);
    /* x on the device of `other`, as a copy that does not depend on wrapped host memory. */
    enum err_code (*like)(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *other,
                          struct err *e);
    /* Copies all elements, row-major, to host memory as `dtype`. */
    enum err_code (*read)(const tn_tensor *x, void *host, enum tn_dtype dtype, struct err *e);
    enum err_code (*promote)(tn_tensor **out, tn_scope *s, const tn_tensor *x, struct err *e);
    int64_t (*bytes)(const tn_tensor *x);
    int64_t (*columns_of)(const tn_tensor *x); /* size of the last dimension */
    /* Columns [begin, begin + n) of x [R, C], without a copy. Only for the weight of `linear`. */
    enum err_code (*columns)(tn_tensor **out, tn_scope *s, const tn_tensor *x, int64_t begin,
                             int64_t n, struct err *e);

    /* --- rows ---------------------------------------------------------------------------- */
    /* [R', …]: entries rows[i] along the first dimension of x. */
    enum err_code (*gather)(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *rows,
                            struct err *e);
    /* [n_rows, C], zero but for out[rows[i]] = x[i]; rows are distinct. */
    enum err_code (*spread)(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *rows,
                            int64_t n_rows, struct err *e);
    /* into[rows[i]] += x[i]; rows are distinct. */
    enum err_code (*scatter_add)(tn_tensor *into, const tn_tensor *rows, const tn_tensor *x,
                                 struct err *e);
    enum err_code (*add)(tn_tensor **out, tn_scope *s, const tn_tensor *a, const tn_tensor *b,
                         struct err *e);
    enum err_code (*add_into)(tn_tensor *into, const tn_tensor *x, struct err *e);
    enum err_code (*multiply)(tn_tensor **out, tn_scope *s, const tn_tensor *x, double factor,
                              struct err *e);
    /* cap · tanh(x / cap), which bends towards ±cap. */
    enum err_code (*bend)(tn_tensor **out, tn_scope *s, const tn_tensor *x, double cap,
                          struct err *e);
    /* Its derivative at x times dy; or from zero: bend(x) / x in place of the derivative. */
    enum err_code (*bend_vjp)(tn_tensor **out, tn_scope *s, const tn_tensor *dy, const tn_tensor *x,
                              double cap, bool from_zero, struct err *e);
    /* x cut to ±limit; and dy where the forward's row was within, else zero. */
    enum err_code (*clamp)(tn_tensor **out, tn_scope *s, const tn_tensor *x, double limit,
                           struct err *e);
    enum err_code (*clamp_vjp)(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                               const tn_tensor *x, const tn_tensor *rows, double limit,
                               struct err *e);
    /* x [R, C] with row i times factors[i], float64 on the host. */
    enum err_code (*scale_rows)(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                const tn_tensor *factors, struct err *e);
    /* [R]: the products a · b of each row. */
    enum err_code (*row_dots)(tn_tensor **out, tn_scope *s, const tn_tensor *a, const tn_tensor *b,
                              struct err *e);
    /* x as `like` makes it, of the other's type too. */
    enum err_code (*numbers_like)(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                  const tn_tensor *other, struct err *e);
    /* x [B·T, D] plus rows first … first + T − 1 of table [P, D], for each of the B
     * sequences. */
    enum err_code (*add_positions)(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                   const tn_tensor *table, int64_t length, int64_t first,
                                   struct err *e);

    /* --- products ------------------------------------------------------------------------ */
    /* Whether products with bfloat16 weights are faster than with float32 ones on a device (TN_CPU
     * or its number): whether the processor has an instruction. */
    bool (*multiplies_bf16)(int device);
    /* Multiplies by bfloat16 weights as a processor would with at most this instruction set: 0 any,
     * 1 AVX2, 2 AVX-512, 3 AVX-512 with bfloat16 (as far as this one goes: what is used now is
     * returned). For tests. */
    int (*limit_bf16)(int most);
    /* x [R, I] · wᵀ + bias [O] + residual [R, O] (either may be NULL) = [R, O]; w is [O, I], or
     * [I, O] when `transposed`. Where w is bfloat16, x is rounded to bfloat16 too, and products are
     * summed in float32. */
    enum err_code (*linear)(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *w,
                            const tn_tensor *bias, const tn_tensor *residual, bool transposed,
                            struct err *e);
    /* dy [R, O] → dx [R, I]. */
    enum err_code (*linear_vjp)(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                const tn_tensor *w, bool transposed, tn_tensor *into,
                                struct err *e);

    /* --- norms --------------------------------------------------------------------------- */
    /* Each `width` columns of a row by themselves (0: all of them, G = 1). Scales w and shifts b
     * have width numbers, for all G alike, or G · width; NULL: ones and zeros. */
    /* Root mean square norm (Zhang and Sennrich 2019): x / sqrt(mean x² + epsilon) · w.
     * statistics [R·G]: the reciprocal root. */
    enum err_code (*rms_norm)(tn_tensor **out, tn_tensor **statistics, tn_scope *s,
                              const tn_tensor *x, const tn_tensor *w, int64_t width, double epsilon,
                              struct err *e);
    enum err_code (*rms_norm_vjp)(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                  const tn_tensor *x, const tn_tensor *statistics,
                                  const tn_tensor *w, int64_t width, const tn_tensor *rows,
                                  tn_tensor *into, struct err *e);
    /* Layer norm (Ba et al. 2016), with scale w and shift b. statistics [R·G, 2]: mean and
     * reciprocal deviation. */
    enum err_code (*layer_norm)(tn_tensor **out, tn_tensor **statistics, tn_scope *s,
                                const tn_tensor *x, const tn_tensor *w, const tn_tensor *b,
                                int64_t width, double epsilon, struct err *e);
    enum err_code (*layer_norm_vjp)(tn_tensor **out, tn_scope *s, const tn_tensor *dy,
                                    const tn_tensor *x, const tn_tensor *statistics,
                                    const tn_tensor *w, int64_t width, const tn_tensor *rows,
                                    tn_tensor *into, struct err *e);

    /* --- element by element -------------------------------------------------------------- */
    enum err_code (*activation)(tn_tensor **out, tn_scope *s, enum activation kind,
                                const tn_tensor *x, struct err *e);
    enum err_code (*activation_vjp)(tn_tensor **out, tn_scope *s, enum activation kind,
                                    const tn_tensor *dy, const tn_tensor *x, const tn_tensor *rows,
                                    struct err *e);
    /* activation(gate) ∘ up, all [R, F] (gated linear units, Shazeer 2020). */
    enum err_code (*gated)(tn_tensor **out, tn_scope *s, enum activation kind,
                           const tn_tensor *gate, const tn_tensor *up, struct err *e);
    enum err_code (*gated_vjp)(tn_tensor **d_gate, tn_tensor **d_up, tn_scope *s,
                               enum activation kind, const tn_tensor *dy, const tn_tensor *gate,
                               const tn_tensor *up, const tn_tensor *rows, struct err *e);
    /* The same where the activation's derivative is replaced by (a(x) − a(r)) / (x − r), r
     * being x at the rows `references`; the plain one where |x − r| < 1e-10 (Shrikumar et al.
     * 2017, equation 11). */
    enum err_code (*activation_rescaled)(tn_tensor **out, tn_scope *s, enum activation kind,
                                         const tn_tensor *dy, const tn_tensor *x,
                                         const tn_tensor *rows, const tn_tensor *references,
                                         struct err *e);
    enum err_code (*gated_rescaled)(tn_tensor **d_gate, tn_tensor **d_up, tn_scope *s,
                                    enum activation kind, const tn_tensor *dy,
                                    const tn_tensor *gate, const tn_tensor *up,
                                    const tn_tensor *rows, const tn_tensor *references,
                                    struct err *e);
    /* Rotary positions (Su et al. 2021) in Transformers' pairing (i, i + d/2): of each head of x
     * [R, n · width] the first d numbers, by table [P, d] (cosines, then sines, d/2 each). Row r
     * has position first + r mod length, or with `rows`, rows[r] mod length. `back` turns the other
     * way: the derivative. */
    enum err_code (*rope)(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *table,
                          int64_t width, const tn_tensor *rows, int64_t length, int64_t first,
                          bool back, struct err *e);

    /* --- attention ----------------------------------------------------------------------- */
    /* q [B·n_query, H·d], k and v [B·key_capacity, K·d] → [B·n_query, H·d]. log_sums
     * [B·n_query, H]: logarithm of the softmax's denominator, from which weights are found again;
     * NULL: not wanted. */
    enum err_code (*attention)(tn_tensor **out, tn_tensor **log_sums, tn_scope *s,
                               const struct tn_attention *a, const tn_tensor *q, const tn_tensor *k,
                               const tn_tensor *v, struct err *e);
    /* [B, H, n_query, n_key]; zero where masked. */
    enum err_code (*attention_weights)(tn_tensor **out, tn_scope *s, const struct tn_attention *a,
                                       const tn_tensor *q, const tn_tensor *k, struct err *e);
    /* dy and dq have the query sides' rows, dk and dv the key sides' (n_key_rows). With
     * a->shared_keys a segment's keys are those of entry 0. Of the sides in `slopes` (bits of enum
     * tn_side) not the gradient is written but the scores': dq [.., H·n_key], dk [.., H·n_query],
     * for slopes_vjp; only where every head has keys of its own. */
    enum err_code (*attention_vjp)(tn_tensor **dq, tn_tensor **dk, tn_tensor **dv, tn_scope *s,
                                   const struct tn_attention *a, const struct tn_segment *segments,
                                   int64_t n_segments, int64_t n_key_rows, unsigned slopes,
                                   const tn_tensor *dy, const tn_tensor *q, const tn_tensor *k,
                                   const tn_tensor *v, const tn_tensor *log_sums, struct err *e);
    /* The gradient of x where the queries (or keys) are x · wᵀ, from the scores' slopes. Their
     * gradient times w is a sum over keys (queries) of slopes times those rows of `other`, and the
     * rows times w are the same for all segments of an entry: with few rows and many segments far
     * fewer operations than linear_vjp's. w as in linear; added to `into` where there is one, else
     * *out is new. */
    enum err_code (*slopes_vjp)(tn_tensor **out, tn_scope *s, const struct tn_attention *a,
                                const struct tn_segment *segments, int64_t n_segments,
                                enum tn_side side, const tn_tensor *slopes, const tn_tensor *other,
                                const tn_tensor *w, bool transposed, tn_tensor *into,
                                struct err *e);
    /* Whether that is worth while here, and there is a loop for it. */
    bool (*slopes_pay)(const struct tn_attention *a, const struct tn_segment *segments,
                       int64_t n_segments, enum tn_side side, const tn_tensor *other,
                       const tn_tensor *w, bool transposed);
    /* Writes x [B·n, C] to rows first … first + n − 1 of each entry of cache [B, capacity,
     * C]. */
    enum err_code (*cache_write)(tn_tensor *cache, const tn_tensor *x, int64_t first,
                                 struct err *e);
    /* [B, capacity, C] with the first n_rows rows of each entry of cache, in the order of `entries`
     * [B]. */
    enum err_code (*cache_copy)(tn_tensor **out, tn_scope *s, const tn_tensor *cache,
                                const tn_tensor *entries, int64_t n_rows, int64_t capacity,
                                struct err *e);

    /* --- recurrence ---------------------------------------------------------------------- */
    /* Simpler simple recurrent unit (Kim et al. 2019): c_t = f_t c_{t−1} + (1 − f_t) x_t with f
     * = sigmoid(gate). x, gate, out [B·T, D]; state [B, D] is c before the first row, NULL:
     * zero. */
    enum err_code (*recurrence)(tn_tensor **out, tn_scope *s, const tn_tensor *x,
                                const tn_tensor *gate, const tn_tensor *state, int64_t n_batch,
                                struct err *e);
    /* dy has the segments' query rows; dx and d_gate their key rows. c is the forward's result,
     * computed without a state. */
    enum err_code (*recurrence_vjp)(tn_tensor **dx, tn_tensor **d_gate, tn_scope *s,
                                    const struct tn_segment *segments, int64_t n_segments,
                                    int64_t n_key_rows, int64_t length, const tn_tensor *dy,
                                    const tn_tensor *x, const tn_tensor *gate, const tn_tensor *c,
                                    struct err *e);
    /* The same, its gate's derivative replaced as above; the reference of row r is row r +
     * reference. */
    enum err_code (*recurrence_rescaled)(tn_tensor **dx, tn_tensor **d_gate, tn_scope *s,
                                         const struct tn_segment *segments, int64_t n_segments,
                                         int64_t n_key_rows, int64_t length, int64_t reference,
                                         const tn_tensor *dy, const tn_tensor *x,
                                         const tn_tensor *gate, const tn_tensor *c, struct err *e);
};

/* Opens the module once (later calls return the same table): $TINSEQ_MODULE, beside the executable,
 * or under its prefix. NULL on failure: IO (not found), BACKEND (the linker's message or a version
 * that does not fit). The table stays valid for ever. */
const struct tn_api *tn_load(struct err *e);

#endif
