/* The module's entry: the exception guard, scopes and handles, and moving tensors in and out. */
#include "backend/tn/module.h"

#include "backend/base/clock.h"
#include "backend/base/cores.h"

#include <torch/version.h>

#include <dlfcn.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <new>

namespace tn {

bool fused_wanted = true;
static std::atomic<int64_t> live;
struct tn_spent spent;
const std::atomic<bool> *stop_flag;

stopwatch::stopwatch(enum tn_work kind_) : kind(kind_), begun(clock_seconds()) {}
stopwatch::~stopwatch() {
    spent.seconds[kind] += clock_seconds() - begun;
}

/* C's atomic_bool and C++'s are laid out alike. */
static void stop_at(const void *flag) {
    stop_flag = static_cast<const std::atomic<bool> *>(flag);
}
static_assert(sizeof(std::atomic<bool>) == 1, "an atomic flag is one byte");

static void read_spent(struct tn_spent *out) {
    *out = spent;
}

/* libtorch warns on standard error, which would tear the screen. Nothing here acts on a warning. */
class silent_warnings : public c10::WarningHandler {
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning &) override {}
#else
    void process(const c10::SourceLocation &, const std::string &, const bool) override {}
#endif
};

/* --- threads --------------------------------------------------------------------------------- */

static std::atomic<int> wanted_threads{0}, running_threads{0};

/* Looks at what else runs a few times a second, one thread at a time, while work comes in. */
class neighbours {
    static constexpr double INTERVAL = 0.1, COST = 0.01; /* seconds; of the time, at most */
    std::mutex busy;
    struct cores_use before = {};
    int n_cores = 1;
    std::atomic<double> next{INFINITY};

  public:
    void watch(bool on) {
        const std::lock_guard<std::mutex> held(busy);
        n_cores = cores_available();
        next = on ? 0.0 : double{INFINITY};
    }
    void look() {
        const double now = clock_seconds();
        if (now < next || !busy.try_lock())
            return;
        struct cores_use after;
        const bool told = cores_read_use(&after);
        const double interval = std::max(INTERVAL, (clock_seconds() - now) / COST);
        if (told && after.at - before.at < 20 * interval)
            running_threads =
                cores_fair_threads(wanted_threads, running_threads, &before, &after, n_cores);
        before = after;
        next = told ? now + interval : double{INFINITY};
        busy.unlock();
    }
};
static neighbours beside_us;

/* libgomp keeps the number for every thread that shares work out. at::set_num_threads would also
 * start a second pool, of XNNPACK's, whose idle threads spin. */
static void take_threads() {
    thread_local int taken = 0;
    beside_us.look();
    const int running = running_threads;
    if (taken == running)
        return;
    taken = running;
    at::get_num_threads(); /* the first call in a thread sets libtorch's own default */
    omp_set_num_threads(running);
}

void enter() {
    static silent_warnings silent;
    thread_local bool set = false;
    take_threads();
    if (set)
        return;
    set = true;
#if TORCH_VERSION_MAJOR >= 2
    c10::WarningUtils::set_warning_handler(&silent);
#else
    c10::Warning::set_warning_handler(&silent);
#endif
}

/* The first line, without a trailing dot. */
static enum err_code fail(struct err *e, enum err_code code, const char *text) {
    if (e) {
        size_t n = strcspn(text, "\n");
        while (n && (text[n - 1] == '.' || text[n - 1] == ' '))
            n--;
        e->code = code;
        snprintf(e->message, sizeof e->message, "%.*s", static_cast<int>(n < 400 ? n : 400), text);
    }
    return code;
}

enum err_code describe_exception(struct err *e) {
    try {
        throw;
    } catch (const shape_error &error) {
        return fail(e, ERR_SHAPE, error.text);
    } catch (const cancelled &) {
        return fail(e, ERR_CANCELLED, "the work was cancelled");
    } catch (const std::bad_alloc &) {
        return fail(e, ERR_NOMEM, "not enough memory for a tensor");
    } catch (const c10::Error &error) {
        const char *text = error.what_without_backtrace();
        /* The CPU allocator's failure is a plain c10::Error. */
        if (strstr(text, "can't allocate memory") || strstr(text, "not enough memory") ||
            strstr(text, "out of memory"))
            return fail(e, ERR_NOMEM, "not enough memory for a tensor");
        return fail(e, ERR_BACKEND, text);
    } catch (const std::exception &error) {
        return fail(e, ERR_BACKEND, error.what());
    } catch (...) {
        return fail(e, ERR_BACKEND, "libtorch failed without saying why");
    }
}

tn_tensor *hold(tn_scope *s, at::Tensor t) {
    s->owned.reserve(s->owned.size() + 1);
    tn_tensor *handle = new tn_tensor{std::move(t)};
    s->owned.push_back(handle);
    live++;
    return handle;
}

static tn_scope *scope_open() {
    tn_scope *s = new (std::nothrow) tn_scope;
    live += s != nullptr;
    return s;
}

static void scope_close(tn_scope *s) {
    if (!s)
        return;
    c10::InferenceMode inference;
    for (tn_tensor *handle : s->owned)
        delete handle;
    live -= static_cast<int64_t>(s->owned.size()) + 1;
    delete s;
}

