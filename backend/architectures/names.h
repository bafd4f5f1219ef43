/*
 * Takes a model's tensors from its checkpoint by the rows of its family's table. A tensor that a
 * row wants and the checkpoint lacks is an error, so is one that no row names. Internal to
 * backend/.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_NAMES_H
#define TINSEQ_BACKEND_ARCHITECTURES_NAMES_H

#include "backend/architectures/parameters.h"
#include "backend/architectures/tensor_name.h"

struct loader;

/* Wants every tensor of the layers that p's stacks have; they may have fewer than the model.
 * FORMAT, SHAPE: a tensor is missing or of another shape; UNSUPPORTED: the checkpoint has one that
 * this family does not name. */
enum err_code names_load(struct parameters *p, const struct names *n, struct loader *l,
                         struct err *e) ERR_CHECKED;

#endif
