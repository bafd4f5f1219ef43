/*
 * What step functions see beyond logits. Where one asks for hidden states or for another run of the
 * model (tinseq-step.h), a method's model is replaced by one whose forward_logits gives longer rows
 * (struct step_layout) and whose forward_vjp takes derivatives with respect to all of such a row:
 * the method does with rows what it always does, and what varies its input varies the other run
 * too. The worker thread only; openings nest.
 *
 * The other run follows the embeddings that a forward is given. What is given or differentiated in
 * the middle of the input's own run (methods at layers) leaves it as it is: a constant there. The
 * contrast's own run has hidden states, but no other run beside it.
 */
#ifndef TINSEQ_METHODS_STEP_SIGHT_H
#define TINSEQ_METHODS_STEP_SIGHT_H

#include "methods/method.h"

struct step_sight;

/* Sets in->model, in->n_row, in->layouts and in->sight where `target` or a score asks for more than
 * logits; *out is NULL otherwise. Errors: USAGE, what is wrong with another run; UNSUPPORTED, for a
 * method that does not take such a function as target. Close before `in` goes. */
enum err_code step_sight_open(struct step_sight **out, struct method_input *in,
                              const struct method *method, struct err *e) ERR_CHECKED;
void step_sight_close(struct step_sight *s);

/* Of n_steps steps, from `first` on, that one run of the input serves, how many one run of each
 * other text serves, too. NULL: there is no other. */
int64_t step_sight_alike(const struct step_sight *s, int64_t first, int64_t n_steps);

#endif
