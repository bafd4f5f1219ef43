/* What --timings tells. Main thread only. */
#ifndef TINSEQ_APP_CLI_TIMINGS_H
#define TINSEQ_APP_CLI_TIMINGS_H

/* The most memory this program ever had resident. Not getrusage's: that remembers what was before
 * exec. */
long long cli_peak_bytes(void);

#endif
