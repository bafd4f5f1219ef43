/* Other processes, by their ids. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_PROCESS_H
#define TINSEQ_BACKEND_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* It runs. One that was killed, and that nobody has taken notice of yet, does not. */
bool process_lives(pid_t id);

#endif
