/* A thread of its own waits for the signal and all others have it blocked, because no handler may
 * run on a thread that computes: while libraries' kernels (oneDNN's) use the stack pointer for
 * their buffers, the kernel of the system would write the handler's frame over the heap. */
#include "app/cli/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

static atomic_bool interrupted;
static sigset_t awaited;

/* poll's answer does not say that somebody waits, but somebody who writes would. */
static bool blocked(int fd) {
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    return poll(&out, 1, 0) == 0;
}

/* Who asks twice does not want to wait, and for an output that takes nothing one would wait for
 * ever. Returns the signal to die of. */
static int wait_for_the_end(int first) {
    static const struct timespec interval = {.tv_nsec = 250000000};
    int number, looks = 0;
    while ((number = sigtimedwait(&awaited, NULL, &interval)) < 0 && looks < 3)
        looks = blocked(STDOUT_FILENO) || blocked(STDERR_FILENO) ? looks + 1 : 0;
    return number > 0 ? number : first;
}

static void *wait_for_signals(void *unused) {
    (void)unused;
    int number;
    if (sigwait(&awaited, &number) != 0)
        return NULL;
    atomic_store_explicit(&interrupted, true, memory_order_relaxed);
    number = wait_for_the_end(number);
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    (void)sigaction(number, &usual, NULL);
    (void)pthread_sigmask(SIG_UNBLOCK, &awaited, NULL);
    (void)kill(getpid(), number);
    return NULL;
}

atomic_bool *cli_catch_interrupts(void) {
    pthread_t thread;
    sigset_t before;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &awaited, &before) != 0)
        return &interrupted;
    if (pthread_create(&thread, NULL, wait_for_signals, NULL) == 0)
        (void)pthread_detach(thread);
    else
        (void)pthread_sigmask(SIG_SETMASK, &before,
                              NULL); /* then a signal ends the program, as usual */
    return &interrupted;
}