static int64_t live_handles() {
    return live;
}

/* Products are shared out in products.cpp: the library multiplies on the calling thread alone.
 * OpenBLAS keeps a number of threads of its own; others (MKL) see that they are called from a
 * parallel region. */
static void set_threads(int n, bool fair) {
    guard(nullptr, [&] {
        wanted_threads = running_threads = n;
        beside_us.watch(fair && n > 1);
        take_threads();
        void *address = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
        if (address) {
            void (*set)(int);
            memcpy(&set, &address, sizeof set);
            set(1);
        }
    });
}

static void set_fused(bool fused) {
    fused_wanted = fused;
}

static enum err_code find_device(int *out, const char *name, struct err *e) {
    *out = TN_CPU;
    return guard(e, [&] {
        const c10::Device device{std::string(name)};
        if (device.is_cpu())
            return;
        TORCH_CHECK(device.is_cuda(), "device ", name, " is not known here");
        TORCH_CHECK(at::hasCUDA(), "this libtorch was built without CUDA");
        const int index = device.has_index() ? device.index() : 0;
        at::zeros({1}, at::TensorOptions().device(
                           c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index))));
        *out = index;
    });
}

static at::ScalarType scalar_type(enum tn_dtype dtype) {
    switch (dtype) {
    case TN_FLOAT32:
        return at::kFloat;
    case TN_FLOAT64:
        return at::kDouble;
    case TN_BFLOAT16:
        return at::kBFloat16;
    case TN_INT64:
        break;
    }
    return at::kLong;
}

static c10::Device device_of(int device) {
    return device == TN_CPU ? c10::Device(c10::kCPU)
                            : c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device));
}

static enum err_code wrap(tn_tensor **out, tn_scope *s, void *host, enum tn_dtype dtype,
                          const int64_t *dims, int n_dims, struct err *e) {
    *out = nullptr;
    return guard(e, [&] {
        *out = hold(s, at::from_blob(host, at::IntArrayRef(dims, n_dims),
                                     at::TensorOptions().dtype(scalar_type(dtype))));
    });
}

static enum err_code zeros(tn_tensor **out, tn_scope *s, enum tn_dtype dtype, int device,
                           const int64_t *dims, int n_dims, struct err *e) {
    *out = nullptr;
    return guard(e, [&] {
        *out = hold(
            s, at::zeros(at::IntArrayRef(dims, n_dims),
                         at::TensorOptions().dtype(scalar_type(dtype)).device(device_of(device))));
    });
}

static enum err_code move(tn_tensor **out, tn_scope *s, const tn_tensor *x, enum tn_dtype dtype,
                          int device, struct err *e) {
    *out = nullptr;
    return guard(e, [&] { *out = hold(s, x->t.to(device_of(device), scalar_type(dtype))); });
}

static enum err_code like(tn_tensor **out, tn_scope *s, const tn_tensor *x, const tn_tensor *other,
                          struct err *e) {
    *out = nullptr;
    return guard(
        e, [&] { *out = hold(s, x->t.to(other->t.device(), x->t.scalar_type(), false, true)); });
}

static enum err_code read(const tn_tensor *x, void *host, enum tn_dtype dtype, struct err *e) {
    return guard(e, [&] {
        const at::Tensor copy = x->t.to(c10::Device(c10::kCPU), scalar_type(dtype)).contiguous();
        memcpy(host, copy.data_ptr(), copy.nbytes());
    });
}

static enum err_code promote(tn_tensor **out, tn_scope *s, const tn_tensor *x, struct err *e) {
    *out = nullptr;
    return guard(e, [&] { *out = hold(s, x->t); });
}

static int64_t bytes(const tn_tensor *x) {
    return static_cast<int64_t>(x->t.nbytes());
}

static int64_t columns_of(const tn_tensor *x) {
    return x->t.size(-1);
}

static enum err_code columns(tn_tensor **out, tn_scope *s, const tn_tensor *x, int64_t begin,
                             int64_t n, struct err *e) {
    *out = nullptr;
    return guard(e, [&] { *out = hold(s, x->t.narrow(1, begin, n)); });
}

void fill_memory(struct tn_api *api) {
    api->version = TN_VERSION;
    api->libtorch = TORCH_VERSION;
    api->scope_open = scope_open;
    api->scope_close = scope_close;
    api->live_handles = live_handles;
    api->set_threads = set_threads;
    api->spent = read_spent;
    api->stop_at = stop_at;
    api->set_fused = set_fused;
    api->find_device = find_device;
    api->wrap = wrap;
    api->zeros = zeros;
    api->move = move;
    api->like = like;
    api->read = read;
    api->promote = promote;
    api->bytes = bytes;
    api->columns_of = columns_of;
    api->columns = columns;
}

} // namespace tn

extern "C" __attribute__((visibility("default"))) const struct tn_api *tinseq_tn_api(void);
const struct tn_api *tinseq_tn_api(void) {
    static struct tn_api api;
    tn::use_allocator();
    tn::fill_memory(&api);
    tn::fill_rows(&api);
    tn::fill_products(&api);
    tn::fill_bf16(&api);
    tn::fill_attention(&api);
    tn::fill_slopes(&api);
    tn::fill_recurrence(&api);
    tn::fill_rescale(&api);
    return &api;
}
