/* Threads beside the main one. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_THREAD_H
#define TINSEQ_BACKEND_BASE_THREAD_H

#include <pthread.h>

/* Starts a thread that takes no signals: they stay with the main thread, but for those of a crash,
 * which must stay deliverable to who crashed. 0, or an errno. */
int thread_start(pthread_t *out, void *(*main)(void *user), void *user);

#endif
