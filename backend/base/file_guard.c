#include "backend/base/file_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RANGES_MOST 512

/* Handlers can reach nothing but globals. end 0: free. */
struct range {
    _Atomic uintptr_t begin, end;
    atomic_bool missed;
};
static struct range ranges[RANGES_MOST];
static uintptr_t page_bytes;
static struct sigaction before;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool installed;

static struct range *find(uintptr_t address) {
    for (size_t i = 0; i < RANGES_MOST; i++)
        if (address < atomic_load(&ranges[i].end) && address >= atomic_load(&ranges[i].begin))
            return &ranges[i];
    return NULL;
}

bool file_guard_absorb(const void *address) {
    struct range *r = find((uintptr_t)address);
    if (!r)
        return false;
    /* All from here on is beyond the file's end: zeros of our own. */
    const uintptr_t from = (uintptr_t)address / page_bytes * page_bytes, end = atomic_load(&r->end);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (mmap((void *)from, end - from, PROT_READ, flags, -1, 0) == MAP_FAILED)
        return false;
    atomic_store(&r->missed, true);
    return true;
}

static void on_bus(int number, siginfo_t *info, void *context) {
    (void)context;
    const bool sent = info->si_code <= 0; /* by a process, and no fault */
    if (!sent && file_guard_absorb(info->si_addr))
        return;
    (void)sigaction(number, &before, NULL); /* a fault comes again, and goes there */
    if (sent)
        (void)raise(number);
}

static bool stands_first(void) {
    struct sigaction now;
    return sigaction(SIGBUS, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) &&
           now.sa_sigaction == on_bus;
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    installed = sigaction(SIGBUS, &action, &before) == 0;
}

void file_guard_stand_first(void) {
    pthread_mutex_lock(&lock);
    if (installed && !stands_first())
        install();
    pthread_mutex_unlock(&lock);
}

void file_guard_watch(const void *data, size_t n) {
    pthread_mutex_lock(&lock);
    if (!installed)
        install();
    for (size_t i = 0; installed && i < RANGES_MOST; i++) {
        struct range *r = &ranges[i];
        if (atomic_load(&r->end))
            continue;
        atomic_store(&r->begin, (uintptr_t)data);
        atomic_store(&r->missed, false);
        atomic_store(&r->end, (uintptr_t)data + n);
        break;
    }
    pthread_mutex_unlock(&lock);
}

void file_guard_forget(const void *data) {
    pthread_mutex_lock(&lock);
    struct range *r = find((uintptr_t)data);
    if (r)
        atomic_store(&r->end, 0);
    pthread_mutex_unlock(&lock);
}

bool file_guard_missed(const void *data) {
    const struct range *r = find((uintptr_t)data);
    return r && atomic_load(&r->missed);
}
