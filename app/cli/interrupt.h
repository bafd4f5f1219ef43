/* Control-C on the command line. Main thread only. */
#ifndef TINSEQ_APP_CLI_INTERRUPT_H
#define TINSEQ_APP_CLI_INTERRUPT_H

#include <stdatomic.h>

/* Ctrl-C and SIGTERM set the flag that is returned. A second one ends the program at once, and so
 * does an output that takes nothing for some time after the first: who reads it may have stopped.
 */
atomic_bool *cli_catch_interrupts(void);

#endif
