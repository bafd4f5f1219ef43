#include "app/cli/engine.h"

#include "app/cli/kwargs.h"

enum err_code cli_engine(struct engine **out, const struct engine_ops **ops,
                         const struct cli_arguments *a, struct err *e) {
    struct cli_kwargs kwargs;
    enum err_code code = cli_kwargs_read(&kwargs, a, !cli_flag(a, CLI_OPT_QUIET), e);
    if (code)
        goto out;
    const struct engine_options options = {.device = kwargs.device,
                                           .dtype = kwargs.dtype,
                                           .tokenizer = cli_text(a, CLI_OPT_TOKENIZER),
                                           .tokenizer_kwargs = kwargs.tokenizer_kwargs,
                                           .n_threads = cli_integer(a, CLI_OPT_THREADS, 0)};
    code = engine_real_new(out, ops, &options, e);
out:
    cli_kwargs_dispose(&kwargs);
    return code;
}
