/*
 * Declarations as words: for help, menus and `tinseq explain`, so that all say the same. Any
 * thread.
 */
#ifndef TINSEQ_METHODS_DESCRIBE_H
#define TINSEQ_METHODS_DESCRIBE_H

#include "methods/declare/declare.h"

const char *describe_family(enum method_family family); /* "gradients"; borrowed for ever */
const char *describe_axes(enum method_axes axes);       /* "tokens × layers"; borrowed for ever */
/* What the method needs of a model and a request; borrowed for ever. */
const char *describe_needs(const struct method_decl *m);
/* What it costs with its default options, for 20 of 60 tokens of a decoder-only model: passes,
 * gradients, and how many times saliency's work. Owned by the caller; NULL where the method is
 * unknown. */
char *describe_cost(const char *method);
/* "a whole number from 1 to 10000 points; default 50"; owned by the caller. */
char *describe_option(const struct option_decl *o);

#endif
