#include "backend/base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The state in /proc/ID/stat follows the command's name, which may hold anything. */
static bool is_zombie(pid_t id) {
    char path[48], text[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)id);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    const size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char *name_ends = strrchr(text, ')');
    return name_ends && strncmp(name_ends, ") Z", 3) == 0;
}

bool process_lives(pid_t id) {
    if (kill(id, 0) != 0 && errno == ESRCH)
        return false;
    return !is_zombie(id);
}
