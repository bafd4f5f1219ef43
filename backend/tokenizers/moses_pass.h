/* One pass over a text: what a rule matches is written anew, all else stays. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_MOSES_PASS_H
#define TINSEQ_BACKEND_TOKENIZERS_MOSES_PASS_H

#include "backend/tokenizers/moses.h"

/* Looks at in->text[at]: bytes that it takes, having appended what becomes of them; 0: no match. */
typedef size_t moses_rule(const struct moses *m, const struct aligned *in, size_t at,
                          struct aligned *out);

void moses_pass(const struct moses *m, moses_rule *rule, struct aligned *text);
/* Puts `to` where `from` stands. */
void moses_replace(struct aligned *text, const char *from, const char *to);
/* Drops white space at both ends. */
void moses_strip(struct aligned *text);

/* The character at a byte and its length; −1 and 0 at the end. */
int32_t moses_at(const struct aligned *in, size_t at, size_t *length);
int32_t moses_before(const struct aligned *in, size_t at); /* −1: none */
/* Appends `s`, which stands for bytes [from, to) of `in`, at least one. */
void moses_put(struct aligned *out, const char *s, const struct aligned *in, size_t from,
               size_t to);
/* Bytes of the run of characters that `has` says, from `at` on. */
size_t moses_run(const struct aligned *in, size_t at, bool (*has)(int32_t c));

#endif
