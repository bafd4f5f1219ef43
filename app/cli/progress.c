#include "app/cli/progress.h"

#include "backend/base/clamp.h"
#include "backend/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define LEAST_BAR 4
#define TEXT_WIDTH 45 /* beside the bar */
#define REDRAW_SECONDS 0.1
#define LINE_SECONDS 10

static int terminal_columns(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* Whether what is shown is new enough; a line does not begin a phase. */
static bool is_early(struct cli_progress *p, double now, bool new_phase) {
    if (p->lines && new_phase)
        p->drawn = now;
    return (p->lines || !new_phase) && now - p->drawn < (p->lines ? LINE_SECONDS : REDRAW_SECONDS);
}

void cli_progress_update(struct cli_progress *p, const char *phase, int64_t done, int64_t total) {
    if (!p->shown)
        return;
    double now = clock_seconds();
    bool new_phase = !p->phase || strcmp(p->phase, phase) != 0;
    if (new_phase) {
        p->phase = phase;
        p->phase_started = now;
        p->phase_done = done;
    }
    if (is_early(p, now, new_phase))
        return;
    p->drawn = now;
    char bar[BAR_WIDTH + 1], left[64] = "", rate[64] = "", input[64] = "", line[320];
    const double part = total > 0 ? (double)clamped(done, 0, total) / (double)total : 0,
                 elapsed = now - p->phase_started;
    const int columns = terminal_columns(),
              width = (int)clamped(columns - TEXT_WIDTH, LEAST_BAR, BAR_WIDTH);
    for (int i = 0; i < width; i++)
        bar[i] = i < (int)(part * width + 0.5) ? '#' : '.';
    bar[width] = '\0';
    const double since = (double)(done - p->phase_done);
    const bool known = since > 0 && elapsed > 0.5; /* a guess from less would only flicker */
    if (known && part < 1)
        snprintf(left, sizeof left, ", %s %.0f s left", p->at_worst ? "at most" : "about",
                 elapsed * (double)(total - done) / since + 0.5);
    if (known && p->unit)
        snprintf(rate, sizeof rate, ", %.3g %s a second", since / elapsed, p->unit);
    if (p->lines) {
        fprintf(stderr, "tinseq: %s: %.0f %%%s%s\n", phase, floor(100 * part), left, rate);
        return;
    }
    if (p->n_inputs > 1)
        snprintf(input, sizeof input, "input %zu of %zu: ", p->i_input + 1, p->n_inputs);
    snprintf(line, sizeof line, "%s%s [%s] %.0f %%%s%s", input, phase, bar, floor(100 * part), left,
             rate);
    fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
    fflush(stderr);
    p->on_screen = true;
}

void cli_progress_clear(struct cli_progress *p) {
    if (p->on_screen)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    p->on_screen = false;
}
