/* Where tensors lie. Temporaries of some megabytes come and go in every layer, in few sizes. glibc
 * maps and clears each anew, or, told not to, does not find a freed aligned block again and grows.
 * Here a large tensor has pages of its own, and freed ones are kept for the next of about their
 * size. */
#include "backend/tn/module.h"

#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include <sys/mman.h>

#include <cstdlib>
#include <list>
#include <mutex>
#include <new>

namespace tn {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they watch malloc */

/* Bytes from which on a tensor has pages of its own; the step of their sizes; and what is kept at
 * most for later. */
enum { OWN_PAGES = 128 << 10, STEP = 64 << 10, MOST_KEPT = 128 << 20 };
/* Where on its first page a tensor begins varies, or all rows would compete for the same lines of
 * the cache. */
enum { LINE = 64, COLOURS = 32 };

struct block {
    void *base;
    size_t size;
}; /* size: of the pages; 0 for malloc's. It lies in the line before the tensor. */
static_assert(sizeof(block) <= LINE, "a block's note fits a line");

/* These outlive the program's end, when the worker may still run. */
static std::mutex &mutex = *new std::mutex;
static std::list<block> &kept = *new std::list<block>; /* oldest first */
static size_t kept_bytes;

static block &note_of(void *tensor) {
    return *reinterpret_cast<block *>(static_cast<char *>(tensor) - LINE);
}

/* A kept block of at least that size and not much more, the latest freed first; an empty one if
 * there is none. */
static block take_kept(size_t size) {
    const std::lock_guard<std::mutex> lock(mutex);
    for (auto b = kept.rbegin(); b != kept.rend(); ++b)
        if (b->size >= size && b->size <= size + size / 4) {
            const block found = *b;
            kept_bytes -= found.size;
            kept.erase(std::next(b).base());
            return found;
        }
    return {};
}

static void keep(const block &b) {
    std::list<block> gone, one(1, b);
    {
        const std::lock_guard<std::mutex> lock(mutex);
        kept.splice(kept.end(), one);
        kept_bytes += b.size;
        while (kept_bytes > MOST_KEPT) {
            kept_bytes -= kept.front().size;
            gone.splice(gone.end(), kept, kept.begin());
        }
    }
    for (const block &old : gone)
        munmap(old.base, old.size);
}

static void release(void *tensor) {
    if (!tensor)
        return;
    const block b = note_of(tensor);
    if (b.size)
        keep(b);
    else
        free(b.base);
}

static void *reserve(size_t n) {
    static unsigned colour;
    block b = {};
    size_t offset = LINE;
    if (n > SIZE_MAX / 2)
        throw std::bad_alloc();
    if (n < OWN_PAGES) {
        if (posix_memalign(&b.base, LINE, n + LINE))
            throw std::bad_alloc();
    } else {
        const size_t size = (n + LINE * COLOURS + STEP - 1) / STEP * STEP;
        b = take_kept(size);
        if (!b.base)
            b = {mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                 size};
        if (b.base == MAP_FAILED)
            throw std::bad_alloc();
        offset *= 1 + __atomic_fetch_add(&colour, 1, __ATOMIC_RELAXED) % COLOURS;
    }
    void *tensor = static_cast<char *>(b.base) + offset;
    new (static_cast<char *>(tensor) - LINE) block(b);
    return tensor;
}

struct allocator final : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2
    at::DataPtr allocate(size_t n) override {
#else
    at::DataPtr allocate(size_t n) const override {
#endif
        void *tensor = n ? reserve(n) : nullptr;
        return {tensor, tensor, &release, at::Device(at::kCPU)};
    }
    at::DeleterFnPtr raw_deleter() const override {
        return &release;
    }
#if TORCH_VERSION_MAJOR >= 2
    void copy_data(void *to, const void *from, std::size_t n) const override {
        default_copy_data(to, from, n);
    }
#endif
};

void use_allocator() {
    c10::SetCPUAllocator(new allocator);
}

#else

void use_allocator() {}

#endif

} // namespace tn
