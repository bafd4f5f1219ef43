/*
 * All step functions: those of step_functions.def, and those that a library or an expression adds.
 * Their declarations are found by declare.h's functions.
 */
#ifndef TINSEQ_METHODS_STEP_REGISTRY_H
#define TINSEQ_METHODS_STEP_REGISTRY_H

#include "methods/step_functions/step_function.h"

/* NULL: there is none of that id. Any thread. */
const struct step_function *step_function_find(const char *id);

/* Adds a function that lives for ever to those that can be found, before other threads look.
 * ERR_USAGE: there are too many. */
enum err_code step_function_register(const struct step_function *f, struct err *e) ERR_CHECKED;

#endif
