#include "app/cli/timings.h"

#include <stdio.h>

long long cli_peak_bytes(void) {
    char line[256];
    long long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %lld", &kilobytes) == 1)
            break;
    if (status)
        fclose(status);
    return kilobytes * 1024;
}

void cli_print_row_timings(double load, int64_t n_rows, double seconds) {
    fprintf(stderr,
            "{\"load\": %.6f, \"rows\": %lld, \"seconds\": %.6f, \"rows_a_second\": %.6g, "
            "\"peak_rss_bytes\": %lld}\n",
            load, (long long)n_rows, seconds, (double)n_rows / seconds, cli_peak_bytes());
}
