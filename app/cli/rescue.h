/* A computed result that could not be written where it should go, kept elsewhere. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_RESCUE_H
#define TINSEQ_APP_CLI_RESCUE_H

#include "views/export/export.h"

/* Writes what would have been written, as packed JSON, into the first of some folders that takes
 * it: the program's own, the temporary one, memory. Says on standard error where, or that none did.
 */
void cli_rescue(const struct export_input *in);

#endif
