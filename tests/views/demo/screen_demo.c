/* A small program on the screen, for tests of what only a real pseudo-terminal shows: suspending,
 * crashing, resizing, standard input from a pipe. */
#include "backend/base/mem.h"
#include "views/terminal/screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int zero;

static int deep(int n) {
    volatile char much[4096];
    much[0] = (char)n;
    return n < 0 ? much[0] : deep(n + 1) + much[0];
}

static bool noise; /* a screen full of other colours each time */

static void draw_noise(struct grid *g) {
    static unsigned seed;
    for (int row = 4; row < g->rows; row++)
        for (int column = 0; column < g->columns; column++) {
            seed = seed * 1664525u + 1013904223u;
            grid_put_heat(g, grid_area(g), row, column, 1, (float)(seed >> 8) / 8388608.0f - 1, "");
        }
}

static void act(const struct input_event *event, struct screen *s) {
    switch (event->key) {
    case 'n':
        noise = true;
        break;
    case 's':
        *(volatile int *)(intptr_t)zero = 1;
        break;
    case 'a':
        abort();
    case 'o':
        zero = deep(0);
        break;
    case 'm':
        (void)mem_alloc((size_t)1 << 62);
        break;
    case 'e':
        fprintf(stderr, "noise on standard error\n");
        break;
    case 'l':
        screen_leave(s);
        if (system("echo other program") != 0)
            abort();
        screen_return(s);
        break;
    default:
        break;
    }
}

int main(int argc, char **argv) {
    struct screen *s;
    struct err e = {0};
    struct screen_options options = {.depth = -1, .log_path = argc > 1 ? argv[1] : NULL};
    if (screen_open(&s, &options, &e) != ERR_OK) {
        fprintf(stderr, "demo: %s\n", e.message);
        return 2;
    }
    char last[160] = "nothing yet";
    int status = 0, count = 0;
    for (bool running = true; running;) {
        struct grid g;
        int rows, columns;
        screen_size(&rows, &columns, s);
        grid_init(&g, rows, columns);
        if (!grid_too_small(&g)) {
            grid_box(&g, grid_area(&g), true, "demo ▀", NULL);
            grid_format(&g, grid_area(&g), 1, 2, STYLE_TEXT, "size %dx%d depth %d ascii %d",
                        columns, rows, screen_depth(s), screen_is_ascii(s));
            grid_format(&g, grid_area(&g), 2, 2, STYLE_STRONG, "event %d: %s", count, last);
            grid_put_heat(&g, grid_area(&g), 3, 2, 6, 0.7f, "+.70");
            if (noise)
                draw_noise(&g);
            grid_set_cursor(&g, grid_area(&g), 3, 2);
        }
        screen_blit(s, &g, theme_find(screen_suggest_theme(s)), NULL, NULL);
        grid_dispose(&g);
        struct input_event event;
        screen_poll(&event, s, NULL, 0, -1);
        count += event.kind != INPUT_EVENT_DRAW;
        if (event.kind == INPUT_EVENT_KEY) {
            char name[INPUT_NAME_SIZE];
            input_name(name, event.key);
            snprintf(last, sizeof last, "key %s", name);
            act(&event, s);
            running = event.key != 'q';
        } else if (event.kind == INPUT_EVENT_PASTE) {
            snprintf(last, sizeof last, "paste of %zu", event.n_text);
            free(event.text);
        } else if (event.kind == INPUT_EVENT_MOUSE) {
            snprintf(last, sizeof last, "mouse %d at %d,%d", event.mouse.kind, event.mouse.row,
                     event.mouse.column);
        } else if (event.kind == INPUT_EVENT_RESIZE) {
            snprintf(last, sizeof last, "resize");
        } else if (event.kind == INPUT_EVENT_QUIT) {
            running = false;
            status = 3;
        }
    }
    screen_close(s);
    printf("goodbye\n");
    return status;
}
