/*
 * The command line. Nothing here opens the tensor module but what computes. Main thread only.
 */
#ifndef TINSEQ_APP_CLI_H
#define TINSEQ_APP_CLI_H

/* Finds the command of argv [n], after the program's name, does it and returns the process's exit
 * status. */
int cli_main(int n, char *const *argv);

#endif
