/*
 * Step functions written as expressions: "logit(y) - 0.5*entropy()". An expression is parsed once,
 * evaluated at a step, and differentiated through with respect to the logits and the contrast's.
 * Any thread.
 *
 *   expression := term {("+" | "-") term}
 *   term       := factor {("*" | "/") factor}
 *   factor     := "-" factor | power
 *   power      := atom ["^" factor]
 *   atom       := NUMBER | "(" expression ")" | NAME "(" [argument {"," argument}] ")"
 *
 * Names: logit, prob, logprob of a token, and contrast_logit, contrast_prob, contrast_logprob of a
 * token in the contrast's run; a token is y (the target), foil (y′) or #ID. Any step function
 * with a derivative, with its default options: entropy(), kl_divergence(). exp, log, sqrt, abs,
 * tanh, sigmoid of one value; min and max of two.
 */
#ifndef TINSEQ_METHODS_EXPRESSION_H
#define TINSEQ_METHODS_EXPRESSION_H

#include "methods/step_functions/step_function.h"

#define EXPRESSION_LONGEST 400 /* bytes */
#define EXPRESSION_DEEPEST 40

struct expression;

/* ERR_USAGE says at which character and what may stand there. */
enum err_code expression_parse(struct expression **out, const char *text,
                               struct err *e) ERR_CHECKED;
void expression_free(struct expression *x);

/* Whether a text that names no step function is meant as an expression. */
bool expression_meant(const char *text);
/* The step function of an expression; the same text gives the same one, which lives for ever.
 * ERR_USAGE. */
enum err_code expression_function(const struct step_function **out, const char *text,
                                  struct err *e) ERR_CHECKED;

extern const char expression_grammar[]; /* for a person: what `tinseq explain expressions` prints */

#endif
