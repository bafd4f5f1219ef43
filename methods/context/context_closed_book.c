/* What the model says without the context: an answer of its own, and its choice at each token of
 * the answer that it gave with it. The latter is at hand. */
#include "methods/context/context_job.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

static struct closed_token choice_at(const struct context_job *j, int64_t g) {
    const struct step_candidates *own = &j->compared->sequences[0].candidates[g];
    if (!own->n)
        return (struct closed_token){.probability = NAN};
    return (struct closed_token){.piece = mem_text(own->items[0].piece),
                                 .text = mem_text(own->items[0].printable),
                                 .probability = (double)own->items[0].probability,
                                 .same = own->items[0].id ==
                                         j->with.tokens.target.items[j->with_from + g].id};
}

enum err_code context_close_book(struct context_job *j, struct err *e) {
    struct closed_book *out = &j->result->closed_book;
    char *answer = NULL;
    if (!j->request->closed_book)
        return ERR_OK;
    enum err_code code =
        context_write_on(&answer, j->model, j->request, j->events, j->without.input, "", j->ctl, e);
    if (code)
        return code;
    out->given = true;
    out->answer = context_stripped(answer);
    out->tokens = mem_alloc((size_t)j->n * sizeof *out->tokens);
    for (; j->compared->sequences[0].candidates && (int64_t)out->n_tokens < j->n; out->n_tokens++)
        out->tokens[out->n_tokens] = choice_at(j, (int64_t)out->n_tokens);
    free(answer);
    return ERR_OK;
}
