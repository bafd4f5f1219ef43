#include "backend/base/thread.h"

#include <signal.h>

int thread_start(pthread_t *out, void *(*main)(void *user), void *user) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const int failed = pthread_create(out, NULL, main, user);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}
