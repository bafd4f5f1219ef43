/*
 * --model_kwargs and --tokenizer_kwargs: arguments of Transformers' from_pretrained, as Inseq
 * passes them on. Each is followed, told to change nothing, or refused by name. Main thread only.
 */
#ifndef TINSEQ_APP_CLI_KWARGS_H
#define TINSEQ_APP_CLI_KWARGS_H

#include "app/cli/options.h"

struct cli_kwargs {
    char *dtype, *device;   /* as --dtype and --device take them; NULL: not said */
    char *tokenizer_kwargs; /* a JSON object of what the tokenizer is to follow, or NULL */
};

/* `tell`: says on standard error what changes nothing. Dispose of it in any case. ERR_USAGE names
 * what cannot be followed. */
enum err_code cli_kwargs_read(struct cli_kwargs *out, const struct cli_arguments *a, bool tell,
                              struct err *e) ERR_CHECKED;
void cli_kwargs_dispose(struct cli_kwargs *k);

#endif
