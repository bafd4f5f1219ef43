/*
 * What the tokens of a text are, where texts have different ones: words of a field ("subject
 * first", "subject middle", "subject last", as Meng et al. 2022 average over facts), the prompt's
 * first token and its last, the others, and what was generated before. Special tokens are
 * "special". Any thread.
 */
#ifndef TINSEQ_APP_ROW_ROLES_H
#define TINSEQ_APP_ROW_ROLES_H

#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>

struct row_roles {
    char **labels; /* [n] of the rows of a side */
    size_t n;
    bool target;     /* that side: a language model's; the other side of a translator is
                        "generated" */
    size_t n_absent; /* fields that do not stand in the text */
};

/* Of a result of one text; `fields` [n_fields] are names of info.tinseq.fields. A field's one token
 * is its last. */
void row_roles_make(struct row_roles *out, const struct attribution *a, const char *const *fields,
                    size_t n_fields);
void row_roles_dispose(struct row_roles *r);
/* Rows [from, to) are "NAME first", "NAME middle", "NAME last"; the prompt's last token stays that.
 * False: none is. */
bool row_roles_put(struct row_roles *r, size_t from, size_t to, const char *name);
/* Of row i of a side; borrowed. */
const char *row_role(const struct row_roles *r, bool target, size_t i);

#endif
