#include "app/cli/inputs.h"

#include "app/cli/print.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_COLUMNS 40

enum err_code cli_input_ended(size_t *n_failed, const struct cli_arguments *a, size_t i,
                              enum err_code code, struct err *e) {
    const struct cli_value *texts = &a->values[CLI_OPT_INPUT];
    char shown[4 * SHOWN_COLUMNS + 1];
    if (!code || code == ERR_CANCELLED || texts->n < 2)
        return code;
    char *text = text_sanitise(texts->texts[i], strlen(texts->texts[i]), false);
    text_fit(shown, sizeof shown, text, SHOWN_COLUMNS, false);
    char *line = mem_format("text %zu of %zu (\"%s\"): %s", i + 1, texts->n, shown, e->message);
    cli_say(line);
    free(line);
    free(text);
    ++*n_failed;
    return ERR_OK;
}

enum err_code cli_inputs_ended(size_t n_failed, const struct cli_arguments *a, struct err *e) {
    const size_t n = a->values[CLI_OPT_INPUT].n;
    if (!n_failed)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "%zu of %zu texts failed%s", n_failed, n,
                   n_failed < n ? "; the others are done" : "");
}
