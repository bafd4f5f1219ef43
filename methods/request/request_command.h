/* A request as the command line that makes its result: a word for a shell each. Any thread. */
#ifndef TINSEQ_METHODS_REQUEST_COMMAND_H
#define TINSEQ_METHODS_REQUEST_COMMAND_H

#include "methods/request/request.h"

/* What else a command needs: how the model was opened. NULL, "": not said. */
struct command_model {
    const char *model; /* a path or a name */
    const char *dtype, *tokenizer, *tokenizer_kwargs;
};

/* "tinseq attribute --model_name_or_path='…' …" for bash, zsh and the like: every value is quoted,
 * control characters as in $'\\x1b', so that neither a shell nor a terminal takes them for its own.
 * Owned by the caller. NULL where no option says it: a foil that was picked by its id. */
char *request_command(const struct attribute_request *r, const struct command_model *m);

#endif
