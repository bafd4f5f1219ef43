/*
 * The terminal program over the scripted engine. Options: -m MODEL, -i TEXT (runs at once), -a
 * METHOD, -g TEXT, --open FILE. TINSEQ_FAKE_FD names an inherited file descriptor, TINSEQ_FAKE_GATE
 * a named pipe: the engine does a step for each byte it can read there; without either it runs
 * freely. TINSEQ_FAKE_MEMORY: bytes that a run may take.
 */
#include "app/files/result_rows.h"
#include "app/tui/tui.h"
#include "backend/base/mem.h"

#include "../engine_fake.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_gate(void) {
    const char *fd = getenv("TINSEQ_FAKE_FD"), *path = getenv("TINSEQ_FAKE_GATE");
    if (fd)
        return atoi(fd);
    return path ? open(path, O_RDWR | O_CLOEXEC) : -1; /* read and write: never an end of file */
}

static enum err_code run(const struct tui_options *o, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < o->n_opened && !code; i++)
        if (result_rows_quick(o->open_paths[i]))
            code = result_rows_open(&o->opened[i], o->open_paths[i], e);
    return code ? code : tui_main(o, e);
}

int main(int argc, char **argv) {
    struct tui_options o = {.colour_depth = -1};
    const char **paths = mem_alloc((size_t)argc * sizeof *paths);
    o.open_paths = paths;
    o.opened = mem_alloc((size_t)argc * sizeof *o.opened);
    o.engine = engine_fake_new(open_gate());
    o.ops = &engine_fake_ops;
    if (getenv("TINSEQ_FAKE_MEMORY"))
        engine_fake_memory(o.engine, atoll(getenv("TINSEQ_FAKE_MEMORY")));
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "-m") == 0)
            o.model = argv[i + 1];
        else if (strcmp(argv[i], "-i") == 0)
            o.request.input_text = argv[i + 1];
        else if (strcmp(argv[i], "-a") == 0)
            o.request.method = argv[i + 1];
        else if (strcmp(argv[i], "-fn") == 0)
            o.request.attributed_fn = argv[i + 1];
        else if (strcmp(argv[i], "-g") == 0)
            o.request.generated_text = argv[i + 1];
        else if (strcmp(argv[i], "--attribution_kwargs") == 0)
            o.request.attribution_kwargs = argv[i + 1];
        else if (strcmp(argv[i], "--open") == 0)
            paths[o.n_opened++] = argv[i + 1];
        else if (strcmp(argv[i], "--theme") == 0)
            o.theme = argv[i + 1];
    }
    o.run = o.request.input_text != NULL;
    struct err e;
    enum err_code code = run(&o, &e);
    for (size_t i = 0; i < o.n_opened; i++)
        result_rows_close(o.opened[i]);
    free(o.opened);
    free(paths);
    if (code == ERR_OK)
        return 0;
    fprintf(stderr, "tinseq: %s\n", e.message);
    return 1;
}
