/*
 * Plays a script to a program on a pseudo-terminal and writes its screen as SVG: how the README's
 * pictures are made from the real program.
 *
 *     picture ROWS COLUMNS OUT.svg [NAME=value …] PROGRAM [ARGUMENT …] < SCRIPT
 *
 * Script lines: "type TEXT", "key NAME …", "expect TEXT", "paste TEXT", "wait TEXT" (the same as
 * expect), "title TEXT" (above the picture), "light" (a light background); # begins a comment. Exit
 * status 1 when something expected did not come.
 */
#include "backend/base/mem.h"
#include "harness/term.h"

#include <stdlib.h>
#include <string.h>

struct picture {
    const char *title;
    unsigned background, foreground;
};

static bool play(struct term *t, struct picture *p, const char *line) {
    const char *rest = strchr(line, ' ');
    size_t n = rest ? (size_t)(rest - line) : strlen(line);
    rest = rest ? rest + 1 : "";
    if (n == 0 || *line == '#')
        return true;
    if (strncmp(line, "type", n) == 0)
        term_type(t, rest);
    else if (strncmp(line, "key", n) == 0)
        term_keys(t, rest);
    else if (strncmp(line, "paste", n) == 0)
        term_paste(t, rest);
    else if (strncmp(line, "expect", n) == 0 || strncmp(line, "wait", n) == 0)
        return term_expect_text(t, rest);
    else if (strncmp(line, "title", n) == 0)
        p->title = mem_text(rest);
    else if (strncmp(line, "light", n) == 0)
        *p = (struct picture){p->title, 0xFFFFFF, 0x202020};
    else {
        fprintf(stderr, "picture: no such script line: %s\n", line);
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    const char *env[32] = {"COLORTERM=truecolor"};
    int at = 4, n_env = 1;
    while (at < argc && strchr(argv[at], '=') && n_env < 31)
        env[n_env++] = argv[at++];
    if (at >= argc) {
        fprintf(stderr,
                "picture ROWS COLUMNS OUT.svg [NAME=value ...] PROGRAM [ARGUMENT ...] < SCRIPT\n");
        return 2;
    }
    struct term *t = term_spawn(atoi(argv[1]), atoi(argv[2]), (const char *const *)argv + at, env);
    struct picture p = {NULL, 0x16181D, 0xD0D0D0};
    char line[4096];
    bool good = t != NULL;
    while (good && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        good = play(t, &p, line);
    }
    if (good) {
        term_sync(t);
        char *svg = term_svg(t, p.background, p.foreground, p.title);
        FILE *out = fopen(argv[3], "w");
        good = out && fputs(svg, out) >= 0;
        good = (!out || fclose(out) == 0) && good;
        free(svg);
    }
    term_free(t);
    return good ? 0 : 1;
}
