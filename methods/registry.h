/* Every method by its name: those of methods.def, and those that a library adds. Any thread. */
#ifndef TINSEQ_METHODS_REGISTRY_H
#define TINSEQ_METHODS_REGISTRY_H

#include "backend/base/err.h"

struct method;

const struct method *method_find(const char *id); /* borrowed for ever; NULL: unknown */
/* Adds a method that lives for ever, before other threads look. ERR_USAGE: there are too many. */
enum err_code method_register(const struct method *m, struct err *e) ERR_CHECKED;

#endif
