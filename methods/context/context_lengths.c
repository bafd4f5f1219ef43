/* Whether an input with documents fits a model, told by the documents. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Tokens of each document alone, about as many as it has among the others. */
static enum err_code longest(size_t *which, size_t *n_tokens, const struct context_job *j,
                             struct err *e) {
    const struct context_request *r = j->request;
    enum err_code code = ERR_OK;
    *which = *n_tokens = 0;
    for (size_t i = 0; i < r->n_documents && !code; i++) {
        const struct context_range *range = &r->documents[i];
        struct token_list one = {0};
        code =
            tokenizer_encode(model_tokenizer(j->model), TEXT_SOURCE, r->input_context + range->from,
                             range->to - range->from, false, &one, e);
        if (one.n > *n_tokens) {
            *n_tokens = one.n;
            *which = i;
        }
        token_list_dispose(&one);
    }
    return code;
}

enum err_code context_check_length(const struct context_job *j, const struct context_filled *input,
                                   struct err *e) {
    struct token_list tokens = {0};
    struct err said;
    size_t which, n;
    if (!j->request->n_documents)
        return ERR_OK;
    enum err_code code =
        context_encode(&tokens, j->model, j->request, NULL, TEXT_SOURCE, input->text, e);
    const size_t total = tokens.n;
    token_list_dispose(&tokens);
    if (code)
        return code;
    code = model_config_check_prompt(model_config(j->model), (int64_t)total, &said);
    if (!code)
        return ERR_OK;
    code = longest(&which, &n, j, e);
    if (code)
        return code;
    return err_set(e, ERR_USAGE,
                   "%s, or leave documents out; the longest is document %zu (about %zu tokens)",
                   said.message, which + 1, n);
}
