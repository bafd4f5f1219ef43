/*
 * Measures what a frame costs: bytes to the terminal and time in screen_blit, the mean of many
 * frames, for each size, number of colours and kind of change. bench_blit prints a table.
 */
#include "harness/term.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAMES 200
#define CELL 6 /* columns of a map's cell */
#define LABEL 14

static unsigned seed = 1;

/* In [0, 1). */
static float draw_lot(void) {
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f;
}

/* A few large values among many small ones, of both signs. */
static float attribution(void) {
    const float x = draw_lot();
    return (draw_lot() < 0.5f ? -1.0f : 1.0f) * x * x * x * x;
}

/* Every cell another value. */
static void draw_noise(struct grid *g, int frame) {
    (void)frame;
    for (int row = 0; row < g->rows; row++)
        for (int column = 0; column < g->columns; column++)
            grid_put_heat(g, grid_area(g), row, column, 1, 2 * draw_lot() - 1, "");
}

static void draw_value(struct grid *g, int row, int column, float value) {
    char number[16];
    snprintf(number, sizeof number, "%+.2f ", (double)value);
    grid_put_heat(g, grid_area(g), row, LABEL + column * CELL, CELL, value, number);
}

static void draw_columns(struct grid *g, int n) {
    for (int row = 0; row < g->rows; row++) {
        char label[32];
        snprintf(label, sizeof label, "%3d token", row);
        grid_put(g, grid_area(g), row, 0, STYLE_TEXT, label);
        for (int column = 0; column < n && LABEL + (column + 1) * CELL <= g->columns; column++)
            draw_value(g, row, column, attribution());
    }
}

/* A map of other values each time. */
static void draw_map(struct grid *g, int frame) {
    (void)frame;
    draw_columns(g, g->columns);
}

/* The same map; the cursor's brackets go down a row and now and then to the next column. */
static void draw_cursor(struct grid *g, int frame) {
    seed = 1;
    draw_columns(g, g->columns);
    const int row = frame % g->rows, at = LABEL + frame / g->rows * CELL;
    strcpy(grid_at(g, row, at)->text, "[");
    strcpy(grid_at(g, row, at + CELL - 1)->text, "]");
    grid_mark(g, grid_area(g), row, at, CELL, false, false, true);
    grid_set_cursor(g, grid_area(g), row, at + 1);
}

/* One column more each time. */
static void draw_fill(struct grid *g, int frame) {
    const int all = (g->columns - LABEL) / CELL;
    seed = 1;
    draw_columns(g, 0);
    for (int column = 0; column <= frame % all; column++)
        for (int row = 0; row < g->rows; row++)
            draw_value(g, row, column, attribution());
}

static const struct {
    const char *name;
    void (*draw)(struct grid *g, int frame);
} scenes[] = {
    {"noise", draw_noise}, {"map", draw_map}, {"cursor", draw_cursor}, {"fill", draw_fill}};

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int measure(int rows, int columns, enum colour_depth depth, size_t i) {
    struct screen *s;
    struct err e = {0};
    struct term *t = term_screen(&s, rows, columns, "xterm-256color", (int)depth, false, &e);
    if (!t) {
        fprintf(stderr, "%s\n", e.message);
        return 1;
    }
    struct grid g;
    double seconds = 0;
    size_t bytes = 0;
    grid_init(&g, rows, columns);
    for (int frame = -1; frame < FRAMES; frame++) { /* the first is not counted */
        grid_clear(&g);
        scenes[i].draw(&g, frame < 0 ? 0 : frame);
        const size_t before = term_bytes(t);
        const double began = processor_seconds();
        screen_blit(s, &g, theme_find("dark"), NULL, NULL);
        const double took = processor_seconds() - began;
        term_sync(t);
        seconds += frame < 0 ? 0 : took;
        bytes += frame < 0 ? 0 : term_bytes(t) - before;
    }
    printf("%3dx%-3d %-7s %-7s %9.0f bytes %8.3f ms\n", columns, rows,
           depth == COLOUR_DIRECT ? "direct" : "256", scenes[i].name, (double)bytes / FRAMES,
           seconds * 1000 / FRAMES);
    grid_dispose(&g);
    term_free(t);
    return 0;
}

int main(void) {
    static const int sizes[][2] = {{24, 80}, {60, 200}};
    int failed = 0;
    for (size_t size = 0; size < 2; size++)
        for (int depth = COLOUR_256; depth <= COLOUR_DIRECT; depth++)
            for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
                failed |= measure(sizes[size][0], sizes[size][1], (enum colour_depth)depth, i);
    return failed;
}
