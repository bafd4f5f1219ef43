/*
 * Measures the terminal program on a pseudo-terminal, as a person waits for it:
 *     bench_screen PROGRAM MODEL PROMPT HOME
 * prints JSON, in seconds: start to first frame; F5 to the first column's numbers and to the end
 * with the model loaded; how long a cursor key takes while the worker attributes (the middle and
 * the slowest); how long a cancelled run of integrated gradients goes on; a million characters
 * pasted into the prompt, marked as a paste and not. HOME is an empty folder for the program's own
 * files. Exit status 1 when something did not come.
 */
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "harness/term.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS 40
#define COLUMNS 130 /* map and detail beside each other */
#define MAX_KEYS 64
#define LOST 0.5 /* s: the map was replaced by the final text's under the key */

static bool shows(struct term *t, const char *needle) {
    char *text = term_text(t);
    bool found = strstr(text, needle) != NULL;
    free(text);
    return found;
}

/* A number under the cursor: a pending cell's value reads "none". */
static bool has_first_column(struct term *t, void *user) {
    (void)user;
    return shows(t, "value  ") && !shows(t, "value  none");
}

/* A run after F5: its name in the title, and what the last line says at its end. */
struct wanted {
    const char *run, *done;
};

/* The old map's numbers are gone, everywhere: a frame arrives in pieces, the title before the map
 * and the details. */
static bool has_begun(struct term *t, void *user) {
    const struct wanted *w = user;
    char *top = term_row(t, 0);
    bool begun = strstr(top, w->run) && !has_first_column(t, NULL);
    free(top);
    return begun || shows(t, w->done);
}

static bool has_frame(struct term *t, void *user) {
    (void)user;
    char *top = term_row(t, 0), *bottom = term_row(t, ROWS - 1);
    bool both = strstr(top, "tinseq") && strlen(bottom) > 10;
    free(top);
    free(bottom);
    return both;
}

