/* Every method by its name. Constant: any thread. */
#ifndef TINSEQ_METHODS_REGISTRY_H
#define TINSEQ_METHODS_REGISTRY_H

struct method;

const struct method *method_find(const char *id); /* borrowed for ever; NULL: unknown */

#endif
