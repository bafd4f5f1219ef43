#include "app/cli/engine.h"

enum err_code cli_engine(struct engine **out, const struct engine_ops **ops,
                         const struct cli_arguments *a, struct err *e) {
    const struct engine_options options = {.device = cli_text(a, CLI_OPT_DEVICE),
                                           .dtype = cli_text(a, CLI_OPT_DTYPE),
                                           .n_threads = cli_integer(a, CLI_OPT_THREADS, 0)};
    return engine_real_new(out, ops, &options, e);
}