/* The row of the map's cursor, marked ">" in its second column; −1: none. */
static int cursor_row(struct term *t) {
    for (int row = 0; row < ROWS; row++)
        if (strcmp(term_cell(t, row, 1).text, ">") == 0)
            return row;
    return -1;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sleep_ms(double ms) {
    struct timespec pause = {.tv_nsec = (long)(ms * 1e6)};
    nanosleep(&pause, NULL);
}

static bool is_attributing(struct term *t) {
    char *tabs = term_row(t, 1);
    bool working = strstr(tabs, "attributing");
    free(tabs);
    return working;
}

static bool is_working(struct term *t) {
    char *tabs = term_row(t, 1);
    bool working = strstr(tabs, "generating") || strstr(tabs, "attributing");
    free(tabs);
    return working;
}

/* Cursor keys up and down while the run goes on; returns how many were timed. */
static int time_keys(double *seconds, struct term *t) {
    int n = 0;
    for (int sent = 0; sent < MAX_KEYS && is_working(t);) {
        int before = cursor_row(t);
        if (before >= 0) {
            double began = clock_seconds(), waited = 0;
            int row = before;
            term_key(t, sent++ % 2 ? "k" : "j");
            for (; (row < 0 || row == before) && waited < LOST; waited = clock_seconds() - began) {
                sleep_ms(0.1);
                term_sync(t);
                row = cursor_row(t);
            }
            if (waited < LOST)
                seconds[n++] = waited;
        }
        sleep_ms(30); /* a person types no faster */
        term_sync(t);
    }
    return n;
}

/* F5 on the loaded model: seconds to the first column, or a negative number. */
static double press_run(struct term *t, const char *run, const char *done) {
    struct wanted w = {run, done};
    double began = clock_seconds();
    term_key(t, "F5");
    bool good = term_expect(t, has_begun, &w, "the run's beginning") &&
                term_expect(t, has_first_column, NULL, "the first column");
    return good ? clock_seconds() - began : -1;
}

static struct term *start(double *first_frame, const char *const *argv, const char *home) {
    char *env_home = mem_format("HOME=%s", home);
    const char *env[] = {env_home, "COLORTERM=truecolor", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                         NULL};
    double began = clock_seconds();
    struct term *t = term_spawn(ROWS, COLUMNS, argv, env);
    if (t && !term_expect(t, has_frame, NULL, "the first frame")) {
        term_free(t);
        t = NULL;
    }
    *first_frame = clock_seconds() - began;
    free(env_home);
    return t;
}

/* A long run is cancelled in its middle: seconds until it has stopped, or a negative number. The
 * model is loaded by a first run, which is cancelled too. */
static double time_cancel(const char *program, const char *model, const char *prompt,
                          const char *home) {
    const char *argv[] = {program,
                          "-m",
                          model,
                          "-i",
                          prompt,
                          "-a",
                          "integrated_gradients",
                          "--attribution_kwargs",
                          "{\"n_steps\": 2000}",
                          NULL};
    double seconds, slowest = -1;
    struct term *t = start(&seconds, argv, home);
    for (int round = 0; t && round < 4; round++) {
        double deadline = clock_seconds() + 60;
        while (clock_seconds() < deadline && !is_attributing(t)) {
            sleep_ms(1);
            term_sync(t);
        }
        sleep_ms(500 + 70 * round); /* another place in a pass each time */
        term_sync(t);
        if (!is_attributing(t))
            break;
        double began = clock_seconds();
        term_send(t, "\003", 1); /* term_key would wait until nothing else is read */
        while (clock_seconds() < deadline && is_attributing(t)) {
            sleep_ms(0.5);
            term_sync(t);
        }
        seconds = clock_seconds() - began;
        slowest = round > 0 && seconds > slowest ? seconds : slowest;
        term_key(t, "F5");
    }
    term_free(t);
    return slowest;
}

/* A million characters pasted into the prompt, marked as a paste or not: seconds until their end is
 * on the screen, or a negative number. */
static double time_paste(const char *program, const char *model, const char *home, bool marked) {
    const char *argv[] = {program, "-m", model, NULL};
    const size_t n = 1000000;
    char *text = mem_alloc(n + 1);
    double seconds;
    for (size_t i = 0; i < n; i++)
        text[i] = "abcdefghi "[i % 10];
    text[n - 1] = '@'; /* in one row, wherever it ends */
    struct term *t = start(&seconds, argv, home);
    bool good = t && term_expect_text(t, "is loaded");
    const double began = clock_seconds();
    if (good && marked)
        term_paste(t, text);
    else if (good)
        term_send(t, text, n);
    good = good && term_expect_text(t, "@");
    seconds = clock_seconds() - began;
    if (t) /* the next program is not to begin with this text */
        term_key(t, "Ctrl-U");
    good = good && term_expect_text(t, "type the text here");
    if (t)
        term_key(t, "F10");
    good = good && term_wait_exit(t) == 0;
    term_free(t);
    free(text);
    return good ? seconds : -1;
}

/* What is on the screen, to the place of its cursor. */
static char *picture(struct term *t) {
    char *text = term_text(t), *both = mem_format("%d %s", cursor_row(t), text);
    free(text);
    return both;
}

/* Seconds from a key to the first change that it makes; negative: it makes none. */
static double time_key(struct term *t, const char *key) {
    char *before = picture(t);
    const double began = clock_seconds();
    double waited = 0;
    bool same = true;
    for (term_key(t, key); same && waited < LOST; waited = clock_seconds() - began) {
        sleep_ms(0.1);
        term_sync(t);
        char *now = picture(t);
        same = strcmp(now, before) == 0;
        free(now);
    }
    free(before);
    return same ? -1 : waited;
}

/* The keys several times over: prints the middle one, and the one that nine of ten are faster than
 * (some wait for the harness to see that the terminal is quiet). */
static void tell_keys(struct term *t, const char *const *keys, size_t n_keys) {
    double seconds[MAX_KEYS];
    int n = 0;
    for (size_t i = 0; n < MAX_KEYS && i < 4 * n_keys; i++) {
        const double taken = time_key(t, keys[i % n_keys]);
        if (taken >= 0)
            seconds[n++] = taken;
    }
    qsort(seconds, (size_t)n, sizeof *seconds, compare);
    printf("\"n_keys\": %d, \"key_middle\": %.4f, \"key_most\": %.4f}\n", n,
           n ? seconds[n / 2] : -1, n ? seconds[n * 9 / 10] : -1);
}

static bool has_row(struct term *t, void *user) {
    (void)user;
    return shows(t, ">      1 ");
}

static bool is_whole(struct term *t, void *user) {
    (void)user;
    char *foot = term_row(t, ROWS - 3);
    const bool whole = strstr(foot, " rows ") && !strstr(foot, " of ");
    free(foot);
    return whole && !shows(t, "reading rows");
}

/* A file of many rows: seconds to the first one, and until all are in the list; keys that move,
 * sort, filter as one types, and open a row. */
static int time_list(const char *program, const char *file, const char *home) {
    static const char *const keys[] = {"j",     "PgDn", "G",     "g", "s", "s",      "l",     "l",
                                       "l",     "s",    "/",     "e", "i", "f",      "f",     "e",
                                       "Enter", "j",    "Enter", "6", "/", "Ctrl-U", "Enter", "0"};
    const char *argv[] = {program, "open", file, NULL};
    double first_frame;
    const double began = clock_seconds();
    struct term *t = start(&first_frame, argv, home);
    if (!t || !term_expect(t, has_row, NULL, "the first row"))
        return 1;
    const double first_row = clock_seconds() - began;
    while (!is_whole(t, NULL) && clock_seconds() - began < 120) {
        sleep_ms(10);
        term_sync(t);
    }
    printf("{\"first_row\": %.4f, \"whole\": %.4f, ", first_row, clock_seconds() - began);
    tell_keys(t, keys, sizeof keys / sizeof *keys);
    term_free(t);
    return 0;
}

/* Keys on the map of a result that is opened from a file. */
static int time_map(const char *program, const char *file, const char *home) {
    static const char *const keys[] = {"j",    "j", "k", "l", "l",     "G", "g", "L",
                                       "PgDn", "*", ">", "<", "Enter", "1", "Z", "G",
                                       "Z",    "o", "l", "j", "o",     "o"};
    const char *argv[] = {program, "open", file, NULL};
    double first_frame;
    struct term *t = start(&first_frame, argv, home);
    if (!t || !term_expect_text(t, "rows ×"))
        return 1;
    printf("{");
    tell_keys(t, keys, sizeof keys / sizeof *keys);
    term_free(t);
    return 0;
}

int main(int argc, char **argv) {
    const char *ending = argc == 4 ? strrchr(argv[2], '.') : NULL;
    if (ending && strcmp(ending, ".jsonl") == 0)
        return time_list(argv[1], argv[2], argv[3]);
    if (argc == 4)
        return time_map(argv[1], argv[2], argv[3]);
    if (argc != 5) {
        fprintf(stderr, "bench_screen PROGRAM MODEL PROMPT HOME, or PROGRAM FILE HOME\n");
        return 2;
    }
    const char *bare[] = {argv[1], NULL}, *filled[] = {argv[1], "-m", argv[2], "-i", argv[3], NULL};
    double first_frame = 1e9, seconds;
    struct term *t;
    const double paste = time_paste(argv[1], argv[2], argv[4], true),
                 unmarked = time_paste(argv[1], argv[2], argv[4], false);
    for (int i = 0; i < 5; i++) {
        t = start(&seconds, bare, argv[4]);
        if (!t)
            return 1;
        term_free(t);
        first_frame = seconds < first_frame ? seconds : first_frame;
    }
    /* The first run loads the model; the second and third are timed, the third with keys pressed
     * meanwhile. */
    t = start(&seconds, filled, argv[4]);
    if (!t || !term_expect_text(t, "run 1 done"))
        return 1;
    double began = clock_seconds(), first_column = press_run(t, "run 2:", "run 2 done");
    if (first_column < 0 || !term_expect_text(t, "run 2 done"))
        return 1;
    double whole = clock_seconds() - began, keys[MAX_KEYS];
    if (press_run(t, "run 3:", "run 3 done") < 0)
        return 1;
    int n = time_keys(keys, t);
    term_free(t);
    qsort(keys, (size_t)n, sizeof *keys, compare);
    printf("{\"first_frame\": %.4f, \"first_column\": %.4f, \"run\": %.4f, \"n_keys\": %d, "
           "\"key_middle\": %.4f, \"key_slowest\": %.4f, \"cancel\": %.4f, \"paste\": %.4f, "
           "\"paste_unmarked\": %.4f}\n",
           first_frame, first_column, whole, n, n ? keys[n / 2] : -1, n ? keys[n - 1] : -1,
           time_cancel(argv[1], argv[2], argv[3], argv[4]), paste, unmarked);
    return 0;
}
