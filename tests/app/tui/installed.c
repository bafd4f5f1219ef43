#include "tests/app/tui/installed.h"

#include "backend/base/mem.h"
#include "harness/term.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

char *program, *home;

static int remove_one(const char *path, const struct stat *s, int flag, struct FTW *f) {
    (void)s;
    (void)flag;
    (void)f;
    return remove(path);
}

void installed_prepare(void) {
    const char *build = getenv("TINSEQ_BUILD");
    program = mem_format("%s/tinseq", build ? build : "build");
    home = mem_text("/tmp/tinseq-home-XXXXXX");
    if (!mkdtemp(home))
        abort();
}

void installed_finish(void) {
    nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(program);
    free(home);
}

struct term *installed_spawn(const char *const *argv) {
    char *home_is = mem_format("HOME=%s", home), *state = mem_format("XDG_STATE_HOME=%s", home),
         *config = mem_format("XDG_CONFIG_HOME=%s", home);
    const char *env[] = {home_is, state, config, NULL};
    struct term *t = term_spawn(30, 110, argv, env);
    free(home_is);
    free(state);
    free(config);
    return t;
}
