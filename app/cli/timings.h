/* What --timings tells. Main thread only. */
#ifndef TINSEQ_APP_CLI_TIMINGS_H
#define TINSEQ_APP_CLI_TIMINGS_H

#include <stdint.h>

/* The most memory this program ever had resident. Not getrusage's: that remembers what was before
 * exec. */
long long cli_peak_bytes(void);

/* What a data set took, of which so many rows were done. */
void cli_print_row_timings(double load, int64_t n_rows, double seconds);

#endif
